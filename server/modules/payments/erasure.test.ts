import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { openShop, pay } from './support.fixture.ts'

const house = await openHouse()
const { customer, service } = await openShop(house)

test('An erased account leaves neither its e-mail nor its name with the calls to the gateway', async () => {
  await pay(house, customer, service, '2026-01-13T09:00:00Z')
  const calls = () => house.house.db.selectFrom('gateway_operations').selectAll().execute()
  const before = JSON.stringify(await calls())

  const erased = await house.call('DELETE', '/api/v1/auth/profile/', {
    token: customer.token,
    json: { password: customer.password },
  })
  await house.drain()

  const after = JSON.stringify(await calls())
  assert.equal(erased.status, 200, erased.text)
  assert.ok(before.includes(customer.email))
  assert.ok(!after.includes(customer.email) && !after.includes('Jane'), after)
})

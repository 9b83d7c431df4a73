import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { book, offer, openHours } from './support.fixture.ts'

const house = await openHouse()
const customers = await Promise.all([1, 2, 3].map(() => house.person('customer')))
const date = (i: number): string => `2026-01-14T${String(9 + i).padStart(2, '0')}:00:00Z`

test('of bookings and the archiving of their service at once, one side wins', async () => {
  const provider = await house.person('provider')
  await openHours(house, provider)
  for (let round = 0; round < 8; round++) {
    const service = await offer(house, provider)

    const [archived, ...booked] = await Promise.all([
      house.call('DELETE', `/api/v1/services/${service}/`, { token: provider.token }),
      ...customers.map((customer, i) => book(house, customer, service, date(i))),
    ])

    const made = booked.filter(({ status }) => status === 201)
    assert.equal(archived.status, made.length > 0 ? 409 : 200, `${made.length} were booked: ${archived.text}`)
    assert.ok(booked.every(({ status }) => [201, 404, 409].includes(status)))
    for (const { body } of made)
      await house.call('DELETE', `/api/v1/bookings/${body['data'].id}/`, {
        token: customers.find(({ id }) => id === body['data'].customer.id)!.token,
      })
  }
})

test('who books while the provider’s account is deleted is refused or cancelled', async () => {
  for (let round = 0; round < 4; round++) {
    const provider = await house.person('provider')
    await openHours(house, provider)
    const service = await offer(house, provider)

    const [deleted, ...booked] = await Promise.all([
      house.call('DELETE', '/api/v1/auth/profile/', { token: provider.token, json: { password: provider.password } }),
      ...customers.map((customer, i) => book(house, customer, service, date(i))),
    ])
    await house.drain()

    assert.equal(deleted.status, 200, deleted.text)
    assert.ok(booked.every(({ status }) => [201, 400, 404, 409].includes(status)))
    const standing = await house.house.db
      .selectFrom('bookings')
      .select(['id'])
      .where('service_id', '=', service)
      .where('status', '<>', 'cancelled')
      .execute()
    assert.deepEqual(standing, [])
  }
})

test('whose provider or customer deletes their account is told so, in words that need no name', async () => {
  const [provider, customer, leaver] = [await house.person('provider'), await house.person(), await house.person()]
  await openHours(house, provider)
  const service = await offer(house, provider)
  const last = async (token: string): Promise<string> => {
    await house.drain(true)
    return (await house.call('GET', '/api/v1/notifications/', { token })).body['data'].results[0].body
  }
  for (const [i, buyer] of [customer, leaver].entries()) {
    const made = await book(house, buyer, service, date(i))
    assert.equal(made.status, 201, made.text)
  }

  await house.call('DELETE', '/api/v1/auth/profile/', { token: leaver.token, json: { password: leaver.password } })
  assert.match(await last(provider.token), /\. Who had booked it has deleted their account\.$/)

  await house.call('DELETE', '/api/v1/auth/profile/', { token: provider.token, json: { password: provider.password } })
  assert.match(await last(customer.token), /^[^:]+: [^:].*\. Who was to give it has deleted their account\.$/)
})

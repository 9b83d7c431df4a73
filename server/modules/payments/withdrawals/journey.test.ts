import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../../test/support.ts'
import { ledgerCommands } from '../ledger/index.ts'
import { openShop, pay, refund } from '../support.fixture.ts'
import { withdrawalCommands } from './index.ts'

const house = await openHouse()
const { provider, customer, service } = await openShop(house)
const accountant = await house.person('super_admin')

/** Signs in again: the clock has moved on by days. */
async function again(person: Person): Promise<void> {
  const answer = await house.call('POST', '/api/v1/auth/login/', {
    json: { email: person.email, password: person.password },
  })
  person.token = answer.body['data'].access
}
const balance = async () =>
  (await house.call('GET', '/api/v1/withdrawals/balance/', { token: provider.token })).body['data']
const run = (name: string) => ledgerCommands[name]!.run(house.ctx(), { positionals: [], options: {} })

test('From the card to the bank: paid, earned, available two days later, withdrawn, and fetched back by a refund', async () => {
  const { booking, payment } = await pay(house, customer, service, '2026-01-13T09:00:00Z')
  const other = await pay(house, customer, service, '2026-01-20T09:00:00Z')
  const atFirst = await balance()

  house.pass({ days: 3 })
  await house.house.jobs.run('bookings.complete')
  await house.drain()
  await again(provider)
  const completed = await house.call('GET', `/api/v1/bookings/${booking}/`, { token: provider.token })
  const early = await balance()
  house.pass({ days: 2 })
  for (const person of [provider, accountant, customer]) await again(person)
  const late = await balance()

  await withdrawalCommands['connect-account']!.run(house.ctx(), {
    options: { provider: String(provider.id), account: 'acct_1Provider' },
    positionals: [],
  })
  const asked = await house.call('POST', '/api/v1/withdrawals/', { token: provider.token, json: { amount: 90 } })
  assert.equal(asked.status, 201, asked.text)
  const path = `/api/v1/withdrawals/${asked.body['data'].id}/`
  await house.call('PUT', path, { token: accountant.token, json: { status: 'approved' } })
  await house.drain()
  const paidOut = await balance()
  const agreed = [await run('ledger-check'), await run('ledger-reconcile')]
  const refunded = await refund(house, accountant, { payment_id: payment, amount: 50 })
  const cancelled = await house.call('DELETE', `/api/v1/bookings/${other.booking}/`, { token: provider.token })
  await house.drain()

  assert.deepEqual(atFirst, { available: 0, pending: 180, withdrawn: 0, currency: 'USD' })
  assert.equal(completed.body['data'].status, 'completed')
  assert.deepEqual(early, atFirst)
  assert.deepEqual(late, { available: 90, pending: 90, withdrawn: 0, currency: 'USD' })
  assert.deepEqual(paidOut, { available: 0, pending: 90, withdrawn: 90, currency: 'USD' })
  assert.deepEqual(
    agreed.map((lines) => lines.at(-1)),
    ['The books balance.', 'The books and the gateway say the same.'],
  )
  assert.ok(refunded.status < 300 && cancelled.status < 300, refunded.text + cancelled.text)
  assert.deepEqual(await balance(), { available: 0, pending: 0, withdrawn: 45, currency: 'USD' })
  await run('ledger-check')
  await run('ledger-reconcile')
})

test('The reconciliation names a payment that the gateway has and the books have not', async () => {
  const { payment, intent } = await pay(house, customer, service, '2026-01-21T09:00:00Z')
  await house.house.db.updateTable('payments').set({ intent_id: 'pi_other' }).where('id', '=', payment).execute()

  await assert.rejects(run('ledger-reconcile'), {
    details: [
      { message: `charge:${payment} (pi_other): the books say 10000 USD, the gateway 0` },
      { message: `${intent}: the gateway has a charge of 10000 USD, the books nothing` },
    ],
  })
})

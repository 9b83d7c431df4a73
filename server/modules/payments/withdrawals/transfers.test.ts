import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../../test/support.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { earn } from '../ledger/earnings.fixture.ts'
import { postRefund } from '../ledger/index.ts'
import { withdrawalCommands } from './index.ts'

const house = await openHouse({ ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
const path = '/api/v1/withdrawals/'
const accountant = await house.person('super_admin')
let refunds = 0

/** A provider who has earned 100.00 and whose withdrawals go to an account at the gateway. */
async function connected(account = 'acct_1ProviderOfTests') {
  const person = await house.person('provider')
  const seller = { providerId: person.id }
  const paymentId = await earn(house, seller, 10_000)
  await connect(person, account)
  return { person, seller, paymentId }
}
const connect = (person: Person, account: string) =>
  withdrawalCommands['connect-account']!.run(house.ctx(), {
    options: { provider: String(person.id), account },
    positionals: [],
  })
const ask = async (person: Person, amount: number): Promise<number> =>
  (await house.call('POST', path, { token: person.token, json: { amount } })).body['data'].id
const decide = (id: number, json: unknown, headers = {}) =>
  house.call('PUT', `${path}${id}/`, { token: accountant.token, json, headers })
const get = async (id: number) => (await house.call('GET', `${path}${id}/`, { token: accountant.token })).body['data']
const balance = async (person: Person) =>
  (await house.call('GET', `${path}balance/`, { token: person.token })).body['data']
const refund = (paymentId: number, seller: { providerId: number }, amountMinor: number) =>
  inTransaction(house.ctx(), (ctx) =>
    postRefund(ctx, { refundId: ++refunds, paymentId, seller, amountMinor, feeMinor: 0, currency: 'USD' }),
  )
const transfers = async () =>
  (
    await house.house.db
      .selectFrom('sandbox_objects')
      .where('kind', '=', 'transfer')
      .select('data')
      .orderBy('created_at')
      .execute()
  ).map(({ data }) => data as { amountMinor: number; reversedMinor: number; metadata: { withdrawal_id: string } })
const transfersOf = async (id: number) =>
  (await transfers()).filter((each) => each.metadata.withdrawal_id === String(id))

test('An approved withdrawal of a connected seller is transferred by itself, once', async () => {
  const { person } = await connected()
  const id = await ask(person, 60)

  const approved = await decide(id, { status: 'approved' })
  await house.drain()
  await house.house.jobs.run('payments.transfer-due')
  const paid = await get(id)

  assert.deepEqual([approved.body['data'].method, approved.body['data'].transfer_status], ['sandbox', 'waiting'])
  assert.deepEqual([paid.status, paid.transfer_status, paid.reference.slice(0, 3)], ['paid', 'done', 'tr_'])
  assert.equal((await transfersOf(id)).length, 1)
  assert.deepEqual(await balance(person), { available: 40, pending: 0, withdrawn: 60, currency: 'USD' })
})

test('Marked as paid without a reference it is transferred at once, and however often', async () => {
  const { person } = await connected()
  const id = await ask(person, 60)
  await decide(id, { status: 'approved' })

  const answers = await Promise.all([1, 2, 3, 4].map(() => decide(id, { status: 'paid' })))
  await house.drain()

  assert.deepEqual(
    answers.map(({ status, body }) => [status, body['data']?.status]),
    answers.map(() => [200, 'paid']),
  )
  assert.equal((await transfersOf(id)).length, 1)
})

test('With If-Match, too, nobody waits for the gateway within a transaction', async () => {
  const { person } = await connected()
  const id = await ask(person, 60)
  const approved = await decide(id, { status: 'approved' })
  const { headers } = await house.call('GET', `${path}${id}/`, { token: accountant.token })

  const first = await decide(id, { status: 'paid' }, { 'if-match': headers['etag']! })
  await house.drain()

  assert.equal(approved.status, 200)
  assert.deepEqual([first.status, first.body['data'].status], [200, 'paid'])
  assert.equal((await get(id)).status, 'paid')
  assert.equal((await transfersOf(id)).length, 1)
})

test('A transfer that the gateway refuses leaves it approved with the reason, and is tried again later', async () => {
  const { person } = await connected('nobody')
  const id = await ask(person, 60)
  await decide(id, { status: 'approved' })
  await house.drain()

  const refused = await get(id)
  const atOnce = await decide(id, { status: 'paid' })
  await house.house.db.updateTable('withdrawals').set({ destination: 'acct_1Right' }).where('id', '=', id).execute()
  house.pass({ minutes: 15 })
  await house.house.jobs.run('payments.transfer-due')

  assert.deepEqual([refused.status, refused.transfer_status], ['approved', 'failed'])
  assert.match(refused.transfer_error, /No such destination/)
  assert.equal(atOnce.status, 409)
  assert.equal((await get(id)).status, 'paid')
})

test('After a refusal the accountant may pay it by other means, or reject it', async () => {
  const { person } = await connected('nobody')
  const [byBank, not] = [await ask(person, 60), await ask(person, 40)]
  for (const id of [byBank, not]) await decide(id, { status: 'approved' })
  await house.drain()

  const paid = await decide(byBank, { status: 'paid', reference: 'SEPA 7' })
  const rejected = await decide(not, { status: 'rejected' })
  house.pass({ hours: 2 })
  await house.house.jobs.run('payments.transfer-due')

  assert.deepEqual([paid.body['data'].status, rejected.body['data'].status], ['paid', 'rejected'])
  assert.equal((await transfersOf(byBank)).length + (await transfersOf(not)).length, 0)
  assert.deepEqual(await balance(person), { available: 40, pending: 0, withdrawn: 60, currency: 'USD' })
})

test('While nobody knows what became of a transfer, it is neither rejected nor paid by other means', async () => {
  const { person } = await connected()
  const id = await ask(person, 60)
  await decide(id, { status: 'approved' })
  await house.house.db.updateTable('withdrawals').set({ transfer_open: true }).where('id', '=', id).execute()

  const answers = [await decide(id, { status: 'rejected' }), await decide(id, { status: 'paid', reference: 'SEPA' })]
  await house.house.jobs.run('payments.transfer-due')

  assert.deepEqual(
    answers.map(({ status }) => status),
    [409, 409],
  )
  assert.equal((await get(id)).status, 'paid')
})

test('A refund after the transfer fetches back what the seller owes', async () => {
  const { person, seller, paymentId } = await connected()
  const [first, second] = [await ask(person, 30), await ask(person, 60)]
  for (const id of [first, second]) await decide(id, { status: 'approved' })
  await house.drain()

  await refund(paymentId, seller, 8000)
  const owing = await balance(person)
  await house.drain()
  await house.house.jobs.run('payments.return-due')

  assert.equal(owing.available, -70)
  assert.deepEqual(await balance(person), { available: 0, pending: 0, withdrawn: 20, currency: 'USD' })
  assert.deepEqual(
    [await transfersOf(second), await transfersOf(first)].map(([each]) => each!.reversedMinor),
    [6000, 1000],
  )
  assert.deepEqual([(await get(second)).returned_amount, (await get(first)).returned_amount], [60, 10])
  const notices = await house.call('GET', '/api/v1/notifications/', { token: person.token })
  assert.match(notices.body['data'].results[0].title, /fetched back/)
})

test('What was paid by the bank stays owed, and later earnings cover it', async () => {
  const person = await house.person('provider')
  const seller = { providerId: person.id }
  const paymentId = await earn(house, seller, 10_000)
  const id = await ask(person, 100)
  await decide(id, { status: 'approved' })
  await decide(id, { status: 'paid', reference: 'SEPA 8' })

  await refund(paymentId, seller, 4000)
  await house.drain()
  const owing = await balance(person)
  await earn(house, seller, 5000)

  assert.deepEqual(owing, { available: -40, pending: 0, withdrawn: 100, currency: 'USD' })
  assert.equal((await balance(person)).available, 10)
})

test('What was refunded since is not paid out, even when it was approved before', async () => {
  const person = await house.person('provider')
  const seller = { providerId: person.id }
  const paymentId = await earn(house, seller, 10_000)
  const [small, large, late] = [await ask(person, 40), await ask(person, 50), await ask(person, 10)]
  for (const id of [small, large]) await decide(id, { status: 'approved' })

  await refund(paymentId, seller, 6000)
  const tooMuch = await decide(large, { status: 'paid', reference: 'SEPA 9' })
  const paid = await decide(small, { status: 'paid', reference: 'SEPA 10' })
  const nothingLeft = await decide(late, { status: 'approved' })

  assert.deepEqual([tooMuch.status, paid.status, nothingLeft.status], [409, 200, 409])
  assert.equal((await decide(large, { status: 'rejected' })).status, 200)
})

test('An account that is connected anew takes the next withdrawals', async () => {
  const { person } = await connected('acct_1Old')
  await connect(person, 'acct_1New')
  const id = await ask(person, 10)
  await decide(id, { status: 'approved' })
  await house.drain()

  const [transfer] = await transfersOf(id)

  assert.equal((transfer as unknown as { destination: string }).destination, 'acct_1New')
  await assert.rejects(connect({ ...person, id: Number.NaN }, 'acct_1'), /Name the seller/)
})

import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { openHouse } from '../../../../test/support.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { beginRefund } from '../payables/service.ts'
import { lockPayment } from '../payments/queries.ts'
import { book, confirm, createIntent, openShop, pay, refund, show } from '../support.fixture.ts'
import { openFakeStripe } from './fake-stripe.fixture.ts'

const stripe = await openFakeStripe()
const house = await openHouse({
  STRIPE_SECRET_KEY: 'sk_test_loopback',
  STRIPE_WEBHOOK_SECRET: stripe.secret,
  STRIPE_API_BASE: stripe.base,
  ACCESS_TOKEN_EXPIRE_MINUTES: '1440',
})
after(() => stripe.close())
const { provider, customer, service } = await openShop(house)

beforeEach(() => {
  Object.assign(stripe, { loses: 0, isDown: false, failsOneIn: 0 })
})

const postings = async (payment: number): Promise<string[]> => {
  const rows = await house.house.db
    .selectFrom('ledger_transactions')
    .where('payment_id', '=', payment)
    .select('kind')
    .orderBy('id')
    .execute()
  return rows.map(({ kind }) => kind)
}

const poll = async (): Promise<void> => {
  await house.house.jobs.run('payments.poll')
  await house.drain()
}

const of = (kind: string, intent: string) =>
  [...stripe.objects.values()].filter((one) => one['object'] === kind && one['payment_intent'] === intent)

test('a process that dies after transaction 1 of a refund leaves it to the next one, which makes it once', async () => {
  const { payment, intent } = await pay(house, customer, service, '2026-01-14T09:00:00Z')
  await inTransaction(house.ctx(), async (tx) => {
    const { payment: locked } = await lockPayment(tx, payment)
    await beginRefund(tx, locked, { amountMinor: 700, cause: 'request', reason: null })
  })

  await poll()
  const early = of('refund', intent).length
  house.pass({ minutes: 3 })
  await poll()
  await poll()

  assert.equal(early, 0)
  assert.equal(of('refund', intent).length, 1)
  assert.deepEqual(await postings(payment), ['charge', 'refund'])
})

test('money that was taken while every answer was lost is found again, and taken once', async () => {
  const booking = await book(house, customer, service, '2026-01-14T10:00:00Z')
  const { payment_intent_id: intent, payment } = (await createIntent(house, customer, booking)).body['data']
  stripe.loses = 10

  const paid = await confirm(house, customer, intent)
  stripe.loses = 0
  const between = await show(house, customer, `payments/${payment.id}/`)
  house.pass({ minutes: 3 })
  await poll()

  assert.equal(paid.status, 503, paid.text)
  assert.equal(between.status, 'requires_payment_method')
  assert.equal((await show(house, customer, `payments/${payment.id}/`)).status, 'succeeded')
  assert.equal((await show(house, customer, `bookings/${booking}/`)).status, 'confirmed')
  assert.equal(of('charge', intent).length, 1)
  assert.deepEqual(await postings(payment.id), ['charge'])
})

test('the same request again, with the same Idempotency-Key, goes on where the first one broke off', async () => {
  const booking = await book(house, customer, service, '2026-01-14T11:00:00Z')
  const { payment_intent_id: intent, payment } = (await createIntent(house, customer, booking)).body['data']
  const key = { 'idempotency-key': 'pay-1' }
  stripe.loses = 10

  const broken = await confirm(house, customer, intent, 'pm_card_visa', key)
  stripe.loses = 0
  const again = await Promise.all([1, 2].map(() => confirm(house, customer, intent, 'pm_card_visa', key)))
  const replayed = await confirm(house, customer, intent, 'pm_card_visa', key)

  assert.equal(broken.status, 503)
  assert.deepEqual(
    again.map(({ status, body }) => [status, body['data'].status]),
    [
      [200, 'succeeded'],
      [200, 'succeeded'],
    ],
  )
  assert.deepEqual(replayed.body, again[0]!.body)
  assert.equal(of('charge', intent).length, 1)
  assert.deepEqual(await postings(payment.id), ['charge'])
})

test('another card after a silent attempt waits for its end, and pays nothing twice', async () => {
  const booking = await book(house, customer, service, '2026-01-14T12:00:00Z')
  const { payment_intent_id: intent } = (await createIntent(house, customer, booking)).body['data']
  stripe.loses = 10
  await confirm(house, customer, intent, 'pm_card_visa')
  stripe.loses = 0

  const other = await confirm(house, customer, intent, 'pm_card_mastercard')

  assert.equal(other.body['data'].status, 'succeeded', other.text)
  assert.equal(of('charge', intent).length, 1)
})

test('an intent whose answers were all lost is asked for again and is the same one', async () => {
  const booking = await book(house, customer, service, '2026-01-14T13:00:00Z')
  const before = stripe.objects.size
  stripe.loses = 10

  const lost = await createIntent(house, customer, booking)
  stripe.loses = 0
  const made = await createIntent(house, customer, booking)

  assert.deepEqual([lost.status, made.status], [503, 201])
  assert.equal(stripe.objects.size, before + 1)
})

async function until(ask: () => Promise<{ status: number }>, good: number): Promise<void> {
  for (let i = 0; i < 20; i++) if ((await ask()).status === good) return
  assert.fail('it never went through')
}

test('with a gateway that fails at random both sides keep the same books', async () => {
  stripe.failsOneIn = 3
  const all = Array.from({ length: 6 }, async (_, i) => {
    const booking = await book(
      house,
      customer,
      service,
      `2026-01-1${5 + (i % 2)}T${String(9 + i).padStart(2, '0')}:00:00Z`,
    )
    await until(() => createIntent(house, customer, booking), 201)
    const { payment_intent_id: intent, payment } = (await createIntent(house, customer, booking)).body['data']
    await until(() => confirm(house, customer, intent), 200)
    if (i % 2 === 0) await refund(house, provider, { payment_id: payment.id, amount: 30 })
    return { intent, payment: payment.id as number }
  })
  const made = await Promise.all(all)
  stripe.failsOneIn = 0
  house.pass({ minutes: 10 })
  await poll()
  await poll()

  for (const { intent, payment } of made) {
    const back = of('refund', intent).reduce((sum, one) => sum + Number(one['amount']), 0)
    const { rows } = await house.house.pool.query<{ sum: number }>(
      `SELECT sum(e.amount_minor)::bigint AS sum FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id
       JOIN ledger_accounts a ON a.id = e.account_id WHERE t.payment_id = $1 AND a.kind = 'gateway'`,
      [payment],
    )
    assert.equal(rows[0]!.sum, Number(stripe.objects.get(intent)!['amount_received']) - back)
  }
  assert.deepEqual(stripe.problems, [])
  const open = await house.house.db.selectFrom('gateway_operations').where('state', '=', 'begun').select('id').execute()
  assert.deepEqual(open, [])
})

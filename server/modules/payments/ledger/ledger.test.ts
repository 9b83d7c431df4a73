import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openHouse } from '../../../../test/support.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import {
  balanceOf,
  feeToReturn,
  platformFee,
  postCharge,
  postDispute,
  postRefund,
  postRefundFailed,
  releaseEarnings,
  type Seller,
} from './index.ts'

const house = await openHouse()
let payments = 0

/** A new provider who has sold something for 100.00, of which the platform keeps 10.00. */
async function sale({ released = false } = {}) {
  const { id } = await house.person('provider')
  const seller: Seller = { providerId: id }
  const paymentId = ++payments
  const charge = { paymentId, bookingId: paymentId, seller, amountMinor: 10_000, feeMinor: 1000, currency: 'USD' }
  const posted = await within((ctx) => postCharge(ctx, charge))
  if (released) {
    await within((ctx) => releaseEarnings(ctx, { bookingId: paymentId, completedAt: ctx.now.subtract({ hours: 100 }) }))
  }
  return { seller, paymentId, charge, posted, balance: () => balanceOf(house.ctx(), seller, 'USD') }
}
const within = <T>(work: Parameters<typeof inTransaction<T>>[1]) => inTransaction(house.ctx(), work)
const entriesOf = async (reference: string) =>
  (
    await house.house.db
      .selectFrom('ledger_entries as e')
      .innerJoin('ledger_transactions as t', 't.id', 'e.transaction_id')
      .innerJoin('ledger_accounts as a', 'a.id', 'e.account_id')
      .where('t.reference', '=', reference)
      .select(['a.kind', 'e.amount_minor'])
      .orderBy('e.id')
      .execute()
  ).map((row) => [row.kind, row.amount_minor])

test('A charge is divided between the platform and the seller, and posted once however often it is told', async () => {
  const { charge, posted, balance } = await sale()

  const again = await Promise.all([1, 2, 3].map(() => within((ctx) => postCharge(ctx, charge))))

  assert.equal(posted, true)
  assert.deepEqual(again, [false, false, false])
  assert.deepEqual(await entriesOf(`charge:${charge.paymentId}`), [
    ['gateway', 10_000],
    ['platform_fee', -1000],
    ['seller', -9000],
  ])
  assert.deepEqual(await balance(), { available: 0, pending: 9000 })
})

test('The same charge with another sum is a mistake and not a charge', async () => {
  const { charge } = await sale()

  const other = within((ctx) => postCharge(ctx, { ...charge, amountMinor: 20_000 }))

  await assert.rejects(other, /posted before with another sum/)
})

test('Money becomes available two days after the booking has taken place, for what is paid later too', async () => {
  const { charge, balance } = await sale()
  await within((ctx) => releaseEarnings(ctx, { bookingId: charge.bookingId, completedAt: ctx.now }))
  const late = { ...charge, paymentId: ++payments, amountMinor: 500, feeMinor: 50 }
  await within((ctx) => postCharge(ctx, late))
  const before = await balance()

  house.pass({ hours: 48 })
  const after = await balance()

  assert.deepEqual(before, { available: 0, pending: 9450 })
  assert.deepEqual(after, { available: 9450, pending: 0 })
})

test('A booking released twice keeps its first moment', async () => {
  const { charge, balance } = await sale({ released: true })

  const again = await within((ctx) => releaseEarnings(ctx, { bookingId: charge.bookingId, completedAt: ctx.now }))

  assert.equal(again, false)
  assert.deepEqual(await balance(), { available: 9000, pending: 0 })
})

test('A refund takes the share of the seller and the fee of the platform back', async () => {
  const { paymentId, seller, balance } = await sale()
  const refund = { refundId: 1, paymentId, seller, amountMinor: 5000, feeMinor: 500, currency: 'USD' }

  await within((ctx) => postRefund(ctx, refund))
  await within((ctx) => postRefund(ctx, refund))

  assert.deepEqual(await entriesOf('refund:1'), [
    ['gateway', -5000],
    ['platform_fee', 500],
    ['seller', 4500],
  ])
  assert.deepEqual(await balance(), { available: 0, pending: 4500 })
})

test('A refund that fails after all gives everything back, once', async () => {
  const { paymentId, seller, balance } = await sale({ released: true })
  await within((ctx) =>
    postRefund(ctx, { refundId: 2, paymentId, seller, amountMinor: 5000, feeMinor: 500, currency: 'USD' }),
  )

  const failed = [
    await within((ctx) => postRefundFailed(ctx, 2)),
    await within((ctx) => postRefundFailed(ctx, 2)),
    await within((ctx) => postRefundFailed(ctx, 777)),
  ]

  assert.deepEqual(failed, [true, false, false])
  assert.deepEqual(await balance(), { available: 9000, pending: 0 })
})

test('A refund of what was never charged is refused', async () => {
  const { seller } = await sale()
  const refund = { refundId: 3, paymentId: 999_999, seller, amountMinor: 1, feeMinor: 0, currency: 'USD' }

  await assert.rejects(
    within((ctx) => postRefund(ctx, refund)),
    /never charged/,
  )
})

test('A dispute freezes the sum; won, it comes back; told in any order, the books are the same', async () => {
  const inOrder = await sale({ released: true })
  const wonFirst = await sale({ released: true })
  const lost = await sale({ released: true })
  const tell = (of: Awaited<ReturnType<typeof sale>>, won: boolean | null) =>
    within((ctx) =>
      postDispute(ctx, {
        disputeId: `dp_${of.paymentId}`,
        paymentId: of.paymentId,
        seller: of.seller,
        amountMinor: 10_000,
        currency: 'USD',
        won,
      }),
    )

  await tell(inOrder, null)
  const frozen = await inOrder.balance()
  for (const won of [true, null, true]) await tell(inOrder, won)
  for (const won of [true, null]) await tell(wonFirst, won)
  for (const won of [null, false, null]) await tell(lost, won)

  assert.deepEqual(frozen, { available: 0, pending: 0 })
  assert.deepEqual(await inOrder.balance(), { available: 9000, pending: 0 })
  assert.deepEqual(await wonFirst.balance(), { available: 9000, pending: 0 })
  assert.deepEqual(await lost.balance(), { available: 0, pending: 0 })
})

test('A refund of a disputed payment leaves the seller owing', async () => {
  const { paymentId, seller, balance } = await sale()
  const both = { paymentId, seller, amountMinor: 10_000, currency: 'USD' }

  await within((ctx) => postRefund(ctx, { ...both, refundId: 4, feeMinor: 1000 }))
  await within((ctx) => postDispute(ctx, { ...both, disputeId: 'dp_both', won: null }))

  assert.deepEqual(await balance(), { available: -10_000, pending: 0 })
})

test('A fee of the whole sum leaves the seller nothing, and can be taken back', async () => {
  const { seller, charge, balance } = await sale()
  const paymentId = ++payments
  await within((ctx) => postCharge(ctx, { ...charge, paymentId, feeMinor: 10_000 }))
  const refund = { refundId: 5, paymentId, seller, amountMinor: 10_000, feeMinor: 10_000, currency: 'USD' }

  await within((ctx) => postRefund(ctx, refund))
  await within((ctx) => postRefundFailed(ctx, 5))

  assert.deepEqual(await balance(), { available: 0, pending: 9000 })
})

test('Nobody changes what was posted, and nothing is posted that does not balance', async () => {
  await sale()
  const now = house.ctx().now.toString()
  const account = sql`(SELECT min(id) FROM ledger_accounts)`
  const head = (reference: string) =>
    sql`INSERT INTO ledger_transactions (reference, kind, currency, amount_minor, at) VALUES (${reference}, 'charge', 'EUR', 5, ${now}) RETURNING id`
  const attempts = [
    sql`UPDATE ledger_entries SET amount_minor = 1`,
    sql`DELETE FROM ledger_transactions`,
    sql`TRUNCATE ledger_entries`,
    sql`UPDATE ledger_accounts SET currency = 'EUR'`,
    sql`DELETE FROM ledger_releases`,
    head('nothing'),
    sql`WITH t AS (${head('one')}) INSERT INTO ledger_entries (transaction_id, account_id, amount_minor) SELECT id, ${account}, 5 FROM t`,
    sql`WITH t AS (${head('other currency')}) INSERT INTO ledger_entries (transaction_id, account_id, amount_minor)
      SELECT id, ${account}, x FROM t, (VALUES (5), (-5)) AS v(x)`,
  ]

  for (const attempt of attempts) await assert.rejects(attempt.execute(house.house.db), /append-only|does not balance/)
})

test('A fee is rounded half up, and comes back in the parts in which it is refunded', () => {
  assert.deepEqual(
    [1005, 1004, 1, 0].map((amount) => platformFee(amount, 10)),
    [101, 100, 0, 0],
  )
  assert.equal(platformFee(9_007_199_254_740_991, 2.55), 229_683_580_995_895)
  const payment = { amountMinor: 1000, feeMinor: 101 }
  let refunded = 0
  let back = 0
  for (const part of [333, 333, 333, 1]) {
    back += feeToReturn({ ...payment, refundedMinor: refunded }, part)
    refunded += part
  }
  assert.equal(back, 101)
})

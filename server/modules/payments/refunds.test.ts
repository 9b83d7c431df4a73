import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { book, confirm, createIntent, openShop, pay, refund, show } from './support.fixture.ts'

const house = await openHouse()
const policy = [
  { hours_before: 24, refund_percent: 100 },
  { hours_before: 2, refund_percent: 50 },
]
const { provider, customer, service } = await openShop(house, { price: 99.99, cancellation_policy: policy })
const stranger = await house.person('customer')
const rival = await house.person('provider')
const day = '2026-01-14'

const path = (id: number): string => `/api/v1/bookings/${id}/`

/** What the books say about a payment: the sums of its postings by account, in minor units. */
async function booksOf(paymentId: number): Promise<Record<string, number>> {
  const rows = await house.house.db
    .selectFrom('ledger_entries as entry')
    .innerJoin('ledger_transactions as transaction', 'transaction.id', 'entry.transaction_id')
    .innerJoin('ledger_accounts as account', 'account.id', 'entry.account_id')
    .where('transaction.payment_id', '=', paymentId)
    .groupBy('account.kind')
    .select(['account.kind', (eb) => eb.cast<number>(eb.fn.sum('entry.amount_minor'), 'bigint').as('sum')])
    .execute()
  return Object.fromEntries(rows.map(({ kind, sum }) => [kind, sum]))
}

test('a provider gives back a part and then the rest, and never more than was paid', async () => {
  const { booking, payment } = await pay(house, customer, service, `${day}T09:00:00Z`)

  const part = await refund(house, provider, { payment_id: payment, amount: 33.33, reason: 'Came late' })
  const between = await show(house, customer, `bookings/${booking}/`)
  const books = await booksOf(payment)
  const tooMuch = await refund(house, provider, { payment_id: payment, amount: 66.67 })
  const rest = await refund(house, provider, { payment_id: payment })
  const nothing = await refund(house, provider, { payment_id: payment })

  assert.equal(part.status, 201, part.text)
  assert.deepEqual([part.body['data'].status, part.body['data'].payment.status], ['succeeded', 'partially_refunded'])
  assert.equal(between.payment_status, 'partially_refunded')
  // The fee of 10.00 goes back in proportion.
  assert.deepEqual(books, { gateway: 6666, platform_fee: -667, seller: -5999 })
  assert.equal(tooMuch.status, 409)
  assert.equal(tooMuch.body['error'].details[0].params.refundable, 66.66)
  assert.deepEqual([rest.status, rest.body['data'].amount, rest.body['data'].payment.status], [201, 66.66, 'refunded'])
  assert.equal(nothing.status, 409)
  assert.deepEqual(await booksOf(payment), { gateway: 0, platform_fee: 0, seller: 0 })
  assert.equal((await show(house, customer, `bookings/${booking}/`)).payment_status, 'refunded')
})

test('ten refunds of a third at once give back three', async () => {
  const { payment } = await pay(house, customer, service, `${day}T10:00:00Z`)

  const tries = await Promise.all(
    Array.from({ length: 10 }, () => refund(house, provider, { payment_id: payment, amount: 33.33 })),
  )

  assert.equal(tries.filter(({ status }) => status === 201).length, 3)
  assert.equal(tries.filter(({ status }) => status === 409).length, 7)
  assert.equal((await show(house, customer, `payments/${payment}/`)).status, 'refunded')
})

test('the same Idempotency-Key gives back once, also when two arrive at once', async () => {
  const { payment } = await pay(house, customer, service, `${day}T11:00:00Z`)
  const wanted = { payment_id: payment, amount: 10 }

  const [one, two] = await Promise.all([1, 2].map(() => refund(house, provider, wanted, { 'idempotency-key': 'r1' })))
  const later = await refund(house, provider, wanted, { 'idempotency-key': 'r1' })
  const other = await refund(house, provider, { ...wanted, amount: 11 }, { 'idempotency-key': 'r1' })

  assert.deepEqual([one!.status, two!.status, later.status, other.status], [201, 201, 201, 409])
  assert.equal(one!.body['data'].id, two!.body['data'].id)
  assert.deepEqual(later.body, one!.body)
  assert.equal((await show(house, customer, `payments/${payment}/`)).refunded_amount, 10)
})

test('an Idempotency-Key that is taken up for another payment after its day gives that one back', async () => {
  const headers = { 'idempotency-key': 'refund-of-the-day' }
  const [one, other] = [
    await pay(house, customer, service, `${day}T15:00:00Z`),
    await pay(house, customer, service, `${day}T16:00:00Z`),
  ]
  await refund(house, provider, { payment_id: one.payment, amount: 1 }, headers)
  // As the nightly clean-up does.
  await house.house.db.deleteFrom('idempotency_keys').where('key', '=', headers['idempotency-key']).execute()

  const again = await refund(house, provider, { payment_id: other.payment, amount: 1 }, headers)

  assert.deepEqual([again.status, again.body['data'].payment_id], [201, other.payment])
})

test('only the provider of the booking and payment_management give money back', async () => {
  const { payment } = await pay(house, customer, service, `${day}T12:00:00Z`)
  const management = await house.person('accountant')
  const helpless = await house.person('admin')
  const wanted = { payment_id: payment, amount: 1 }

  const [payer, foreigner, competitor, admin] = await Promise.all(
    [customer, stranger, rival, helpless].map((who) => refund(house, who, wanted)),
  )
  const allowed = await refund(house, management, wanted)

  assert.deepEqual(
    [payer, foreigner, competitor, admin].map((one) => one!.status),
    [403, 404, 404, 403],
  )
  assert.equal(allowed.status, 201, allowed.text)
  const audited = await house.house.db
    .selectFrom('audit_log')
    .where('action', '=', 'payments.refund')
    .select(['actor_id', 'after'])
    .execute()
  assert.deepEqual(audited, [{ actor_id: management.id, after: { refund: 1, currency: 'USD', reason: null } }])
})

test('a sum that is none, or has too many decimals, is refused', async () => {
  const { payment } = await pay(house, customer, service, `${day}T13:00:00Z`)

  const tries = await Promise.all(
    [0, 0.001, -1].map((amount) => refund(house, provider, { payment_id: payment, amount })),
  )
  const unpaid = await book(house, customer, service, `${day}T14:00:00Z`)
  const open = (await createIntent(house, customer, unpaid)).body['data'].payment.id
  const early = await refund(house, provider, { payment_id: open })

  assert.deepEqual(
    tries.map(({ status }) => status),
    [400, 400, 400],
  )
  assert.equal(early.status, 409)
})

test('cancelling gives back exactly what the preview says: by policy to the customer, everything from the provider', async () => {
  const mine = await pay(house, customer, service, '2026-01-13T09:00:00Z')
  const theirs = await pay(house, customer, service, '2026-01-13T10:00:00Z')
  house.pass({ hours: 12 })
  const { token } = (await house.call('POST', '/api/v1/auth/login/', { json: customer })).body['data']
    ? { token: (await house.call('POST', '/api/v1/auth/login/', { json: customer })).body['data'].access }
    : customer
  const seller = (await house.call('POST', '/api/v1/auth/login/', { json: provider })).body['data'].access
  const preview = async (id: number, as: string) =>
    (await house.call('GET', `${path(id)}cancellation-preview/`, { token: as })).body['data']

  const half = await preview(mine.booking, token)
  const whole = await preview(theirs.booking, seller)
  const foreign = await house.call('GET', `${path(mine.booking)}cancellation-preview/`, { token: stranger.token })
  await house.call('DELETE', path(mine.booking), { token })
  await house.call('DELETE', path(theirs.booking), { token: seller })
  await house.drain()
  const over = await house.call('GET', `${path(mine.booking)}cancellation-preview/`, { token })

  assert.deepEqual(half, {
    refund_percent: 50,
    refund_amount: 50,
    paid_amount: 99.99,
    currency: 'USD',
    policy,
    free_until: '2026-01-12T09:00:00Z',
  })
  assert.deepEqual([whole.refund_percent, whole.refund_amount], [100, 99.99])
  const refunded = async (id: number) => (await house.call('GET', `/api/v1/payments/${id}/`, { token })).body['data']
  assert.equal((await refunded(mine.payment)).refunded_amount, 50)
  assert.equal((await refunded(theirs.payment)).status, 'refunded')
  assert.deepEqual([foreign.status, over.status], [401, 409])
})

test('a booking that is cancelled cannot be paid any more', async () => {
  const buyer = await house.person('customer')
  const booking = await book(house, buyer, service, '2026-01-16T09:00:00Z')
  const intent = (await createIntent(house, buyer, booking)).body['data'].payment_intent_id
  await house.call('DELETE', `/api/v1/bookings/${booking}/`, { token: buyer.token })
  await house.drain()

  const paid = await confirm(house, buyer, intent)
  const again = await createIntent(house, buyer, booking)

  assert.deepEqual([paid.status, again.status], [409, 409])
  const [payment] = (await show(house, buyer, 'payments/')).results
  assert.equal(payment.status, 'cancelled')
})

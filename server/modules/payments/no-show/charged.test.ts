import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { openHouse, type Person } from '../../../../test/support.ts'
import { book, confirm, createIntent, openShop, pay, refund, show } from '../support.fixture.ts'
import {
  assertBooks,
  buyerWith,
  feeOf,
  later,
  mark,
  missMorning,
  noShow,
  nextMorning,
  openStrictShop,
  passMorning,
  paymentsOf,
  saveCard,
  toldOf,
} from './support.fixture.ts'

const house = await openHouse()
const { provider, customer, service } = await openStrictShop(house)
const stranger = await house.person('customer')
afterEach(() => assertBooks(house))

const miss = (buyer: Person, of = service): Promise<number> =>
  missMorning(house, buyer, of, [provider, customer, stranger])

async function offer(fields: object): Promise<number> {
  const json = { title: 'Peeling', description: 'x', price: 100, no_show_fee: 40, ...fields }
  const made = await house.call('POST', '/api/v1/services/', { token: provider.token, json })
  assert.equal(made.status, 201, made.text)
  return made.body['data'].id
}

test('who does not come is charged the fee on the saved card, and both are told', async () => {
  const booking = await miss(customer)

  const marked = await mark(house, provider, booking)
  await house.drain()

  assert.deepEqual([marked.status, marked.body['data'].no_show_fee_status], [200, 'charging'])
  const after = await show(house, customer, `bookings/${booking}/`)
  assert.deepEqual([after.no_show_fee_status, after.payment_status, after.status], ['paid', 'on_site', 'no_show'])
  const [payment, ...others] = await paymentsOf(house, customer, booking)
  assert.equal(others.length, 0)
  assert.deepEqual(
    [payment!['status'], payment!['amount'], payment!['purpose'], payment!['booking_id'], payment!['card'].last4],
    ['succeeded', 40, 'no_show_fee', booking, '4242'],
  )
  assert.ok((await toldOf(house, customer)).includes('A no-show fee was charged'))
  assert.ok((await toldOf(house, provider)).includes('A no-show fee was paid'))
  assert.deepEqual(await paymentsOf(house, stranger, booking), [])
  // The platform keeps its tenth, the rest is the provider's.
  const { rows } = await house.house.pool.query<{ net: number }>(
    'SELECT net_minor AS net FROM ledger_earnings WHERE payment_id = $1',
    [payment!['id']],
  )
  assert.deepEqual(rows, [{ net: 3600 }])
})

test('a receipt says that it is for not having come', async () => {
  const booking = await miss(customer)
  await noShow(house, provider, booking)
  await house.drain()
  const [payment] = await paymentsOf(house, customer, booking)

  const receipt = await house.call('GET', `/api/v1/payments/${payment!['id']}/receipt/`, { token: customer.token })

  assert.deepEqual([receipt.status, receipt.headers['content-type']], [200, 'application/pdf'])
  const { rows } = await house.house.pool.query<{ data: { purpose: string } }>(
    `SELECT data FROM receipts WHERE payment_id = $1`,
    [payment!['id']],
  )
  assert.equal(rows[0]!.data.purpose, 'no_show_fee')
})

test('ten marks at once charge once', async () => {
  const booking = await miss(customer)

  const marks = await Promise.all(Array.from({ length: 10 }, () => mark(house, provider, booking)))
  await house.drain()

  assert.deepEqual([...new Set(marks.map(({ status }) => status))], [200])
  assert.equal((await paymentsOf(house, customer, booking)).length, 1)
  assert.equal(await feeOf(house, customer, booking), 'paid')
})

test('what was paid online covers the fee: nothing more is taken, and nothing goes back', async () => {
  const paid = await offer({})
  const { booking } = await pay(house, customer, paid, nextMorning(house))
  await passMorning(house, [provider, customer, stranger])

  await noShow(house, provider, booking)
  await house.drain()

  const after = await show(house, customer, `bookings/${booking}/`)
  assert.deepEqual([after.no_show_fee_status, after.payment_status], ['covered', 'paid'])
  assert.deepEqual(await paymentsOf(house, customer, booking), [])
})

test('of a deposit that is less than the fee only what is missing is charged, and the rest of the price is no longer due', async () => {
  const deposit = await offer({ deposit: 15 })
  const { booking } = await pay(house, customer, deposit, nextMorning(house))
  await passMorning(house, [provider, customer, stranger])

  await noShow(house, provider, booking)
  await house.drain()

  const [payment] = await paymentsOf(house, customer, booking)
  assert.deepEqual([payment!['amount'], payment!['status']], [25, 'succeeded'])
  assert.equal((await createIntent(house, customer, booking)).status, 409)
})

test('after a no-show the booking itself cannot be paid any more, also by an intent of before', async () => {
  const approved = await offer({ requires_approval: true })
  const booking = await book(house, customer, approved, nextMorning(house))
  const intent = (await createIntent(house, customer, booking)).body['data'].payment_intent_id
  const json = { status: 'confirmed' }
  await house.call('POST', `/api/v1/bookings/status/${booking}/`, { token: provider.token, json })
  await passMorning(house, [provider, customer, stranger])
  await noShow(house, provider, booking)
  await house.drain()

  const late = await confirm(house, customer, intent)

  assert.equal(late.status, 409, late.text)
  const { results } = await show(house, customer, `payments/?booking_id=${booking}`)
  assert.deepEqual(
    results.map((one: { purpose: string; status: string; amount: number }) => [one.purpose, one.status, one.amount]),
    [
      ['no_show_fee', 'succeeded', 40],
      ['booking', 'cancelled', 100],
    ],
  )
})

for (const [card, code] of [
  ['pm_card_chargeDeclined', 'generic_decline'],
  ['pm_card_authenticationRequired', 'authentication_required'],
] as const)
  test(`a card that answers ${code} leaves the fee due; its payer pays it later, and nobody else does`, async () => {
    const buyer = await buyerWith(house, card)
    const booking = await miss(buyer)
    await noShow(house, provider, booking)
    await house.drain()
    const due = await show(house, buyer, `bookings/${booking}/`)
    const [failed] = await paymentsOf(house, provider, booking)

    const strangers = await createIntent(house, stranger, booking)
    const intent = await createIntent(house, buyer, booking)
    const paid = await confirm(house, buyer, intent.body['data'].payment_intent_id, 'pm_card_mastercard')
    await house.drain()

    assert.equal(due.no_show_fee_status, 'due')
    assert.deepEqual([failed!['status'], failed!['decline_code']], ['failed', code])
    assert.ok((await toldOf(house, buyer)).includes('A no-show fee is to be paid'))
    assert.ok((await toldOf(house, provider)).includes('A no-show fee could not be charged'))
    assert.deepEqual([strangers.status, intent.status, intent.body['data'].amount], [404, 201, 40])
    assert.equal(paid.status, 200, paid.text)
    assert.equal(await feeOf(house, buyer, booking), 'paid')
    assert.equal((await paymentsOf(house, buyer, booking)).length, 1)
  })

test('a card that was taken off at the gateway is forgotten, and the next one is charged; without one the fee is due', async () => {
  const buyer = await house.person('customer')
  const visa = await saveCard(house, buyer)
  house.pass({ seconds: 1 })
  const amex = await saveCard(house, buyer, 'pm_card_amex')
  const booking = await miss(buyer)
  const alone = await buyerWith(house, 'pm_card_visa')
  const other = await miss(alone)
  await later(house, [provider, buyer, alone], { minutes: 1 })
  const gone = (await show(house, alone, 'payments/stripe/payment-methods/')).results[0].id
  for (const id of [amex, gone])
    await house.house.pool.query(
      `UPDATE sandbox_objects SET parent = NULL, data = jsonb_set(data, '{customerId}', 'null') WHERE id = $1`,
      [id],
    )

  for (const one of [booking, other]) await noShow(house, provider, one)
  await house.drain()

  const [payment] = await paymentsOf(house, buyer, booking)
  assert.deepEqual([payment!['status'], payment!['card'].last4], ['succeeded', '4242'])
  assert.equal(await feeOf(house, alone, other), 'due')
  const { rows } = await house.house.pool.query('SELECT method_id FROM saved_methods WHERE method_id = ANY($1)', [
    [visa, amex, gone],
  ])
  assert.deepEqual(rows, [{ method_id: visa }])
})

test('the fee is earned like any payment: withdrawn after the delay, less what was given back', async () => {
  const shop = await openShop(house, { payment: 'on_site', no_show_fee: 40, currency: 'EUR' })
  await saveCard(house, shop.customer)
  const booking = await miss(shop.customer, shop.service)
  await later(house, [provider, shop.provider, shop.customer], { minutes: 1 })
  await noShow(house, shop.provider, booking)
  await house.drain()
  const [payment] = await paymentsOf(house, shop.customer, booking)

  const back = await refund(house, shop.provider, { payment_id: payment!['id'], amount: 10 })
  const foreign = await refund(house, provider, { payment_id: payment!['id'] })
  await house.drain()
  await later(house, [shop.customer, shop.provider], { hours: 24 * 8 })

  assert.deepEqual([back.status, foreign.status], [201, 404])
  assert.equal(await feeOf(house, shop.customer, booking), 'partially_refunded')
  const balance = await show(house, shop.provider, 'withdrawals/balance/?currency=EUR')
  assert.deepEqual([balance.available, balance.pending], [27, 0])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { book, confirm, createIntent, openShop, pay, show } from './support.fixture.ts'

const house = await openHouse()
const { provider, customer, service } = await openShop(house)
const stranger = await house.person('customer')
const day = '2026-01-14'

test('a booking to be paid online waits for its payment, and is confirmed by it', async () => {
  const booking = await book(house, customer, service, `${day}T09:00:00Z`)
  const before = await show(house, customer, `bookings/${booking}/`)
  const intent = await createIntent(house, customer, booking)

  const paid = await confirm(house, customer, intent.body['data'].payment_intent_id)
  await house.drain()

  assert.equal(before.status, 'pending')
  assert.equal(before.payment_status, 'unpaid')
  assert.equal(intent.status, 201, intent.text)
  const { amount, currency, status, client_secret, payment_intent_id } = intent.body['data']
  assert.deepEqual([amount, currency, status], [100, 'USD', 'requires_payment_method'])
  assert.ok(client_secret.startsWith(`${payment_intent_id}_secret_`))
  assert.equal(paid.status, 200, paid.text)
  assert.equal(paid.body['data'].status, 'succeeded')
  const after = await show(house, customer, `bookings/${booking}/`)
  assert.deepEqual([after.status, after.payment_status, after.expires_at], ['confirmed', 'paid', null])
  const payment = await show(house, provider, `payments/${paid.body['data'].payment.id}/`)
  assert.deepEqual(payment.card, { brand: 'visa', last4: '4242' })
})

test('asking to pay again finds the same intent, and what is paid is not paid twice', async () => {
  const booking = await book(house, customer, service, `${day}T10:00:00Z`)

  const [first, second] = await Promise.all([1, 2].map(() => createIntent(house, customer, booking)))
  const id = first!.body['data'].payment_intent_id
  const confirmed = await Promise.all([1, 2, 3].map(() => confirm(house, customer, id)))
  const again = await createIntent(house, customer, booking)

  assert.equal(second!.body['data'].payment_intent_id, id)
  assert.deepEqual(
    confirmed.map(({ status }) => status),
    [200, 200, 200],
  )
  assert.equal(again.status, 409, again.text)
  const { results } = await show(house, customer, `payments/?booking_id=${booking}`)
  assert.deepEqual(
    results.map((one: { status: string }) => one.status),
    ['succeeded'],
  )
  const charges = await house.house.db
    .selectFrom('ledger_transactions')
    .where('reference', '=', `charge:${results[0].id}`)
    .select('id')
    .execute()
  assert.equal(charges.length, 1)
})

test('nobody pays for another’s booking or sees its payment', async () => {
  const { booking, payment, intent } = await pay(house, customer, service, `${day}T11:00:00Z`)

  const foreign = await createIntent(house, stranger, booking)
  const confirmed = await confirm(house, stranger, intent)
  const seen = await house.call('GET', `/api/v1/payments/${payment}/`, { token: stranger.token })
  const list = await show(house, stranger, 'payments/')
  const admin = await house.person('admin')
  const listed = await house.call('GET', '/api/v1/payments/', { token: admin.token })
  const accountant = await house.person('super_admin')
  const all = await show(house, accountant, 'payments/')

  assert.deepEqual([foreign.status, confirmed.status, seen.status, listed.status], [404, 404, 404, 403])
  assert.equal(list.count, 0)
  assert.ok(all.count >= 3)
})

test('a declined card says why, keeps the booking waiting, and another card pays', async () => {
  const booking = await book(house, customer, service, `${day}T13:00:00Z`)
  const { payment_intent_id: id } = (await createIntent(house, customer, booking)).body['data']

  const declined = await confirm(house, customer, id, 'pm_card_chargeDeclined')
  const broke = await confirm(house, customer, id, 'pm_card_chargeDeclinedInsufficientFunds')
  const unknown = await confirm(house, customer, id, 'pm_card_nobody')
  const waiting = await show(house, customer, `bookings/${booking}/`)
  const paid = await confirm(house, customer, id, 'pm_card_mastercard')

  assert.equal(declined.status, 402, declined.text)
  assert.equal(declined.body['error'].error_number, 'PAYMENT_FAILED')
  assert.equal(declined.body['error'].details[0].decline_code, 'generic_decline')
  assert.equal(broke.body['error'].details[0].decline_code, 'insufficient_funds')
  assert.equal(unknown.status, 400, unknown.text)
  assert.deepEqual([waiting.status, waiting.payment_status], ['pending', 'unpaid'])
  assert.equal(paid.body['data'].status, 'succeeded', paid.text)
  assert.equal(paid.body['data'].payment.decline_code, null)
})

test('a card that asks for authentication is not paid until that is done', async () => {
  const booking = await book(house, customer, service, `${day}T14:00:00Z`)
  const { payment_intent_id: id } = (await createIntent(house, customer, booking)).body['data']

  const asked = await confirm(house, customer, id, 'pm_card_authenticationRequired')
  const authenticated = await confirm(house, customer, id, null)

  assert.deepEqual([asked.status, asked.body['data'].status], [200, 'requires_action'])
  assert.equal(authenticated.body['data'].status, 'succeeded')
})

test('a deposit confirms the booking and the rest is paid later', async () => {
  const made = await house.call('POST', '/api/v1/services/', {
    token: provider.token,
    json: { title: 'Long', description: 'With a deposit', price: 80, deposit: 20 },
  })
  const { booking } = await pay(house, customer, made.body['data'].id, `${day}T15:00:00Z`)
  const held = await show(house, customer, `bookings/${booking}/`)

  const rest = await createIntent(house, customer, booking)
  const paid = await confirm(house, customer, rest.body['data'].payment_intent_id)

  assert.deepEqual([held.status, held.payment_status], ['confirmed', 'deposit_paid'])
  assert.equal(rest.body['data'].amount, 60)
  assert.equal(paid.status, 200, paid.text)
  assert.equal((await show(house, customer, `bookings/${booking}/`)).payment_status, 'paid')
})

test('what is free or paid on site has nothing to be paid here', async () => {
  const made = await house.call('POST', '/api/v1/services/', {
    token: provider.token,
    json: { title: 'On site', description: 'Cash', price: 30, payment: 'on_site' },
  })
  const booking = await book(house, customer, made.body['data'].id, `${day}T16:00:00Z`)

  const mine = await createIntent(house, customer, booking)
  const others = await createIntent(house, stranger, booking)

  assert.deepEqual([mine.status, others.status], [409, 404])
  assert.equal((await show(house, customer, `bookings/${booking}/`)).payment_status, 'on_site')
})

test('a saved card pays for its owner and for nobody else', async () => {
  const methods = '/api/v1/payments/stripe/payment-methods/'
  const buyer = await house.call('POST', '/api/v1/payments/stripe/customers/', { token: customer.token })
  const again = await house.call('POST', '/api/v1/payments/stripe/customers/', { token: customer.token })
  const saved = await house.call('POST', methods, { token: customer.token, json: { payment_method: 'pm_card_amex' } })
  const { id } = saved.body['data']
  const listed = await show(house, customer, 'payments/stripe/payment-methods/')
  const booking = await book(house, customer, service, '2026-01-15T09:00:00Z')
  const intent = (await createIntent(house, customer, booking)).body['data'].payment_intent_id

  const paid = await confirm(house, customer, intent, id)
  const stolen = await book(house, stranger, service, '2026-01-15T10:00:00Z')
  const foreign = (await createIntent(house, stranger, stolen)).body['data'].payment_intent_id
  const refused = await confirm(house, stranger, foreign, id)
  const strangers = await house.call('DELETE', `${methods}${id}/`, { token: stranger.token })
  const removed = await house.call('DELETE', `${methods}${id}/`, { token: customer.token })

  assert.match(buyer.body['data'].customer_id, /^cus_/)
  assert.equal(again.body['data'].customer_id, buyer.body['data'].customer_id)
  assert.equal(saved.status, 201, saved.text)
  assert.deepEqual(
    listed.results.map((one: { id: string; card: { last4: string } }) => [one.id, one.card.last4]),
    [[id, '8431']],
  )
  assert.equal(paid.status, 200, paid.text)
  assert.deepEqual([refused.status, strangers.status, removed.status], [400, 404, 200])
  assert.equal((await show(house, customer, 'payments/stripe/payment-methods/')).count, 0)
})

test('payments are made in no other way', async () => {
  const tries = await Promise.all(
    (['POST', 'PUT', 'DELETE'] as const).map((method) =>
      house.call(method, '/api/v1/payments/', { token: customer.token, json: {} }),
    ),
  )

  assert.deepEqual(
    tries.map(({ status }) => status),
    [405, 405, 405],
  )
})

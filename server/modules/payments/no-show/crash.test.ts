import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Person } from '../../../../test/support.ts'
import { performOperation } from '../operations/perform.ts'
import { confirm, createIntent, type Json } from '../support.fixture.ts'
import {
  assertBooks,
  feeOf,
  later,
  mark,
  missMorning,
  noShow,
  openStripeHouse,
  openStrictShop,
  paymentsOf,
  saveCard,
  waive,
} from './support.fixture.ts'

const { stripe, house, poll, deliver } = await openStripeHouse()
const { provider, customer, service } = await openStrictShop(house)

beforeEach(() => {
  Object.assign(stripe, { loses: 0, isDown: false, failsOneIn: 0 })
})
afterEach(async () => {
  assert.deepEqual(stripe.problems, [])
  await assertBooks(house, false)
})

const miss = (buyer: Person): Promise<number> => missMorning(house, buyer, service, [provider, customer])

const chargesOf = (intent: string): number =>
  [...stripe.objects.values()].filter((one) => one['object'] === 'charge' && one['payment_intent'] === intent).length

const intentsOf = (payment: Json): Json[] =>
  [...stripe.objects.values()].filter(
    (one) => one['object'] === 'payment_intent' && one['metadata'].payment_id === String(payment['id']),
  )

test('Stripe is asked for the money off session, with the saved method of its customer', async () => {
  const booking = await miss(customer)

  await noShow(house, provider, booking)
  await house.drain()

  const asked = stripe.requests.findLast(({ path }) => path.endsWith('/confirm'))!
  const [payment] = await paymentsOf(house, customer, booking)
  const [intent] = intentsOf(payment!)
  assert.deepEqual([asked.params['off_session'], asked.params['payment_method'].slice(0, 3)], ['true', 'pm_'])
  assert.ok(intent!['customer'].startsWith('cus_'))
  assert.equal(asked.key, `charge:${payment!['id']}:${asked.params['payment_method']}`)
  assert.equal(await feeOf(house, customer, booking), 'paid')
})

test('whatever answer is lost, the fee is charged once, as soon as Stripe answers', async () => {
  const booking = await miss(customer)
  stripe.loses = 20
  const marked = await mark(house, provider, booking)
  await house.drain()
  const between = await feeOf(house, customer, booking)

  for (const loses of [4, 4, 0, 0, 0]) {
    stripe.loses = loses
    await later(house, [customer], { minutes: 10 })
    await poll()
  }

  const [payment, ...others] = await paymentsOf(house, customer, booking)
  assert.equal(marked.status, 200)
  assert.equal(between, 'charging')
  assert.equal(others.length, 0)
  assert.equal(payment!['status'], 'succeeded')
  assert.equal(chargesOf(payment!['payment_intent_id']), 1)
})

test('a process that dies after the mark leaves the charge to the next one', async () => {
  const booking = await miss(customer)
  stripe.isDown = true
  await noShow(house, provider, booking)
  // The job that would do it at once is lost with the process.
  await house.house.pool.query(`DELETE FROM pgboss.job WHERE name = 'gateway'`)
  stripe.isDown = false

  house.pass({ minutes: 3 })
  await poll()
  await poll()

  assert.equal(await feeOf(house, customer, booking), 'paid')
})

test('with a Stripe that fails at random every fee is charged once', async () => {
  const buyers = await Promise.all(Array.from({ length: 4 }, () => house.person('customer')))
  const bookings: number[] = []
  for (const buyer of buyers) await saveCard(house, buyer)
  for (const buyer of buyers) {
    await later(house, buyers, { minutes: 1 })
    bookings.push(await miss(buyer))
  }
  stripe.failsOneIn = 3
  for (const booking of bookings) await noShow(house, provider, booking)
  await house.drain()
  for (let i = 0; i < 6; i++) {
    house.pass({ minutes: 5 + 10 * i })
    await poll()
  }
  stripe.failsOneIn = 0
  await later(house, [provider, customer], { hours: 1 })
  await poll()
  await poll()

  for (const booking of bookings) {
    const [payment] = await paymentsOf(house, provider, booking)
    assert.equal(payment!['status'], 'succeeded')
    assert.equal(
      intentsOf(payment!).reduce((sum, { id }) => sum + chargesOf(id as string), 0),
      1,
    )
  }
})

test('a card that asks for its holder leaves the fee due, and they are told once', async () => {
  const buyer = await house.person('customer')
  await saveCard(house, buyer, 'pm_card_authenticationRequired')
  const booking = await miss(buyer)
  await noShow(house, provider, booking)
  await house.drain()
  const [payment] = await paymentsOf(house, buyer, booking)
  await deliver('payment_intent.payment_failed', stripe.objects.get(payment!['payment_intent_id'])!)
  await poll()
  const asked = await confirm(house, buyer, payment!['payment_intent_id'], 'pm_card_authenticationRequired')
  await house.drain()

  const { rows } = await house.house.pool.query(
    `SELECT user_id FROM notifications WHERE kind = 'payment_no_show_fee' AND user_id = $1`,
    [buyer.id],
  )
  assert.deepEqual([payment!['status'], payment!['failure_code']], ['failed', 'authentication_required'])
  assert.equal(asked.body['data'].status, 'requires_action', asked.text)
  assert.equal(rows.length, 1)
})

test('a webhook that is first, and one that comes again, change nothing', async () => {
  const booking = await miss(customer)
  stripe.loses = 0
  await noShow(house, provider, booking)
  await house.drain()
  const [payment] = await paymentsOf(house, customer, booking)
  const intent = stripe.objects.get(payment!['payment_intent_id'])!

  await deliver('payment_intent.succeeded', intent)
  await deliver('payment_intent.created', { ...intent, status: 'requires_payment_method', amount_received: 0 })
  await house.drain()

  assert.equal(await feeOf(house, customer, booking), 'paid')
  assert.equal(chargesOf(payment!['payment_intent_id']), 1)
})

test('its payer who comes while the charge is under way pays once', async () => {
  const booking = await miss(customer)
  stripe.loses = 6
  await noShow(house, provider, booking)
  await house.drain()
  stripe.loses = 0

  const intent = await createIntent(house, customer, booking)
  const paid = intent.status === 201 ? await confirm(house, customer, intent.body['data'].payment_intent_id) : intent
  house.pass({ minutes: 3 })
  await poll()

  assert.ok(paid.status === 200, paid.text)
  const [payment] = await paymentsOf(house, customer, booking)
  assert.equal(chargesOf(payment!['payment_intent_id']), 1)
})

test('a fee that is waived while Stripe is silent is never charged', async () => {
  const booking = await miss(customer)
  stripe.isDown = true
  await noShow(house, provider, booking)
  await house.drain()
  const waived = await waive(house, provider, booking)
  stripe.isDown = false

  house.pass({ minutes: 5 })
  await poll()
  await poll()

  assert.equal(waived.status, 200)
  const [payment] = await paymentsOf(house, customer, booking)
  assert.equal(payment!['status'], 'cancelled')
  assert.equal(chargesOf(payment!['payment_intent_id']), 0)
})

/** Marks a no-show and makes the intent of the fee; its charge is yet to come. */
async function intentOnly(booking: number, buyer = customer): Promise<Json> {
  await noShow(house, provider, booking)
  const [payment] = await paymentsOf(house, buyer, booking)
  const key = `intent:${payment!['id']}`
  const operation = await house.house.db
    .selectFrom('gateway_operations')
    .where('business_key', '=', key)
    .select('id')
    .executeTakeFirstOrThrow()
  await performOperation(house.ctx(), operation.id)
  return (await paymentsOf(house, buyer, booking))[0]!
}

test('a fee that is waived between its intent and its charge is not charged', async () => {
  const booking = await miss(customer)
  const { payment_intent_id: intent } = await intentOnly(booking)

  await waive(house, provider, booking)
  await house.drain()

  assert.equal(chargesOf(intent), 0)
  assert.equal(stripe.objects.get(intent)!['status'], 'canceled')
  assert.equal(await feeOf(house, customer, booking), 'waived')
})

test('an answer that was lost is asked for: a card that was declined is not tried again', async () => {
  const buyer = await house.person('customer')
  await saveCard(house, buyer, 'pm_card_chargeDeclined')
  const booking = await miss(buyer)
  const { payment_intent_id: intent } = await intentOnly(booking, buyer)
  const tries = (): number => stripe.requests.filter(({ path }) => path.endsWith(`${intent}/confirm`)).length
  stripe.loses = 20
  await house.drain()
  const before = tries()
  stripe.loses = 0

  house.pass({ minutes: 3 })
  await poll()

  assert.ok(before > 0)
  assert.equal(tries(), before)
  assert.equal(await feeOf(house, buyer, booking), 'due')
})

test('money that Stripe took in the moment of the waiver goes back by itself, once', async () => {
  const booking = await miss(customer)
  const { id, payment_intent_id: intent } = await intentOnly(booking)
  await waive(house, provider, booking)
  const taken = { ...stripe.objects.get(intent)!, status: 'succeeded', amount_received: 4000 }
  stripe.objects.set(intent, taken)

  await deliver('payment_intent.succeeded', taken)
  await house.drain()
  const [first] = await paymentsOf(house, customer, booking)
  await house.house.jobs.enqueue(house.ctx(), 'payments.give-back', { payment_id: id })
  await house.drain()

  const [payment] = await paymentsOf(house, customer, booking)
  assert.deepEqual([first!['status'], payment!['status'], payment!['refunded_amount']], ['refunded', 'refunded', 40])
  const told = await house.house.db
    .selectFrom('notifications')
    .where('kind', '=', 'payment_no_show_fee')
    .where('user_id', '=', customer.id)
    .where((eb) => eb(eb.cast<string>('target', 'text'), 'like', `% ${booking}}`))
    .select('id')
    .execute()
  assert.deepEqual(told, [])
})

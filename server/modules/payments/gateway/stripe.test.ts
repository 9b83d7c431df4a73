import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { openHouse, type Answer, type Person } from '../../../../test/support.ts'
import { book, confirm, createIntent, openShop, pay, refund, show } from '../support.fixture.ts'
import { openFakeStripe } from './fake-stripe.fixture.ts'
import { GatewayRefusal } from './gateway.ts'
import { createStripeGateway } from './stripe.ts'

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

const deliver = ({ body, signature }: { body: string; signature: string }): Promise<Answer> =>
  house.call('POST', '/api/v1/payments/stripe/webhook/', {
    payload: body,
    headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
  })

const now = (): Temporal.Instant => house.house.clock()
const intentAt = (id: string) => stripe.objects.get(id)!

async function begin(
  date: string,
  buyer: Person = customer,
): Promise<{ booking: number; id: string; payment: number }> {
  const booking = await book(house, buyer, service, date)
  const made = await createIntent(house, buyer, booking)
  assert.equal(made.status, 201, made.text)
  return { booking, id: made.body['data'].payment_intent_id, payment: made.body['data'].payment.id }
}

/** Pays at Stripe itself, as its page does, without a word to us. */
const payElsewhere = (id: string): void => {
  const intent = intentAt(id)
  Object.assign(intent, { status: 'succeeded', amount_received: intent['amount'] })
}

const postings = async (payment: number): Promise<string[]> => {
  const rows = await house.house.db
    .selectFrom('ledger_transactions')
    .where('payment_id', '=', payment)
    .select('kind')
    .orderBy('id')
    .execute()
  return rows.map(({ kind }) => kind)
}

test('every request is as Stripe specifies it, with a key of its own for every write', async () => {
  const paid = await pay(house, customer, service, '2026-01-14T09:00:00Z')
  const declined = await begin('2026-01-14T10:00:00Z')
  const refused = await confirm(house, customer, declined.id, 'pm_card_chargeDeclined')
  const back = await refund(house, provider, { payment_id: paid.payment, amount: 40 })
  await house.call('DELETE', `/api/v1/bookings/${declined.booking}/`, { token: customer.token })
  await house.drain()

  assert.equal(refused.status, 402, refused.text)
  assert.equal(refused.body['error'].details[0].decline_code, 'generic_decline')
  assert.equal(back.body['data'].status, 'succeeded', back.text)
  assert.equal(intentAt(declined.id)['status'], 'canceled')
  assert.deepEqual(stripe.problems, [])
  const [first] = stripe.requests.filter(({ path }) => path === '/v1/payment_intents')
  assert.equal(first!.params['amount'], '10000')
  assert.equal(first!.params['currency'], 'usd')
})

test('what is done and whose answer is lost is done once', async () => {
  stripe.loses = 2
  const { id, payment } = await begin('2026-01-14T11:00:00Z')
  stripe.loses = 2

  const paid = await confirm(house, customer, id)
  stripe.loses = 2
  const back = await refund(house, provider, { payment_id: payment, amount: 25 })

  assert.equal(paid.body['data'].status, 'succeeded', paid.text)
  assert.equal(back.body['data'].status, 'succeeded', back.text)
  const made = [...stripe.objects.values()].filter((one) => one['payment_intent'] === id && one['object'] === 'refund')
  assert.equal(made.length, 1)
  assert.deepEqual(await postings(payment), ['charge', 'refund'])
})

test('a webhook counts once, however often it comes; a forged, an old and an unsigned one never', async () => {
  const { booking, id, payment } = await begin('2026-01-14T12:00:00Z')
  payElsewhere(id)
  const event = stripe.event('payment_intent.succeeded', intentAt(id), now())
  const old = stripe.event('payment_intent.succeeded', intentAt(id), now().subtract({ seconds: 301 }))
  const forged = { ...event, body: event.body.replace('10000', '10001') }

  const refused = await Promise.all([old, forged, { ...event, signature: '' }].map(deliver))
  const before = await show(house, customer, `payments/${payment}/`)
  const taken = await Promise.all([event, event, event].map(deliver))
  await house.drain()

  assert.deepEqual(
    refused.map(({ status }) => status),
    [400, 400, 400],
  )
  assert.equal(before.status, 'requires_payment_method')
  assert.deepEqual(
    taken.map(({ status }) => status),
    [200, 200, 200],
  )
  assert.equal((await show(house, customer, `bookings/${booking}/`)).status, 'confirmed')
  assert.deepEqual(await postings(payment), ['charge'])
})

test('webhook and confirmation race to one transition, and older news change nothing', async () => {
  const { id, payment } = await begin('2026-01-14T13:00:00Z')
  const created = { ...intentAt(id) }
  const first = confirm(house, customer, id)
  while (intentAt(id)['status'] !== 'succeeded') await new Promise((done) => setTimeout(done, 1))
  const succeeded = stripe.event('payment_intent.succeeded', intentAt(id), now())
  const [paid] = await Promise.all([first, deliver(succeeded), deliver(succeeded)])

  await deliver(stripe.event('payment_intent.created', created, now().subtract({ seconds: 60 })))
  await deliver(stripe.event('payment_intent.processing', { ...created, status: 'processing' }, now()))
  await deliver(stripe.event('payment_intent.canceled', { ...created, status: 'canceled' }, now()))

  assert.equal(paid.status, 200, paid.text)
  assert.equal((await show(house, customer, `payments/${payment}/`)).status, 'succeeded')
  assert.deepEqual(await postings(payment), ['charge'])
})

test('another sum or currency than is to be paid is not believed', async () => {
  const { id, payment } = await begin('2026-01-14T14:00:00Z')
  const told = { ...intentAt(id), status: 'succeeded', amount_received: 10000 }
  for (const wrong of [{ amount: 1, amount_received: 1 }, { amount_received: 9999 }, { currency: 'jpy' }])
    await deliver(stripe.event('payment_intent.succeeded', { ...told, ...wrong }, now()))

  assert.equal((await show(house, customer, `payments/${payment}/`)).status, 'requires_payment_method')
  assert.deepEqual(await postings(payment), [])
})

test('what no webhook told is found by the poller', async () => {
  const { booking, id, payment } = await begin('2026-01-14T15:00:00Z')
  payElsewhere(id)
  house.pass({ minutes: 3 })

  await house.house.jobs.run('payments.poll')
  await house.drain()

  assert.equal((await show(house, customer, `payments/${payment}/`)).status, 'succeeded')
  assert.equal((await show(house, customer, `bookings/${booking}/`)).status, 'confirmed')
})

test('a dispute freezes its sum, whatever is told first, and a won one frees it', async () => {
  const { id, payment } = await begin('2026-01-14T16:00:00Z')
  const dispute = {
    id: 'dp_1',
    object: 'dispute',
    payment_intent: id,
    amount: 10000,
    currency: 'usd',
    reason: 'fraudulent',
  }
  const open = stripe.event('charge.dispute.created', { ...dispute, status: 'needs_response' }, now())
  await deliver(open)
  await confirm(house, customer, id)
  const frozen = await refund(house, provider, { payment_id: payment })

  await deliver(stripe.event('charge.dispute.closed', { ...dispute, status: 'won' }, now()))
  await deliver(stripe.event('charge.dispute.updated', { ...dispute, status: 'under_review' }, now()))
  const freed = await refund(house, provider, { payment_id: payment })

  assert.equal(frozen.status, 409, frozen.text)
  assert.equal(freed.status, 201, freed.text)
  assert.deepEqual(await postings(payment), ['charge', 'dispute', 'reversal', 'refund'])
})

test('a refund made at Stripe itself is in our books too', async () => {
  const { id, payment } = await begin('2026-01-15T09:00:00Z')
  await confirm(house, customer, id)
  const made = {
    id: 're_x',
    object: 'refund',
    payment_intent: id,
    amount: 1500,
    currency: 'usd',
    status: 'succeeded',
    metadata: {},
  }
  stripe.objects.set('re_x', made)

  await deliver(stripe.event('refund.created', made, now()))
  await deliver(stripe.event('charge.refunded', { id: 'ch_x', object: 'charge', payment_intent: id }, now()))
  await house.drain()

  const shown = await show(house, customer, `payments/${payment}/`)
  assert.deepEqual([shown.status, shown.refunded_amount], ['partially_refunded', 15])
  assert.deepEqual(await postings(payment), ['charge', 'refund'])
})

test('while Stripe is gone bookings go on, refunds wait and are made once it is back', async () => {
  const { payment } = await pay(house, customer, service, '2026-01-15T10:00:00Z')
  const waiting = await begin('2026-01-15T11:00:00Z')
  stripe.isDown = true

  const booked = await book(house, customer, service, '2026-01-15T12:00:00Z')
  const paid = await confirm(house, customer, waiting.id)
  const back = await refund(house, provider, { payment_id: payment, amount: 5 })
  for (let i = 0; i < 6; i++) await createIntent(house, customer, booked)
  const health = (await house.call('GET', '/api/v1/health/')).body['data']
  house.pass({ minutes: 5 })
  stripe.isDown = false
  await house.house.jobs.run('payments.poll')
  await house.drain()

  assert.deepEqual([paid.status, back.status, back.body['data'].status], [503, 201, 'pending'])
  assert.deepEqual([health.status, health.dependencies.payments.status], ['degraded', 'down'])
  const shown = await show(house, customer, `payments/${payment}/`)
  assert.deepEqual([shown.status, shown.refunded_amount], ['partially_refunded', 5])
  // Nobody is charged behind their back for what was not done while they waited.
  assert.equal(intentAt(waiting.id)['status'], 'requires_payment_method')
  const retried = await confirm(house, customer, waiting.id)
  assert.equal(retried.body['data'].status, 'succeeded', retried.text)
  assert.deepEqual(stripe.problems, [])
})

test('what is asked of Stripe less often is as it specifies too', async () => {
  const gateway = createStripeGateway(house.house, 'sk_test_loopback')
  const metadata = { withdrawal_id: '1' }
  const asked = [
    gateway.listPaymentMethods('cus_1'),
    gateway.attachPaymentMethod('pm_1', 'cus_1', 'a'),
    gateway.detachPaymentMethod('pm_1', 'b'),
    gateway.transfer({ amountMinor: 5, currency: 'USD', destination: 'acct_1', metadata }, 'c'),
    gateway.reverseTransfer('tr_1', 5, 'USD', metadata, 'd'),
    gateway.listMovements(now()),
  ]

  const answers = await Promise.allSettled(asked)

  for (const answer of answers)
    assert.ok(answer.status === 'rejected' && answer.reason instanceof GatewayRefusal, JSON.stringify(answer))
  assert.deepEqual(stripe.problems, [])
})

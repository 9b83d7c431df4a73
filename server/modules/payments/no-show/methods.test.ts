import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import type { Person } from '../../../../test/support.ts'
import { show } from '../support.fixture.ts'
import { forget, openStripeHouse, saveCard } from './support.fixture.ts'

const { stripe, house, poll, deliver } = await openStripeHouse()
afterEach(() => assert.deepEqual(stripe.problems, []))
const customer = await house.person('customer')

test('a card is prepared on the page of its holder for being charged without them', async () => {
  const set = (who: Person) =>
    house.call('POST', '/api/v1/payments/stripe/setup-intents/', { token: who.token, json: {} })

  const made = await set(customer)
  const refused = await set(await house.person('super_admin'))

  const asked = stripe.requests.findLast(({ path }) => path.endsWith('/setup_intents'))!
  assert.deepEqual([made.status, refused.status], [201, 403], made.text)
  assert.match(made.body['data'].client_secret, /^seti_.+_secret_/)
  assert.equal(asked.params['usage'], 'off_session')
})

test('an If-Match of a client that sends it with everything is no reason to fail', async () => {
  const fresh = await house.person('customer')
  const json = {}
  const headers = { 'if-match': '*' }

  const made = await house.call('POST', '/api/v1/payments/stripe/setup-intents/', { token: fresh.token, json, headers })

  assert.equal(made.status, 201, made.text)
})

test('a card that is removed while Stripe is silent is gone at once, and there as soon as it answers', async () => {
  const buyer = await house.person('customer')
  const card = await saveCard(house, buyer)
  const before = { ...stripe.objects.get(card)! }
  const attached = (): unknown => stripe.objects.get(card)!['customer']
  stripe.loses = 20

  const removed = await forget(house, buyer, card)
  stripe.loses = 0
  const between = await show(house, buyer, 'payments/stripe/payment-methods/')
  house.pass({ minutes: 3 })
  await poll()

  // A webhook of its saving that comes late.
  await deliver('payment_method.attached', before)
  const known = await house.house.db.selectFrom('saved_methods').where('user_id', '=', buyer.id).select('id').execute()

  assert.deepEqual([removed.status, between.count], [503, 0])
  assert.equal(attached(), null)
  assert.deepEqual(known, [])
})

test('what is saved and taken off on the page of Stripe is heard of', async () => {
  const buyer = await house.person('customer')
  const { body } = await house.call('POST', '/api/v1/payments/stripe/customers/', { token: buyer.token, json: {} })
  const card = { brand: 'visa', last4: '4242', exp_month: 12, exp_year: 2030 }
  const method = { id: 'pm_page', object: 'payment_method', type: 'card', customer: body['data'].customer_id, card }
  const known = async (): Promise<number> =>
    (await house.house.db.selectFrom('saved_methods').where('user_id', '=', buyer.id).select('id').execute()).length

  await deliver('payment_method.attached', method)
  const saved = await known()
  await deliver('payment_method.detached', { ...method, customer: null })

  assert.deepEqual([saved, await known()], [1, 0])
})

import assert from 'node:assert/strict'
import { after } from 'node:test'
import { openHouse, type Answer, type House, type Person } from '../../../../test/support.ts'
import { openFakeStripe } from '../gateway/fake-stripe.fixture.ts'
import { checkLedger } from '../ledger/check.ts'
import { reconcile } from '../ledger/reconcile.ts'
import { book, openShop, show, type Json } from '../support.fixture.ts'

const api = '/api/v1'
const methods = `${api}/payments/stripe/payment-methods/`

/** A house with a Stripe of its own, the poll of what is open there, and the events that it delivers. */
export async function openStripeHouse() {
  const stripe = await openFakeStripe()
  const house = await openHouse({
    STRIPE_SECRET_KEY: 'sk_test_loopback',
    STRIPE_WEBHOOK_SECRET: stripe.secret,
    STRIPE_API_BASE: stripe.base,
  })
  after(() => stripe.close())
  const poll = async (): Promise<void> => {
    await house.house.jobs.run('payments.poll')
    await house.drain()
  }
  const deliver = async (type: string, object: Json): Promise<void> => {
    const { body, signature } = stripe.event(type, object, house.house.clock())
    const headers = { 'content-type': 'application/json', 'stripe-signature': signature }
    const answer = await house.call('POST', `${api}/payments/stripe/webhook/`, { payload: body, headers })
    assert.equal(answer.status, 200, answer.text)
  }
  return { stripe, house, poll, deliver }
}

/** A shop whose hour costs 100 on site and 40 to who does not come, and a customer with a card on file. */
export async function openStrictShop(house: House, fields: Json = {}) {
  const shop = await openShop(house, { payment: 'on_site', no_show_fee: 40, ...fields })
  await saveCard(house, shop.customer)
  return shop
}

export async function saveCard(house: House, who: Person, card = 'pm_card_visa'): Promise<string> {
  const saved = await house.call('POST', methods, { token: who.token, json: { payment_method: card } })
  assert.equal(saved.status, 201, saved.text)
  return saved.body['data'].id
}

/** A customer with this card on file. */
export async function buyerWith(house: House, card: string): Promise<Person> {
  const buyer = await house.person('customer')
  await saveCard(house, buyer, card)
  return buyer
}

/** Lets time pass; everybody signs in again, since their tokens live for a day at most. */
export async function later(house: House, people: readonly Person[], duration: Temporal.DurationLike): Promise<void> {
  house.pass(duration)
  for (const who of new Set(people)) {
    const { email, password } = who
    const signedIn = await house.call('POST', `${api}/auth/login/`, { json: { email, password } })
    assert.equal(signedIn.status, 200, signedIn.text)
    who.token = signedIn.body['data'].access
  }
}

/** Lets the next morning come, and go. */
export const passMorning = (house: House, people: readonly Person[]): Promise<void> =>
  later(house, people, { hours: 34 })

/** Books the next morning and does not come; the others are there afterwards too. */
export async function missMorning(
  house: House,
  buyer: Person,
  service: number,
  others: readonly Person[],
): Promise<number> {
  const booking = await book(house, buyer, service, nextMorning(house))
  await passMorning(house, [...others, buyer])
  return booking
}

/** Tomorrow at nine, or at another hour. */
export const nextMorning = (house: House, hour = 9): string =>
  house.house
    .clock()
    .toZonedDateTimeISO('UTC')
    .add({ days: 1 })
    .with({ hour, minute: 0, second: 0 })
    .toInstant()
    .toString()

export const forget = (house: House, who: Person, id: string): Promise<Answer> =>
  house.call('DELETE', `${methods}${id}/`, { token: who.token })

export const mark = (house: House, who: Person, booking: number, json: Json = {}): Promise<Answer> =>
  house.call('POST', `${api}/bookings/status/${booking}/`, { token: who.token, json: { status: 'no_show', ...json } })

/** The mark of a no-show that is taken. */
export async function noShow(house: House, who: Person, booking: number): Promise<void> {
  const marked = await mark(house, who, booking)
  assert.equal(marked.status, 200, marked.text)
}

export const waive = (house: House, who: Person, booking: number): Promise<Answer> =>
  house.call('DELETE', `${api}/bookings/${booking}/no-show-fee/`, { token: who.token })

/** How the fee of a booking stands. */
export const feeOf = async (house: House, who: Person, booking: number): Promise<string | null> =>
  (await show(house, who, `bookings/${booking}/`)).no_show_fee_status

/** The payments of a fee. */
export const paymentsOf = async (house: House, who: Person, booking: number): Promise<Json[]> =>
  (await show(house, who, `payments/?booking_id=${booking}&purpose=no_show_fee`)).results

export const toldOf = async (house: House, who: Person): Promise<string[]> =>
  (await show(house, who, 'notifications/?page_size=100')).results.map((one: { title: string }) => one.title)

/** That the books balance and, where the gateway lists what moved, say what it says. */
export async function assertBooks(house: House, withGateway = true): Promise<void> {
  const checked = await checkLedger(house.ctx())
  assert.deepEqual(
    checked.flatMap(({ differences }) => differences),
    [],
  )
  if (withGateway) assert.deepEqual(await reconcile(house.ctx()), [])
}

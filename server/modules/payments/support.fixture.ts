import assert from 'node:assert/strict'
import type { Answer, House, Person } from '../../../test/support.ts'

export type Json = Answer['body']

const api = '/api/v1'

/** A provider with open hours and one service paid online, and a customer. */
export async function openShop(
  house: House,
  fields: Json = {},
): Promise<{ provider: Person; customer: Person; service: number }> {
  const provider = await house.person('provider')
  const customer = await house.person('customer')
  for (let weekday = 1; weekday <= 7; weekday++) {
    const json = { kind: 'weekly', weekday, start_time: '09:00', end_time: '17:00', time_zone: 'UTC' }
    const made = await house.call('POST', `${api}/schedules/`, { token: provider.token, json })
    assert.equal(made.status, 201, made.text)
  }
  const json = { title: 'Massage', description: 'An hour', price: 100, ...fields }
  const made = await house.call('POST', `${api}/services/`, { token: provider.token, json })
  assert.equal(made.status, 201, made.text)
  return { provider, customer, service: made.body['data'].id }
}

export async function book(house: House, buyer: Person, service: number, date: string): Promise<number> {
  const made = await house.call('POST', `${api}/bookings/`, { token: buyer.token, json: { service, date } })
  assert.equal(made.status, 201, made.text)
  return made.body['data'].id
}

export const createIntent = (house: House, who: Person, booking_id: number): Promise<Answer> =>
  house.call('POST', `${api}/payments/stripe/create-intent/`, { token: who.token, json: { booking_id } })

export const confirm = (
  house: House,
  who: Person,
  payment_intent_id: string,
  payment_method: string | null = 'pm_card_visa',
  headers: Record<string, string> = {},
): Promise<Answer> =>
  house.call('POST', `${api}/payments/stripe/confirm-payment/`, {
    token: who.token,
    json: { payment_intent_id, payment_method },
    headers,
  })

export const refund = (house: House, who: Person, json: Json, headers: Record<string, string> = {}): Promise<Answer> =>
  house.call('POST', `${api}/payments/stripe/refund/`, { token: who.token, json, headers })

/** Books and pays; answers the booking, the payment and its intent, everything that follows done. */
export async function pay(
  house: House,
  customer: Person,
  service: number,
  date: string,
): Promise<{ booking: number; payment: number; intent: string }> {
  const booking = await book(house, customer, service, date)
  const intent = await createIntent(house, customer, booking)
  assert.equal(intent.status, 201, intent.text)
  const { payment_intent_id, payment } = intent.body['data']
  const paid = await confirm(house, customer, payment_intent_id)
  assert.equal(paid.status, 200, paid.text)
  await house.drain()
  return { booking, payment: payment.id, intent: payment_intent_id }
}

export const show = async (house: House, who: Person, path: string): Promise<Json> => {
  const answer = await house.call('GET', `${api}/${path}`, { token: who.token })
  assert.equal(answer.status, 200, answer.text)
  return answer.body['data']
}

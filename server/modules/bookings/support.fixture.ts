import assert from 'node:assert/strict'
import type { Answer, House, Person } from '../../../test/support.ts'

export type Json = Answer['body']

/** Opens every weekday of a provider from 09:00 to 17:00. */
export async function openHours(
  house: House,
  provider: Person,
  hours = { start_time: '09:00', end_time: '17:00', time_zone: 'UTC' },
): Promise<void> {
  for (let weekday = 1; weekday <= 7; weekday++) {
    const made = await house.call('POST', '/api/v1/schedules/', {
      token: provider.token,
      json: { kind: 'weekly', weekday, ...hours },
    })
    assert.equal(made.status, 201, made.text)
  }
}

/** A service of a provider; an hour long, on the grid of the half hour, paid on site. */
export async function offer(house: House, provider: Person, fields: Json = {}): Promise<number> {
  const json = { title: 'Massage', description: 'An hour', price: 50, payment: 'on_site', ...fields }
  const made = await house.call('POST', '/api/v1/services/', { token: provider.token, json })
  assert.equal(made.status, 201, made.text)
  return made.body['data'].id
}

export const book = (house: House, buyer: Person, service: number, date: string, more: Json = {}): Promise<Answer> =>
  house.call('POST', '/api/v1/bookings/', { token: buyer.token, json: { service, date, ...more } })

export async function slotsOf(house: House, service: number, from: string, to = from, more = ''): Promise<Json[]> {
  const answer = await house.call(
    'GET',
    `/api/v1/services/${service}/slots/?from=${from}&to=${to}&time_zone=UTC${more}`,
  )
  assert.equal(answer.status, 200, answer.text)
  return answer.body['data'].results
}

export const starts = (slots: Json[]): string[] => slots.map((slot) => slot['start'] as string)

import assert from 'node:assert/strict'
import type { Answer, House, Person } from '../../../test/support.ts'

export type Json = Answer['body']

/** Opens every weekday of a provider from 09:00 to 17:00 UTC, and answers a service of theirs: an hour long, on the grid of the half hour, paid on site. */
export async function openShop(house: House, provider: Person, fields: Json = {}): Promise<number> {
  for (let weekday = 1; weekday <= 7; weekday++) {
    const json = { kind: 'weekly', weekday, start_time: '09:00', end_time: '17:00', time_zone: 'UTC' }
    const made = await house.call('POST', '/api/v1/schedules/', { token: provider.token, json })
    assert.equal(made.status, 201, made.text)
  }
  const json = { title: 'Massage', description: 'An hour', price: 50, payment: 'on_site', ...fields }
  const made = await house.call('POST', '/api/v1/services/', { token: provider.token, json })
  assert.equal(made.status, 201, made.text)
  return made.body['data'].id
}

export async function book(
  house: House,
  buyer: Person,
  service: number,
  date: string,
  more: Json = {},
): Promise<number> {
  const json = { service, date, ...more }
  const made = await house.call('POST', '/api/v1/bookings/', { token: buyer.token, json })
  assert.equal(made.status, 201, made.text)
  return made.body['data'].id
}

export const invite = (house: House, person: Person, booking: number): Promise<Answer> =>
  house.call('POST', '/api/v1/bookings/google-meet-invitation/', { token: person.token, json: { booking_id: booking } })

/** Does what waits; a job that fails is left to its next try. */
export async function work(house: House): Promise<void> {
  for (;;) {
    try {
      await house.drain()
      return
    } catch {
      // Tried again later, as a worker would.
    }
  }
}

/** The starts of a day that are free, in UTC. */
export async function freeStarts(house: House, service: number, day: string): Promise<string[]> {
  const answer = await house.call('GET', `/api/v1/services/${service}/slots/?from=${day}&to=${day}&time_zone=UTC`)
  assert.equal(answer.status, 200, answer.text)
  return answer.body['data'].results.map((slot: Json) => slot['start'])
}

/** Connects a person's Google calendar, as they would: they begin, consent on Google's page, and come back. */
export async function connect(
  house: House,
  google: { consents: { consent: (url: string, account: string) => { code: string; state: string } } },
  person: Person,
  account: string,
): Promise<void> {
  const begun = await house.call('POST', '/api/v1/google/connect/', { token: person.token })
  assert.equal(begun.status, 200, begun.text)
  const { code, state } = google.consents.consent(begun.body['data'].authorization_url, account)
  const done = await house.call('POST', '/api/v1/google/callback/', { token: person.token, json: { code, state } })
  assert.equal(done.status, 200, done.text)
  await work(house)
}

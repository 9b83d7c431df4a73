import assert from 'node:assert/strict'
import { moveToPast } from '../../../test/past.ts'
import type { Answer, House, Person } from '../../../test/support.ts'

export type Json = Answer['body']

const hoursOf = { start_time: '00:00', end_time: '23:59', time_zone: 'UTC' }

/** Opens a provider all day long and offers an hour of theirs every half hour. */
export async function openShop(house: House, provider: Person, fields: Json = {}): Promise<number> {
  await openAllDay(house, provider)
  const json = { title: 'Massage', description: 'An hour', price: 50, payment: 'on_site', ...fields }
  const made = await house.call('POST', '/api/v1/services/', { token: provider.token, json })
  assert.equal(made.status, 201, made.text)
  return made.body['data'].id
}

export async function openAllDay(house: House, provider: Person): Promise<void> {
  for (let weekday = 1; weekday <= 7; weekday++) {
    const json = { kind: 'weekly', weekday, ...hoursOf }
    const made = await house.call('POST', '/api/v1/schedules/', { token: provider.token, json })
    assert.equal(made.status, 201, made.text)
  }
}

/** A booking that is over: booked as people do, then moved so many days into the past, since nobody waits for it here. */
export async function pastBooking(
  house: House,
  buyer: Person,
  service: number,
  date: string,
  { status = 'completed', daysAgo = 1, ...more }: Json = {},
): Promise<number> {
  const json = { service, date, ...more }
  const booked = await house.call('POST', '/api/v1/bookings/', { token: buyer.token, json })
  assert.equal(booked.status, 201, booked.text)
  const { id } = booked.body['data']
  await moveToPast(house, id, status, daysAgo)
  return id
}

export const review = (house: House, who: Person | null, booking: number, json: Json): Promise<Answer> =>
  house.call('POST', `/api/v1/bookings/${booking}/review/`, { token: who?.token, json })

export const ruleOf = ({ status, body }: Answer): string =>
  `${status} ${body['error']?.details?.[0]?.rule ?? body['error']?.error_number ?? ''}`.trim()

export const summaryOf = async (house: House, page: string): Promise<Json> =>
  (await house.call('GET', `/api/v1/public/${page}/reviews/summary/`)).body['data']

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

/** Makes somebody a member of an organization by the invitation in their mail. */
export async function join(
  house: House,
  owner: Person,
  organizationId: string,
  person: Person,
  role = 'employee',
): Promise<void> {
  const invited = await house.call('POST', `/api/v1/organizations/${organizationId}/invitations/`, {
    token: owner.token,
    json: { email: person.email, role },
  })
  assert.equal(invited.status, 201, invited.text)
  await house.drain()
  const mail = (await house.mails(person.email)).find(({ text }) => text.includes('/invitations/'))!
  const token = decodeURIComponent(/invitations\/\?token=([^\s"&<]+)/.exec(mail.text)![1]!)
  const accepted = await house.call('POST', '/api/v1/organizations/invitations/accept/', {
    token: person.token,
    json: { token },
  })
  assert.equal(accepted.status, 200, accepted.text)
}

/** A salon of the owner; answers its id. */
export async function openSalon(house: House, owner: Person, name: string, slug: string): Promise<string> {
  const made = await house.call('POST', '/api/v1/organizations/', {
    token: owner.token,
    json: { name, slug, time_zone: 'UTC' },
  })
  assert.equal(made.status, 201, made.text)
  return made.body['data'].id
}

export const kindsOf = async (house: House, person: Person): Promise<string[]> =>
  (await house.call('GET', '/api/v1/notifications/', { token: person.token })).body['data'].results.map(
    (row: Json) => row['kind'],
  )

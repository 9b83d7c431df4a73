import assert from 'node:assert/strict'
import type { Answer, Person } from '../support.ts'
import type { Json, Town } from './town.ts'

/** A salon of a town: its owner, masters who work every day from 08:00 to 20:00 UTC, and what it takes to open more. */
export type Salon = {
  owner: Person
  masters: Person[]
  organization_id: string
  room: (name: string) => Promise<string>
  /** A service of the salon by these masters, an hour long and paid on the spot. */
  offer: (staff: Person[], fields?: Json) => Promise<number>
}

/** The data of an answer that must be a success. */
export async function ok(answer: Promise<Answer>): Promise<Json> {
  const { status, body, text } = await answer
  assert.ok(status === 200 || status === 201, text)
  return body['data']
}

/** An hour of a day from now on, in UTC, as an instant. */
export const at = (days: number, hour: number, minute = 0): string =>
  Temporal.Now.plainDateISO('UTC')
    .add({ days })
    .toZonedDateTime({ timeZone: 'UTC', plainTime: { hour, minute } })
    .toInstant()
    .toString()

/** Opens every day of a person. */
export async function openHours(town: Town, person: Person): Promise<void> {
  for (let weekday = 1; weekday <= 7; weekday++) {
    const json = { kind: 'weekly', weekday, start_time: '08:00', end_time: '20:00', time_zone: 'UTC' }
    await ok(town.call('POST', '/schedules/', { token: person.token, json }))
  }
}

export async function openSalon(town: Town, masters: number): Promise<Salon> {
  const owner = await town.person('customer')
  const json = { name: 'Lavender Spa', time_zone: 'UTC' }
  const organization_id: string = (await ok(town.call('POST', '/organizations/', { token: owner.token, json })))['id']
  const post = (path: string, fields: Json): Promise<Json> =>
    ok(town.call('POST', path, { token: owner.token, json: { organization_id, ...fields } }))
  const hire = async (): Promise<Person> => {
    const person = await town.person('provider')
    // A member by the back door: the mail of an invitation is not what these journeys are about.
    await town.rows(
      `INSERT INTO memberships (organization_id, user_id, role, joined_at) VALUES ($1, $2, 'employee', now())`,
      [organization_id, person.id],
    )
    await openHours(town, person)
    return person
  }
  const hired = await Promise.all(Array.from({ length: masters }, hire))
  return {
    owner,
    masters: hired,
    organization_id,
    room: async (name) => (await post('/rooms/', { name, capacity: 2 }))['id'],
    offer: async (staff, fields = {}) => {
      const basic = { title: 'Massage', description: 'An hour', price: 50, payment: 'on_site' }
      return (await post('/services/', { ...basic, staff: staff.map(({ id }) => id), ...fields }))['id']
    },
  }
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'
import { book, openHours, type Json } from './support.fixture.ts'

const house = await openHouse()
const owner = await house.person('customer')
const customer = await house.person('customer')
const another = await house.person('customer')

const ask = async (method: 'GET' | 'POST', path: string, who: Person, json?: Json): Promise<Answer> =>
  house.call(method, `/api/v1/${path}`, { token: who.token, ...(json ? { json } : {}) })

const organization_id: string = (await ask('POST', 'organizations/', owner, { name: 'Spa', time_zone: 'UTC' })).body[
  'data'
].id

async function master(): Promise<Person> {
  const person = await house.person('provider')
  // A member by the back door: invitations are not what these tests are about.
  await sql`INSERT INTO memberships (organization_id, user_id, role, joined_at) VALUES (${organization_id}::uuid, ${person.id}, 'employee', ${house.ctx().now}::timestamptz)`.execute(
    house.house.db,
  )
  await openHours(house, person)
  return person
}

async function salon(masters: number, fields: Json = {}): Promise<{ service: number; masters: Person[] }> {
  const staff: Person[] = []
  for (let i = 0; i < masters; i++) staff.push(await master())
  const json = { title: 'Massage', description: 'x', price: 40, payment: 'on_site', organization_id }
  const made = await ask('POST', 'services/', owner, { ...json, staff: staff.map(({ id }) => id), ...fields })
  assert.equal(made.status, 201, made.text)
  return { service: made.body['data'].id, masters: staff }
}

const series = (service: number, date: string, recurrence_rule: string, more: Json = {}, who = customer) =>
  ask('POST', 'bookings/series/', who, { service, date, recurrence_rule, ...more })
const givers = (answer: Answer): number[] => answer.body['data'].bookings.map((one: Json) => one['provider'].id)

test('one master gives all bookings of a series where one can, else whoever can give most, and others the rest', async () => {
  const { service, masters } = await salon(3)
  const [first, second] = masters as [Person, Person, Person]
  await book(house, another, service, '2026-01-26T10:00:00Z', { provider_id: first.id })
  await book(house, another, service, '2026-02-02T10:00:00Z', { provider_id: second.id })

  const whole = await series(service, '2026-01-19T10:00:00Z', 'FREQ=WEEKLY;COUNT=3')
  const mixed = await series(service, '2026-01-19T10:00:00Z', 'FREQ=WEEKLY;COUNT=4')
  const idle = await salon(3)
  const spread = await series(idle.service, '2026-01-19T12:00:00Z', 'FREQ=WEEKLY;COUNT=3', { same_provider: false })

  assert.deepEqual(
    givers(whole),
    Array.from({ length: 3 }, () => masters[2]!.id),
  )
  assert.equal(mixed.status, 201, mixed.text)
  assert.equal(new Set(givers(mixed)).size, 2)
  assert.equal(new Set(givers(spread)).size, 3, spread.text)
})

test('a series wants one room, keeps to one where it can, and names when none is free', async () => {
  const rooms: string[] = []
  for (const name of ['Lilac', 'Mint'])
    rooms.push((await ask('POST', 'rooms/', owner, { name, capacity: 2, organization_id })).body['data'].id)
  const { service } = await salon(3, { room_ids: rooms })
  await book(house, another, service, '2026-01-26T10:00:00Z', { room_id: rooms[0] })

  const kept = await series(service, '2026-01-19T10:00:00Z', 'FREQ=WEEKLY;COUNT=3', { room_id: rooms[1] })
  const shown = await ask('POST', 'bookings/series/preview/', customer, {
    service,
    date: '2026-01-19T10:00:00Z',
    recurrence_rule: 'FREQ=WEEKLY;COUNT=3',
  })

  assert.equal(kept.status, 201, kept.text)
  assert.deepEqual(
    shown.body['data'].occurrences.map((one: Json) => one['room']?.name ?? one['refusal'].rule),
    ['Lilac', 'D11', 'Lilac'],
  )
})

test('a group is joined week by week, and a full one is named', async () => {
  const { service } = await salon(1, { capacity: 3 })
  await series(service, '2026-01-20T10:00:00Z', 'FREQ=WEEKLY;COUNT=3', {}, another)
  await book(house, another, service, '2026-01-27T10:00:00Z')

  const two = await series(service, '2026-01-20T10:00:00Z', 'FREQ=WEEKLY;COUNT=3', { seats: 2 })
  const one = await series(service, '2026-01-20T10:00:00Z', 'FREQ=WEEKLY;COUNT=3', { seats: 1 })
  const { id } = one.body['data']
  const moved = await ask('POST', `bookings/series/${id}/move/`, customer, { date: '2026-01-20T12:00:00Z' })
  const back = await ask('POST', `bookings/series/${id}/move/`, customer, { date: '2026-01-20T10:00:00Z' })

  assert.equal(two.status, 409)
  assert.deepEqual(
    two.body['error'].details.map((detail: Json) => [detail['rule'], detail['params'].date]),
    [['D10', '2026-01-27T10:00:00Z']],
  )
  assert.equal(one.status, 201, one.text)
  assert.deepEqual([moved.status, back.status], [200, 200], back.text)
  const sessions = await sql<{ seats_taken: number }>`
    SELECT seats_taken FROM booking_sessions WHERE service_id = ${service} AND seats_taken > 0 ORDER BY starts_at`.execute(
    house.house.db,
  )
  assert.deepEqual(
    sessions.rows.map((row) => row.seats_taken),
    [2, 3, 2],
  )
})

test('a master sees and changes what they give of a series, an admin of the salon all of it', async () => {
  const { service, masters } = await salon(2)
  const made = await series(service, '2026-01-21T10:00:00Z', 'FREQ=WEEKLY;COUNT=4', { same_provider: false })
  const { id } = made.body['data']

  const own = await ask('GET', `bookings/series/${id}/`, masters[0]!)
  const all = await ask('GET', `bookings/series/${id}/`, owner)
  const listed = await ask('GET', `bookings/series/?organization_id=${organization_id}&service=${service}`, owner)
  const left = await ask('POST', `bookings/series/${id}/cancel/`, masters[0]!, {})

  assert.deepEqual([own.body['data'].bookings.length, all.body['data'].bookings.length], [2, 4])
  assert.equal(listed.body['data'].count, 1)
  assert.equal((await ask('GET', `bookings/series/?organization_id=${organization_id}`, masters[0]!)).status, 403)
  assert.equal(left.status, 200, left.text)
  const after = await ask('GET', `bookings/series/${id}/`, owner)
  assert.equal(after.body['data'].bookings.filter((one: Json) => one['status'] === 'confirmed').length, 2)
})

test('a service with a series to come is not archived, and each of its bookings is named', async () => {
  const { service } = await salon(1)
  const { id } = (await series(service, '2026-01-22T10:00:00Z', 'FREQ=WEEKLY;COUNT=3')).body['data']

  const refused = await house.call('DELETE', `/api/v1/services/${service}/`, { token: owner.token })

  assert.equal(refused.status, 409)
  assert.deepEqual(
    refused.body['error'].details.map((detail: Json) => detail['params'].series_id),
    [id, id, id],
  )
})

test('bookings that last longer than the way to the next do not stand in each other’s way with two masters', async () => {
  const { service } = await salon(2, { duration_minutes: 240, buffer_after_minutes: 1440 })

  const alone = await series(service, '2026-01-23T10:00:00Z', 'FREQ=DAILY;COUNT=2')
  const more = await series(service, '2026-02-02T10:00:00Z', 'FREQ=DAILY;COUNT=3')

  assert.equal(alone.status, 201, alone.text)
  assert.equal(new Set(givers(alone)).size, 2)
  assert.deepEqual([more.status, new Set(givers(more)).size], [201, 2], more.text)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'
import { claim, factsOf, resourcesFor, type Source } from './index.ts'

const house = await openHouse()

type Body = Record<string, unknown>
const monday = { kind: 'weekly', weekday: 1, start_time: '09:00', end_time: '17:00' }
const add = (person: Person, json: Body, query = ''): Promise<Answer> =>
  house.call('POST', `/api/v1/schedules/${query}`, { token: person.token, json })
const change = (method: 'PUT' | 'DELETE', person: Person, path: string, json?: Body): Promise<Answer> =>
  house.call(method, `/api/v1/schedules/${path}`, { token: person.token, ...(json ? { json } : {}) })

let sessions = 0
/** A provider in Kyiv (UTC+2 in winter) with hours on Monday, and one session on 2026-01-19 from 10:00 to 11:00 there. */
async function bookedProvider(source: Source['kind'] = 'booking_session', expiresAt: string | null = null) {
  const anna = await house.person('provider', { time_zone: 'Europe/Kyiv' })
  const hours = (await add(anna, monday)).body['data'].id as number
  const [resource] = await resourcesFor(house.ctx(), [{ userId: anna.id }])
  const id = `session-${++sessions}`
  const [from, to] = ['2026-01-19T08:00:00Z', '2026-01-19T09:00:00Z'].map((time) => Temporal.Instant.from(time))
  await claim(house.ctx(), {
    source: { kind: source, id },
    claims: [{ resourceId: resource!, from: from!, to: to!, exclusive: true }],
    expiresAt: expiresAt === null ? null : Temporal.Instant.from(expiresAt),
  })
  return { anna, hours, id, resource: resource! }
}

test('a change that would strand a booking is refused and names it; forced, it is made', async () => {
  const { anna, hours, id } = await bookedProvider()
  const named = [
    {
      rule: 'stranded',
      message: 'A booking stands at this time',
      params: { starts_at: '2026-01-19T08:00:00Z', ends_at: '2026-01-19T09:00:00Z', source_id: id },
    },
  ]

  const refused = [
    await change('DELETE', anna, `${hours}/`),
    await change('PUT', anna, `${hours}/`, { ...monday, start_time: '10:30' }),
    await change('PUT', anna, `${hours}/`, { ...monday, weekday: 2 }),
    await add(anna, { kind: 'override', date: '2026-01-19', intervals: [] }),
    await add(anna, { kind: 'override', date: '2026-01-19', intervals: [{ start_time: '12:00', end_time: '20:00' }] }),
    await add(anna, { kind: 'time_off', starts_at: '2026-01-19T10:59', ends_at: '2026-01-25T00:00' }),
    await change('PUT', anna, 'time-zone/', { time_zone: 'Asia/Tokyo' }),
  ]

  for (const answer of refused) {
    assert.equal(answer.status, 409, answer.text)
    assert.deepEqual(answer.body['error'].details, named)
  }
  const kept = await house.call('GET', `/api/v1/schedules/`, { token: anna.token })
  assert.deepEqual(
    kept.body['data'].results.map((row: Body) => [row['start_time'], row['time_zone']]),
    [['09:00', 'Europe/Kyiv']],
  )
  assert.equal((await add(anna, { kind: 'override', date: '2026-01-19', intervals: [] }, '?force=true')).status, 201)
  assert.equal((await change('DELETE', anna, `${hours}/?force=true`)).status, 200)
})

test('a change that leaves the booking within open hours is made', async () => {
  const { anna, hours } = await bookedProvider()

  const made = [
    await change('PUT', anna, `${hours}/`, { ...monday, start_time: '10:00', end_time: '11:00' }),
    await add(anna, { kind: 'override', date: '2026-01-26', intervals: [] }),
    await add(anna, { kind: 'override', date: '2026-01-19', intervals: [{ start_time: '09:30', end_time: '11:00' }] }),
    await change('DELETE', anna, `${hours}/`),
    await add(anna, { kind: 'time_off', starts_at: '2026-01-19T11:00', ends_at: '2026-01-25T00:00' }),
  ]

  assert.deepEqual(
    made.map(({ status }) => status),
    [200, 201, 201, 200, 201],
  )
})

test('what was outside the hours before strands nobody, nor does what is past, expired or no booking', async () => {
  const offHours = await bookedProvider()
  await change('DELETE', offHours.anna, `${offHours.hours}/?force=true`)
  const event = await bookedProvider('event')
  const held = await bookedProvider('booking_session', '2026-01-12T08:00:00Z')
  const past = await bookedProvider()

  const night = await add(offHours.anna, {
    kind: 'time_off',
    starts_at: '2026-01-19T00:00',
    ends_at: '2026-01-20T00:00',
  })
  const ofEvent = await change('DELETE', event.anna, `${event.hours}/`)
  const ofHold = await change('DELETE', held.anna, `${held.hours}/`)

  assert.deepEqual([night.status, ofEvent.status, ofHold.status], [201, 200, 200])
  house.pass({ days: 8 })
  const token = await house.call('POST', '/api/v1/auth/login/', {
    json: { email: past.anna.email, password: past.anna.password },
  })
  const later = await change('DELETE', { ...past.anna, token: token.body['data'].access }, `${past.hours}/`)
  assert.equal(later.status, 200, later.text)
})

test('each change of a schedule tells another version, and every process that its slots have changed', async () => {
  const { anna, hours, resource } = await bookedProvider('event')
  const heard: unknown[] = []
  await house.house.realtime.start()
  const stop = house.house.realtime.subscribe('slots', (message) => heard.push(message))
  const from = Temporal.Instant.from('2026-01-19T00:00:00Z')
  const version = async () =>
    (await factsOf(house.ctx(), [resource], from, from.add({ hours: 24 }))).get(resource)!.version
  const versions = [await version()]
  // What changes in one moment is told as one.
  const told = async (times: number) => {
    for (let wait = 0; heard.length < times && wait < 500; wait++)
      await new Promise((resolve) => setTimeout(resolve, 20))
  }

  await change('PUT', anna, `${hours}/`, { ...monday, start_time: '08:00' })
  await told(1)
  versions.push(await version())
  await change('PUT', anna, `${hours}/`, { ...monday, start_time: '08:00', end_time: '08:00' })
  assert.equal(await version(), versions[1])
  await change('DELETE', anna, `${hours}/`)
  versions.push(await version())

  assert.equal(new Set(versions).size, 3)
  await told(2)
  stop()
  assert.deepEqual(heard, [{ resource_ids: [resource] }, { resource_ids: [resource] }])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openHouse, type Person } from '../../../test/support.ts'
import { book, offer, slotsOf, type Json } from './support.fixture.ts'

// What the slots list, a preview finds free and a series books: the same, in random worlds. SERIES_SEED makes others.

const seed = Number(process.env['SERIES_SEED'] ?? 20261121)
const worlds = Number(process.env['SERIES_WORLDS'] ?? 12)
const random = mulberry(seed)
const below = (n: number): number => Math.floor(random() * n)
const pick = <T>(list: readonly T[]): T => list[below(list.length)]!

function mulberry(a: number): () => number {
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const house = await openHouse()
const customer = await house.person('customer')
const other = await house.person('customer')
// Clocks change there within the weeks that are asked for.
const zones = ['Europe/Kyiv', 'America/New_York', 'Australia/Lord_Howe', 'UTC', 'Africa/Casablanca']
const hour = (n: number): string => `${String(n).padStart(2, '0')}:00`

async function openAtRandom(provider: Person, time_zone: string): Promise<void> {
  const post = (json: Json) =>
    house.call('POST', '/api/v1/schedules/', { token: provider.token, json: { ...json, time_zone } })
  for (let weekday = 1; weekday <= 7; weekday++)
    if (random() < 0.85) {
      const from = below(14)
      await post({ kind: 'weekly', weekday, start_time: hour(from), end_time: hour(from + 4 + below(6)) })
    }
  const day = Temporal.PlainDate.from('2026-03-10').add({ days: below(40) })
  const ends_at = `${day.add({ days: 1 + below(4) }).toString()}T10:00`
  await post({ kind: 'time_off', starts_at: `${day.toString()}T08:00`, ends_at })
  await post({ kind: 'override', date: day.add({ days: 8 }).toString(), intervals: [] })
}

const owner = await house.person('customer')
const spa = await house.call('POST', '/api/v1/organizations/', { token: owner.token, json: { name: 'Spa' } })
const organization_id: string = spa.body['data'].id

/** Busy time of another calendar: half an hour of every three and a half. */
const beBusy = (userId: number) =>
  sql`
  INSERT INTO claims (resource_id, during, exclusive, source_kind, source_id, created_at)
  SELECT r.id, tstzrange('2026-03-09T00:00Z'::timestamptz + make_interval(mins => n * 210), '2026-03-09T00:30Z'::timestamptz + make_interval(mins => n * 210)),
    false, 'import', 'calendar', now() FROM resources r, generate_series(0, 400) n WHERE r.user_id = ${userId}`.execute(
    house.house.db,
  )

/** Two masters of a salon and one room for both, which an event takes now and then. */
async function openSalon(zone: string): Promise<Json> {
  const staff: number[] = []
  for (let i = 0; i < 2; i++) {
    const person = await house.person('provider')
    await sql`INSERT INTO memberships (organization_id, user_id, role, joined_at) VALUES (${organization_id}::uuid, ${person.id}, 'employee', now())`.execute(
      house.house.db,
    )
    await openAtRandom(person, zone)
    await beBusy(person.id)
    staff.push(person.id)
  }
  const json = { name: 'Room', capacity: 3, organization_id }
  const room: string = (await house.call('POST', '/api/v1/rooms/', { token: owner.token, json })).body['data'].id
  for (const day of [10, 17, 24, 31]) {
    const event = {
      title: 'Cleaning',
      organization_id,
      room_id: room,
      start_time: `2026-03-${day}T${hour(8 + below(4))}:00Z`,
      end_time: `2026-03-${day}T${hour(13 + below(4))}:00Z`,
    }
    assert.equal((await house.call('POST', '/api/v1/events/', { token: owner.token, json: event })).status, 201)
  }
  return { organization_id, staff, room_ids: [room] }
}

/** A service by one or two people, with random hours, buffers and bookings of others. */
async function worldOf(): Promise<{ service: number; zone: string; seats: number }> {
  const zone = pick(zones)
  const capacity = random() < 0.4 ? 2 + below(2) : 1
  const fields = {
    duration_minutes: 30 * (1 + below(4)),
    slot_step_minutes: pick([30, 60]),
    buffer_before_minutes: pick([0, 30, 45]),
    buffer_after_minutes: pick([0, 30]),
    max_advance_days: pick([null, 90]),
    capacity,
  }
  let service: number
  if (random() < 0.5) service = await offer(house, owner, { ...fields, ...(await openSalon(zone)) })
  else {
    const provider = await house.person('provider')
    await openAtRandom(provider, zone)
    await beBusy(provider.id)
    service = await offer(house, provider, fields)
  }
  const listed = await slotsOf(house, service, '2026-03-10', '2026-04-10')
  for (let i = 0; i < 12 && listed.length > 0; i++) await book(house, other, service, pick(listed)['start'])
  return { service, zone, seats: 1 + below(capacity) }
}

const rules = (): string =>
  pick([
    `FREQ=WEEKLY;COUNT=${2 + below(5)}`,
    `FREQ=DAILY;COUNT=${2 + below(12)}`,
    `FREQ=DAILY;INTERVAL=${2 + below(3)};COUNT=6`,
    `FREQ=WEEKLY;BYDAY=MO,WE,SA;COUNT=8`,
    'FREQ=MONTHLY;COUNT=3',
  ])

const counts = { free: 0, refused: 0 }

test(`a series can be booked where slots are listed, and nowhere else, in random worlds (seed ${seed})`, async () => {
  for (let n = 0; n < worlds; n++) {
    const { service, zone, seats } = await worldOf()
    const listed = await slotsOf(house, service, '2026-03-08', '2026-06-05', `&seats=${seats}`)
    const isListed = new Set(listed.map((slot) => slot['start'] as string))
    if (listed.length === 0) continue
    const wish = (): Json => ({
      service,
      seats,
      time_zone: zone,
      date: pick(listed.slice(0, Math.ceil(listed.length / 3)))['start'],
      recurrence_rule: rules(),
    })
    let json = wish()
    const ask = (path: string, more: Json = {}) =>
      house.call('POST', `/api/v1/bookings/series/${path}`, { token: customer.token, json: { ...json, ...more } })
    let where = ''
    let occurrences: Json[] = []
    let free: string[] = []
    for (let i = 0; i < 10; i++) {
      json = wish()
      where = `seed ${seed}, world ${n}: ${JSON.stringify(json)}`
      const shown = await ask('preview/')
      assert.equal(shown.status, 200, `${where} ${shown.text}`)
      occurrences = shown.body['data'].occurrences
      free = occurrences.filter((one) => one['refusal'] === null).map((one) => one['date'])
      // The list ends there: of later ones it tells nothing.
      const dates = occurrences.map((one) => one['date'] as string).filter((date) => date < '2026-06-05')
      const found = dates.filter((date) => free.includes(date))
      const listedOnes = dates.filter((date) => isListed.has(date))
      assert.deepEqual(found, listedOnes, where)
    }
    const refused = occurrences.filter((one) => one['refusal'] !== null)

    const whole = await ask('')
    if (refused.length > 0)
      assert.deepEqual(
        whole.body['error'].details.map((one: Json) => [one['params'].date, one['rule'], one['params'].code]),
        refused.map((one) => [one['date'], one['refusal'].rule, one['refusal'].code]),
        where,
      )
    const booked = refused.length > 0 ? await ask('', { clashes: 'skip' }) : whole
    assert.equal(booked.status, 201, `${where} ${booked.text}`)
    assert.deepEqual(
      booked.body['data'].bookings.map((one: Json) => one['date']),
      free,
      where,
    )
    counts.free += free.length
    counts.refused += refused.length
  }
  assert.ok(counts.free > worlds && counts.refused > worlds / 2, JSON.stringify(counts))
})

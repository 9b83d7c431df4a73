import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer, Person } from '../support.ts'
import { violations } from './invariants.ts'
import { ok } from './salon.ts'
import { openTown, type Json } from './town.ts'

// What is listed can be booked, what is not is refused by the rule that `explain` names (TIME.md section 1). Random schedules in weeks
// in which clocks change; JOURNEY_SEED and JOURNEY_SECONDS make other and longer runs.

const seed = Number(process.env['JOURNEY_SEED'] ?? 20261121)
const budget = Number(process.env['JOURNEY_SECONDS'] ?? 14) * 1000
const town = await openTown(1)
const random = mulberry(seed)
const below = (n: number): number => Math.floor(random() * n)
const pick = <T>(list: readonly T[]): T => list[below(list.length)]!
const chance = (p: number): boolean => random() < p

/** A small generator of random numbers with a seed: a failed run is repeated by its seed. */
function mulberry(a: number): () => number {
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const zones = [
  'Europe/Kyiv',
  'America/New_York',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Asia/Kolkata',
  'UTC',
  'America/St_Johns',
  'Africa/Casablanca',
]
const owner = await town.person('customer')
const customers: Person[] = [await town.person('customer'), await town.person('customer')]
const organization_id: string = (
  await ok(town.call('POST', '/organizations/', { token: owner.token, json: { name: 'Spa' } }))
)['id']

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

/** The date of the next change of the clocks in the zone, or of some day. */
function changeIn(zone: string): Temporal.PlainDate {
  const now = Temporal.Now.zonedDateTimeISO(zone)
  const change = chance(0.7) ? now.getTimeZoneTransition('next') : null
  const date = change?.toPlainDate() ?? now.toPlainDate().add({ days: 3 + below(60) })
  return Temporal.PlainDate.compare(date, now.toPlainDate().add({ days: 400 })) > 0
    ? now.toPlainDate().add({ days: 9 })
    : date
}

/** Random entries for a person or a room; those that contradict others are refused and left out. */
async function schedule(token: string, zone: string, middle: Temporal.PlainDate, whose: Json = {}): Promise<void> {
  const post = (json: Json): Promise<Answer> =>
    town.call('POST', '/schedules/?force=true', { token, json: { ...json, ...whose, time_zone: zone } })
  const hours = (): Json => {
    const from = below(96) * 15
    const length = 60 + below(48) * 15
    return { start_time: clock(from), end_time: from + length === 1440 ? '24:00' : clock((from + length) % 1440) }
  }
  for (let weekday = 1; weekday <= 7; weekday++)
    for (let i = 0; i <= below(2); i++) await post({ kind: 'weekly', weekday, ...hours() })
  const near = (): string => middle.add({ days: below(5) - 2 }).toString()
  if (chance(0.6)) await post({ kind: 'override', date: near(), intervals: chance(0.3) ? [] : [hours()] })
  if (chance(0.6))
    await post({
      kind: 'time_off',
      starts_at: `${near()}T10:00`,
      ends_at: `${middle.add({ days: 2 }).toString()}T${clock(below(1440))}`,
    })
  if (chance(0.6))
    await post({ kind: 'slot', starts_at: `${near()}T03:10`, ends_at: `${middle.add({ days: 3 }).toString()}T05:00` })
}

type World = {
  service: number
  zone: string
  token: string
  middle: Temporal.PlainDate
  capacity: number
  duration: number
}

async function worldOf(): Promise<World> {
  const zone = pick(zones)
  const middle = changeIn(zone)
  const salon = chance(0.5)
  const people = [await town.person('provider'), ...(salon ? [await town.person('provider')] : [])]
  const rooms: string[] = []
  if (salon) {
    for (const { id } of people)
      await town.rows(
        `INSERT INTO memberships (organization_id, user_id, role, joined_at) VALUES ($1, $2, 'employee', now())`,
        [organization_id, id],
      )
    for (let i = 0; i < below(3); i++) {
      const json = { name: 'Room', capacity: 3, organization_id }
      const room: string = (await ok(town.call('POST', '/rooms/', { token: owner.token, json })))['id']
      rooms.push(room)
      if (chance(0.5)) await schedule(owner.token, pick(zones), middle, { room_id: room })
    }
  }
  for (const { token } of people) await schedule(token, salon && chance(0.3) ? pick(zones) : zone, middle)
  // Busy time of another calendar, which overlaps what it likes.
  for (const { id } of people)
    await town.rows(
      `INSERT INTO claims (resource_id, during, exclusive, source_kind, source_id, created_at)
       SELECT r.id, tstzrange($2::timestamptz + make_interval(hours => n * 7), $2::timestamptz + make_interval(hours => n * 7 + 1)), false, 'import', 'calendar', now()
       FROM resources r, generate_series(0, $3::int) n WHERE r.user_id = $1`,
      [id, middle.subtract({ days: 1 }).toString(), below(4)],
    )
  const capacity = chance(0.4) ? 1 + below(4) : 1
  const duration = 15 * (1 + below(8))
  const json = {
    title: 'Random',
    description: 'Random',
    price: 10,
    payment: 'on_site',
    duration_minutes: duration,
    capacity,
    slot_step_minutes: pick([10, 15, 20, 30, 45, 60, 90]),
    buffer_before_minutes: pick([0, 0, 10]),
    buffer_after_minutes: pick([0, 0, 15]),
    min_notice_minutes: pick([0, 60, 3 * 1440]),
    max_advance_days: pick([null, null, 30, 300]),
    requires_approval: chance(0.3),
    ...(salon ? { organization_id, staff: people.map(({ id }) => id), room_ids: rooms } : {}),
  }
  const token = salon ? owner.token : people[0]!.token
  const service: number = (await ok(town.call('POST', '/services/', { token, json })))['id']
  return { service, zone, token, middle, capacity, duration }
}

const book = (world: World, date: string, seats: number, customer = customers[0]!): Promise<Answer> =>
  town.call('POST', '/bookings/', { token: customer.token, json: { service: world.service, date, seats } })

async function explained(world: World, seats: number): Promise<{ slots: Json[]; listed: Json[] }> {
  const span = `from=${world.middle.subtract({ days: 2 }).toString()}&to=${world.middle.add({ days: 2 }).toString()}&time_zone=${pick(zones)}&seats=${seats}`
  const slots = (
    await ok(town.call('GET', `/services/${world.service}/slots/?${span}&explain=true`, { token: world.token }))
  )['results']
  const listed = (await ok(town.call('GET', `/services/${world.service}/slots/?${span}`)))['results']
  assert.deepEqual(
    slots.filter((slot: Json) => !slot['refusal']).map((slot: Json) => slot['start']),
    listed.map((slot: Json) => slot['start']),
  )
  return { slots, listed }
}

const counts = { worlds: 0, accepted: 0, refused: 0, offGrid: 0 }

async function checkListed(world: World, listed: Json[], seats: number): Promise<void> {
  for (const slot of sample(listed, 12)) {
    const booked = await book(world, slot['start'], seats)
    assert.equal(booked.status, 201, `seed ${seed}, world ${counts.worlds}: ${JSON.stringify(slot)} ${booked.text}`)
    const { id, date, end, provider, room } = booked.body['data']
    assert.equal(date, slot['start'])
    assert.equal(end, slot['end'])
    assert.ok(slot['providers'].some((one: Json) => one['id'] === provider.id))
    if (slot['rooms'].length > 0 && room)
      assert.ok(world.capacity > 1 || slot['rooms'].some((one: Json) => one['id'] === room.id))
    await ok(town.call('DELETE', `/bookings/${id}/`, { token: customers[0]!.token }))
    counts.accepted++
  }
}

async function checkUnlisted(world: World, slots: Json[], seats: number): Promise<void> {
  const known = new Set(slots.map((slot) => slot['start']))
  for (const { start, refusal } of sample(
    slots.filter((slot) => slot['refusal']),
    10,
  ) as { start: string; refusal: Json }[]) {
    const answer = await book(world, start, seats)
    const where = `seed ${seed}, world ${counts.worlds}: ${start} ${JSON.stringify(refusal)} ${answer.text}`
    assert.equal(answer.status, /^D(9|10|11)$/.test(refusal['rule']) ? 409 : 400, where)
    assert.equal(answer.body['error'].details[0].rule, refusal['rule'], where)
    counts.refused++
  }
  // A day within the span that was asked for, which is that of another zone.
  for (let i = 0; i < 8; i++) {
    const { zone, middle } = world
    const start = middle
      .subtract({ days: 1 })
      .toZonedDateTime(zone)
      .toInstant()
      .add({ minutes: below(3 * 1440) })
      .toString()
    if (known.has(start)) continue
    const answer = await book(world, start, seats)
    assert.ok(
      [400, 409].includes(answer.status),
      `seed ${seed}, world ${counts.worlds}: off the list ${start} ${answer.text}`,
    )
    counts.offGrid++
  }
}

function sample<T>(list: readonly T[], most: number): T[] {
  const left = [...list]
  return Array.from({ length: Math.min(most, left.length) }, () => left.splice(below(left.length), 1)[0]!)
}

test(`every listed start is booked and every other one refused, in random worlds (seed ${seed})`, async () => {
  const until = performance.now() + budget
  while (performance.now() < until || counts.accepted <= 20 || counts.refused <= 20) {
    const world = await worldOf()
    counts.worlds++
    const seats = 1 + below(world.capacity)
    const first = await explained(world, 1)
    // Some of it is taken, and may be shared or not.
    for (const slot of sample(first.listed, 6)) await book(world, slot['start'], 1, customers[1])
    const { slots, listed } = await explained(world, seats)
    await checkListed(world, listed, seats)
    await checkUnlisted(world, slots, seats)
  }
  assert.deepEqual(await violations(town), {})
  console.log(JSON.stringify(counts))
})

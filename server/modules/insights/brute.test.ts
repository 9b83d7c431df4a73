import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { startOf } from './rules.ts'
import { openHouse, type Person } from '../../../test/support.ts'

/** Random bookings, changed at random, their figures counted once more by the simplest means: one booking after the other, each put on the calendar of the zone. */

let seed = 20260329
function random(most: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
  return Math.floor((seed / 4_294_967_296) * most)
}
const pick = <T>(values: readonly T[]): T => values[random(values.length)]!

const house = await openHouse()
const root = await house.person('super_admin')
const owner = await house.person('customer')
const providers = [await house.person('provider'), await house.person('provider')]
const customers = [await house.person('customer'), await house.person('customer'), owner]
const made = await house.call('POST', '/api/v1/organizations/', { token: owner.token, json: { name: 'Lavender Spa' } })
const organizationId: string = made.body['data'].id
const services: number[] = []
for (const provider of providers) {
  const json = { title: 'Massage', description: 'An hour', price: 50, payment: 'on_site' }
  services.push((await house.call('POST', '/api/v1/services/', { token: provider.token, json })).body['data'].id)
}

const statuses = ['pending', 'confirmed', 'cancelled', 'completed', 'no_show'] as const
type Row = {
  provider: Person
  customer: Person
  organization: string | null
  starts: Temporal.Instant
  minutes: number
  status: (typeof statuses)[number]
  reason: string | null
  price: number
  currency: string
  created: Temporal.Instant
}
const rows = new Map<number, Row>()
/** Around the nights in March in which the clocks of Europe and of New York go forward, and April's of Lord Howe. */
const somewhen = (): Temporal.Instant =>
  Temporal.Instant.from('2026-03-01T00:00Z').add({ minutes: random(45 * 24 * 4) * 15 })
const randomRow = (): Row => ({
  provider: pick(providers),
  customer: pick(customers),
  organization: pick([null, organizationId]),
  starts: somewhen(),
  minutes: 15 + random(10) * 5,
  status: pick(statuses),
  reason: pick([null, 'expired', 'ill']),
  price: 1000 + random(9000),
  currency: pick(['USD', 'JPY']),
  created: somewhen(),
})

async function insert(row: Row): Promise<void> {
  const at = row.starts.toString()
  const end = row.starts.add({ minutes: row.minutes }).toString()
  const service = services[providers.indexOf(row.provider)]!
  const session = await sql<{ id: number }>`
    INSERT INTO booking_sessions (service_id, provider_id, starts_at, ends_at, buffer_before, buffer_after, capacity, seats_taken, created_at)
    VALUES (${service}, ${row.provider.id}, ${at}, ${end}, 0, 0, 1, 0, ${at}) RETURNING id`.execute(house.house.db)
  const booking = await sql<{ id: number }>`
    INSERT INTO bookings (session_id, service_id, provider_id, organization_id, customer_id, starts_at, ends_at, seats, status, cancel_reason, title, price_minor,
      currency, payment, requires_approval, cancellation_policy, location_type, created_at, updated_at)
    VALUES (${session.rows[0]!.id}, ${service}, ${row.provider.id}, ${row.organization}, ${row.customer.id}, ${at}, ${end}, 1, ${row.status}, ${row.reason}, 'Massage',
      ${row.price}, ${row.currency}, 'on_site', false, '[]', 'in_person', ${row.created}, ${row.created}) RETURNING id`.execute(
    house.house.db,
  )
  rows.set(booking.rows[0]!.id, row)
}

async function change(id: number, row: Row): Promise<void> {
  const next: Row = {
    ...row,
    starts: pick([row.starts, somewhen()]),
    status: pick(statuses),
    reason: pick([null, 'expired']),
  }
  await sql`UPDATE bookings SET starts_at = ${next.starts}, ends_at = ${next.starts.add({ minutes: next.minutes })}, status = ${next.status},
    cancel_reason = ${next.reason} WHERE id = ${id}`.execute(house.house.db)
  rows.set(id, next)
}

for (let i = 0; i < 300; i++) {
  if (rows.size > 0 && random(3) === 0) {
    const [id, row] = pick([...rows])
    await change(id, row)
  } else await insert(randomRow())
  if (random(40) === 0) await house.house.jobs.run('insights.fold')
}
/** Of a whole statement at once, as the job that completes bookings makes them. */
await sql`UPDATE bookings SET status = 'completed' WHERE status = 'confirmed' AND id % 2 = 0`.execute(house.house.db)
for (const [id, row] of rows)
  if (row.status === 'confirmed' && id % 2 === 0) rows.set(id, { ...row, status: 'completed' })

type Owns = (row: Row) => boolean

function naive(owns: Owns, zone: string, interval: 'day' | 'week' | 'month', from: string, to: string) {
  const labelOf = (at: Temporal.Instant): string | null => {
    const date = at.toZonedDateTimeISO(zone).toPlainDate()
    if (date.toString() < from || date.toString() > to) return null
    if (interval === 'month') return `${date.toString().slice(0, 8)}01`
    return date.subtract({ days: interval === 'week' ? date.dayOfWeek - 1 : 0 }).toString()
  }
  const points = new Map<string, Record<string, number>>()
  const add = (label: string | null, name: string, by = 1): void => {
    if (label === null) return
    const point = points.getOrInsert(label, {})
    point[name] = (point[name] ?? 0) + by
  }
  for (const row of rows.values()) {
    if (!owns(row)) continue
    const label = labelOf(row.starts)
    add(label, 'total')
    add(label, row.status)
    if (row.status === 'cancelled') add(label, 'expired', row.reason === 'expired' ? 1 : 0)
    else {
      add(label, 'minutes', row.minutes)
      add(label, `booked ${row.currency}`, row.price)
    }
    add(labelOf(row.created), 'created')
  }
  return points
}

const scopes: { name: string; who: Person; query: string; owns: Owns }[] = [
  { name: 'the platform', who: root, query: '', owns: () => true },
  {
    name: 'an organization',
    who: owner,
    query: `&organization_id=${organizationId}`,
    owns: (row) => row.organization === organizationId,
  },
  { name: 'a provider', who: providers[0]!, query: '', owns: (row) => row.provider === providers[0] },
  { name: 'a customer', who: customers[0]!, query: '', owns: (row) => row.customer === customers[0] },
]
const names = ['total', 'pending', 'confirmed', 'completed', 'cancelled', 'no_show', 'expired', 'created', 'minutes']

async function compare(): Promise<void> {
  for (const { name, who, query, owns } of scopes)
    for (const zone of ['Europe/Kyiv', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'])
      for (const interval of ['day', 'week', 'month'] as const) {
        const [from, to] = ['2026-03-03', '2026-04-11']
        const url = `/api/v1/dashboard/analytics/?from=${from}&to=${to}&interval=${interval}&time_zone=${zone}${query}`
        const answer = await house.call('GET', url, { token: who.token })
        assert.equal(answer.status, 200, answer.text)
        const wanted = naive(owns, zone, interval, from, to)
        for (const point of answer.body['data'].points) {
          const counted = wanted.get(point.date) ?? {}
          const told: Record<string, number> = {}
          for (const field of names) if (point.bookings[field] !== 0) told[field] = point.bookings[field]
          for (const { currency, booked } of point.money)
            if (booked !== 0) told[`booked ${currency}`] = currency === 'USD' ? Math.round(booked * 100) : booked
          const nonZero = Object.fromEntries(Object.entries(counted).filter(([, value]) => value !== 0))
          assert.deepEqual(told, { ...nonZero }, `${name}, ${zone}, ${interval}, ${point.date}`)
          wanted.delete(point.date)
        }
        assert.deepEqual([...wanted.keys()], [], `${name}, ${zone}, ${interval}: nothing is left over`)
      }
}

test('Figures are what counting one booking after the other gives, in zones whose clocks change meanwhile', async () => {
  await compare()
})

test('They stay so when everything has been folded in, and when everything is counted anew', async () => {
  await house.house.jobs.run('insights.fold')
  const waiting = await sql<{ count: number }>`SELECT count(*) AS count FROM insight_changes`.execute(house.house.db)
  assert.equal(waiting.rows[0]!.count, 0)
  await compare()
  await sql`SELECT insights_rebuild()`.execute(house.house.db)
  await compare()
})

test('The points of a span add up to the figures of the span', async () => {
  for (const { name, who, query } of scopes) {
    const span = `from=2026-03-04&to=2026-04-09&time_zone=Europe/Kyiv${query}`
    const stats = await house.call('GET', `/api/v1/dashboard/stats/?${span}`, { token: who.token })
    const series = await house.call('GET', `/api/v1/dashboard/analytics/?interval=week&${span}`, { token: who.token })

    const { bookings } = stats.body['data']
    for (const field of names) {
      const sum = series.body['data'].points.reduce((total: number, point: any) => total + point.bookings[field], 0) // eslint-disable-line typescript/no-explicit-any -- an answer's body
      assert.equal(sum, bookings[field], `${name}: ${field}`)
    }
  }
})

test('New customers are those who had no booking before the span', async () => {
  const [provider] = providers
  const of = (from: string, to: string): Set<Person> =>
    new Set(
      [...rows.values()]
        .filter((row) => row.provider === provider && row.status !== 'cancelled')
        .filter((row) => row.starts.toString() >= from && row.starts.toString() < to)
        .map((row) => row.customer),
    )
  const inside = of('2026-03-03', '2026-03-06')
  const before = of('2000', '2026-03-03')

  const answer = await house.call('GET', '/api/v1/dashboard/stats/?from=2026-03-03&to=2026-03-05&time_zone=UTC', {
    token: provider!.token,
  })

  const returning = [...inside].filter((person) => before.has(person)).length
  assert.deepEqual(answer.body['data'].customers, { total: inside.size, new: inside.size - returning, returning })
})

test('In every zone there is, dates begin with a quarter of an hour', () => {
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    let at = new Temporal.ZonedDateTime(Temporal.Instant.from('2000-01-01T00:00Z').epochNanoseconds, zone)
    for (;;) {
      for (const days of [-1, 0, 1, 2])
        assert.equal(
          startOf(at.toPlainDate().add({ days }), zone).epochMilliseconds % 900_000,
          0,
          `${zone} ${at.toString()}`,
        )
      const next = at.getTimeZoneTransition('next')
      if (next === null || next.year > 2040) break
      at = next
    }
  }
})

import { Client } from 'pg'
import { askedProviders, type Town } from '../http/town.ts'

/** An office put into a town: the asking customer is its admin with ten calendars, the first providers are their colleagues. */
export type Office = {
  events: number
  rooms: number
  organizationId: string
  calendarIds: string[]
  colleagues: number[]
}

export const calendars = 10
export const people = 20
/** The month, the week and the hour that are asked about. */
export const month = ['2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z'] as const
export const week = ['2026-02-02T00:00:00Z', '2026-02-09T00:00:00Z'] as const
export const hour = ['2026-02-03T10:00:00Z', '2026-02-03T11:00:00Z'] as const

/** A UUID that a text and a number give, the same in both copies of the town. */
const id = (what: string, number: string): string => `md5('${what}' || ${number})::uuid`

/**
 * Puts an office into both copies. Of its events 20 % recur: one of twenty of these for ever, the others twelve weeks; they lie within a year on either side of now. Each person has
 * a meeting of half an hour every two hours of the working day, each room one every hour and a half, for ninety days.
 */
export async function openOffice(town: Town, events: number, rooms: number): Promise<Office> {
  const name = `office of ${events} events`
  for (const url of [town.url, town.replayUrl]) {
    const client = new Client({ connectionString: url, options: '-c statement_timeout=0 -c TimeZone=UTC' })
    await client.connect()
    for (const statement of statements(name, events, rooms)) await client.query(statement, [town.customer.id])
    await client.query('ANALYZE')
    await client.end()
  }
  const client = new Client({ connectionString: town.url })
  await client.connect()
  const { rows } = await client.query<{ id: string; calendars: string[]; people: string[] }>(
    `SELECT ${id(name, "''")} AS id, (SELECT array_agg(${id(`${name} calendar`, 'n')}::text) FROM generate_series(1, ${calendars}) n) AS calendars,
      (SELECT array_agg(id ORDER BY id) FROM (${colleagues}) c) AS people WHERE $1::bigint > 0`,
    [town.customer.id],
  )
  await client.end()
  const [found] = rows
  return {
    events,
    rooms,
    organizationId: found!.id,
    calendarIds: found!.calendars,
    colleagues: found!.people.map(Number),
  }
}

const colleagues = `SELECT id FROM users WHERE email LIKE '%@bench.example.com' AND role = 'provider' ORDER BY id LIMIT ${Math.min(people, askedProviders)}`

function statements(name: string, events: number, rooms: number): string[] {
  const organization = id(name, "''")
  const now = `'2026-01-12T08:00:00Z'::timestamptz`
  // Each is given the customer, whether or not it needs them.
  const given = `$1::bigint > 0`
  return [
    `INSERT INTO organizations (id, name, created_by, created_at, updated_at) VALUES (${organization}, '${name}', $1, ${now}, ${now})`,
    `INSERT INTO memberships (organization_id, user_id, role, joined_at)
     SELECT ${organization}, id, CASE id WHEN $1 THEN 'admin' ELSE 'employee' END, ${now} FROM (SELECT $1::bigint AS id UNION ALL SELECT id FROM (${colleagues}) c) m`,
    `INSERT INTO calendars (id, owner_id, organization_id, name, color, time_zone, created_at, updated_at)
     SELECT ${id(`${name} calendar`, 'n')}, $1, ${organization}, 'Calendar ' || n, '#336699', 'Europe/Kyiv', ${now}, ${now} FROM generate_series(1, ${calendars}) n`,
    `INSERT INTO rooms (id, organization_id, name, capacity, location, created_at, updated_at)
     SELECT ${id(`${name} room`, 'n')}, ${organization}, 'Room ' || n, 2 + n % 20, 'Floor ' || n % 5, ${now}, ${now} FROM generate_series(1, ${rooms}) n WHERE ${given}`,
    `INSERT INTO resources (kind, room_id, organization_id, time_zone)
     SELECT 'room', ${id(`${name} room`, 'n')}, ${organization}, 'UTC' FROM generate_series(1, ${rooms}) n WHERE ${given}`,
    `INSERT INTO claim_horizon (until) SELECT ${now} + interval '18 months' WHERE ${given} ON CONFLICT DO NOTHING`,
    `INSERT INTO events (id, calendar_id, uid, organizer_id, title, description, kind, time_zone, dtstart, duration_seconds, recurrence_rule, span, created_at, updated_at)
     SELECT ${id(`${name} event`, 'n')}, ${id(`${name} calendar`, `1 + n % ${calendars}`)}, 'bench-' || n, $1, 'Meeting ' || n, 'What it is about, in a sentence or two.', 'zoned', 'Europe/Kyiv',
       to_char(t AT TIME ZONE 'Europe/Kyiv', 'YYYY-MM-DD"T"HH24:MI:SS'), 1800 + n % 3 * 900,
       CASE WHEN n % 100 = 0 THEN 'FREQ=WEEKLY' WHEN n % 5 = 0 THEN 'FREQ=WEEKLY;COUNT=12' END,
       CASE WHEN n % 100 = 0 THEN tstzrange(t - interval '1 day', NULL) WHEN n % 5 = 0 THEN tstzrange(t - interval '1 day', t + interval '79 days') ELSE tstzrange(t - interval '1 day', t + interval '2 days') END,
       ${now}, ${now}
     FROM (SELECT n, date_trunc('day', ${now}) + (n::bigint * 7919 % 730 - 365) * interval '1 day' + (7 + n::bigint * 31 % 10) * interval '1 hour' AS t
       FROM generate_series(1, ${events}) n) e`,
    `INSERT INTO claims (resource_id, during, exclusive, source_kind, source_id, occurrence, created_at)
     SELECT r.id, tstzrange(t, t + interval '30 minutes'), r.room_id IS NOT NULL, 'event', ${id(`${name} event`, '1')}::text, t, ${now}
     FROM (SELECT id, room_id, CASE WHEN room_id IS NULL THEN 120 ELSE 90 END AS every FROM resources
       WHERE ${given} AND (organization_id = ${organization} OR user_id IN (SELECT id FROM (${colleagues}) c))) r
     CROSS JOIN generate_series(0, 89) d
     CROSS JOIN LATERAL generate_series(0, 599, r.every) m
     CROSS JOIN LATERAL (SELECT date_trunc('day', ${now}) + d * interval '1 day' + (480 + m + r.id % 3 * 15) * interval '1 minute' AS t) s`,
  ]
}

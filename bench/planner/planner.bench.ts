import { sql } from 'kysely'
import { closeHouses, openHouse, threeOf, threeOfWrites, type Ask, type House } from '../http/house.ts'
import { cpuOfProcess } from '../http/replay.ts'
import { small } from '../http/town.ts'
import type { Bench, Remote, Row, Subjects } from '../run.ts'
import { hour, month, openOffice, week, type Office } from './office.ts'

const sizes: [title: string, events: number, rooms: number, full: boolean][] = [
  ['5,000 events', 5000, 20, false],
  ['50,000 events', 50_000, 200, true],
]

/** A row that asks one thing of the API, and reads the same rows by one bare statement. */
type Reading = { name: string; path: (office: Office) => string; bare: (office: Office) => ReturnType<typeof sql> }

const span = ([from, to]: readonly [string, string]) => sql`tstzrange(${from}::timestamptz, ${to}::timestamptz)`
const readings: Reading[] = [
  {
    name: 'a month of 10 calendars, expanded',
    path: ({ calendarIds }) =>
      `events/?from=${month[0]}&to=${month[1]}&calendar_id=${calendarIds.join()}&page_size=100`,
    bare: ({ calendarIds }) => sql`
      SELECT * FROM events WHERE calendar_id = ANY (${calendarIds}::uuid[]) AND span && ${span(month)}`,
  },
  {
    name: 'free/busy of 20 people for a week',
    path: ({ colleagues }) => `events/free-busy/?user_id=${colleagues.join()}&from=${week[0]}&to=${week[1]}`,
    bare: ({ colleagues }) => sql`
      SELECT c.resource_id, lower(during), upper(during) FROM claims c JOIN resources r ON r.id = c.resource_id
      WHERE r.user_id = ANY (${colleagues}::bigint[]) AND during && ${span(week)}`,
  },
  {
    name: 'times for 20 people and a room of 10 in a week',
    path: ({ colleagues, organizationId }) =>
      `events/meeting-times/?user_id=${colleagues.join()}&from=${week[0]}&to=${week[1]}&duration_minutes=30&capacity=10&organization_id=${organizationId}&missing=10`,
    bare: ({ colleagues, organizationId }) => sql`
      SELECT c.resource_id, lower(during), upper(during) FROM claims c JOIN resources r ON r.id = c.resource_id
      WHERE (r.user_id = ANY (${colleagues}::bigint[]) OR r.organization_id = ${organizationId}::uuid) AND during && ${span(week)}`,
  },
  {
    name: 'rooms free in an hour',
    path: ({ organizationId }) => `rooms/available/?from=${hour[0]}&to=${hour[1]}&organization_id=${organizationId}`,
    bare: ({ organizationId }) => sql`
      SELECT * FROM rooms WHERE organization_id = ${organizationId}::uuid AND NOT EXISTS (
        SELECT FROM claims c JOIN resources r ON r.id = c.resource_id WHERE r.room_id = rooms.id AND during && ${span(hour)}) LIMIT 20`,
  },
]

const offices = new Map<number, Promise<{ house: House; office: Office }>>()
function open(events: number, rooms: number): Promise<{ house: House; office: Office }> {
  let found = offices.get(events)
  if (!found) {
    found = openHouse(small).then(async (house) => ({ house, office: await openOffice(house.town, events, rooms) }))
    offices.set(events, found)
  }
  return found
}

/** One statement by the driver of the product, its rows read as the product reads them. */
function bareRead({ app }: House, statement: ReturnType<typeof sql>): Remote {
  const { db } = app.contextFor('bench')
  return {
    parallel: 1,
    run: () => statement.execute(db),
    cpu: async () => {
      const { rows } = await sql<{ pid: number }>`
        SELECT pid FROM pg_stat_activity WHERE datname = current_database()`.execute(db)
      const { user, system } = process.cpuUsage()
      return (user + system) / 1000 + rows.reduce((sum, { pid }) => sum + cpuOfProcess(pid), 0)
    },
  }
}

let made = 0
/** Weekly series of twenty in a free room each: rooms are taken until 18:00, and these stand beside each other after it. */
const series = ({ rooms }: Office, roomIds: readonly string[], count: number): Ask[] =>
  Array.from({ length: count }, () => {
    const n = made++
    const slot = Math.floor(n / rooms)
    const start = Temporal.Instant.from('2026-02-02T18:45:00Z').add({
      hours: 24 * (slot % 7),
      minutes: 15 * Math.floor(slot / 7),
    })
    const body = {
      title: `Weekly ${n}`,
      start_time: start.toString(),
      end_time: start.add({ minutes: 15 }).toString(),
      recurrence_rule: 'FREQ=WEEKLY;COUNT=20',
      room_id: roomIds[n % rooms],
    }
    return { method: 'POST', path: '/api/v1/events/', body, signedIn: true }
  })

/** Writes cannot be repeated at will: each round has so many, of which each is made once. */
const repeats = 20

const rows: Row[] = sizes.flatMap(([title, events, rooms, full]) => [
  ...readings.map(({ name, path, bare }): Row => ({
    name: `${name}, ${title}`,
    base: ['statements', 'bare answer'],
    full,
    limits: { Banister: 4 },
    prepare: async (): Promise<Subjects> => {
      const { house, office } = await open(events, rooms)
      const { subjects } = await threeOf(house, [{ path: `/api/v1/${path(office)}`, signedIn: true }])
      return { ...subjects, 'bare SQL': bareRead(house, bare(office)) }
    },
  })),
  {
    name: `creating a weekly series with a room, ${title}`,
    base: ['statements', 'bare answer'],
    full,
    repeats,
    limits: { Banister: 4 },
    prepare: async (): Promise<Subjects> => {
      const { house, office } = await open(events, rooms)
      const { rows: found } = await sql<{ id: string }>`
        SELECT id FROM rooms WHERE organization_id = ${office.organizationId}::uuid ORDER BY id`.execute(
        house.app.house.db,
      )
      const ids = found.map((room) => room.id)
      return threeOfWrites(house, series(office, ids, repeats * 8), series(office, ids, repeats * 8))
    },
  },
])

export default { name: 'planner', rows, end: closeHouses } satisfies Bench

import { RRuleTemporal } from 'rrule-temporal'
import type { Json, Town } from './town.ts'

/** What must hold of calendars and the time that they claim, looked at from outside: by SQL, and by an expander that the product does not use. */

const impossible: Record<string, string> = {
  'a claim belongs to no event': `
    SELECT c.id, c.source_id FROM claims c LEFT JOIN events e ON e.id::text = c.source_id AND (e.status <> 'cancelled' OR upper(c.during) <= now())
    WHERE c.source_kind = 'event' AND e.id IS NULL`,
  'a room is claimed by a meeting without being exclusive, or a person exclusively': `
    SELECT c.id FROM claims c JOIN resources r ON r.id = c.resource_id
    WHERE c.source_kind = 'event' AND c.exclusive IS DISTINCT FROM (r.room_id IS NOT NULL)`,
  'an event is in a calendar with a lower count of changes': `
    SELECT e.id FROM events e JOIN calendars c ON c.id = e.calendar_id WHERE e.change > c.change`,
  'two events of a calendar have the same count of changes': `
    SELECT calendar_id, change FROM events WHERE change > 0 GROUP BY 1, 2 HAVING count(*) > 1`,
  'what was deleted still stands': `
    SELECT e.id FROM event_tombstones t JOIN events e ON e.id = t.event_id AND e.calendar_id = t.calendar_id`,
  'a meeting is in a room of an organization to which its organizer does not belong': `
    SELECT e.id FROM events e JOIN rooms r ON r.id = e.room_id
    WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.user_id = e.organizer_id AND m.organization_id = r.organization_id)`,
  'somebody was reminded of an occurrence twice': `
    SELECT user_id, target->>'id' AS event, params->>'at' AS at, count(*) FROM notifications WHERE kind = 'event_reminder'
    GROUP BY 1, 2, 3 HAVING count(*) > 1`,
  'a person has two first calendars': `SELECT owner_id FROM calendars WHERE is_first GROUP BY 1 HAVING count(*) > 1`,
}

type Override = {
  recurrence_id: string
  start_text: string | null
  duration: number | null
  changes: Json
  has_own_room: boolean
  room_id: string | null
}
type Event = {
  id: string
  kind: 'zoned' | 'utc' | 'floating' | 'date'
  time_zone: string | null
  dtstart: string
  duration: number
  recurrence_rule: string | null
  rdates: string[]
  exdates: string[]
  transparency: string | null
  room_id: string | null
  organizer_id: string
  overrides: Override[]
  people: { user_id: number; status: string; time_zone: string; answers: Record<string, string> }[]
}

const plain = (text: string): Temporal.PlainDateTime => Temporal.PlainDateTime.from(text.replace(/Z$/, ''))
const key = (text: string): string => plain(text).toString({ smallestUnit: 'second' })

/**
 * The starts of a rule on the wall clock, by rrule-temporal: as if the zone knew no change of clocks, which is what TIME.md section 2 means by the wall clock; an
 * UNTIL of a zoned rule is an instant, read in the zone.
 */
function wallStarts(event: Event, until: Temporal.PlainDateTime): string[] {
  const { recurrence_rule: rule, dtstart, time_zone: zone } = event
  if (rule === null) return [key(dtstart)]
  const onWall = rule.replace(
    /UNTIL=(\d{8})(?:T(\d{6})(Z?))?/,
    (_, date: string, time: string | undefined, isUtc: string | undefined) => {
      if (!time || !isUtc) return `UNTIL=${date}T${time ?? '000000'}Z`
      const local = Temporal.Instant.from(`${date}T${time}Z`).toZonedDateTimeISO(zone ?? 'UTC')
      return `UNTIL=${local.toPlainDateTime().toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '')}Z`
    },
  )
  const first = plain(dtstart)
  const start = first.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '')
  const series = new RRuleTemporal({ rruleString: `DTSTART:${start}Z\nRRULE:${onWall}` })
  const found = series.between(first.toZonedDateTime('UTC'), until.toZonedDateTime('UTC'), true)
  const starts = found.map((one) => one.toPlainDateTime().toString({ smallestUnit: 'second' }))
  // DTSTART is the first instance, and counted, also where the rule does not yield it.
  if (starts.includes(key(dtstart))) return starts
  const count = Number(/COUNT=(\d+)/.exec(rule)?.[1] ?? Number.POSITIVE_INFINITY)
  return [key(dtstart), ...starts.slice(0, count - 1)]
}

/** A reading of the clock as epoch seconds: a skipped one moves by the gap, of a repeated one the first counts (`compatible`). */
const second = (text: string, zone: string): number =>
  plain(text).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds / 1000

/** What an occurrence is named by, whether as an instant or as a reading of the clock: epoch seconds, of what floats and of whole days those of its reading in UTC. */
const point = ({ kind, time_zone: zone }: Event, text: string): number =>
  kind === 'zoned' && text.endsWith('Z')
    ? Temporal.Instant.from(text).epochMilliseconds / 1000
    : second(text, kind === 'zoned' ? zone! : 'UTC')

/** The claims that one event must have from now on, each as `person or room, from, to` in epoch seconds. */
function claimsOf(event: Event, rooms: Map<string, string>, now: number, until: number): string[] {
  const last = Temporal.Instant.fromEpochMilliseconds(until * 1000).toZonedDateTimeISO('UTC')
  const excluded = new Set(event.exdates.map((text) => point(event, text)))
  const overrides = new Map(event.overrides.map((one) => [point(event, one.recurrence_id), one]))
  const ruled = [...wallStarts(event, last.toPlainDateTime().add({ days: 2 })), ...event.rdates]
  const standing = ruled.map((text) => point(event, text)).filter((one) => !excluded.has(one))
  const all: string[] = []
  for (const name of new Set([...standing, ...overrides.keys()])) {
    const override = overrides.get(name)
    if (override?.changes['status'] === 'cancelled') continue
    const start = override?.start_text ? point(event, override.start_text) : name
    const length = override?.duration ?? event.duration
    // Lengths are exact; but of what floats and of whole days the end is read on the clock, too.
    const read = (at: number, zone: string): number =>
      event.kind === 'zoned' || event.kind === 'utc'
        ? at
        : second(Temporal.Instant.fromEpochMilliseconds(at * 1000).toString(), zone)
    const add = (who: string, zone: string): void => {
      const [from, to] = [read(start, zone), read(start + length, zone)]
      if (from < until && to > now && from < to) all.push(`${who} ${from} ${to}`)
    }
    const transparency = override?.changes['transparency'] ?? event.transparency
    if ((transparency ?? (event.kind === 'date' ? 'transparent' : 'opaque')) === 'opaque')
      for (const { user_id: id, status, time_zone: zone, answers } of event.people) {
        const answer = Object.entries(answers).find(([text]) => point(event, text) === name)?.[1] ?? status
        if (Number(event.organizer_id) === id || answer !== 'declined') add(String(id), zone)
      }
    const room = override?.has_own_room ? override.room_id : event.room_id
    if (room !== null) add(room, rooms.get(room)!)
  }
  return merged(all)
}

/** Sorted and once each; stretches of a room that touch or overlap are one, since a series that runs into itself has its room without a break. */
function merged(claims: readonly string[]): string[] {
  const all: string[] = []
  const rows = claims.map((claim) => claim.split(' ') as [string, string, string])
  for (const [who, own] of Map.groupBy(rows, ([name]) => name)) {
    const spans = own.map(([, from, to]) => [Number(from), Number(to)] as [number, number])
    spans.sort((a, b) => a[0] - b[0] || a[1] - b[1])
    const kept: [number, number][] = []
    for (const span of spans) {
      const before = kept.at(-1)
      if (before && who.includes('-') && span[0] <= before[1]) before[1] = Math.max(before[1], span[1])
      else if (!before || before[0] !== span[0] || before[1] !== span[1]) kept.push(span)
    }
    all.push(...kept.map(([from, to]) => `${who} ${from} ${to}`))
  }
  return all.toSorted()
}

const standingEvents = `
  SELECT e.id, kind, e.time_zone, dtstart, duration_seconds::int AS duration, recurrence_rule, rdates, exdates, transparency, room_id, organizer_id,
    coalesce((SELECT json_agg(json_build_object('recurrence_id', recurrence_id, 'start_text', start_text, 'duration', duration_seconds, 'changes', changes,
      'has_own_room', has_own_room, 'room_id', room_id)) FROM event_overrides WHERE event_id = e.id), '[]') AS overrides,
    (SELECT json_agg(json_build_object('user_id', u.id, 'status', coalesce(p.status, ''), 'time_zone', u.time_zone, 'answers',
      coalesce((SELECT json_object_agg(recurrence_id, a.status) FROM event_answers a WHERE a.participant_id = p.id), '{}')))
     FROM users u LEFT JOIN event_participants p ON p.user_id = u.id AND p.event_id = e.id
     WHERE u.deleted_at IS NULL AND (p.id IS NOT NULL OR u.id = e.organizer_id)) AS people
  FROM events e WHERE status <> 'cancelled'`

/**
 * Where the claims of events are not the expansion of the events that stand, up to the horizon: by event the claims that are missing and those too many. Only for
 * claims that have not ended; all events of a journey lie in its future.
 */
async function wrongClaims(town: Town): Promise<Json[]> {
  const now = Math.floor(Temporal.Now.instant().epochMilliseconds / 1000)
  const [horizon] = await town.rows(`SELECT extract(epoch FROM until)::bigint AS until FROM claim_horizon`)
  const until = Number(horizon?.['until'] ?? now)
  const rooms = new Map(
    (await town.rows(`SELECT room_id, time_zone FROM resources WHERE room_id IS NOT NULL`)).map((row) => [
      row['room_id'] as string,
      row['time_zone'] as string,
    ]),
  )
  const found = await town.rows(
    `SELECT c.source_id AS id, array_agg(concat_ws(' ', coalesce(r.user_id::text, r.room_id::text), extract(epoch FROM lower(during))::bigint, extract(epoch FROM upper(during))::bigint)) AS claims
     FROM claims c JOIN resources r ON r.id = c.resource_id WHERE source_kind = 'event' AND upper(during) > to_timestamp($1) GROUP BY 1`,
    [now],
  )
  const standing = new Map(found.map((row) => [row['id'] as string, merged(row['claims'])]))
  const wrong: Json[] = []
  for (const event of (await town.rows(standingEvents)) as unknown as Event[]) {
    const wanted = claimsOf(event, rooms, now, until)
    const has = standing.get(event.id) ?? []
    const missing = wanted.filter((claim) => !has.includes(claim))
    const extra = has.filter((claim) => !wanted.includes(claim))
    if (missing.length + extra.length > 0)
      wrong.push({
        id: event.id,
        series: `${event.dtstart} ${event.recurrence_rule}`,
        overrides: event.overrides.length,
        missing: missing.slice(0, 5),
        extra: extra.slice(0, 5),
        of: wanted.length,
      })
  }
  return wrong
}

/** What is wrong in the calendars of the town: empty when every invariant of events and their claims holds. */
export async function plannerViolations(town: Town): Promise<Record<string, Json[]>> {
  const found = await Promise.all(
    Object.entries(impossible).map(async ([name, statement]) => [name, await town.rows(statement)] as const),
  )
  const all = [...found, ['claims are not what the events say', await wrongClaims(town)] as const]
  return Object.fromEntries(all.filter(([, rows]) => rows.length > 0))
}

/** Puts a job into its queue, as the cron of a server does. */
export async function enqueue(town: Town, queue: 'slow' | 'jobs', name: string): Promise<void> {
  const settings = 'retry_limit, retry_delay, retry_backoff, retry_delay_max, expire_seconds, heartbeat_seconds'
  await town.rows(
    `INSERT INTO pgboss.job (name, data, ${settings}) SELECT name, $2, ${settings} FROM pgboss.queue WHERE name = $1`,
    [queue, JSON.stringify({ name, data: {} })],
  )
}

/** Waits until the servers have done all that is due now. */
export async function quiet(town: Town, milliseconds = 120_000): Promise<void> {
  const until = performance.now() + milliseconds
  for (;;) {
    const open = await town.rows(
      `SELECT name, data, state, retry_count FROM pgboss.job WHERE state IN ('created', 'retry', 'active') AND name IN ('events', 'jobs', 'slow')
       AND start_after <= now() + interval '5 seconds'`,
    )
    if (open.length === 0) return
    if (performance.now() > until) throw new Error(`Jobs are still open: ${JSON.stringify(open.slice(0, 5))}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

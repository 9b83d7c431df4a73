import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** The SQL of an organization's statistics: aggregates over tables of modules to the left. */

export type Asked = { organizationId: string; start: Temporal.Instant; end: Temporal.Instant; zone: string }

export type EventFigures = { total: number; meetings: number; meeting_minutes: number; person_minutes: number }

/**
 * Occurrences that began in the span, by the claims of the organization's people and rooms: what takes nobody's time is none. An event of another organization
 * (its calendar or its room is theirs) is not told, although members of both may take part. Occurrences are
 * gathered by event first, so that whose it is, is asked of hundreds and not of hundreds of thousands.
 */
export async function eventFigures(ctx: Context, { organizationId, start, end }: Asked): Promise<EventFigures> {
  const { rows } = await sql<EventFigures>`
    WITH own AS MATERIALIZED (
      SELECT r.id, true AS is_person FROM memberships m JOIN resources r ON r.user_id = m.user_id WHERE m.organization_id = ${organizationId}
      UNION ALL SELECT r.id, false FROM rooms JOIN resources r ON r.room_id = rooms.id WHERE rooms.organization_id = ${organizationId}
    ), occurrences AS (
      SELECT c.source_id::uuid AS event_id, c.occurrence, bool_or(NOT own.is_person) AS has_room,
        max(extract(epoch FROM upper(c.during) - lower(c.during))::float8) / 60 AS minutes,
        coalesce(sum(extract(epoch FROM upper(c.during) - lower(c.during))::float8) FILTER (WHERE own.is_person), 0) / 60 AS person_minutes
      FROM own JOIN claims c ON c.resource_id = own.id AND c.during && tstzrange(${start}, ${end})
      WHERE c.source_kind = 'event' AND lower(c.during) >= ${start} AND lower(c.during) < ${end}
      GROUP BY 1, 2
    ), grouped AS (
      SELECT event_id, has_room, count(*) AS total, sum(minutes) AS minutes, sum(person_minutes) AS person_minutes FROM occurrences GROUP BY 1, 2
    ), told AS MATERIALIZED (
      SELECT g.total, g.minutes, g.person_minutes, g.has_room OR EXISTS (
          SELECT FROM event_participants p WHERE p.event_id = e.id AND p.user_id IS DISTINCT FROM e.organizer_id) AS is_meeting
      FROM grouped g JOIN events e ON e.id = g.event_id JOIN calendars k ON k.id = e.calendar_id
      WHERE g.has_room OR k.organization_id = ${organizationId} OR (
        k.organization_id IS NULL
        AND NOT EXISTS (SELECT FROM rooms WHERE rooms.id = e.room_id AND rooms.organization_id <> ${organizationId})
        AND EXISTS (SELECT FROM memberships m WHERE m.organization_id = ${organizationId} AND m.user_id = e.organizer_id))
    )
    SELECT coalesce(sum(total), 0)::bigint AS total, coalesce(sum(total) FILTER (WHERE is_meeting), 0)::bigint AS meetings,
      coalesce(sum(minutes) FILTER (WHERE is_meeting), 0) AS meeting_minutes,
      coalesce(sum(person_minutes) FILTER (WHERE is_meeting), 0) AS person_minutes
    FROM told`.execute(ctx.db)
  return rows[0]!
}

/** What took the rooms of the organization in the span, cut to it; holds that have run out take nothing. */
const roomClaims = ({ organizationId, start, end }: Asked, now: Temporal.Instant) => sql`
  SELECT rooms.id AS room_id, c.source_kind, greatest(lower(c.during), ${start}) AS starts, least(upper(c.during), ${end}) AS ends
  FROM rooms JOIN resources r ON r.room_id = rooms.id JOIN claims c ON c.resource_id = r.id AND c.during && tstzrange(${start}, ${end})
  WHERE rooms.organization_id = ${organizationId} AND rooms.archived_at IS NULL AND c.exclusive
    AND c.source_kind IN ('event', 'booking_session') AND (c.expires_at IS NULL OR c.expires_at > ${now})`

export type RoomFigures = { id: string; name: string; minutes: number; events: number; bookings: number }

/** Every room with how long and by how many it was taken, the busiest first. */
export async function roomFigures(ctx: Context, asked: Asked): Promise<RoomFigures[]> {
  const { rows } = await sql<RoomFigures>`
    SELECT rooms.id, rooms.name, coalesce(taken.minutes, 0) AS minutes, coalesce(taken.events, 0) AS events, coalesce(taken.bookings, 0) AS bookings
    FROM rooms LEFT JOIN (
      SELECT room_id, sum(extract(epoch FROM ends - starts)::float8) / 60 AS minutes, count(*) FILTER (WHERE source_kind = 'event') AS events,
        count(*) FILTER (WHERE source_kind = 'booking_session') AS bookings
      FROM (${roomClaims(asked, ctx.now)}) claimed GROUP BY room_id
    ) taken ON taken.room_id = rooms.id
    WHERE rooms.organization_id = ${asked.organizationId} AND rooms.archived_at IS NULL
    ORDER BY minutes DESC, rooms.name, rooms.id`.execute(ctx.db)
  return rows
}

/** Minutes that rooms were taken in each hour of the day on the clocks of the zone. Steps of `step` minutes from the epoch lie within its hours. */
export async function roomMinutesByHour(ctx: Context, asked: Asked, step: number): Promise<Map<number, number>> {
  const width = sql`make_interval(mins => ${step}::int)`
  const { rows } = await sql<{ hour: number; minutes: number }>`
    SELECT extract(hour FROM at AT TIME ZONE ${asked.zone})::int AS hour,
      sum(extract(epoch FROM least(ends, at + ${width}) - greatest(starts, at))::float8) / 60 AS minutes
    FROM (${roomClaims(asked, ctx.now)}) claimed,
      generate_series(date_bin(${width}, starts, timestamptz 'epoch'), ends, ${width}) AS at
    WHERE at < ends GROUP BY 1`.execute(ctx.db)
  return new Map(rows.map(({ hour, minutes }) => [hour, minutes]))
}

export type TicketFigures = {
  opened: number
  resolved: number
  closed: number
  resolved_late: number
  median_minutes: number | null
  overdue: number
  by_status: Record<string, number>
  by_priority: Record<string, number>
  /** In each age, from the youngest on. */
  by_age: number[]
}

/** How many rows a condition holds for, under a name. */
const count = (name: string, condition: ReturnType<typeof sql>) =>
  sql`count(*) FILTER (WHERE ${condition}) AS ${sql.ref(name)}`

/** Tickets as they stand, and what was done in the span: one pass over those of the organization. */
export async function ticketFigures(
  ctx: Context,
  { organizationId, start, end }: Asked,
  ages: readonly number[],
): Promise<TicketFigures> {
  const inSpan = (column: string) => sql`${sql.ref(column)} >= ${start} AND ${sql.ref(column)} < ${end}`
  const unsettled = sql`status IN ('open', 'in_progress')`
  const statuses = ['open', 'in_progress', 'resolved', 'closed']
  const priorities = ['low', 'normal', 'high', 'urgent']
  const { rows } = await sql<Record<string, number> & { median_minutes: number | null }>`
    SELECT ${sql.join([
      count('opened', inSpan('created_at')),
      count('resolved', inSpan('resolved_at')),
      count('closed', inSpan('closed_at')),
      count('resolved_late', sql`${inSpan('resolved_at')} AND resolved_at > due_at`),
      count('overdue', sql`${unsettled} AND due_at <= ${ctx.now}`),
      ...statuses.map((status) => count(`status_${status}`, sql`status = ${status}`)),
      ...priorities.map((priority) => count(`priority_${priority}`, sql`${unsettled} AND priority = ${priority}`)),
      ...ages.map((days, i) =>
        count(
          `age_${i}`,
          sql`${unsettled} AND created_at <= ${ctx.now.subtract({ hours: days * 24 })} ${
            ages[i + 1] === undefined ? sql`` : sql`AND created_at > ${ctx.now.subtract({ hours: ages[i + 1]! * 24 })}`
          }`,
        ),
      ),
    ])},
      (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM resolved_at - created_at)::float8 / 60) FILTER (WHERE ${inSpan('resolved_at')})) AS median_minutes
    FROM tickets WHERE organization_id = ${organizationId}`.execute(ctx.db)
  const row = rows[0]!
  const of = (prefix: string, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, row[`${prefix}_${name}`] ?? 0]))
  return {
    opened: row['opened'] ?? 0,
    resolved: row['resolved'] ?? 0,
    closed: row['closed'] ?? 0,
    resolved_late: row['resolved_late'] ?? 0,
    overdue: row['overdue'] ?? 0,
    median_minutes: row.median_minutes,
    by_status: of('status', statuses),
    by_priority: of('priority', priorities),
    by_age: ages.map((_days, i) => row[`age_${i}`] ?? 0),
  }
}

export type PeopleFigures = { total: number; joined: number; admin: number; it: number; employee: number }

/** Members by role, and who has joined in the span. */
export async function peopleFigures(ctx: Context, { organizationId, start, end }: Asked): Promise<PeopleFigures> {
  const { rows } = await sql<PeopleFigures>`
    SELECT count(*) AS total, count(*) FILTER (WHERE joined_at >= ${start} AND joined_at < ${end}) AS joined,
      count(*) FILTER (WHERE role = 'admin') AS admin, count(*) FILTER (WHERE role = 'it') AS it, count(*) FILTER (WHERE role = 'employee') AS employee
    FROM memberships WHERE organization_id = ${organizationId}`.execute(ctx.db)
  return rows[0]!
}

/** Members by department, those without one at the end. */
export async function membersByDepartment(
  ctx: Context,
  organizationId: string,
): Promise<{ id: string | null; name: string | null; members: number }[]> {
  const { rows } = await sql<{ id: string | null; name: string | null; members: number }>`
    SELECT d.id, d.name, count(*) AS members FROM memberships m LEFT JOIN departments d ON d.id = m.department_id
    WHERE m.organization_id = ${organizationId} GROUP BY d.id, d.name, d.name_key ORDER BY d.name_key NULLS LAST, d.id`.execute(
    ctx.db,
  )
  return rows
}

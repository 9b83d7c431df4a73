import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import type { BookingStatus } from '../rules.ts'
import type { NewBooking } from './bookings.ts'
import type { NewSession } from './sessions.ts'

/** SQL that writes many bookings and sessions at once: one statement, whatever their number. */

const texts = (instants: readonly (Temporal.Instant | null)[]): (string | null)[] =>
  instants.map((instant) => instant?.toString() ?? null)

/** Makes sessions that differ in who gives them, where and when; answers their ids in the same order. Their starts differ. */
export async function insertSessions(ctx: Context, sessions: readonly NewSession[]): Promise<number[]> {
  const [first] = sessions
  if (!first) return []
  const { rows } = await sql<{ id: number; starts_at: Temporal.Instant }>`
    INSERT INTO booking_sessions (service_id, capacity, buffer_before, buffer_after, provider_id, room_id, starts_at, ends_at, seats_taken, created_at)
    SELECT ${first.service_id}, ${first.capacity}, ${first.buffer_before}, ${first.buffer_after}, provider_id, room_id, starts_at, ends_at, seats, ${ctx.now}::timestamptz
    FROM unnest(${sessions.map((one) => one.provider_id)}::bigint[], ${sessions.map((one) => one.room_id)}::uuid[],
      ${texts(sessions.map((one) => one.starts_at))}::timestamptz[], ${texts(sessions.map((one) => one.ends_at))}::timestamptz[],
      ${sessions.map((one) => one.seats_taken)}::integer[]) AS made (provider_id, room_id, starts_at, ends_at, seats)
    RETURNING id, starts_at`.execute(ctx.db)
  const byStart = new Map(rows.map((row) => [row.starts_at.epochMilliseconds, row.id]))
  return sessions.map((session) => byStart.get(session.starts_at.epochMilliseconds)!)
}

/** Takes (or with negative numbers gives back) seats of several sessions; answers those of which none is taken any more. */
export async function takeSeatsOf(
  ctx: Context,
  changes: readonly { sessionId: number; seats: number }[],
  capacity = 0,
): Promise<number[]> {
  if (changes.length === 0) return []
  const { rows } = await sql<{ id: number; seats_taken: number }>`
    UPDATE booking_sessions s SET seats_taken = s.seats_taken + asked.seats, capacity = greatest(s.capacity, ${capacity}::integer)
    FROM (SELECT id, sum(seats)::integer AS seats FROM unnest(${changes.map((one) => one.sessionId)}::bigint[], ${changes.map((one) => one.seats)}::integer[])
      AS one (id, seats) GROUP BY id) asked
    WHERE s.id = asked.id RETURNING s.id, s.seats_taken`.execute(ctx.db)
  return rows.filter((row) => row.seats_taken === 0).map((row) => row.id)
}

/** Until when each of these sessions is held: as `holdOf`, in one statement. */
export async function holdsOf(
  ctx: Context,
  sessionIds: readonly number[],
): Promise<{ sourceId: string; expiresAt: Temporal.Instant | null }[]> {
  if (sessionIds.length === 0) return []
  const { rows } = await sql<{ id: number; until: Temporal.Instant | null }>`
    SELECT session_id AS id, CASE WHEN bool_or(status <> 'pending' OR expires_at IS NULL) THEN NULL ELSE max(expires_at) END AS until
    FROM bookings WHERE session_id = ANY(${[...sessionIds]}::bigint[]) AND status <> 'cancelled' GROUP BY session_id`.execute(
    ctx.db,
  )
  return rows.map(({ id, until }) => ({ sourceId: String(id), expiresAt: until }))
}

/** What the bookings of a series have in common, and what each of them has of its own. */
export type NewBookings = {
  common: Omit<NewBooking, 'session_id' | 'provider_id' | 'starts_at' | 'ends_at'> & { series_id: number }
  each: readonly Pick<NewBooking, 'session_id' | 'provider_id' | 'starts_at' | 'ends_at'>[]
}

/** Makes the bookings of a series; answers their ids in the same order. */
export async function insertBookings(ctx: Context, { common, each }: NewBookings): Promise<number[]> {
  const rows = await ctx.db
    .insertInto('bookings')
    .values(
      each.map((one) => ({
        ...common,
        ...one,
        occurrence_at: one.starts_at,
        cancellation_policy: JSON.stringify(common.cancellation_policy),
        created_by: ctx.actor?.userId ?? null,
        created_at: ctx.now,
        updated_at: ctx.now,
      })),
    )
    .returning(['id', 'starts_at'])
    .execute()
  const byStart = new Map(rows.map((row) => [row.starts_at.epochMilliseconds, row.id]))
  return each.map((one) => byStart.get(one.starts_at.epochMilliseconds)!)
}

export type NewHistory = { bookingId: number; details?: object }

/** Writes down one and the same change of several bookings. */
export async function insertHistories(
  ctx: Context,
  change: string,
  status: BookingStatus,
  rows: readonly NewHistory[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    INSERT INTO booking_history (booking_id, at, actor_id, change, status, details)
    SELECT booking_id, ${ctx.now}::timestamptz, ${ctx.actor?.userId ?? null}::bigint, ${change}, ${status}, details::jsonb
    FROM unnest(${rows.map((row) => row.bookingId)}::bigint[], ${rows.map((row) => JSON.stringify(row.details ?? {}))}::text[])
      WITH ORDINALITY AS made (booking_id, details, n) ORDER BY n`.execute(ctx.db)
}

export type HeldBooking = { id: number; status: BookingStatus; expiresAt: Temporal.Instant | null }

/** Sets the status of several bookings and until when each is held. */
export async function updateHeld(ctx: Context, rows: readonly HeldBooking[]): Promise<void> {
  await sql`
    UPDATE bookings SET status = asked.status, expires_at = asked.until, updated_at = ${ctx.now}::timestamptz
    FROM unnest(${rows.map((row) => row.id)}::bigint[], ${rows.map((row) => row.status)}::text[], ${texts(rows.map((row) => row.expiresAt))}::timestamptz[])
      AS asked (id, status, until)
    WHERE bookings.id = asked.id`.execute(ctx.db)
}

/** Cancels several bookings; whoever calls has locked them. */
export async function updateCancelled(
  ctx: Context,
  ids: readonly number[],
  { by, reason }: { by: string; reason: string | null },
): Promise<void> {
  await ctx.db
    .updateTable('bookings')
    .set({
      status: 'cancelled',
      expires_at: null,
      proposed_at: null,
      cancelled_by: by,
      cancel_reason: reason,
      updated_at: ctx.now,
    })
    .where(sql<boolean>`id = ANY(${[...ids]}::bigint[])`)
    .execute()
}

export type MovedBooking = HeldBooking & { sessionId: number; startsAt: Temporal.Instant; endsAt: Temporal.Instant }

/** Moves several bookings of a series, each into a session; its place in the series moves with it. */
export async function updateMoved(ctx: Context, rows: readonly MovedBooking[]): Promise<void> {
  await sql`
    UPDATE bookings SET session_id = asked.session_id, starts_at = asked.starts_at, ends_at = asked.ends_at, occurrence_at = asked.starts_at,
      status = asked.status, expires_at = asked.until, proposed_at = NULL, updated_at = ${ctx.now}::timestamptz
    FROM unnest(${rows.map((row) => row.id)}::bigint[], ${rows.map((row) => row.sessionId)}::bigint[], ${texts(rows.map((row) => row.startsAt))}::timestamptz[],
      ${texts(rows.map((row) => row.endsAt))}::timestamptz[], ${rows.map((row) => row.status)}::text[], ${texts(rows.map((row) => row.expiresAt))}::timestamptz[])
      AS asked (id, session_id, starts_at, ends_at, status, until)
    WHERE bookings.id = asked.id`.execute(ctx.db)
}

import { sql, type CompiledQuery, type Insertable } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { builtOnce } from '../../../platform/db/built-once.ts'
import { insertUnderId } from '../../../platform/db/insert.ts'
import type { Tables } from '../../../platform/db/tables.generated.ts'
import { later } from '../../../platform/db/transaction.ts'
import { unseen } from '../../../platform/db/unseen.ts'

/** SQL on sessions: one start of a service with one provider, of which bookings take seats. */

export type SessionRow = {
  id: number
  service_id: number
  provider_id: number
  room_id: string | null
  starts_at: Temporal.Instant
  ends_at: Temporal.Instant
  buffer_before: number
  buffer_after: number
  capacity: number
  seats: number
}

/**
 * The sessions of a service with these providers that begin within the span, each with the seats that are taken now: those of a hold that has run out count as
 * free at once, also before anything has tidied up (SPEC section 10).
 */
export function sessionsStatement(
  ctx: Context,
  serviceIds: readonly number[],
  providerIds: readonly number[],
  from: Temporal.Instant,
  to: Temporal.Instant,
  exceptBooking: number | null = null,
): CompiledQuery<SessionRow> {
  return sql<SessionRow>`
    SELECT s.id, s.service_id, s.provider_id, s.room_id, s.starts_at, s.ends_at, s.buffer_before, s.buffer_after, s.capacity, sum(b.seats)::integer AS seats
    FROM booking_sessions s JOIN bookings b ON b.session_id = s.id
    WHERE s.service_id = ANY(${unseen(serviceIds, 'bigint[]')}::bigint[]) AND s.provider_id = ANY(${unseen(providerIds, 'bigint[]')}::bigint[])
      AND s.starts_at >= ${unseen(from, 'timestamptz')} AND s.starts_at < ${unseen(to, 'timestamptz')} AND s.seats_taken > 0
      AND b.status <> 'cancelled' AND (b.status <> 'pending' OR b.expires_at IS NULL OR b.expires_at > ${ctx.now})
      AND b.id IS DISTINCT FROM ${exceptBooking}::bigint
    GROUP BY s.id`.compile(ctx.db)
}

export type NewSession = Omit<SessionRow, 'id' | 'seats'> & { seats_taken: number }

/** An id for a session that is to be made: where it is known before, its claims go out in the same message. */
export const newSessionId = async (ctx: Context): Promise<number> =>
  (await sql<{ id: number }>`SELECT nextval('booking_sessions_id_seq') AS id`.execute(ctx.db)).rows[0]!.id

/** Makes a session under an id that was given out for it. */
export async function insertSession(ctx: Context, id: number, session: NewSession): Promise<void> {
  await later(ctx, sessionMade(ctx.db, { ...session, id, created_at: ctx.now }))
}

const sessionMade = builtOnce((db, row: Insertable<Tables['booking_sessions']> & { id: number }) =>
  insertUnderId('booking_sessions', row).compile(db),
)

/**
 * Takes (or, with a negative number, gives back) seats; answers how many are taken now. The capacity of the service may have grown since the session was made.
 * Breaks `booking_sessions_seats` beyond the capacity.
 */
export async function takeSeats(ctx: Context, sessionId: number, seats: number, capacity = 0): Promise<number> {
  const { seats_taken } = await ctx.db
    .updateTable('booking_sessions')
    .set((eb) => ({
      seats_taken: eb('seats_taken', '+', seats),
      capacity: eb.fn<number>('greatest', ['capacity', eb.val(capacity)]),
    }))
    .where('id', '=', sessionId)
    .returning('seats_taken')
    .executeTakeFirstOrThrow()
  return seats_taken
}

/** Moves a session to another start, and perhaps another room or provider. */
export async function moveSession(
  ctx: Context,
  sessionId: number,
  to: Pick<SessionRow, 'provider_id' | 'room_id' | 'starts_at' | 'ends_at' | 'buffer_before' | 'buffer_after'>,
): Promise<void> {
  await later(ctx, ctx.db.updateTable('booking_sessions').set(to).where('id', '=', sessionId).compile())
}

/** How these sessions were agreed on: with their own length and buffers, whatever the service has now. */
export async function listSessions(ctx: Context, ids: readonly number[]) {
  return ctx.db
    .selectFrom('booking_sessions')
    .where('id', 'in', ids as number[])
    .select(['id', 'service_id', 'provider_id', 'room_id', 'starts_at', 'ends_at', 'buffer_before', 'buffer_after'])
    .orderBy('starts_at')
    .orderBy('id')
    .execute()
}
export type StandingSession = Awaited<ReturnType<typeof listSessions>>[number]

/** Until when a session's claims hold: the last hold of its seats, or null once one of them stands. */
export async function holdOf(ctx: Context, sessionId: number): Promise<Temporal.Instant | null> {
  const { rows } = await sql<{ until: Temporal.Instant | null }>`
    SELECT CASE WHEN bool_or(status <> 'pending' OR expires_at IS NULL) THEN NULL ELSE max(expires_at) END AS until
    FROM bookings WHERE session_id = ${sessionId} AND status <> 'cancelled'`.execute(ctx.db)
  return rows[0]?.until ?? null
}

/** Minutes that each provider has booked within a span: the load by which masters are chosen fairly. */
export async function bookedMinutes(
  ctx: Context,
  providerIds: readonly number[],
  from: Temporal.Instant,
  to: Temporal.Instant,
): Promise<Map<number, number>> {
  const { rows } = await sql<{ provider_id: number; minutes: number }>`
    SELECT provider_id, (sum(extract(epoch FROM ends_at - starts_at)) / 60)::integer AS minutes
    FROM booking_sessions WHERE provider_id = ANY(${providerIds}) AND starts_at >= ${from} AND starts_at < ${to} AND seats_taken > 0 GROUP BY 1`.execute(
    ctx.db,
  )
  return new Map(rows.map((row) => [row.provider_id, row.minutes]))
}

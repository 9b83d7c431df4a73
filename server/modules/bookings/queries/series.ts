import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { selectBookings } from './bookings.ts'

/** SQL on series of bookings: reading, and the row itself. What is written of many bookings at once is series-writes.ts. */

export type SkippedOccurrence = { date: string; rule: string; code: string; message: string }

export type NewSeries = {
  service_id: number
  organization_id: string | null
  customer_id: number | null
  rule: string
  time_zone: string
  starts_at: Temporal.Instant
  seats: number
  skipped: readonly SkippedOccurrence[]
  held_until: Temporal.Instant | null
}

export async function insertSeries(ctx: Context, series: NewSeries): Promise<number> {
  const { id } = await ctx.db
    .insertInto('booking_series')
    .values({
      ...series,
      skipped: JSON.stringify(series.skipped),
      created_by: ctx.actor?.userId ?? null,
      created_at: ctx.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export type SeriesRow = NonNullable<Awaited<ReturnType<typeof findSeries>>>

export const findSeries = (ctx: Context, id: number) =>
  ctx.db.selectFrom('booking_series').selectAll().where('id', '=', id).executeTakeFirst()

/** The bookings of a series in the order in which the series gives them. */
export const listOfSeries = (ctx: Context, id: number) =>
  selectBookings(ctx.db)
    .select(['bookings.occurrence_at'])
    .where('bookings.series_id', '=', id)
    .orderBy('bookings.occurrence_at')
    .orderBy('bookings.id')
    .execute()
export type OccurrenceRow = Awaited<ReturnType<typeof listOfSeries>>[number]

/** Of the sessions of these bookings, those in which others sit too. */
export async function listShared(
  ctx: Context,
  bookings: readonly { id: number; session_id: number }[],
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT DISTINCT session_id AS id FROM bookings
    WHERE session_id = ANY(${bookings.map((one) => one.session_id)}::bigint[]) AND status <> 'cancelled'
      AND id <> ALL(${bookings.map((one) => one.id)}::bigint[])`.execute(ctx.db)
  return rows.map((row) => row.id)
}

/** Locks the bookings of a series, ascending; whose time they have is locked before. */
export async function lockOfSeries(ctx: Context, id: number): Promise<void> {
  await sql`SELECT id FROM bookings WHERE series_id = ${id} ORDER BY id FOR NO KEY UPDATE`.execute(ctx.db)
}

/** Series with what a list shows of them, in one statement; the caller adds whose. */
export const selectSeries = (ctx: Context) =>
  ctx.db
    .selectFrom('booking_series as series')
    .innerJoin('services', 'services.id', 'series.service_id')
    .leftJoin('users as customer', 'customer.id', 'series.customer_id')
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('bookings')
          .whereRef('bookings.series_id', '=', 'series.id')
          .select([
            sql<number>`count(*) FILTER (WHERE status <> 'cancelled')::integer`.as('booked'),
            sql<Temporal.Instant | null>`min(starts_at) FILTER (WHERE status IN ('pending', 'confirmed') AND starts_at > ${ctx.now})`.as(
              'next_at',
            ),
            sql<Temporal.Instant | null>`max(starts_at) FILTER (WHERE status <> 'cancelled')`.as('last_at'),
            sql<string | null>`min(guest_name)`.as('guest_name'),
          ])
          .as('made'),
      (join) => join.onTrue(),
    )
    .select([
      'series.id',
      'series.service_id',
      'services.title',
      'series.organization_id',
      'series.customer_id',
      'series.rule',
      'series.time_zone',
      'series.starts_at',
      'series.seats',
      'series.created_at',
      'made.booked',
      'made.next_at',
      'made.last_at',
      'made.guest_name',
    ])
    .select(sql<string>`trim(customer.first_name || ' ' || customer.last_name)`.as('customer_name'))
    .orderBy('series.id', 'desc')
export type ListedSeries = Awaited<ReturnType<ReturnType<typeof selectSeries>['executeTakeFirstOrThrow']>>

/** Notes that something of a series was paid for; false when it was noted before. */
export async function secureSeries(ctx: Context, id: number): Promise<boolean> {
  const done = await ctx.db
    .updateTable('booking_series')
    .set({ secured_at: ctx.now })
    .where('id', '=', id)
    .where('secured_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return done !== undefined
}

/** Notes that it was told that the whole has expired; false when it was told before. */
export async function noteExpiryTold(ctx: Context, id: number): Promise<boolean> {
  const done = await ctx.db
    .updateTable('booking_series')
    .set({ expiry_told_at: ctx.now })
    .where('id', '=', id)
    .where('expiry_told_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return done !== undefined
}

/** Is this the hold under which the whole series was made, so that with it all of it runs out? */
export async function isHoldOfWhole(ctx: Context, id: number, until: Temporal.Instant | null): Promise<boolean> {
  const found = await ctx.db
    .selectFrom('booking_series')
    .where('id', '=', id)
    .where('held_until', '=', until)
    .where('secured_at', 'is', null)
    .select('id')
    .executeTakeFirst()
  return found !== undefined
}

/**
 * Notes, in one statement, the unpaid bookings of secured series whose hold ends within some hours, each once for each start; answers the bookings, whose customer
 * is to be reminded to pay.
 */
export async function insertDuePayments(
  ctx: Context,
  { hours, limit }: { hours: number; limit: number },
): Promise<number[]> {
  const { rows } = await sql<{ booking_id: number }>`
    WITH due AS MATERIALIZED (
      SELECT b.id, b.starts_at FROM bookings b JOIN booking_series s ON s.id = b.series_id
      WHERE b.status = 'pending' AND b.expires_at > ${ctx.now} AND b.expires_at <= ${ctx.now.add({ hours })} AND s.secured_at IS NOT NULL
        AND NOT b.requires_approval
        AND NOT EXISTS (SELECT FROM booking_reminders r WHERE r.booking_id = b.id AND r.kind = 'payment' AND r.starts_at = b.starts_at)
      ORDER BY b.id LIMIT ${limit} FOR SHARE OF b SKIP LOCKED
    )
    INSERT INTO booking_reminders (booking_id, kind, starts_at, sent_at)
    SELECT id, 'payment', starts_at, ${ctx.now}::timestamptz FROM due ORDER BY id
    ON CONFLICT DO NOTHING RETURNING booking_id`.execute(ctx.db)
  return rows.map((row) => row.booking_id)
}

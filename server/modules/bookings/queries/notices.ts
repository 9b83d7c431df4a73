import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { selectBookings, type BookingRow } from './bookings.ts'

/** Who is told of a booking, how they are reached, and in which language and zone they read. */
export type Reader = { id: number | null; name: string; email: string | null; locale: string | null; timeZone: string }

export type Noticed = {
  booking: BookingRow
  provider: Reader
  /** The customer, or the guest, who has no account and lives by the clock of the place. */
  buyer: Reader
  organization: { name: string; address: string; city: string } | null
}

/** A booking with everybody who is to hear of it, in one statement; whoever has erased their account, or left the organization that sold it, hears nothing (`id` null, no e-mail). */
export async function findNoticed(ctx: Context, bookingId: number): Promise<Noticed | undefined> {
  const row = await selectNoticed(ctx).where('bookings.id', '=', bookingId).executeTakeFirst()
  return row && noticedOf(row)
}

/** The same for all bookings of a series, in the order in which the series gives them. */
export async function listNoticed(ctx: Context, seriesId: number): Promise<Noticed[]> {
  const rows = await selectNoticed(ctx)
    .where('bookings.series_id', '=', seriesId)
    .orderBy('bookings.occurrence_at')
    .orderBy('bookings.id')
    .execute()
  return rows.map(noticedOf)
}

type NoticedRow = Awaited<ReturnType<ReturnType<typeof selectNoticed>['executeTakeFirstOrThrow']>>

const selectNoticed = (ctx: Context) =>
  selectBookings(ctx.db)
    .leftJoin('organizations as organization', 'organization.id', 'bookings.organization_id')
    .select([
      'provider.email as provider_email',
      'provider.locale as provider_locale',
      'provider.time_zone as provider_zone',
      'provider.deleted_at as provider_deleted',
      sql<boolean>`bookings.organization_id IS NULL OR EXISTS (SELECT FROM memberships m WHERE m.organization_id = bookings.organization_id
        AND m.user_id = bookings.provider_id)`.as('provider_belongs'),
      'customer.email as customer_email',
      'customer.locale as customer_locale',
      'customer.time_zone as customer_zone',
      'customer.deleted_at as customer_deleted',
      'organization.name as organization_name',
      'organization.address as organization_address',
      'organization.city as organization_city',
      'organization.time_zone as organization_zone',
    ])

function noticedOf(row: NoticedRow): Noticed {
  const provider: Reader = {
    id: row.provider_deleted === null && row.provider_belongs ? row.provider_id : null,
    name: row.provider_name,
    email: row.provider_deleted === null && row.provider_belongs ? row.provider_email : null,
    locale: row.provider_locale,
    timeZone: row.provider_zone,
  }
  const guest: Reader = {
    id: null,
    name: row.guest_name ?? '',
    email: row.guest_email,
    locale: row.provider_locale,
    timeZone: row.organization_zone ?? row.provider_zone,
  }
  const customer: Reader = {
    id: row.customer_deleted === null ? row.customer_id : null,
    name: row.customer_name,
    email: row.customer_deleted === null ? row.customer_email : null,
    locale: row.customer_locale,
    timeZone: row.customer_zone ?? 'UTC',
  }
  const { organization_name: name, organization_address: address, organization_city: city } = row
  return {
    booking: row,
    provider,
    buyer: row.customer_id === null ? guest : customer,
    organization: name === null ? null : { name, address: address ?? '', city: city ?? '' },
  }
}

/** How often each of these bookings was moved, passed on or cancelled: the SEQUENCE of its calendar entry; one that never was is left out. */
export async function countChanges(ctx: Context, bookingIds: readonly number[]): Promise<Map<number, number>> {
  const rows = await ctx.db
    .selectFrom('booking_history')
    .where(sql<boolean>`booking_id = ANY(${[...bookingIds]}::bigint[])`)
    .where('change', 'in', ['rescheduled', 'reassigned', 'cancelled', 'expired'])
    .groupBy('booking_id')
    .select(['booking_id', sql<number>`count(*)`.as('count')])
    .execute()
  return new Map(rows.map((row) => [row.booking_id, row.count]))
}

/**
 * Notes, in one statement, the reminders that are due: of confirmed bookings that begin in more than `from` and at most `to` hours; answers the bookings. Each is
 * noted once for each start, so a booking that was moved is reminded of its new time, and of two runs at once only one notes it. Who booked, moved or confirmed
 * within that time has just been told. A booking that is being changed right now is left to the next run.
 */
export async function insertDueReminders(
  ctx: Context,
  { kind, from, to, limit }: { kind: string; from: number; to: number; limit: number },
): Promise<{ booking_id: number; starts_at: Temporal.Instant }[]> {
  const earliest = ctx.now.add({ hours: from })
  const latest = ctx.now.add({ hours: to })
  const { rows } = await sql<{ booking_id: number; starts_at: Temporal.Instant }>`
    WITH due AS MATERIALIZED (
      SELECT b.id, b.starts_at FROM bookings b
      WHERE b.status = 'confirmed' AND b.starts_at > ${earliest} AND b.starts_at <= ${latest}
        -- The longest service lasts a week: so the index on the end finds them.
        AND b.ends_at > ${earliest} AND b.ends_at <= ${latest.add({ hours: 7 * 24 })}
        AND NOT EXISTS (SELECT FROM booking_reminders r WHERE r.booking_id = b.id AND r.kind = ${kind} AND r.starts_at = b.starts_at)
        AND NOT EXISTS (SELECT FROM booking_history h WHERE h.booking_id = b.id AND h.change IN ('created', 'rescheduled', 'confirmed')
          AND h.at > b.starts_at - make_interval(hours => ${to}))
      ORDER BY b.id LIMIT ${limit} FOR SHARE OF b SKIP LOCKED
    )
    INSERT INTO booking_reminders (booking_id, kind, starts_at, sent_at)
    SELECT id, ${kind}, starts_at, ${ctx.now}::timestamptz FROM due ORDER BY id
    ON CONFLICT DO NOTHING RETURNING booking_id, starts_at`.execute(ctx.db)
  return rows
}

/** Completes, in one statement, confirmed bookings that ended at an instant or before, with their history; answers their ids. */
export async function completeEnded(ctx: Context, endedBy: Temporal.Instant, limit: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    WITH ended AS MATERIALIZED (
      SELECT id FROM bookings WHERE status = 'confirmed' AND ends_at <= ${endedBy} ORDER BY ends_at LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
    ), done AS (
      UPDATE bookings SET status = 'completed', updated_at = ${ctx.now}::timestamptz WHERE id IN (SELECT id FROM ended) RETURNING id
    )
    INSERT INTO booking_history (booking_id, at, actor_id, change, status, details)
    SELECT id, ${ctx.now}::timestamptz, NULL, 'completed', 'completed', '{"by": "platform"}'::jsonb FROM done ORDER BY id
    RETURNING booking_id AS id`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { inPieces, type ExportOf } from '../../../platform/export.ts'
import { fromMinor } from '../../../platform/money.ts'

type Row = {
  id: number
  price_minor: number
  deposit_minor: number | null
  no_show_fee_minor: number | null
  currency: string
}

/** Bookings that a person made, or gave: of the other side the name alone, as both are shown it; of what they gave for an organization that they have left, nobody's. */
async function bookingsAfter(ctx: Context, userId: number, after: number, limit: number) {
  const { rows } = await sql<Row>`
    SELECT b.id, b.series_id, CASE WHEN b.customer_id = ${userId} THEN 'customer' ELSE 'provider' END AS as_whom, b.service_id, b.title, b.starts_at, b.ends_at,
      b.seats, b.status, b.price_minor, b.deposit_minor, b.no_show_fee_minor, b.no_show_outcome, b.currency, b.payment, b.location_type, CASE WHEN seen.people THEN b.note ELSE '' END AS note, CASE WHEN seen.people THEN b.meeting_url END AS meeting_url, b.cancelled_by,
      CASE WHEN seen.people THEN b.cancel_reason END AS cancel_reason, b.created_at, b.updated_at,
      CASE WHEN b.customer_id = ${userId} THEN COALESCE(o.name, trim(p.first_name || ' ' || p.last_name))
        WHEN NOT seen.people THEN NULL ELSE COALESCE(trim(c.first_name || ' ' || c.last_name), b.guest_name) END AS other_side
    FROM (SELECT * FROM bookings WHERE customer_id = ${userId} AND id > ${after}
          UNION SELECT * FROM bookings WHERE provider_id = ${userId} AND id > ${after}) b
      JOIN users p ON p.id = b.provider_id LEFT JOIN users c ON c.id = b.customer_id LEFT JOIN organizations o ON o.id = b.organization_id
      CROSS JOIN LATERAL (SELECT b.customer_id IS NOT DISTINCT FROM ${userId} OR b.organization_id IS NULL OR EXISTS (
        SELECT FROM memberships m WHERE m.organization_id = b.organization_id AND m.user_id = ${userId}) AS people) seen
    ORDER BY b.id LIMIT ${limit}`.execute(ctx.db)
  return rows.map(({ price_minor, deposit_minor, no_show_fee_minor: fee, ...row }) => ({
    ...row,
    price: fromMinor(price_minor, row.currency),
    deposit: deposit_minor === null ? null : fromMinor(deposit_minor, row.currency),
    no_show_fee: fee === null ? null : fromMinor(fee, row.currency),
  }))
}

const seriesAfter = (ctx: Context, userId: number, after: number, limit: number) =>
  ctx.db
    .selectFrom('booking_series')
    .where('customer_id', '=', userId)
    .where('id', '>', after)
    .select(['id', 'service_id', 'rule', 'time_zone', 'starts_at', 'seats', 'skipped', 'created_at'])
    .orderBy('id')
    .limit(limit)
    .execute()

const waitingAfter = (ctx: Context, userId: number, after: number, limit: number) =>
  ctx.db
    .selectFrom('waiting_list')
    .where('customer_id', '=', userId)
    .where('id', '>', after)
    .select(['id', 'service_id', 'provider_id', 'from_at', 'to_at', 'seats', 'created_at', 'offered_at', 'ended_at'])
    .orderBy('id')
    .limit(limit)
    .execute()

/** What a person booked, one by one and in series, and what was booked with them; where they wait for a place. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  yield { name: 'bookings/bookings.json', rows: inPieces((after, limit) => bookingsAfter(ctx, userId, after, limit)) }
  yield { name: 'bookings/series.json', rows: inPieces((after, limit) => seriesAfter(ctx, userId, after, limit)) }
  yield {
    name: 'bookings/waiting-list.json',
    rows: inPieces((after, limit) => waitingAfter(ctx, userId, after, limit)),
  }
}

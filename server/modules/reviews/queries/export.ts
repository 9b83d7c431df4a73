import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { inPieces, type ExportOf } from '../../../platform/export.ts'
import { shownGuest, shownName } from '../rules.ts'

type Row = { id: number; first_name: string | null; last_name: string | null; guest_name: string | null }

/** What a person wrote, and what was written of what they gave: of the author no more than everybody sees. */
async function reviewsAfter(ctx: Context, userId: number, after: number, limit: number) {
  const { rows } = await sql<Row>`
    SELECT r.id, CASE WHEN r.customer_id = ${userId} THEN 'author' ELSE 'provider' END AS as_whom, r.booking_id, b.title AS service, r.rating, r.text,
      r.answer, r.answered_at, r.hidden_at, r.hidden_reason, r.created_at, r.edited_at, c.first_name, c.last_name, b.guest_name
    FROM (SELECT * FROM reviews WHERE customer_id = ${userId} AND id > ${after}
          UNION SELECT * FROM reviews WHERE provider_id = ${userId} AND id > ${after}
          UNION SELECT * FROM reviews WHERE answered_by = ${userId} AND id > ${after}) r
      JOIN bookings b ON b.id = r.booking_id LEFT JOIN users c ON c.id = r.customer_id
    ORDER BY r.id LIMIT ${limit}`.execute(ctx.db)
  return rows.map(({ first_name, last_name, guest_name, ...row }) => ({
    ...row,
    author: guest_name === null ? shownName(first_name ?? '', last_name ?? '') : shownGuest(guest_name),
  }))
}

const reportsAfter = (ctx: Context, userId: number, after: number, limit: number) =>
  ctx.db
    .selectFrom('review_reports')
    .where('reporter_id', '=', userId)
    .where('id', '>', after)
    .select(['id', 'review_id', 'reason', 'status', 'created_at', 'resolved_at'])
    .orderBy('id')
    .limit(limit)
    .execute()

/** What a person wrote about bookings, what was written about theirs, and what they reported. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  yield { name: 'reviews/reviews.json', rows: inPieces((after, limit) => reviewsAfter(ctx, userId, after, limit)) }
  yield { name: 'reviews/reports.json', rows: inPieces((after, limit) => reportsAfter(ctx, userId, after, limit)) }
}

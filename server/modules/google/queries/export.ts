import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { inPieces, type ExportOf } from '../../../platform/export.ts'

const connectionsAfter = (ctx: Context, userId: number, after: number, limit: number) =>
  ctx.db
    .selectFrom('google_connections')
    .where('user_id', '=', userId)
    .where('id', '>', after)
    .select(['id', 'account', 'calendar_id', 'state', 'synced_at', 'created_at'])
    .orderBy('id')
    .limit(limit)
    .execute()

async function invitationsAfter(ctx: Context, userId: number, after: number, limit: number) {
  const { rows } = await sql<{ id: number; meet_url: string; sent_at: Temporal.Instant }>`
    SELECT booking_id AS id, max(meet_url) AS meet_url, max(sent_at) AS sent_at FROM google_invitations
    WHERE user_id = ${userId} AND booking_id > ${after} GROUP BY booking_id ORDER BY booking_id LIMIT ${limit}`.execute(
    ctx.db,
  )
  return rows
}

/** Which Google calendars a person has connected (never the tokens), and to which conferences they were invited; `id` is the booking's there. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  yield {
    name: 'google/connections.json',
    rows: inPieces((after, limit) => connectionsAfter(ctx, userId, after, limit)),
  }
  yield {
    name: 'google/invitations.json',
    rows: inPieces((after, limit) => invitationsAfter(ctx, userId, after, limit)),
  }
}

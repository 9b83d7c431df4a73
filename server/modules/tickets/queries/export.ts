import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { inUuidPieces, type ExportOf } from '../../../platform/export.ts'

const ticketsAfter = (ctx: Context, userId: number, after: string, limit: number) =>
  ctx.db
    .selectFrom('tickets')
    .where('requester_id', '=', userId)
    .where('id', '>', after)
    .select(['id', 'organization_id', 'number', 'title', 'description', 'status', 'priority', 'category'])
    .select(['due_at', 'resolved_at', 'closed_at', 'created_at', 'updated_at'])
    .orderBy('id')
    .limit(limit)
    .execute()

/** What was said of one's tickets but the internal words, which one is not shown, and what one wrote oneself. */
async function commentsAfter(ctx: Context, userId: number, after: string, limit: number) {
  const { rows } = await sql<{ id: string }>`
    SELECT c.id, c.ticket_id, CASE WHEN c.author_id = ${userId} THEN 'own' ELSE 'other' END AS written_by, c.body, c.created_at
    FROM (SELECT * FROM ticket_comments WHERE author_id = ${userId} AND id > ${after}
          UNION SELECT c.* FROM ticket_comments c JOIN tickets t ON t.id = c.ticket_id
            WHERE t.requester_id = ${userId} AND NOT c.is_internal AND c.id > ${after}) c
    ORDER BY c.id LIMIT ${limit}`.execute(ctx.db)
  return rows
}

/** What a person asked of the desks of their organizations, and what was answered. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  yield { name: 'tickets/tickets.json', rows: inUuidPieces((after, limit) => ticketsAfter(ctx, userId, after, limit)) }
  yield {
    name: 'tickets/comments.json',
    rows: inUuidPieces((after, limit) => commentsAfter(ctx, userId, after, limit)),
  }
}

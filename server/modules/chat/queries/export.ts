import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** SQL that reads all of one person's talk piece by piece, in the order of ids. */

export async function listExportedChats(ctx: Context, userId: number, after: number, limit: number) {
  const { rows } = await sql<{ id: number }>`
    SELECT c.id, c.kind, c.opened_by, c.booking_id, c.service_id, CASE WHEN c.person_a = ${userId} THEN c.person_b ELSE c.person_a END AS other_id,
      m.read_seq, m.unread, m.muted, c.created_at, c.updated_at
    FROM chat_members m JOIN chats c ON c.id = m.chat_id
    WHERE m.user_id = ${userId} AND m.left_at IS NULL AND c.id > ${after} ORDER BY c.id LIMIT ${limit}`.execute(ctx.db)
  return rows
}

export async function listExportedMessages(ctx: Context, userId: number, after: number, limit: number) {
  const { rows } = await sql<{ id: number }>`
    SELECT id, chat_id, seq, CASE WHEN side IS NULL THEN 'system' WHEN sender_id = ${userId} THEN 'own' ELSE 'other' END AS written_by,
      text, params, has_attachments, created_at, edited_at, deleted_at
    FROM (SELECT * FROM messages WHERE person_a = ${userId} UNION ALL SELECT * FROM messages WHERE person_b = ${userId}) m
    WHERE id > ${after} ORDER BY id LIMIT ${limit}`.execute(ctx.db)
  return rows
}

/** What a person has reported, in their own words; what the administrators wrote about it is not theirs. */
export const listExportedReports = (ctx: Context, userId: number, after: number, limit: number) =>
  ctx.db
    .selectFrom('reports')
    .where('reporter_id', '=', userId)
    .where('id', '>', after)
    .select(['id', 'message_id', 'reason', 'status', 'created_at', 'resolved_at'])
    .orderBy('id')
    .limit(limit)
    .execute()

import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** SQL on who has left a chat: they stay its side, and read and write nothing of it until it is theirs again. */

export type LeftChat = { id: number; other_id: number }

/**
 * Locks, ascending, the chats that a person has on behalf of an organization: those begun about a service of it, but for those with these others. Answers them.
 */
export async function lockChatsFor(
  ctx: Context,
  { userId, organizationId, except }: { userId: number; organizationId: string; except: readonly number[] },
): Promise<LeftChat[]> {
  const { rows } = await sql<LeftChat>`
    SELECT c.id, o.user_id AS other_id FROM chat_members m JOIN chats c ON c.id = m.chat_id AND c.kind = 'direct' AND c.left_side IS NULL
      JOIN services s ON s.id = c.service_id AND s.organization_id = ${organizationId}::uuid
      JOIN chat_members o ON o.chat_id = c.id AND o.side <> m.side AND o.user_id <> ALL (${[...except]}::bigint[])
    WHERE m.user_id = ${userId} ORDER BY c.id FOR NO KEY UPDATE OF c`.execute(ctx.db)
  return rows
}

/** A person leaves these chats; answers the lines of theirs that streams may still tell, thirty days back. */
export async function leaveChats(ctx: Context, userId: number, ids: readonly number[]): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    WITH gone AS (
      UPDATE chat_members SET left_at = ${ctx.now}
      WHERE user_id = ${userId} AND chat_id = ANY (${[...ids]}::bigint[]) RETURNING chat_id, side
    ), closed AS (
      UPDATE chats c SET left_side = gone.side FROM gone WHERE c.id = gone.chat_id
    ), hidden AS (
      UPDATE messages l SET person_a = CASE gone.side WHEN 'a' THEN 0 ELSE person_a END, person_b = CASE gone.side WHEN 'b' THEN 0 ELSE person_b END
      FROM gone WHERE l.chat_id = gone.chat_id RETURNING l.id, l.created_at
    )
    SELECT id FROM hidden WHERE created_at > ${ctx.now.subtract({ hours: 31 * 24 })}`.execute(ctx.db)
  return rows.map((row) => row.id)
}

/** What makes these chats their side's again that had left: the rest of a statement whose `back` names them. */
export const comeBack = sql`
  present AS (UPDATE chat_members SET left_at = NULL WHERE left_at IS NOT NULL AND chat_id IN (SELECT id FROM back)),
  shown AS (UPDATE messages l SET person_a = back.person_a, person_b = back.person_b FROM back WHERE l.chat_id = back.id)`

/** Before a person is erased: what they wrote in chats that they have left is theirs too. */
export async function returnTo(ctx: Context, userId: number): Promise<void> {
  await sql`
    WITH back AS (
      UPDATE chats SET left_side = NULL WHERE id IN (SELECT chat_id FROM chat_members WHERE user_id = ${userId} AND left_at IS NOT NULL)
      RETURNING id, person_a, person_b
    ), ${comeBack} SELECT 1`.execute(ctx.db)
}

import { sql } from 'kysely'
import type { Context } from './context.ts'

/**
 * Changes what stands in people's streams about things that were deleted since, by the `id` in the data of the entries: the fields of `patch` replace those of the
 * entry. Who was away is then not told the words that nobody is to read any more. To be called before `appendToStreams`, in the same transaction.
 */
export async function scrubStreams(
  ctx: Context,
  userIds: readonly number[],
  { types, ids, patch }: { types: readonly string[]; ids: readonly number[]; patch: object },
): Promise<void> {
  if (userIds.length === 0 || ids.length === 0) return
  await sql`
    UPDATE stream_entries SET data = data || ${JSON.stringify(patch)}::jsonb
    WHERE user_id = ANY (${userIds}::bigint[]) AND type = ANY (${types}::text[]) AND (data ->> 'id')::bigint = ANY (${ids}::bigint[])`.execute(
    ctx.db,
  )
}

/** Gives notifications that stand in people's streams other words: those of somebody who was erased since, without the name. */
export async function rewriteNotices(
  ctx: Context,
  notices: readonly { user_id: number; id: number; words: { title: string; body: string } }[],
): Promise<void> {
  if (notices.length === 0) return
  await sql`
    UPDATE stream_entries e SET data = jsonb_set(e.data, '{notification}', (e.data -> 'notification') || n.words)
    FROM jsonb_to_recordset(${JSON.stringify(notices)}::jsonb) AS n (user_id bigint, id bigint, words jsonb)
    WHERE e.user_id = n.user_id AND e.type = 'notification.created' AND (e.data #>> '{notification,id}')::bigint = n.id`.execute(
    ctx.db,
  )
}

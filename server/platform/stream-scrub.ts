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

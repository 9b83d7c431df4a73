import type { Context } from '../../platform/context.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { deleteUnusedBefore, existingAttachments, forgetDays } from './attachment-queries.ts'
import { removeBytes } from './attachments.ts'
import { isOrphanAttachment } from './rules.ts'

/** So long an upload may wait to be used. */
const unusedLife = Temporal.Duration.from({ hours: 24 })
const batch = 500

/** Deletes uploads that nothing took within a day, bytes that no row knows, and the counts of past days. */
export async function cleanAttachments(ctx: Context): Promise<void> {
  for (let deleted = batch; deleted === batch;) {
    deleted = await inTransaction(ctx, async (tx) => {
      const keys = await deleteUnusedBefore(tx, ctx.now.subtract(unusedLife), batch)
      await removeBytes(tx, keys)
      return keys.length
    })
  }
  await forgetDays(ctx)
  let keys: string[] = []
  const sweep = async (): Promise<void> => {
    const existing = await existingAttachments(ctx, keys)
    for (const key of keys) if (!existing.has(key)) await ctx.house.files.delete('attachments', key)
    keys = []
  }
  for await (const { key } of ctx.house.files.list('attachments')) {
    if (isOrphanAttachment(key, ctx.now)) keys.push(key)
    if (keys.length === batch) await sweep()
  }
  await sweep()
}

import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { negotiate } from '../../../platform/i18n/index.ts'
import { rewriteNotices } from '../../../platform/stream-scrub.ts'
import { blankAbout, blankName, type Blanked } from '../queries/notifications.ts'
import { viewOf } from './notifications.ts'

const atOnce = 500

/** Takes an erased person's name out of what others were told, in their lists and in what their sockets are still to be told; in portions. */
export async function forgetName(ctx: Context, { user_id }: { user_id: number }): Promise<void> {
  for (;;) {
    const found = await inTransaction(ctx, async (tx) => {
      const rows = await blankName(tx, user_id, atOnce)
      await rewriteNotices(tx, rows.map(inOtherWords))
      return rows.length
    })
    if (found === 0) return
  }
}

/** A notification as its reader reads it without the name. */
function inOtherWords(row: Blanked) {
  const { id, title, body } = viewOf(row, negotiate(null, row.locale), row.time_zone)
  return { user_id: row.user_id, id, words: { title, body } }
}

/** Who they are told of stands in params of these names, and so do the words of others. */
const ofOthers = ['customer', 'name', 'reason']

/**
 * Takes the names and words of others out of what a person was told about these things, since they are to know no more of them: in their list, and in what their
 * sockets are still to be told.
 */
export async function withdrawNames(
  ctx: Context,
  userId: number,
  { kind, ids }: { kind: string; ids: readonly number[] },
): Promise<void> {
  if (ids.length === 0) return
  const rows = await blankAbout(ctx, userId, { kind, ids, names: ofOthers })
  await rewriteNotices(ctx, rows.map(inOtherWords))
}

import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { negotiate } from '../../../platform/i18n/index.ts'
import { rewriteNotices } from '../../../platform/stream-scrub.ts'
import { blankName } from '../queries/notifications.ts'
import { viewOf } from './notifications.ts'

const atOnce = 500

/** Takes an erased person's name out of what others were told, in their lists and in what their sockets are still to be told; in portions. */
export async function forgetName(ctx: Context, { user_id }: { user_id: number }): Promise<void> {
  for (;;) {
    const found = await inTransaction(ctx, async (tx) => {
      const rows = await blankName(tx, user_id, atOnce)
      const notices = rows.map((row) => {
        const { id, title, body } = viewOf(row, negotiate(null, row.locale), row.time_zone)
        return { user_id: row.user_id, id, words: { title, body } }
      })
      await rewriteNotices(tx, notices)
      return rows.length
    })
    if (found === 0) return
  }
}

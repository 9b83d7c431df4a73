import type { Context } from '../../../platform/context.ts'
import type { StreamEntry } from '../../../platform/streams.ts'
import { countUnread, deleteUnreadAbout, markReadAbout, type About, type Withdrawn } from '../queries/notifications.ts'

/** What their devices are to be told: for the caller to append, last in the transaction and together with its own entries (`appendEach`). */
type Entries = (StreamEntry & { userId: number })[]

async function entriesOf(
  ctx: Context,
  type: 'notification.read' | 'notification.deleted',
  rows: readonly { user_id: number; id: number }[],
): Promise<Entries> {
  const entries: Entries = []
  for (const [userId, own] of Map.groupBy(rows, (row) => row.user_id)) {
    const data = { ids: own.map(({ id }) => id), unread_count: await countUnread(ctx, userId) }
    entries.push({ userId, type, data })
  }
  return entries
}

/** Marks what these people have not read about one thing as read, since they have seen the thing itself. */
export const readAbout = async (ctx: Context, userIds: readonly number[], about: About): Promise<Entries> =>
  entriesOf(ctx, 'notification.read', await markReadAbout(ctx, userIds, about))

/**
 * Takes back what these people were told about one thing since an instant: it was undone before it went out by push or mail (`held`). Nothing of it where somebody has
 * read it already. Answers what had been told to the first of them, or null where nothing was taken back.
 */
export async function withdraw(
  ctx: Context,
  userIds: readonly number[],
  about: About,
  since: Temporal.Instant,
): Promise<{ params: Withdrawn['params']; entries: Entries } | null> {
  const gone = await deleteUnreadAbout(ctx, userIds, about, since)
  const [first] = gone
  return first ? { params: first.params, entries: await entriesOf(ctx, 'notification.deleted', gone) } : null
}

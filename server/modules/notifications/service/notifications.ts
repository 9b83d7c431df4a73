import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { notFound } from '../../../platform/errors.ts'
import { exactUpTo, pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { isoOrNull, iso } from '../../../platform/http/shapes.ts'
import { translate, withMoments, type Locale } from '../../../platform/i18n/index.ts'
import { appendToStreams } from '../../../platform/streams.ts'
import {
  countUnread,
  deleteNotifications,
  markAllRead,
  markRead,
  selectNotifications,
  type NotificationRow,
} from '../queries/notifications.ts'
import type { NotificationView, ReadView } from '../schema.ts'

/** One’s notifications, newest first: all, the unread or the read ones; with `before` those older than one, of which no more than 1,001 are counted. */
export async function listNotifications(
  ctx: Context,
  request: PageRequest & { unread?: boolean; before?: number },
): Promise<Page<NotificationView>> {
  const { userId, timeZone } = actorOf(ctx)
  const { unread, before } = request
  const key = `notifications of ${userId}, unread ${unread}, before ${before}`
  const rows = selectNotifications(ctx, userId, unread, before)
  const page = await pageOf(ctx, request, key, rows, before === undefined ? rows : rows.limit(exactUpTo + 1))
  return { ...page, results: page.results.map((row) => viewOf(row, ctx.locale, timeZone)) }
}

/** How many are unread; 1,000 stands for as many or more. */
export const countOwnUnread = (ctx: Context): Promise<number> => countUnread(ctx, actorOf(ctx).userId)

/** @throws NOT_FOUND */
export async function readNotification(ctx: Context, id: number): Promise<ReadView> {
  return inTransaction(ctx, async (tx) => {
    const { userId, timeZone } = actorOf(tx)
    const row = await markRead(tx, userId, id)
    if (!row) throw notFound('notification')
    const unread = await follow(tx, 'notification.read', { ids: [id] })
    return { ...viewOf(row, tx.locale, timeZone), unread_count: unread }
  })
}

/** Marks all of one’s notifications as read; answers how many were unread. */
export const readAllNotifications = (ctx: Context): Promise<number> =>
  inTransaction(ctx, async (tx) => {
    const updated = await markAllRead(tx, actorOf(tx).userId)
    if (updated > 0) await follow(tx, 'notification.read', { ids: null })
    return updated
  })

/** Answers how many are still unread. @throws NOT_FOUND */
export const deleteNotification = (ctx: Context, id: number): Promise<number> =>
  inTransaction(ctx, async (tx) => {
    const deleted = await deleteNotifications(tx, actorOf(tx).userId, id)
    if (deleted === 0) throw notFound('notification')
    return follow(tx, 'notification.deleted', { ids: [id] })
  })

/** Deletes all of one’s notifications; answers how many. */
export const deleteAllNotifications = (ctx: Context): Promise<number> =>
  inTransaction(ctx, async (tx) => {
    const deleted = await deleteNotifications(tx, actorOf(tx).userId)
    if (deleted > 0) await follow(tx, 'notification.deleted', { ids: null })
    return deleted
  })

/** Tells the person's other devices what was done, last in the transaction; `ids` null means all. Answers how many are unread now. */
async function follow(
  ctx: Context,
  type: 'notification.read' | 'notification.deleted',
  { ids }: { ids: number[] | null },
) {
  const { userId } = actorOf(ctx)
  const unread = ids === null ? 0 : await countUnread(ctx, userId)
  await appendToStreams(ctx, [userId], { type, data: { ids, unread_count: unread } })
  return unread
}

/** What fills the sentences, with words for those who have been erased. */
export function namesIn(locale: Locale, params: NotificationRow['params']): Record<string, string | number> {
  const nameless = translate(locale, 'Deleted account')
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value ?? nameless]))
}

/** A notification as somebody reads it: in their language, by their clock. */
export function viewOf(row: NotificationRow, locale: Locale, timeZone: string): NotificationView {
  const params = withMoments(locale, timeZone, namesIn(locale, row.params))
  return {
    id: row.id,
    kind: row.kind,
    title: translate(locale, row.title, params),
    body: translate(locale, row.body, params),
    target: row.target,
    is_read: row.read_at !== null,
    read_at: isoOrNull(row.read_at),
    created_at: iso(row.created_at),
  }
}

import { actorOf, type Context } from '../../platform/context.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { notFound } from '../../platform/errors.ts'
import { pageOf, type Page, type PageRequest } from '../../platform/http/page.ts'
import { isoOrNull, iso } from '../../platform/http/shapes.ts'
import { translate, withMoments } from '../../platform/i18n/index.ts'
import {
  deleteNotifications,
  insertNotification,
  markAllRead,
  markRead,
  selectNotifications,
  type NotificationRow,
} from './queries.ts'
import type { NotificationView } from './schema.ts'

export type Telling = {
  userId: number
  /** What it is about: `booking_confirmed`. */
  kind: string
  /** English sentences, the keys of their translations; `{name}` in them is filled from `params`, instants (`at`, `..._at`) as the reader's clock shows them. */
  title: string
  body: string
  params?: Record<string, string | number>
  /** What it leads to. */
  target?: { kind: string; id: string | number }
}

/** Tells a person something, in the transaction of `ctx`, and answers its id. To be called where the thing happens, so that both are there or neither. */
export async function notify(ctx: Context, telling: Telling): Promise<number> {
  const { userId, kind, title, body, params = {}, target = null } = telling
  return insertNotification(ctx, { user_id: userId, kind, title, body, params, target })
}

/** One's notifications, newest first: all, the unread or the read ones. */
export async function listNotifications(
  ctx: Context,
  request: PageRequest & { unread?: boolean },
): Promise<Page<NotificationView>> {
  const { userId } = actorOf(ctx)
  const key = `notifications of ${userId}, unread ${request.unread}`
  const page = await pageOf(ctx, request, key, selectNotifications(ctx, userId, request.unread))
  return { ...page, results: page.results.map((row) => view(ctx, row)) }
}

/** @throws NOT_FOUND */
export async function readNotification(ctx: Context, id: number): Promise<NotificationView> {
  const row = await inTransaction(ctx, (tx) => markRead(tx, actorOf(tx).userId, id))
  if (!row) throw notFound('notification')
  return view(ctx, row)
}

/** Marks all of one's notifications as read; answers how many were unread. */
export const readAllNotifications = (ctx: Context): Promise<number> =>
  inTransaction(ctx, (tx) => markAllRead(tx, actorOf(tx).userId))

/** @throws NOT_FOUND */
export async function deleteNotification(ctx: Context, id: number): Promise<void> {
  const deleted = await inTransaction(ctx, (tx) => deleteNotifications(tx, actorOf(tx).userId, id))
  if (deleted === 0) throw notFound('notification')
}

/** Deletes all of one's notifications; answers how many. */
export const deleteAllNotifications = (ctx: Context): Promise<number> =>
  inTransaction(ctx, (tx) => deleteNotifications(tx, actorOf(tx).userId))

function view(ctx: Context, row: NotificationRow): NotificationView {
  const { locale } = ctx
  const params = withMoments(locale, actorOf(ctx).timeZone, row.params)
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

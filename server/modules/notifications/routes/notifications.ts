import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams } from '../../../platform/http/shapes.ts'
import {
  Deleted,
  exampleNotification,
  Notification,
  NotificationQuery,
  ReadNotification,
  Unread,
  Updated,
} from '../schema.ts'
import {
  countOwnUnread,
  deleteAllNotifications,
  deleteNotification,
  listNotifications,
  readAllNotifications,
  readNotification,
} from '../service/notifications.ts'

const tag = 'Notifications'

/** One's own notifications. */
export function notificationRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/notifications/',
    who: 'any',
    tag,
    summary: 'Own notifications, newest first',
    description: 'Told in the language of the profile, else of Accept-Language.',
    query: NotificationQuery,
    data: Notification,
    message: 'Notifications retrieved successfully',
    example: { data: exampleNotification },
    run: (ctx, { query }) => listNotifications(ctx, query),
  })
  operation(app, {
    method: 'GET',
    path: '/notifications/unread-count/',
    who: 'any',
    tag,
    summary: 'How many are unread',
    description: 'For the number on the bell. The socket tells it with every change.',
    data: Unread,
    message: 'Notifications retrieved successfully',
    example: { data: { unread_count: 3 } },
    run: async (ctx) => ({ unread_count: await countOwnUnread(ctx) }),
  })
  operation(app, {
    method: 'POST',
    path: '/notifications/mark-read/{id}/',
    who: 'any',
    tag,
    summary: 'Mark one as read',
    description: 'Can be repeated; the first time stays.',
    params: IdParams,
    data: ReadNotification,
    message: 'Notification marked as read',
    example: { data: { ...exampleNotification, is_read: true, read_at: '2026-01-12T09:00:00Z', unread_count: 0 } },
    run: (ctx, { params }) => readNotification(ctx, params.id),
  })
  operation(app, {
    method: 'POST',
    path: '/notifications/mark-read/',
    who: 'any',
    tag,
    summary: 'Mark all as read',
    description: '`updated` is how many were unread.',
    data: Updated,
    message: 'All notifications marked as read',
    example: { data: { updated: 3 } },
    run: async (ctx) => ({ updated: await readAllNotifications(ctx) }),
  })
  operation(app, {
    method: 'DELETE',
    path: '/notifications/{id}/',
    who: 'any',
    tag,
    summary: 'Delete one',
    description: 'For good.',
    params: IdParams,
    data: Unread,
    message: 'Notification deleted successfully',
    example: { data: { unread_count: 0 } },
    run: async (ctx, { params }) => ({ unread_count: await deleteNotification(ctx, params.id) }),
  })
  operation(app, {
    method: 'DELETE',
    path: '/notifications/clear-all/',
    who: 'any',
    tag,
    summary: 'Delete all of your notifications',
    description: 'Read and unread ones, for good; `deleted` is how many there were.',
    data: Deleted,
    message: 'All notifications deleted successfully',
    example: { data: { deleted: 3 } },
    run: async (ctx) => ({ deleted: await deleteAllNotifications(ctx) }),
  })
}

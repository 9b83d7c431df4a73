import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../platform/http/operation.ts'
import { IdParams, Nothing } from '../../platform/http/shapes.ts'
import { Deleted, exampleNotification, Notification, NotificationQuery, Updated } from './schema.ts'
import {
  deleteAllNotifications,
  deleteNotification,
  listNotifications,
  readAllNotifications,
  readNotification,
} from './service.ts'

const tag = 'Notifications'

/** One's own notifications. */
export function routes(app: FastifyInstance): void {
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
    method: 'POST',
    path: '/notifications/mark-read/{id}/',
    who: 'any',
    tag,
    summary: 'Mark one as read',
    description: 'Can be repeated; the first time stays.',
    params: IdParams,
    data: Notification,
    message: 'Notification marked as read',
    example: { data: { ...exampleNotification, is_read: true, read_at: '2026-01-12T09:00:00Z' } },
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
    data: Nothing,
    message: 'Notification deleted successfully',
    example: { data: null },
    run: async (ctx, { params }) => {
      await deleteNotification(ctx, params.id)
      return null
    },
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

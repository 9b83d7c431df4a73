import type { FastifyInstance } from 'fastify'
import { entry } from '../../../platform/socket/frame.ts'
import { exampleNotification, NotificationCreated, NotificationsGone } from '../schema.ts'

/** What the socket tells of one's notifications, so that every device shows the same. */
export function entryRoutes(app: FastifyInstance): void {
  entry(app, {
    type: 'notification.created',
    summary: 'You were told something',
    description: 'In the language of your profile.',
    data: NotificationCreated,
    example: { notification: exampleNotification, unread_count: 1 },
  })
  entry(app, {
    type: 'notification.read',
    summary: 'You have read notifications',
    description: '`ids` is null where all of them were marked as read.',
    data: NotificationsGone,
    example: { ids: [1], unread_count: 0 },
  })
  entry(app, {
    type: 'notification.deleted',
    summary: 'You have deleted notifications',
    description: '`ids` is null where all of them were deleted.',
    data: NotificationsGone,
    example: { ids: null, unread_count: 0 },
  })
}

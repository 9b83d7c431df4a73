import { Type, type Static } from 'typebox'
import { Id, Instant, Nullable, pageQuery } from '../../platform/http/shapes.ts'

/** What a notification leads to: `{"kind": "booking", "id": 1}`; ids of the planner are UUIDs. */
const Target = Type.Object({ kind: Type.String(), id: Type.Union([Type.Integer(), Type.String()]) })

export const Notification = Type.Object(
  {
    id: Id,
    kind: Type.String(),
    title: Type.String(),
    body: Type.String(),
    target: Nullable(Target),
    is_read: Type.Boolean(),
    read_at: Nullable(Instant),
    created_at: Instant,
  },
  { title: 'Notification' },
)
export type NotificationView = Static<typeof Notification>

export const NotificationQuery = Type.Object({
  ...pageQuery,
  unread: Type.Optional(Type.Boolean({ description: 'true: only unread ones; false: only read ones.' })),
})

export const Updated = Type.Object({ updated: Type.Integer({ minimum: 0 }) })
export const Deleted = Type.Object({ deleted: Type.Integer({ minimum: 0 }) })

export const exampleNotification = {
  id: 1,
  kind: 'booking_confirmed',
  title: 'Your booking is confirmed',
  body: 'Massage on 15 January at 14:00',
  target: { kind: 'booking', id: 1 },
  is_read: false,
  read_at: null,
  created_at: '2026-01-12T08:00:00Z',
} satisfies NotificationView

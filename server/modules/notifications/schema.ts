import { Type, type Static } from 'typebox'
import { Id, Instant, Line, Nullable, OneOf, pageQuery } from '../../platform/http/shapes.ts'
import { channels, isFixed, isOn, topicNames, topics } from './topics.ts'

/** What a notification leads to: `{"kind": "booking", "id": 1}`; ids of the planner are UUIDs. */
const Target = Type.Object({ kind: Type.String(), id: Type.Union([Type.Integer(), Type.String()]) })
const UnreadCount = Type.Integer({ minimum: 0, maximum: 1000, description: '1,000 stands for as many or more.' })

const notification = {
  id: Id,
  kind: Type.String(),
  title: Type.String(),
  body: Type.String(),
  target: Nullable(Target),
  is_read: Type.Boolean(),
  read_at: Nullable(Instant),
  created_at: Instant,
}
export const Notification = Type.Object(notification, { title: 'Notification' })
export type NotificationView = Static<typeof Notification>

export const ReadNotification = Type.Object(
  { ...notification, unread_count: UnreadCount },
  { title: 'ReadNotification' },
)
export type ReadView = Static<typeof ReadNotification>

export const NotificationQuery = Type.Object({
  ...pageQuery,
  unread: Type.Optional(Type.Boolean({ description: 'true: only unread ones; false: only read ones.' })),
  before: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description:
        'Only those older than the one with this id: the way to leaf through many, as quick at the end as at the beginning. `count` then goes no further than 1,001.',
    }),
  ),
})

export const Updated = Type.Object({ updated: Type.Integer({ minimum: 0 }) })
export const Deleted = Type.Object({ deleted: Type.Integer({ minimum: 0 }) })
export const Unread = Type.Object({ unread_count: UnreadCount })

/** Entries of the socket. */
export const NotificationCreated = Type.Object({ notification: Notification, unread_count: UnreadCount })
export const NotificationsGone = Type.Object({ ids: Nullable(Type.Array(Id)), unread_count: UnreadCount })

/** What Firebase gives: letters, digits, `:`, `-`, `_`; it says nothing of the length. */
const Token = Type.String({ minLength: 1, maxLength: 4096, pattern: '^[!-~]+$' })
const Platform = OneOf(['android', 'ios', 'web'], { title: 'DevicePlatform' })

export const DeviceInput = Type.Object({ token: Token, platform: Platform, name: Type.Optional(Line(100)) })
export type DeviceInput = Static<typeof DeviceInput>
export const DeviceToken = Type.Object({ token: Token })

export const Device = Type.Object(
  {
    id: Id,
    platform: Platform,
    name: Type.String(),
    is_current: Type.Boolean({ description: 'Was it registered by the session that asks?' }),
    created_at: Instant,
    registered_at: Instant,
  },
  { title: 'Device' },
)
export type DeviceView = Static<typeof Device>

const Clock = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', examples: ['22:00'] })
const QuietHours = Type.Object(
  { start: Clock, end: Clock },
  { title: 'QuietHours', description: 'By the clock of the person; an end before the start is of the next day.' },
)

const Topic = Type.Object(
  {
    topic: OneOf(topicNames, { title: 'NotificationTopic' }),
    name: Type.String(),
    description: Type.String(),
    in_app: Type.Boolean(),
    email: Type.Boolean(),
    push: Type.Boolean(),
    fixed: Type.Array(OneOf(channels)),
  },
  { title: 'NotificationPreference' },
)
export const Preferences = Type.Object(
  {
    topics: Type.Array(Topic),
    quiet_hours: Nullable(QuietHours),
    time_zone: Type.String({ description: 'The IANA time zone of the profile, by whose clock the quiet hours are.' }),
    push_available: Type.Boolean(),
  },
  { title: 'NotificationPreferences' },
)
export type PreferencesView = Static<typeof Preferences>

export const PreferencesInput = Type.Object({
  topics: Type.Optional(
    Type.Array(
      Type.Object({
        topic: Line(40, 1),
        in_app: Type.Optional(Type.Boolean()),
        email: Type.Optional(Type.Boolean()),
        push: Type.Optional(Type.Boolean()),
      }),
      { maxItems: 50 },
    ),
  ),
  quiet_hours: Type.Optional(Nullable(QuietHours)),
})
export type PreferencesInput = Static<typeof PreferencesInput>

export const exampleNotification = {
  id: 1,
  kind: 'booking_confirmed',
  title: 'Your booking is confirmed',
  body: 'Massage with Jane Smith: Thu, January 15, 2026 at 04:00 PM GMT+2',
  target: { kind: 'booking', id: 1 },
  is_read: false,
  read_at: null,
  created_at: '2026-01-12T08:00:00Z',
} satisfies NotificationView

export const exampleDevice = {
  id: 1,
  platform: 'android',
  name: 'Pixel 9',
  is_current: true,
  created_at: '2026-01-12T08:00:00Z',
  registered_at: '2026-01-12T08:00:00Z',
} satisfies DeviceView

export const examplePreferences: PreferencesView = {
  topics: topicNames.map((topic) => ({
    topic,
    name: topics[topic].name,
    description: topics[topic].description,
    in_app: isOn(topic, 'in_app', {}),
    email: topic !== 'reminders' && isOn(topic, 'email', {}),
    push: isOn(topic, 'push', {}),
    fixed: channels.filter((channel) => isFixed(topic, channel)),
  })),
  quiet_hours: { start: '22:00', end: '08:00' },
  time_zone: 'Europe/Kyiv',
  push_available: true,
}

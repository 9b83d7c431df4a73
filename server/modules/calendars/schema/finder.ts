import { Type, type Static } from 'typebox'
import { Id, Instant, pageQuery, TimeZone, Uuid } from '../../../platform/http/shapes.ts'

const UserIds = Type.Unsafe<string | string[]>({
  anyOf: [
    { type: 'string', maxLength: 1000 },
    { type: 'array', items: { type: 'string', maxLength: 20 }, maxItems: 50 },
  ],
  description: 'Ids of colleagues, or your own, by commas or by repeating the parameter; at most 50.',
  examples: ['1,2'],
})

export const FreeBusyQuery = Type.Object({ user_id: UserIds, from: Instant, to: Instant })
export type FreeBusyQuery = Static<typeof FreeBusyQuery>

const Stretch = Type.Object({ start: Instant, end: Instant }, { title: 'Stretch' })

export const FreeBusy = Type.Object(
  {
    from: Instant,
    to: Instant,
    people: Type.Array(
      Type.Object({
        user_id: Id,
        name: Type.String(),
        time_zone: Type.String(),
        busy: Type.Array(Stretch, {
          description:
            'Meetings, bookings, blocked and imported time alike, as one; time off is left out of the working hours.',
        }),
        working_hours: Type.Array(Stretch),
        bookings: Type.Array(Type.Object({ id: Id, title: Type.String(), start: Instant, end: Instant }), {
          description: 'Those of which you may know what they are; at most 500 of all.',
        }),
      }),
    ),
  },
  { title: 'FreeBusy' },
)
export type FreeBusyView = Static<typeof FreeBusy>

export const exampleFreeBusy: FreeBusyView = {
  from: '2026-01-15T00:00:00Z',
  to: '2026-01-16T00:00:00Z',
  people: [
    {
      user_id: 2,
      name: 'John Smith',
      time_zone: 'Europe/Kyiv',
      busy: [{ start: '2026-01-15T14:00:00Z', end: '2026-01-15T15:00:00Z' }],
      working_hours: [{ start: '2026-01-15T07:00:00Z', end: '2026-01-15T15:00:00Z' }],
      bookings: [{ id: 1, title: 'Massage', start: '2026-01-15T14:00:00Z', end: '2026-01-15T15:00:00Z' }],
    },
  ],
}

export const MeetingTimesQuery = Type.Object({
  ...pageQuery,
  user_id: UserIds,
  optional_user_id: Type.Optional(UserIds),
  duration_minutes: Type.Integer({ minimum: 5, maximum: 1440, examples: [60] }),
  from: Instant,
  to: Instant,
  time_zone: Type.Optional(TimeZone),
  step_minutes: Type.Optional(Type.Integer({ minimum: 5, maximum: 240, default: 30 })),
  working_hours: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'Only within the working hours of all; with `false` times outside them come last.',
    }),
  ),
  missing: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 49,
      default: 0,
      description: 'So many of the required people may be missing; such times come after those at which all can.',
    }),
  ),
  room: Type.Optional(
    Type.Boolean({ description: 'A room is needed, for all who are named; so too with any of the next three.' }),
  ),
  capacity: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  equipment: Type.Optional(
    Type.Unsafe<string | string[]>({
      anyOf: [
        { type: 'string', maxLength: 2000 },
        { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 50 },
      ],
      description: 'What the room must have: all of these, by commas or by repeating the parameter.',
    }),
  ),
  room_id: Type.Optional(Uuid),
  organization_id: Type.Optional({ ...Uuid, description: 'Whose rooms; by default those of your only organization.' }),
  event_id: Type.Optional({
    ...Uuid,
    description: 'An event of yours that is to be moved: it does not stand in its own way.',
  }),
})
export type MeetingTimesQuery = Static<typeof MeetingTimesQuery>

export const MeetingTime = Type.Object(
  {
    start: Instant,
    end: Instant,
    local: Type.String({ description: 'The start in `time_zone`, with its offset.' }),
    missing: Type.Array(Id),
    optional_missing: Type.Array(Id),
    outside_working_hours: Type.Array(Id),
    rooms: Type.Array(
      Type.Object({ id: Uuid, name: Type.String(), capacity: Type.Integer(), location: Type.String() }),
      { description: 'Those that are free then, the smallest that fits first; at most 10.' },
    ),
  },
  { title: 'MeetingTime' },
)
export type MeetingTimeView = Static<typeof MeetingTime>

export const exampleMeetingTime: MeetingTimeView = {
  start: '2026-01-15T09:00:00Z',
  end: '2026-01-15T10:00:00Z',
  local: '2026-01-15T11:00:00+02:00',
  missing: [],
  optional_missing: [],
  outside_working_hours: [],
  rooms: [{ id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d', name: 'Big room', capacity: 8, location: 'First floor' }],
}

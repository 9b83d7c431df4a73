import { Type, type Static } from 'typebox'
import {
  CalendarDate,
  Id,
  Instant,
  Line,
  Nullable,
  OneOf,
  pageQuery,
  TimeZone,
  Uuid,
} from '../../platform/http/shapes.ts'
import { endPattern, startPattern } from './rules/clock.ts'
import { kinds } from './rules/schedule.ts'

const Kind = OneOf(kinds, { title: 'ScheduleKind' })
const Weekday = Type.Integer({ minimum: 1, maximum: 7, description: '1 = Monday to 7 = Sunday.', examples: [1] })
const StartTime = Type.String({ maxLength: 5, pattern: startPattern, examples: ['09:00'] })
const EndTime = Type.String({
  maxLength: 5,
  pattern: endPattern,
  description: '`24:00` is the end of the day; a time before `start_time` is on the next day.',
  examples: ['17:00'],
})
const onTheWall = {
  description: 'What the clock on the wall shows in the time zone of the schedule.',
  examples: ['2026-08-01T00:00'],
}
const LocalTime = Type.String({
  format: 'local-date-time',
  maxLength: 16,
  ...onTheWall,
})
/** The same as it is answered: a serializer knows no such format. */
const ShownTime = Type.String({ ...onTheWall })
const Interval = Type.Object({ start_time: StartTime, end_time: EndTime })

const fieldsOfKinds = {
  weekday: Type.Optional(Weekday),
  start_time: Type.Optional(StartTime),
  end_time: Type.Optional(EndTime),
  date: Type.Optional(CalendarDate),
  intervals: Type.Optional(Type.Array(Interval, { maxItems: 24, description: 'Empty: closed on this date.' })),
  starts_at: Type.Optional(LocalTime),
  ends_at: Type.Optional(LocalTime),
  reason: Type.Optional(Line(500)),
}

/** Which fields a kind cannot do without. The validator drops what a shape does not name: the pattern names everything. */
const needs = (kind: (typeof kinds)[number], required: (keyof typeof fieldsOfKinds)[]) => ({
  if: { properties: { kind: { const: kind } }, patternProperties: { '': {} }, required: ['kind'] },
  // eslint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { required },
})

const entry = {
  kind: Kind,
  time_zone: Type.Optional(TimeZone),
  ...fieldsOfKinds,
}
const byKind = {
  allOf: [
    needs('weekly', ['weekday', 'start_time', 'end_time']),
    needs('override', ['date', 'intervals']),
    needs('time_off', ['starts_at', 'ends_at']),
    needs('slot', ['starts_at', 'ends_at']),
  ],
}

export const ScheduleChange = Type.Object(entry, byKind)
export const ScheduleInput = Type.Object({ ...entry, user_id: Type.Optional(Id), room_id: Type.Optional(Uuid) }, byKind)

/** An entry: `user_id` or `room_id` says whose it is, and of the other fields those of its kind are there. */
export const ScheduleEntry = Type.Object(
  {
    id: Id,
    kind: Kind,
    user_id: Nullable(Id),
    room_id: Nullable(Uuid),
    time_zone: Type.String(),
    ...fieldsOfKinds,
    starts_at: Type.Optional(ShownTime),
    ends_at: Type.Optional(ShownTime),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'ScheduleEntry' },
)
export type ScheduleEntryView = Static<typeof ScheduleEntry>

export const ScheduleQuery = Type.Object({
  kind: Type.Optional(Kind),
  from: Type.Optional(CalendarDate),
  to: Type.Optional(CalendarDate),
  user_id: Type.Optional(Id),
  room_id: Type.Optional(Uuid),
  ...pageQuery,
})
export type ScheduleQuery = Static<typeof ScheduleQuery>

export const ForceQuery = Type.Object({
  force: Type.Optional(
    Type.Boolean({
      description: '`true`: also where bookings stand at times that this closes. They are not cancelled.',
    }),
  ),
})

export const ScheduleZoneChange = Type.Object({
  time_zone: TimeZone,
  user_id: Type.Optional(Id),
  room_id: Type.Optional(Uuid),
})
export const ScheduleZone = Type.Object(
  {
    time_zone: Type.String(),
    user_id: Nullable(Id),
    room_id: Nullable(Uuid),
    entries: Type.Integer({ description: 'How many entries are read on the clocks of this zone now.' }),
  },
  { title: 'ScheduleZone' },
)

export const exampleInput = {
  kind: 'weekly',
  weekday: 1,
  start_time: '09:00',
  end_time: '17:00',
  time_zone: 'Europe/Kyiv',
} as const
export const exampleEntry = {
  id: 1,
  ...exampleInput,
  user_id: 1,
  room_id: null,
  created_at: '2026-01-12T08:00:00Z',
  updated_at: '2026-01-12T08:00:00Z',
} satisfies ScheduleEntryView

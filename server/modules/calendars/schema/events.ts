import { Type, type Static } from 'typebox'
import {
  Email,
  Id,
  Instant,
  Line,
  Nullable,
  OneOf,
  pageQuery,
  Text,
  TimeZone,
  Uuid,
} from '../../../platform/http/shapes.ts'
import { answers } from '../queries/participants.ts'

/** A date, a local time, or an instant; read by `rules/moments.ts`. */
const Moment = Type.String({
  minLength: 10,
  maxLength: 40,
  examples: ['2026-01-15T14:00:00Z'],
  description:
    'An instant; a date for all-day events; a local time where a time zone stands beside it, or for floating events.',
})
const statuses = ['confirmed', 'tentative', 'cancelled'] as const
const transparencies = ['opaque', 'transparent'] as const
const visibilities = ['public', 'private'] as const
const AnswerStatus = OneOf(answers)

export const Participant = Type.Object(
  {
    id: Uuid,
    user_id: Nullable(Id),
    email: Type.String(),
    name: Type.String(),
    role: OneOf(['required', 'optional']),
    status: AnswerStatus,
    occurrences: Type.Array(Type.Object({ recurrence_id: Type.String(), status: AnswerStatus }), {
      description: 'Answers to single occurrences, where they differ.',
    }),
  },
  { title: 'EventParticipant' },
)
export type ParticipantView = Static<typeof Participant>

/** What an event and each of its occurrences have in common. */
const common = {
  calendar_id: Uuid,
  organizer_id: Nullable(Id),
  organizer_name: Type.String(),
  title: Type.String(),
  description: Type.String(),
  location: Type.String(),
  start_time: Type.String({ description: 'An instant in UTC; of an all-day event the date.' }),
  end_time: Type.String({ description: 'An instant in UTC; of an all-day event the date after the last one.' }),
  start_local: Type.String({
    description: 'In the time zone asked for, with its offset; of an all-day event the date.',
  }),
  end_local: Type.String(),
  time_zone: Nullable(Type.String({ description: 'Null: floating, or of whole days.' })),
  is_all_day: Type.Boolean(),
  is_floating: Type.Boolean(),
  is_recurring: Type.Boolean(),
  recurrence_rule: Nullable(Type.String()),
  status: OneOf(statuses),
  transparency: OneOf(transparencies),
  visibility: OneOf(visibilities),
  room_id: Nullable(Uuid),
  room_name: Nullable(Type.String()),
  my_status: Nullable(AnswerStatus),
  can_edit: Type.Boolean(),
  is_busy_only: Type.Boolean({ description: 'You may know when, not what: the title is “Busy”.' }),
  created_at: Instant,
  updated_at: Instant,
}

export const Occurrence = Type.Object(
  {
    id: Type.String({ description: 'The id of the event.' }),
    event_id: Uuid,
    occurrence_id: Type.String({ description: 'Unique among the rows.' }),
    recurrence_id: Nullable(
      Type.String({
        description: 'The start that the series gives it: pass it as `occurrence`. Null for a single event.',
      }),
    ),
    is_override: Type.Boolean({ description: 'It differs from its series.' }),
    ...common,
  },
  { title: 'EventOccurrence' },
)
export type OccurrenceView = Static<typeof Occurrence>

const Warning = Type.Object({
  rule: Type.String(),
  message: Type.String(),
  params: Type.Record(Type.String(), Type.Unknown()),
})

export const EventOverride = Type.Object(
  {
    recurrence_id: Type.String(),
    start_time: Type.String(),
    end_time: Type.String(),
    title: Type.String(),
    description: Type.String(),
    location: Type.String(),
    status: OneOf(statuses),
    transparency: OneOf(transparencies),
    room_id: Nullable(Uuid),
  },
  { title: 'EventOverride' },
)

export const Event = Type.Object(
  {
    id: Uuid,
    uid: Type.String(),
    sequence: Type.Integer(),
    version: Type.Integer(),
    ...common,
    rdates: Type.Array(Type.String()),
    exdates: Type.Array(Type.String()),
    overrides: Type.Array(EventOverride, { description: 'Occurrences that differ from the series.' }),
    reminders: Type.Array(Type.Integer(), { description: 'Minutes before the start.' }),
    room_claimed_until: Nullable(
      Type.String({
        format: 'date-time',
        description:
          'The series goes on after this, and its room is claimed then, as the horizon moves on. Null: the room is claimed for all of it.',
      }),
    ),
    participants: Type.Array(Participant),
    warnings: Type.Array(Warning, { description: 'What you should know of what you have just done.' }),
    room_changes: Type.Array(
      Type.Object({
        occurrence: Type.String(),
        start_time: Instant,
        room_id: Nullable(Uuid),
        room_name: Nullable(Type.String()),
      }),
      { description: 'With `on_room_clash` `skip` or `move`: the occurrences that have another room now, or none.' },
    ),
  },
  { title: 'Event' },
)
export type EventView = Static<typeof Event>

export const ParticipantInput = Type.Object({
  user_id: Type.Optional(Id),
  email: Type.Optional(Email),
  name: Type.Optional(Line(200)),
  role: Type.Optional(OneOf(['required', 'optional'])),
})
export type ParticipantInput = Static<typeof ParticipantInput>

export const ParticipantParams = Type.Object({ id: Uuid, participant_id: Uuid })

/** How one occurrence of a series is named: its `recurrence_id`, or its `occurrence_id`. */
const OccurrenceName = Type.String({ minLength: 8, maxLength: 60, examples: ['2026-01-15T14:00:00Z'] })

export const CheckInInput = Type.Object({
  occurrence: Type.Optional({
    ...OccurrenceName,
    description: 'Of a series, which one; by default the one under way.',
  }),
})
export type CheckInInput = Static<typeof CheckInInput>

export const AnswerInput = Type.Object({
  status: AnswerStatus,
  occurrence: Type.Optional(OccurrenceName),
})
export type AnswerInput = Static<typeof AnswerInput>

const Dates = Type.Array(Moment, { maxItems: 2000 })

const optional = {
  calendar_id: Type.Optional(Uuid),
  description: Type.Optional(Nullable(Text(20_000))),
  location: Type.Optional(Nullable(Line(500))),
  end_time: Type.Optional(Nullable(Moment)),
  time_zone: Type.Optional(Nullable(TimeZone)),
  is_all_day: Type.Optional(Type.Boolean()),
  is_floating: Type.Optional(Type.Boolean()),
  is_recurring: Type.Optional(Type.Boolean()),
  recurrence_rule: Type.Optional(
    Nullable(
      Type.String({
        maxLength: 8192,
        examples: ['FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10'],
        description: 'Any RRULE of RFC 5545.',
      }),
    ),
  ),
  rdates: Type.Optional(Dates),
  exdates: Type.Optional(Dates),
  status: Type.Optional(OneOf(statuses)),
  transparency: Type.Optional(Nullable(OneOf(transparencies))),
  visibility: Type.Optional(OneOf(visibilities)),
  room_id: Type.Optional(Nullable(Uuid)),
  reminders: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 40_320 }), { maxItems: 10 })),
  participants: Type.Optional(Type.Array(ParticipantInput, { maxItems: 500 })),
  on_room_clash: Type.Optional(
    OneOf(['refuse', 'skip', 'move'], {
      description:
        'Where the room is taken or closed: refuse all (the default), leave those occurrences without it, or move them to the nearest free room.',
    }),
  ),
}

export const OverrideInput = Type.Object({
  recurrence_id: Moment,
  cancelled: Type.Optional(Type.Boolean()),
  start_time: Type.Optional(Moment),
  end_time: Type.Optional(Moment),
  title: Type.Optional(Line(500, 1)),
  description: Type.Optional(Text(20_000)),
  location: Type.Optional(Line(500)),
  status: Type.Optional(OneOf(statuses)),
  transparency: Type.Optional(OneOf(transparencies)),
  room_id: Type.Optional(Nullable(Uuid)),
})
export type OverrideInput = Static<typeof OverrideInput>

export const EventInput = Type.Object({
  title: Line(500, 1),
  start_time: Moment,
  uid: Type.Optional(Line(255, 1)),
  overrides: Type.Optional(Type.Array(OverrideInput, { maxItems: 1000 })),
  ...optional,
})
export type EventInput = Static<typeof EventInput>

/** What is left out stays as it is. */
export const EventChange = Type.Object({
  title: Type.Optional(Line(500, 1)),
  start_time: Type.Optional(Moment),
  ...optional,
})
export type EventChange = Static<typeof EventChange>

const Zone = Type.Optional(TimeZone)

export const EventsQuery = Type.Object({
  ...pageQuery,
  from: Type.Optional(Moment),
  to: Type.Optional(Moment),
  calendar_id: Type.Optional(
    Type.Unsafe<string | string[]>({
      anyOf: [
        { type: 'string', maxLength: 4000 },
        { type: 'array', items: { type: 'string', maxLength: 40 }, maxItems: 100 },
      ],
      description:
        'Only these calendars, by commas or by repeating the parameter; those too in which you see only when somebody is busy.',
    }),
  ),
  time_zone: Zone,
})
export type EventsQuery = Static<typeof EventsQuery>

export const UpcomingQuery = Type.Object({ ...pageQuery, time_zone: Zone })
export const EventQuery = Type.Object({ time_zone: Zone })

export const scopes = ['this', 'this_and_following', 'all'] as const
export type Scope = (typeof scopes)[number]

export const ScopeQuery = Type.Object({
  scope: Type.Optional(OneOf(scopes, { default: 'all', description: 'Which occurrences of a series are meant.' })),
  occurrence: Type.Optional({
    ...OccurrenceName,
    description: 'The `recurrence_id` or the `occurrence_id` of the occurrence, for `this` and `this_and_following`.',
  }),
  time_zone: Zone,
})
export type ScopeQuery = Static<typeof ScopeQuery>

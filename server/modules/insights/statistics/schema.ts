import { Type, type Static } from 'typebox'
import { Instant, Nullable, OneOf, TimeZone, Uuid } from '../../../platform/http/shapes.ts'
import { tableFormats } from '../../../platform/http/table.ts'

const Count = Type.Integer({ minimum: 0 })
const Hours = Type.Number({ minimum: 0, description: 'Hours, to the hundredth.' })
const Share = Nullable(Type.Number({ minimum: 0, description: 'A part of 1; null where there is nothing to divide.' }))

const Events = Type.Object(
  {
    total: Type.Integer({
      minimum: 0,
      description:
        'Occurrences that took somebody’s time or a room and began in the span: those in a calendar or a room of the organization, and those of its members’ own calendars.',
    }),
    meetings: Type.Integer({ minimum: 0, description: 'Of these: with a room, or with anybody but the organizer.' }),
    meeting_hours: Hours,
    person_hours: Type.Number({ minimum: 0, description: 'The hours of meetings, for each member who took part.' }),
  },
  { title: 'EventStatistics' },
)

const Rooms = Type.Object(
  {
    total: Count,
    hours: Hours,
    share: Share,
    by_room: Type.Array(
      Type.Object({ id: Uuid, name: Type.String(), hours: Hours, share: Share, events: Count, bookings: Count }),
      { description: 'The busiest first; by what took the room in the span, cut to it.' },
    ),
    by_hour: Type.Array(Type.Object({ hour: Type.Integer({ minimum: 0, maximum: 23 }), hours: Hours, share: Share }), {
      description: 'The hours of the day on the clocks of `time_zone`, all rooms together.',
    }),
  },
  { title: 'RoomStatistics' },
)

const Tickets = Type.Object(
  {
    opened: Type.Integer({ minimum: 0, description: 'In the span, as are resolved and closed.' }),
    resolved: Count,
    closed: Count,
    resolved_late: Type.Integer({ minimum: 0, description: 'Resolved in the span, after they were due.' }),
    median_hours: Nullable(Type.Number({ description: 'From opening to resolving, of those resolved in the span.' })),
    by_status: Type.Object(
      { open: Count, in_progress: Count, resolved: Count, closed: Count },
      { description: 'As all tickets stand now.' },
    ),
    by_priority: Type.Object(
      { low: Count, normal: Count, high: Count, urgent: Count },
      { description: 'Of those that are open or in progress now.' },
    ),
    by_age: Type.Array(Type.Object({ from_days: Count, to_days: Nullable(Count), tickets: Count }), {
      description: 'Of the same, how long ago they were opened: from so many days on, less than so many.',
    }),
    overdue: Type.Integer({ minimum: 0, description: 'Of the same, past the time they are due.' }),
  },
  { title: 'TicketStatistics' },
)

const People = Type.Object(
  {
    total: Count,
    joined: Type.Integer({ minimum: 0, description: 'In the span, and still there.' }),
    by_role: Type.Object({ admin: Count, it: Count, employee: Count }),
    by_department: Nullable(
      Type.Array(Type.Object({ id: Nullable(Uuid), name: Nullable(Type.String()), members: Count }), {
        description: 'Without those of departments below; null names who has none.',
      }),
    ),
  },
  { title: 'PeopleStatistics' },
)

export const Statistics = Type.Object(
  {
    organization_id: Uuid,
    from: Instant,
    to: Type.String({ ...Instant, description: 'No longer of the span.' }),
    time_zone: Type.String(),
    events: Events,
    rooms: Rooms,
    tickets: Nullable(Tickets),
    people: People,
  },
  { title: 'Statistics' },
)
export type StatisticsView = Static<typeof Statistics>

const edge = (description: string) =>
  Type.Optional(
    Type.Unsafe<string>({
      anyOf: [
        { type: 'string', format: 'date', maxLength: 10 },
        { type: 'string', format: 'date-time', maxLength: 40 },
      ],
      description,
      examples: ['2026-01-01'],
    }),
  )

export const StatisticsQuery = Type.Object({
  organization_id: Type.Optional(Uuid),
  from: edge('A date in `time_zone`, or an instant; by default thirty days back.'),
  to: edge('A date, which is included, or an instant, which is not; by default today.'),
  time_zone: Type.Optional(TimeZone),
  format: Type.Optional(
    OneOf(tableFormats, {
      description: '`csv` and `xlsx` answer a table, as `Accept` with `text/csv` or the type of workbooks does.',
    }),
  ),
})
export type StatisticsQuery = Static<typeof StatisticsQuery>

const [room, department] = ['0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8e', '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7ca1']
export const exampleStatistics: StatisticsView = {
  organization_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d',
  from: '2025-12-31T22:00:00Z',
  to: '2026-01-31T22:00:00Z',
  time_zone: 'Europe/Kyiv',
  events: { total: 120, meetings: 95, meeting_hours: 88.5, person_hours: 410.25 },
  rooms: {
    total: 1,
    hours: 62,
    share: 0.0833,
    by_room: [{ id: room, name: 'Quiet room', hours: 62, share: 0.0833, events: 40, bookings: 12 }],
    by_hour: [{ hour: 10, hours: 20.5, share: 0.6613 }],
  },
  tickets: {
    opened: 14,
    resolved: 11,
    closed: 9,
    resolved_late: 2,
    median_hours: 5.5,
    by_status: { open: 2, in_progress: 3, resolved: 2, closed: 120 },
    by_priority: { low: 1, normal: 3, high: 1, urgent: 0 },
    by_age: [{ from_days: 0, to_days: 1, tickets: 5 }],
    overdue: 1,
  },
  people: {
    total: 12,
    joined: 1,
    by_role: { admin: 1, it: 2, employee: 9 },
    by_department: [{ id: department, name: 'Sales', members: 7 }],
  },
}

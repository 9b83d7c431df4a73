import { Type, type Static } from 'typebox'
import { Id, Instant, Line, Nullable, OneOf, pageQuery, Text, TimeZone, Uuid } from '../../platform/http/shapes.ts'
import { Booking, exampleBooking, Guest, Moment, Seats } from './schema.ts'

/** Shapes of series: the same service at the same time of day, again and again. */

const rule = Line(500, 1)

const wishes = {
  service: Id,
  date: Moment,
  recurrence_rule: {
    ...rule,
    description:
      'RFC 5545: FREQ (DAILY, WEEKLY, MONTHLY), INTERVAL, BYDAY, and COUNT or UNTIL; at most 52 bookings. `date` is always the first.',
    examples: ['FREQ=WEEKLY;COUNT=8'],
  },
  time_zone: Type.Optional({
    ...TimeZone,
    description: 'Whose wall clock the series keeps; by default that of the schedule of who gives the service.',
  }),
  provider_id: Type.Optional(Nullable(Id)),
  same_provider: Type.Optional(
    Type.Boolean({ default: true, description: 'One person for all of them, as far as possible.' }),
  ),
  room_id: Type.Optional(Nullable(Uuid)),
  seats: Type.Optional(Seats),
  guest: Type.Optional(Nullable(Guest)),
}

export const SeriesPreviewInput = Type.Object(wishes)
export type SeriesPreviewInput = Static<typeof SeriesPreviewInput>

export const SeriesInput = Type.Object({
  ...wishes,
  note: Type.Optional(Text(2000)),
  clashes: Type.Optional(
    OneOf(['refuse', 'skip'], {
      default: 'refuse',
      description: 'When one of the times cannot be had: nothing is booked, or the others are.',
    }),
  ),
})
export type SeriesInput = Static<typeof SeriesInput>

const Named = Type.Object({ id: Id, name: Type.String() })
const NamedRoom = Type.Object({ id: Uuid, name: Type.String() })

export const SeriesPreview = Type.Object(
  {
    recurrence_rule: Type.String(),
    description: Type.String({ description: 'The rule in words, in the language of who asks.' }),
    time_zone: Type.String(),
    free: Type.Integer({ description: 'How many of them can be booked.' }),
    price: Type.Number({ description: 'Of all that can be booked.' }),
    currency: Type.String(),
    occurrences: Type.Array(
      Type.Object({
        date: Instant,
        end: Instant,
        local: Type.String({ description: 'The start by the clock of the series, with its offset.' }),
        provider: Nullable(Named),
        room: Nullable(NamedRoom),
        refusal: Nullable(
          Type.Object({
            rule: Type.String(),
            code: Type.String(),
            message: Type.String(),
            from: Nullable(Type.String()),
            to: Nullable(Type.String()),
          }),
        ),
      }),
    ),
  },
  { title: 'BookingSeriesPreview' },
)
export type SeriesPreviewView = Static<typeof SeriesPreview>

const seriesFields = {
  id: Id,
  service: Type.Object({ id: Id, title: Type.String() }),
  customer: Nullable(Named),
  guest: Nullable(Type.Object({ name: Type.String() })),
  organization_id: Nullable(Uuid),
  recurrence_rule: Type.String({ description: 'How it was made; what stands are its bookings.' }),
  description: Type.String({ description: 'The rule in words, in the language of who asks.' }),
  time_zone: Type.String(),
  date: Instant,
  seats: Type.Integer(),
  created_at: Instant,
}

export const SeriesRow = Type.Object(
  {
    ...seriesFields,
    booked: Type.Integer({ description: 'Bookings that are not cancelled.' }),
    next_date: Nullable(Instant),
    last_date: Nullable(Instant),
  },
  { title: 'BookingSeriesRow' },
)
export type SeriesRowView = Static<typeof SeriesRow>

export const Series = Type.Object(
  {
    ...seriesFields,
    price: Type.Number({ description: 'Of all its bookings that are not cancelled.' }),
    currency: Type.String(),
    skipped: Type.Array(
      Type.Object({ date: Instant, rule: Type.String(), code: Type.String(), message: Type.String() }),
      { description: 'What could not be booked when it was made.' },
    ),
    bookings: Type.Array(Booking),
  },
  { title: 'BookingSeries' },
)
export type SeriesView = Static<typeof Series>

export const SeriesQuery = Type.Object({
  ...pageQuery,
  service: Type.Optional(Id),
  organization_id: Type.Optional(Uuid),
})
export type SeriesQuery = Static<typeof SeriesQuery>

const from = Type.Optional(
  Nullable({ ...Id, description: 'A booking of the series: it and those after it. By default all that are to come.' }),
)

export const SeriesCancel = Type.Object({ from_booking_id: from, reason: Type.Optional(Text(500)) })
export type SeriesCancel = Static<typeof SeriesCancel>

export const SeriesMove = Type.Object({
  from_booking_id: from,
  date: {
    ...Moment,
    description: 'Where the first of them goes; the others go as many days on, to the same time of day.',
  },
})
export type SeriesMove = Static<typeof SeriesMove>

const example = {
  id: 1,
  service: { id: 1, title: 'Massage' },
  customer: { id: 3, name: 'John Doe' },
  guest: null,
  organization_id: null,
  recurrence_rule: 'FREQ=WEEKLY;COUNT=2',
  description: 'every week, 2 times',
  time_zone: 'Europe/Kyiv',
  date: '2026-01-15T14:00:00Z',
  seats: 1,
  created_at: '2026-01-12T08:00:00Z',
}

export const exampleSeriesRow = {
  ...example,
  booked: 2,
  next_date: '2026-01-15T14:00:00Z',
  last_date: '2026-01-22T14:00:00Z',
} satisfies SeriesRowView

const booked = { ...exampleBooking, service: example.service, series_id: 1 }

export const exampleSeries = {
  ...example,
  price: 200,
  currency: 'USD',
  skipped: [],
  bookings: [booked, { ...booked, id: 2, date: '2026-01-22T14:00:00Z', end: '2026-01-22T15:00:00Z' }],
} satisfies SeriesView

const [first, second] = exampleSeries.bookings

/** Its second booking cancelled. */
export const exampleSeriesCancelled = {
  ...exampleSeries,
  bookings: [first!, { ...second!, status: 'cancelled', cancelled_by: 'customer', cancel_reason: 'We move away' }],
} satisfies SeriesView

/** Moved on by a day. */
export const exampleSeriesMoved = {
  ...exampleSeries,
  bookings: [
    { ...first!, date: '2026-01-16T10:00:00Z', end: '2026-01-16T11:00:00Z' },
    { ...second!, date: '2026-01-23T10:00:00Z', end: '2026-01-23T11:00:00Z' },
  ],
} satisfies SeriesView

export const exampleSeriesPreview = {
  recurrence_rule: 'FREQ=WEEKLY;COUNT=2',
  description: 'every week, 2 times',
  time_zone: 'Europe/Kyiv',
  free: 1,
  price: 100,
  currency: 'USD',
  occurrences: [
    {
      date: '2026-01-15T14:00:00Z',
      end: '2026-01-15T15:00:00Z',
      local: '2026-01-15T16:00:00+02:00',
      provider: { id: 2, name: 'Jane Smith' },
      room: null,
      refusal: null,
    },
    {
      date: '2026-01-22T14:00:00Z',
      end: '2026-01-22T15:00:00Z',
      local: '2026-01-22T16:00:00+02:00',
      provider: null,
      room: null,
      refusal: {
        rule: 'D9',
        code: 'booked',
        message: 'This time is already booked',
        from: '2026-01-22T14:00:00Z',
        to: '2026-01-22T15:00:00Z',
      },
    },
  ],
} satisfies SeriesPreviewView

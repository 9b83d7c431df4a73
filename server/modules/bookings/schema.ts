import { Type, type Static } from 'typebox'
import {
  CalendarDate,
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
} from '../../platform/http/shapes.ts'
import { feeStatuses } from './no-show-rules.ts'
import { bookingPaymentStatuses, bookingStatuses } from './rules.ts'

export const Status = OneOf(bookingStatuses, { title: 'BookingStatus' })
/** What bookings tell of their review. */
export const reviewFields = {
  review: Nullable(Type.Object({ id: Id, rating: Type.Integer() })),
  can_review_until: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Until when its customer may review it; null while, or once, there is nothing to review.',
    }),
  ),
}
const Person = Type.Object({ id: Id, name: Type.String() })
export const Seats = Type.Integer({ minimum: 1, maximum: 10_000 })
/** A moment that a person picked: the whole minute with its offset. */
export const Moment = Type.String({ format: 'date-time', maxLength: 40, examples: ['2026-01-15T14:00:00Z'] })

export const Booking = Type.Object(
  {
    id: Id,
    service: Type.Object({ id: Id, title: Type.String() }),
    provider: Person,
    customer: Nullable(Person),
    guest: Nullable(
      Type.Object({ name: Type.String(), phone: Nullable(Type.String()), email: Nullable(Type.String()) }),
    ),
    organization_id: Nullable(Uuid),
    series_id: Nullable(Type.Integer({ description: 'The series that it was booked in.' })),
    date: Instant,
    end: Instant,
    status: Status,
    price: Type.Number(),
    deposit: Nullable(Type.Number()),
    no_show_fee: Nullable(
      Type.Number({ description: 'What its customer owes if they do not come; what was paid counts towards it.' }),
    ),
    no_show_fee_status: Nullable(
      OneOf(feeStatuses, {
        title: 'NoShowFeeStatus',
        description:
          'How the fee stands: `agreed` before the start; after a no-show `covered` by what was paid, `charging`, `due`, `paid`, `partially_refunded`, `refunded`, `waived`, or `lapsed`.',
      }),
    ),
    currency: Type.String(),
    payment: OneOf(['online', 'on_site']),
    payment_status: OneOf(bookingPaymentStatuses, { title: 'BookingPaymentStatus' }),
    room: Nullable(Type.Object({ id: Uuid, name: Type.String() })),
    seats: Type.Integer(),
    note: Type.String(),
    location_type: Type.String(),
    meeting_url: Nullable(Type.String()),
    requires_approval: Type.Boolean(),
    cancellation_policy: Type.Array(Type.Object({ hours_before: Type.Number(), refund_percent: Type.Number() })),
    proposed_date: Nullable(Instant),
    expires_at: Nullable(Instant),
    cancelled_by: Nullable(Type.String()),
    cancel_reason: Nullable(Type.String()),
    ...reviewFields,
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'Booking' },
)
export type BookingView = Static<typeof Booking>

export const Guest = Type.Object({
  name: Line(200, 1),
  phone: Type.Optional(Type.String({ maxLength: 40 })),
  email: Type.Optional(Email),
})

export const BookingInput = Type.Object({
  service: Id,
  date: Moment,
  status: Type.Optional(Type.Unknown({ description: 'Accepted and ignored: the status follows from the service.' })),
  provider_id: Type.Optional(Nullable(Id)),
  room_id: Type.Optional(Nullable(Uuid)),
  seats: Type.Optional(Seats),
  note: Type.Optional(Text(2000)),
  guest: Type.Optional(Nullable(Guest)),
})
export type BookingInput = Static<typeof BookingInput>

export const BookingChange = Type.Object({
  date: Type.Optional(Moment),
  note: Type.Optional(Text(2000)),
  provider_id: Type.Optional(Id),
  room_id: Type.Optional(Uuid),
})
export type BookingChange = Static<typeof BookingChange>

export const StatusChange = Type.Object({
  status: Status,
  reason: Type.Optional(Text(500)),
  waive_fee: Type.Optional(
    Type.Boolean({ description: 'With `no_show`: the no-show fee of the booking is not asked for.' }),
  ),
})
export const CancelBody = Type.Object({ reason: Type.Optional(Text(500)) })

export const BookingQuery = Type.Object({
  ...pageQuery,
  status: Type.Optional(Status),
  service: Type.Optional(Id),
  series: Type.Optional(Id),
  provider_id: Type.Optional(Id),
  organization_id: Type.Optional(Uuid),
  from: Type.Optional(Moment),
  to: Type.Optional(Moment),
  role: Type.Optional(
    OneOf(['customer', 'provider'], { description: 'Only those one has bought, or only those one serves.' }),
  ),
  ordering: Type.Optional(OneOf(['date', '-date', 'created_at', '-created_at'])),
})
export type BookingQuery = Static<typeof BookingQuery>

export const SlotsQuery = Type.Object({
  from: CalendarDate,
  to: CalendarDate,
  time_zone: Type.Optional(TimeZone),
  seats: Type.Optional(Seats),
  provider_id: Type.Optional(Id),
  room_id: Type.Optional(Uuid),
  explain: Type.Optional(
    Type.Boolean({ description: 'For the owner and the staff: also every grid start that is refused, with its rule.' }),
  ),
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, default: 1 })),
  page_size: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, default: 10_000, description: 'All slots of the span by default.' }),
  ),
})
export type SlotsQuery = Static<typeof SlotsQuery>

export const Slot = Type.Object(
  {
    start: Instant,
    end: Instant,
    local: Type.String({ description: 'The start in the time zone asked for, with its offset.' }),
    providers: Type.Array(Type.Object({ id: Id, name: Type.String(), seats_left: Type.Integer() })),
    rooms: Type.Array(Type.Object({ id: Uuid, name: Type.String() })),
    refusal: Type.Optional(
      Type.Object({
        rule: Type.String(),
        code: Type.String(),
        message: Type.String(),
        from: Nullable(Type.String()),
        to: Nullable(Type.String()),
      }),
    ),
  },
  { title: 'Slot' },
)
export type SlotView = Static<typeof Slot>

export const SearchQuery = Type.Object({
  ...pageQuery,
  service: Type.Optional(Id),
  category: Type.Optional(Line(100, 1)),
  at: Type.Optional(
    Type.String({ format: 'date-time', maxLength: 40, description: 'Only who is free at this very start.' }),
  ),
  date: Type.Optional(
    Type.Union([Type.String({ format: 'date-time', maxLength: 40 }), CalendarDate], {
      description: 'As `at`, named as bookings name their start; or one whole date.',
    }),
  ),
  from: Type.Optional(CalendarDate),
  to: Type.Optional(CalendarDate),
  time_zone: Type.Optional(TimeZone),
  seats: Type.Optional(Seats),
})
export type SearchQuery = Static<typeof SearchQuery>

export const FreeProvider = Type.Object(
  {
    id: Id,
    name: Type.String(),
    services: Type.Array(
      Type.Object({
        id: Id,
        title: Type.String(),
        price: Type.Number(),
        currency: Type.String(),
        duration_minutes: Type.Integer(),
        next_slots: Type.Array(
          Type.Object({ start: Instant, end: Instant, local: Type.String(), seats_left: Type.Integer() }),
        ),
      }),
    ),
  },
  { title: 'FreeProvider' },
)
export type FreeProviderView = Static<typeof FreeProvider>

export const exampleBooking = {
  id: 1,
  service: { id: 1, title: 'Web Development' },
  provider: { id: 2, name: 'Jane Smith' },
  customer: { id: 3, name: 'John Doe' },
  guest: null,
  organization_id: null,
  series_id: null,
  date: '2026-01-15T14:00:00Z',
  end: '2026-01-15T15:00:00Z',
  status: 'confirmed',
  price: 100,
  deposit: null,
  no_show_fee: null,
  no_show_fee_status: null,
  currency: 'USD',
  payment: 'on_site',
  payment_status: 'on_site',
  room: null,
  seats: 1,
  note: '',
  location_type: 'in_person',
  meeting_url: null,
  requires_approval: false,
  cancellation_policy: [{ hours_before: 24, refund_percent: 100 }],
  proposed_date: null,
  expires_at: null,
  cancelled_by: null,
  cancel_reason: null,
  review: null,
  can_review_until: null,
  created_at: '2026-01-12T08:00:00Z',
  updated_at: '2026-01-12T08:00:00Z',
} satisfies BookingView

export const exampleSlot = {
  start: '2026-01-15T14:00:00Z',
  end: '2026-01-15T15:00:00Z',
  local: '2026-01-15T16:00:00+02:00',
  providers: [{ id: 2, name: 'Jane Smith', seats_left: 1 }],
  rooms: [],
} satisfies SlotView

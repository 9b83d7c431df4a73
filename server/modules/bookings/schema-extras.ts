import { Type, type Static } from 'typebox'
import { Id, Instant, Nullable, Text } from '../../platform/http/shapes.ts'
import { reviewFields, Status } from './schema.ts'

/** Shapes around bookings: what cancelling gives back, manage-links and the waiting list. */

export const CancellationPreview = Type.Object(
  {
    refund_percent: Type.Number(),
    refund_amount: Type.Number({ description: 'What would come back now, beyond what already has.' }),
    paid_amount: Type.Number(),
    currency: Type.String(),
    policy: Type.Array(Type.Object({ hours_before: Type.Number(), refund_percent: Type.Number() })),
    free_until: Nullable(Instant),
  },
  { title: 'CancellationPreview' },
)
export type CancellationPreviewView = Static<typeof CancellationPreview>

export const exampleCancellationPreview = {
  refund_percent: 50,
  refund_amount: 50,
  paid_amount: 100,
  currency: 'USD',
  policy: [
    { hours_before: 24, refund_percent: 100 },
    { hours_before: 2, refund_percent: 50 },
  ],
  free_until: '2026-01-14T14:00:00Z',
} satisfies CancellationPreviewView

const Named = Type.Object({ id: Id, name: Type.String() })

export const TokenParams = Type.Object({ token: Type.String({ minLength: 1, maxLength: 200 }) })

export const ManagedBooking = Type.Object(
  {
    service: Type.Object({ id: Id, title: Type.String() }),
    name: Type.String({ description: 'Of the guest.' }),
    provider: Named,
    organization: Nullable(Type.String()),
    date: Instant,
    end: Instant,
    local: Type.String({ description: 'The start by the clock of the place, with its offset.' }),
    time_zone: Type.String(),
    status: Status,
    price: Type.Number(),
    currency: Type.String(),
    seats: Type.Integer(),
    place: Type.String(),
    meeting_url: Nullable(Type.String()),
    cancellation_policy: Type.Array(Type.Object({ hours_before: Type.Number(), refund_percent: Type.Number() })),
    proposed_date: Nullable(Instant),
    can_change: Type.Boolean({ description: 'It can be moved and cancelled.' }),
    refund_percent: Nullable(Type.Number({ description: 'What would come back if it were cancelled now.' })),
    ...reviewFields,
  },
  { title: 'ManagedBooking' },
)
export type ManagedBookingView = Static<typeof ManagedBooking>

export const CancelManaged = Type.Object({ reason: Type.Optional(Text(500)) })
export const RescheduleManaged = Type.Object({ date: Instant })

export const exampleManaged = {
  service: { id: 1, title: 'Massage' },
  name: 'Olena',
  provider: { id: 2, name: 'Jane Smith' },
  organization: 'Lavender Spa',
  date: '2026-01-15T14:00:00Z',
  end: '2026-01-15T15:00:00Z',
  local: '2026-01-15T16:00:00+02:00',
  time_zone: 'Europe/Kyiv',
  status: 'confirmed',
  price: 50,
  currency: 'USD',
  seats: 1,
  place: 'Quiet room, Lavender Spa, 1 Khreshchatyk Street, Kyiv',
  meeting_url: null,
  cancellation_policy: [{ hours_before: 24, refund_percent: 100 }],
  proposed_date: null,
  can_change: true,
  refund_percent: 100,
  review: null,
  can_review_until: null,
} satisfies ManagedBookingView

const Seats = Type.Integer({ minimum: 1, maximum: 10_000 })

export const WaitingInput = Type.Object({
  service: Id,
  provider_id: Type.Optional(Nullable(Id)),
  from: Instant,
  to: Instant,
  seats: Type.Optional(Seats),
})
export type WaitingInput = Static<typeof WaitingInput>

export const Waiting = Type.Object(
  {
    id: Id,
    service: Type.Object({ id: Id, title: Type.String() }),
    provider: Nullable(Named),
    from: Instant,
    to: Instant,
    seats: Type.Integer(),
    offered_at: Nullable(Instant),
    created_at: Instant,
  },
  { title: 'Waiting' },
)
export type WaitingView = Static<typeof Waiting>

export const exampleWaiting = {
  id: 1,
  service: { id: 1, title: 'Massage' },
  provider: { id: 2, name: 'Jane Smith' },
  from: '2026-01-15T00:00:00Z',
  to: '2026-01-17T00:00:00Z',
  seats: 1,
  offered_at: null,
  created_at: '2026-01-12T08:00:00Z',
} satisfies WaitingView

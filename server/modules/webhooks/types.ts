import { Type, type TSchema } from 'typebox'
import { Booking, exampleBooking } from '../bookings/index.ts'
import { Event, exampleEvent } from '../calendars/index.ts'
import { exampleService, Service } from '../catalog/index.ts'
import { exampleMembership, Member } from '../organizations/index.ts'
import { examplePayment, exampleWithdrawal, Payment, Withdrawal } from '../payments/index.ts'
import { exampleOwnReview, OwnReview } from '../reviews/index.ts'
import { exampleComment, exampleTicket, Ticket } from '../tickets/index.ts'
import type { Permission } from '../../platform/context.ts'
import { Id, Instant, Nullable, Uuid } from '../../platform/http/shapes.ts'

/** Every type of event that can be sent, what its `data` is, and who may have it. The one list from which checks, the API and the document are made. */

/** Whose endpoints get a type. */
export type OwnerKind = 'organization' | 'provider' | 'platform'

export type EventType = {
  summary: string
  data: TSchema
  example: unknown
  owners: readonly OwnerKind[]
  /** May the IT of an organization have it as well as its admins? Tickets also need `access_tickets`. */
  it?: true | 'tickets'
  /** Which permission an administrator needs besides `system_settings`: whoever may not read something may not have it sent either. */
  permission?: Permission
}

const Gone = Type.Object({ id: Id }, { title: 'DeletedById' })
const Account = Type.Object({ id: Id }, { title: 'AccountById' })
const GoneEvent = Type.Object({ id: Uuid, calendar_id: Uuid }, { title: 'DeletedEvent' })
const OfTicket = Type.Object({ id: Uuid, organization_id: Uuid }, { title: 'DeletedTicket' })
const FormerMember = Type.Object({ organization_id: Uuid, user_id: Id }, { title: 'FormerMember' })
const Commented = Type.Object(
  {
    ticket: Ticket,
    comment: Type.Object({
      id: Uuid,
      author_id: Nullable(Id),
      author_name: Nullable(Type.String()),
      text: Type.String(),
      is_internal: Type.Boolean(),
      created_at: Instant,
    }),
  },
  { title: 'CommentedTicket' },
)
const Test = Type.Object({ endpoint_id: Uuid }, { title: 'WebhookTest' })

const sellers = ['organization', 'provider', 'platform'] as const
const ofBookings = { data: Booking, owners: sellers, permission: 'booking_management' } as const
const ofPayments = { data: Payment, owners: sellers, permission: 'payment_management' } as const
const ofWithdrawals = { data: Withdrawal, owners: sellers, permission: 'withdrawal_management' } as const
const ofReviews = {
  data: OwnReview,
  owners: sellers,
  permission: 'user_management',
  example: exampleOwnReview,
} as const
const ofServices = {
  data: Service,
  owners: sellers,
  permission: 'service_management',
  example: exampleService,
} as const
const ofEvents = { owners: ['organization', 'provider'], it: true } as const
const ofTickets = { data: Ticket, owners: ['organization'], it: 'tickets', example: exampleTicket } as const
const ofAccounts = {
  data: Account,
  owners: ['platform'],
  permission: 'user_management',
  example: { id: 7 },
} as const

const { attachments: _, ...comment } = exampleComment
const exampleMember = {
  user_id: 2,
  full_name: 'Ada Moroz',
  email: 'ada@example.com',
  phone: '(555) 123-4567',
  membership: exampleMembership,
}
const booking = (status: string, more: object = {}) => ({ ...exampleBooking, status, ...more })

export const eventTypes = {
  'booking.created': { ...ofBookings, summary: 'A booking was made', example: exampleBooking },
  'booking.confirmed': { ...ofBookings, summary: 'A booking was confirmed', example: booking('confirmed') },
  'booking.rescheduled': { ...ofBookings, summary: 'A booking was moved', example: booking('confirmed') },
  'booking.proposed': {
    ...ofBookings,
    summary: 'Another time was proposed for a booking',
    example: booking('confirmed', { proposed_date: '2026-01-16T10:00:00Z' }),
  },
  'booking.cancelled': {
    ...ofBookings,
    summary: 'A booking was cancelled, refused or has expired; `cancelled_by` and `cancel_reason` say how',
    example: booking('cancelled', { cancelled_by: 'customer' }),
  },
  'booking.completed': { ...ofBookings, summary: 'A booking has taken place', example: booking('completed') },
  'booking.no_show': { ...ofBookings, summary: 'The customer of a booking did not come', example: booking('no_show') },
  'payment.succeeded': { ...ofPayments, summary: 'Money has arrived', example: examplePayment },
  'payment.refunded': {
    ...ofPayments,
    summary: 'Money went back, all of it or a part; `refunded_amount` is the sum of all refunds',
    example: { ...examplePayment, status: 'partially_refunded', refunded_amount: 50 },
  },
  'withdrawal.requested': { ...ofWithdrawals, summary: 'A withdrawal was asked for', example: exampleWithdrawal },
  'withdrawal.approved': {
    ...ofWithdrawals,
    summary: 'A withdrawal was approved',
    example: { ...exampleWithdrawal, status: 'approved' },
  },
  'withdrawal.paid': {
    ...ofWithdrawals,
    summary: 'A withdrawal was paid',
    example: { ...exampleWithdrawal, status: 'paid' },
  },
  'withdrawal.rejected': {
    ...ofWithdrawals,
    summary: 'A withdrawal was rejected',
    example: { ...exampleWithdrawal, status: 'rejected' },
  },
  'withdrawal.cancelled': {
    ...ofWithdrawals,
    summary: 'A withdrawal was taken back',
    example: { ...exampleWithdrawal, status: 'cancelled' },
  },
  'review.created': { ...ofReviews, summary: 'A review was written' },
  'review.changed': { ...ofReviews, summary: 'A review was changed, hidden or shown again' },
  'review.answered': { ...ofReviews, summary: 'A review was answered' },
  'review.deleted': { ...ofReviews, data: Gone, summary: 'A review was deleted', example: { id: 1 } },
  'service.created': { ...ofServices, summary: 'A service is offered' },
  'service.updated': { ...ofServices, summary: 'A service was changed' },
  'service.archived': { ...ofServices, summary: 'A service is offered no more; `data` is what it was' },
  'calendar_event.created': { ...ofEvents, data: Event, summary: 'An event was made', example: exampleEvent },
  'calendar_event.updated': {
    ...ofEvents,
    data: Event,
    summary: 'An event, its participants or its rooms were changed',
    example: exampleEvent,
  },
  'calendar_event.deleted': {
    ...ofEvents,
    data: GoneEvent,
    summary: 'An event was deleted',
    example: { id: exampleEvent.id, calendar_id: exampleEvent.calendar_id },
  },
  'ticket.created': { ...ofTickets, summary: 'A ticket was opened' },
  'ticket.updated': { ...ofTickets, summary: 'A ticket was changed, assigned, settled or opened again' },
  'ticket.commented': {
    ...ofTickets,
    data: Commented,
    summary: 'Something was said about a ticket; internal comments as well, marked as such',
    example: { ticket: exampleTicket, comment },
  },
  'ticket.deleted': {
    ...ofTickets,
    data: OfTicket,
    summary: 'A ticket was deleted',
    example: { id: exampleTicket.id, organization_id: exampleTicket.organization_id },
  },
  'member.joined': {
    owners: ['organization'],
    it: true,
    data: Member,
    summary: 'Somebody has become a member',
    example: exampleMember,
  },
  'member.left': {
    owners: ['organization'],
    it: true,
    data: FormerMember,
    summary: 'A membership has ended',
    example: { organization_id: exampleMembership.organization_id, user_id: 2 },
  },
  'account.registered': { ...ofAccounts, summary: 'Somebody has registered' },
  'account.deleted': { ...ofAccounts, summary: 'An account was erased' },
  'webhook.test': {
    owners: sellers,
    it: true,
    data: Test,
    summary: 'Sent by hand, to see whether an endpoint hears',
    example: { endpoint_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8e' },
  },
} as const satisfies Record<string, EventType>

export type EventTypeName = keyof typeof eventTypes
export const eventTypeNames = Object.keys(eventTypes) as EventTypeName[]
/** Those that are sent by themselves: what an endpoint can choose. */
export const choosable = eventTypeNames.filter((name) => name !== 'webhook.test')

export const typeOf = (name: EventTypeName): EventType => eventTypes[name]
/** What an endpoint of this owner can have. */
export const typesOf = (owner: OwnerKind): EventTypeName[] =>
  choosable.filter((name) => typeOf(name).owners.includes(owner))

import { bookingToSend } from '../bookings/index.ts'
import { eventToSend, goneEventToSend } from '../calendars/index.ts'
import { serviceToSend } from '../catalog/index.ts'
import { memberToSend } from '../organizations/index.ts'
import { paymentToSend, withdrawalToSend } from '../payments/index.ts'
import { reviewToSend } from '../reviews/index.ts'
import { commentToSend, ticketToSend } from '../tickets/index.ts'
import type { Context } from '../../platform/context.ts'
import type { DomainEvents } from '../../platform/jobs/jobs.ts'
import type { Outgoing } from '../../platform/outgoing.ts'
import type { EventTypeName } from './types.ts'

/** From which event of the house each type comes, and what is sent of it. */

type Source<E extends keyof DomainEvents> = {
  type: EventTypeName | ((event: DomainEvents[E]) => EventTypeName)
  /** What is sent, to each of those who see it differently; nothing where it is gone meanwhile. */
  load: (ctx: Context, event: DomainEvents[E]) => Promise<Outgoing | Outgoing[] | null>
}

const ofBooking = (type: EventTypeName) => ({
  type,
  load: (ctx: Context, { booking_id }: { booking_id: number }) => bookingToSend(ctx, booking_id),
})
const ofReview = (type: EventTypeName) => ({
  type,
  load: (ctx: Context, { review_id }: { review_id: number }) => reviewToSend(ctx, review_id),
})
const ofService = (type: EventTypeName) => ({
  type,
  load: (ctx: Context, { service_id }: { service_id: number }) => serviceToSend(ctx, service_id),
})
const ofPayment = (type: EventTypeName) => ({
  type,
  load: (ctx: Context, { payment_id }: { payment_id: number }) => paymentToSend(ctx, payment_id),
})
const ofTicket = (type: EventTypeName) => ({
  type,
  load: (ctx: Context, { ticket_id }: { ticket_id: string }) => ticketToSend(ctx, ticket_id),
})
const ofEvent = (type: EventTypeName) => ({
  type,
  load: (ctx: Context, { event_id }: { event_id: string }) => eventToSend(ctx, event_id),
})
/** What says nothing but an id: an erased account has no name any more, and one that registers is asked for by it. */
const ofAccount = (type: EventTypeName) => ({
  type,
  load: async (_: Context, { user_id }: { user_id: number }): Promise<Outgoing> => ({
    data: { id: user_id },
    organizationId: null,
    providerId: null,
    people: [],
  }),
})
const withdrawalTypes = {
  pending: 'withdrawal.requested',
  approved: 'withdrawal.approved',
  paid: 'withdrawal.paid',
  rejected: 'withdrawal.rejected',
  cancelled: 'withdrawal.cancelled',
} as const

const sources = {
  'booking.created': ofBooking('booking.created'),
  'booking.confirmed': ofBooking('booking.confirmed'),
  'booking.rescheduled': ofBooking('booking.rescheduled'),
  'booking.proposed': ofBooking('booking.proposed'),
  'booking.cancelled': ofBooking('booking.cancelled'),
  'booking.completed': ofBooking('booking.completed'),
  'booking.no_show': ofBooking('booking.no_show'),
  'payment.succeeded': ofPayment('payment.succeeded'),
  'payment.refunded': ofPayment('payment.refunded'),
  'withdrawal.changed': {
    type: ({ status }) => withdrawalTypes[status],
    load: (ctx, { withdrawal_id }) => withdrawalToSend(ctx, withdrawal_id),
  },
  'review.created': ofReview('review.created'),
  'review.changed': ofReview('review.changed'),
  'review.answered': ofReview('review.answered'),
  'review.deleted': {
    type: 'review.deleted',
    load: async (_, { review_id, provider_id, organization_id = null }) => ({
      data: { id: review_id },
      organizationId: organization_id,
      providerId: provider_id,
      people: [],
    }),
  },
  'service.created': ofService('service.created'),
  'service.updated': ofService('service.updated'),
  'service.archived': ofService('service.archived'),
  'event.created': ofEvent('calendar_event.created'),
  'event.changed': ofEvent('calendar_event.updated'),
  'event.deleted': { type: 'calendar_event.deleted', load: goneEventToSend },
  'ticket.created': ofTicket('ticket.created'),
  'ticket.changed': ofTicket('ticket.updated'),
  'ticket.commented': {
    type: 'ticket.commented',
    load: (ctx, { ticket_id, comment_id }) => commentToSend(ctx, ticket_id, comment_id),
  },
  'ticket.deleted': {
    type: 'ticket.deleted',
    load: async (_, { ticket_id, organization_id }) => ({
      data: { id: ticket_id, organization_id },
      organizationId: organization_id,
      providerId: null,
      people: [],
    }),
  },
  'membership.begun': {
    type: 'member.joined',
    load: (ctx, { organization_id, user_id }) => memberToSend(ctx, organization_id, user_id),
  },
  'membership.ended': {
    type: 'member.left',
    load: async (_, { organization_id, user_id }) => ({
      data: { organization_id, user_id },
      organizationId: organization_id,
      providerId: null,
      people: [],
    }),
  },
  'account.registered': ofAccount('account.registered'),
  'account.deleted': ofAccount('account.deleted'),
} satisfies { [E in keyof DomainEvents]?: Source<E> }

export type SourceName = keyof typeof sources
/** The events of the house that webhooks hear. */
export const sourceNames = Object.keys(sources) as SourceName[]
export const sourceOf = <E extends SourceName>(name: E): Source<E> => sources[name] as unknown as Source<E>

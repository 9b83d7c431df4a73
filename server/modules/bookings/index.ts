import type { FastifyInstance } from 'fastify'
import { bookingRoutes } from './routes/bookings.ts'
import { handOverRoutes } from './routes/hand-over.ts'
import { liveRoutes } from './routes/live.ts'
import { manageRoutes } from './routes/manage.ts'
import { bookingPages } from './routes/mail-pages.ts'
import { pageRoutes } from './routes/pages.ts'
import { seriesRoutes } from './routes/series.ts'
import { slotRoutes } from './routes/slots.ts'
import { waitingRoutes } from './routes/waiting.ts'
import { expireHolds } from './service/expire.ts'
import { mailNotice, type BookingMail } from './service/mails.ts'
import { offerDue } from './service/offer.ts'
import { completePast, remind } from './service/remind.ts'
import { mailSeries, type SeriesMail } from './service/series-notices.ts'
import { cleanWaiting } from './service/waiting.ts'

type ByWhom = 'customer' | 'provider' | 'platform'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    /** `of_series`: a step of a whole series, of which both sides are told once, by the event of the series. */
    'booking.created': { booking_id: number; status: 'pending' | 'confirmed'; of_series?: true }
    'booking.confirmed': { booking_id: number; of_series?: true }
    'booking.rescheduled': {
      booking_id: number
      from: string
      by: ByWhom
      status: 'pending' | 'confirmed'
      of_series?: true
      /** Who gave it before, where somebody else does now; `quiet`: they are told of it otherwise. */
      from_provider_id?: number
      /** Which room it took before, where that may be another one. */
      from_room_id?: string
      quiet?: true
    }
    'booking.proposed': { booking_id: number; date: string }
    'booking.cancelled': {
      booking_id: number
      by: ByWhom
      reason: string | null
      refund_percent: number
      of_series?: true
    }
    'booking_series.created': { series_id: number; status: 'pending' | 'confirmed' }
    'booking_series.confirmed': { series_id: number; booking_ids: number[] }
    'booking_series.moved': { series_id: number; booking_ids: number[]; from: string; by: ByWhom }
    'booking_series.reassigned': { series_id: number; booking_ids: number[]; by: ByWhom }
    'booking_series.cancelled': { series_id: number; booking_ids: number[]; by: ByWhom; reason: string | null }
    'booking.completed': { booking_id: number }
    'booking.no_show': { booking_id: number }
  }
  interface JobData {
    'bookings.expire': Record<string, never>
    'bookings.remind': Record<string, never>
    'bookings.complete': Record<string, never>
    'bookings.mail': BookingMail
    'bookings.series_mail': SeriesMail
    'bookings.offer': Record<string, never>
    'bookings.clean': Record<string, never>
  }
}

export { exportOf } from './queries/export.ts'
export { findNoticed, type Noticed } from './queries/notices.ts'
export { Booking, exampleBooking } from './schema.ts'
export { lockReviewed, noteReview, type ReviewedBooking } from './queries/reviewed.ts'
export { reviewableUntil } from './rules.ts'
export { TokenParams } from './schema-extras.ts'
export { placeOf } from './service/calendar.ts'
export { membershipEnded } from './service/former.ts'
export { claimExpired } from './service/expire.ts'
export { proposeTime, requireParticipant, setMeetingUrl } from './service/meeting.ts'
export { isBuyer, paymentSucceeded } from './service/paid.ts'
export { accountDeleted, bookingsOfSessions, bookingsToShow, refuseIfBooked, refuseIfGiving } from './service/guards.ts'
export { managedBookingId, manageToken } from './service/manage.ts'
export { needsMethod } from './service/no-show.ts'
export { bookingToSend } from './service/outgoing.ts'
export { offerCancelled, offerMoved, offerOpened, offerService } from './service/offer.ts'
export { organizationArchived, serviceArchived } from './service/waiting.ts'
export {
  tellCancelled,
  tellCompleted,
  tellConfirmed,
  tellCreated,
  tellNoShow,
  tellProposed,
  tellRescheduled,
} from './service/notices.ts'
export {
  tellSeriesCancelled,
  tellSeriesConfirmed,
  tellSeriesCreated,
  tellSeriesMoved,
  tellSeriesReassigned,
} from './service/series-notices.ts'

export const jobs = {
  'bookings.expire': { cron: '* * * * *', handle: expireHolds },
  'bookings.remind': { cron: '*/5 * * * *', handle: remind },
  'bookings.complete': { cron: '*/15 * * * *', handle: completePast },
  'bookings.offer': { cron: '* * * * *', handle: offerDue },
  'bookings.clean': { cron: '0 3 * * *', handle: cleanWaiting },
  'bookings.mail': { queue: 'mail' as const, handle: mailNotice },
  'bookings.series_mail': { queue: 'mail' as const, handle: mailSeries },
}

export function routes(app: FastifyInstance): void {
  bookingRoutes(app)
  handOverRoutes(app)
  seriesRoutes(app)
  slotRoutes(app)
  manageRoutes(app)
  liveRoutes(app)
  waitingRoutes(app)
  pageRoutes(app)
  bookingPages(app)
}

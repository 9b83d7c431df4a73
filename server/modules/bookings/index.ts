import type { FastifyInstance } from 'fastify'
import { bookingRoutes } from './routes/bookings.ts'
import { slotRoutes } from './routes/slots.ts'
import { expireHolds } from './service/expire.ts'

type ByWhom = 'customer' | 'provider' | 'platform'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    'booking.created': { booking_id: number; status: 'pending' | 'confirmed' }
    'booking.confirmed': { booking_id: number }
    'booking.rescheduled': { booking_id: number; from: string; by: ByWhom; status: 'pending' | 'confirmed' }
    'booking.proposed': { booking_id: number; date: string }
    'booking.cancelled': { booking_id: number; by: ByWhom; reason: string | null; refund_percent: number }
    'booking.completed': { booking_id: number }
    'booking.no_show': { booking_id: number }
  }
  interface JobData {
    'bookings.expire': Record<string, never>
  }
}

export { claimExpired } from './service/expire.ts'

export const jobs = { 'bookings.expire': { cron: '* * * * *', handle: expireHolds } }

export function routes(app: FastifyInstance): void {
  bookingRoutes(app)
  slotRoutes(app)
}

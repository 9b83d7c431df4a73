import type { FastifyInstance } from 'fastify'
import { calendarRoutes } from './routes/calendars.ts'
import { eventRoutes } from './routes/events.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    'event.created': { event_id: string; calendar_id: string }
    'event.changed': { event_id: string; calendar_id: string }
    'event.deleted': { event_id: string; calendar_id: string }
  }
}

export { createEvent } from './service/create.ts'
export { findOccurrences, type Found } from './service/list.ts'
export { getEvent } from './service/whole.ts'

export function routes(app: FastifyInstance): void {
  calendarRoutes(app)
  eventRoutes(app)
}

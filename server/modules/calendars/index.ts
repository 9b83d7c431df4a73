import type { FastifyInstance } from 'fastify'
import { calendarRoutes } from './routes/calendars.ts'
import { eventRoutes } from './routes/events.ts'
import { finderRoutes } from './routes/finder.ts'
import { peopleRoutes } from './routes/people.ts'
import { extendHorizon } from './service/horizon.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    'event.created': { event_id: string; calendar_id: string }
    'event.changed': { event_id: string; calendar_id: string }
    'event.deleted': { event_id: string; calendar_id: string }
  }
  interface JobData {
    'calendars.extend_horizon': Record<string, never>
  }
}

export { exportOf } from './queries/export.ts'
export { createEvent } from './service/create.ts'
export { accountDeleted, membershipEnded } from './service/leaving.ts'
export { findOccurrences, type Found } from './service/list.ts'
export { getEvent } from './service/whole.ts'

/** Nightly, before the day begins: rooms of series are claimed one day further. */
export const jobs = {
  'calendars.extend_horizon': { queue: 'slow' as const, cron: '15 1 * * *', handle: extendHorizon },
}

/** Calendars, events, and who takes part in them. */
export function routes(app: FastifyInstance): void {
  calendarRoutes(app)
  eventRoutes(app)
  finderRoutes(app)
  peopleRoutes(app)
}

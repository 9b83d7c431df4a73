import type { FastifyInstance } from 'fastify'
import { calendarRoutes } from './routes/calendars.ts'
import { eventRoutes } from './routes/events.ts'
import { finderRoutes } from './routes/finder.ts'
import { icsRoutes } from './routes/ics.ts'
import { peopleRoutes } from './routes/people.ts'
import { releaseUnattended } from './service/check-in.ts'
import { forgetDeleted } from './dav/sync.ts'
import { extendHorizon } from './service/horizon.ts'
import type { BookingsToShow } from './service/finder.ts'
import { leaveArchived } from './service/leaving.ts'
import { remindOfEvents } from './service/reminders.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    'event.created': { event_id: string; calendar_id: string }
    'event.changed': { event_id: string; calendar_id: string }
    'event.deleted': { event_id: string; calendar_id: string }
  }
  interface JobData {
    'calendars.extend_horizon': Record<string, never>
    'calendars.release_rooms': Record<string, never>
    'calendars.remind': Record<string, never>
    'calendars.leave_archived': { organization_id: string }
    'calendars.forget_deleted': Record<string, never>
  }
}

export { busyOf, expanded, limited, overlaps, reminds, type Span } from './dav/instances.ts'
export {
  findCollection,
  findObjects,
  listCollections,
  listObjects,
  nameOfCollection,
  namesFor,
  readObjects,
  tagOfInvitations,
  type Collection,
  type DavObject,
  type Head,
} from './dav/objects.ts'
export { deleteObject, putObject, requireConditions } from './dav/put.ts'
export { changesSince, syncToken } from './dav/sync.ts'
export { componentsOf, type Component } from './ics/lines.ts'
export { propertyOf } from './ics/properties.ts'
export { timeOf } from './ics/times.ts'
export { zoneLines } from './ics/write-zone.ts'
export { zoneFinder } from './ics/zones.ts'
export type { CalendarRow } from './queries/calendars.ts'
export { exportOf } from './queries/export.ts'
export { exampleEvent } from './schema/event-examples.ts'
export { Event } from './schema/events.ts'
export { createCalendar, deleteCalendar, updateCalendar } from './service/calendars.ts'
export { createEvent } from './service/create.ts'
export { busyByEmail } from './service/finder.ts'
export { accountDeleted, membershipEnded, organizationArchived } from './service/leaving.ts'
export { findOccurrences, type Found } from './service/list.ts'
export { eventToSend, goneEventToSend } from './service/outgoing.ts'
export { planReminders } from './service/reminders.ts'
export { accountChanged } from './service/zone-changed.ts'
export { getEvent } from './service/whole.ts'

export const jobs = {
  // Nightly, before the day begins: rooms of series are claimed one day further.
  'calendars.extend_horizon': { queue: 'slow' as const, cron: '15 1 * * *', handle: extendHorizon },
  'calendars.release_rooms': { cron: '* * * * *', handle: releaseUnattended },
  'calendars.leave_archived': { queue: 'slow' as const, handle: leaveArchived },
  'calendars.remind': { cron: '*/5 * * * *', handle: remindOfEvents },
  'calendars.forget_deleted': { queue: 'slow' as const, cron: '45 3 * * *', handle: forgetDeleted },
}

/** Calendars, events, and who takes part in them. */
export function routes(app: FastifyInstance, bookingsToShow: BookingsToShow): void {
  calendarRoutes(app)
  eventRoutes(app)
  finderRoutes(app, bookingsToShow)
  icsRoutes(app)
  peopleRoutes(app)
}

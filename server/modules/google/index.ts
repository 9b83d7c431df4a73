import type { FastifyInstance } from 'fastify'
import type { Config } from '../../platform/config.ts'
import { connectionRoutes, meetRoutes } from './routes/google.ts'
import { connectionPages } from './routes/pages.ts'
import { poll, syncConnection } from './service/busy.ts'
import { tend, watchConnection } from './service/channels.ts'
import { endAtGoogle } from './service/end.ts'
import { mailInvitation, type InvitationMail } from './service/invitations.ts'
import { repair, writeJob } from './service/outgoing.ts'
import { eventMoved, type MovedEvent } from './service/own.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface JobData {
    'google.write': { booking_id: number }
    'google.repair': Record<string, never>
    'google.invite': InvitationMail
    'google.sync': { connection_id: number }
    'google.moved': MovedEvent
    'google.poll': Record<string, never>
    'google.watch': { connection_id: number }
    'google.tend': Record<string, never>
    'google.end': { connection_id: number }
  }
}

export { googleState } from './client/index.ts'
export { exportOf } from './queries/export.ts'
export { accountDeleted } from './service/end.ts'
export { bookingChanged } from './service/outgoing.ts'

/** Can this house ask Google at all? */
export const isOn = ({ GOOGLE_SERVICE_ACCOUNT_FILE, GOOGLE_CLIENT_ID }: Config): boolean =>
  GOOGLE_SERVICE_ACCOUNT_FILE !== null || GOOGLE_CLIENT_ID !== null

export const jobs = {
  'google.write': { queue: 'google' as const, handle: writeJob },
  'google.repair': { cron: '7,22,37,52 * * * *', handle: repair },
  'google.invite': { queue: 'mail' as const, handle: mailInvitation },
  'google.sync': { queue: 'google' as const, handle: syncConnection },
  'google.moved': { handle: eventMoved },
  'google.poll': { cron: '*/15 * * * *', handle: poll },
  'google.watch': { queue: 'google' as const, handle: watchConnection },
  'google.tend': { cron: '41 * * * *', handle: tend },
  'google.end': { queue: 'google' as const, handle: endAtGoogle },
}

export function routes(app: FastifyInstance): void {
  meetRoutes(app)
  connectionRoutes(app)
  connectionPages(app)
}

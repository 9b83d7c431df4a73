import type { FastifyInstance } from 'fastify'
import { deviceRoutes } from './routes/devices.ts'
import { entryRoutes } from './routes/entries.ts'
import { notificationRoutes } from './routes/notifications.ts'
import { unsubscribeRoutes } from './routes/unsubscribe.ts'

export { exportOf } from './queries/export.ts'
export { accountDeleted, jobs, welcome } from './jobs.ts'
export { announce } from './service/deliver.ts'
export { mailTerms, mayMail } from './service/mail-terms.ts'
export type { MailTerms } from './service/mail-terms.ts'
export { readAbout, withdraw } from './service/about.ts'
export { withdrawNames } from './service/forget.ts'
export { notify } from './service/notify.ts'

export function routes(app: FastifyInstance): void {
  notificationRoutes(app)
  deviceRoutes(app)
  unsubscribeRoutes(app)
  entryRoutes(app)
}

import type { FastifyInstance } from 'fastify'
import { administratorRoutes } from './routes/administrators.ts'
import { auditLogRoutes } from './routes/audit-log.ts'
import { exportRoutes } from './routes/export.ts'
import { userRoutes } from './routes/users.ts'

export { jobs } from './export/jobs.ts'
export { accountDeleted } from './export/service.ts'
export { commands } from './commands.ts'

export function routes(app: FastifyInstance): void {
  administratorRoutes(app)
  userRoutes(app)
  auditLogRoutes(app)
  exportRoutes(app)
}

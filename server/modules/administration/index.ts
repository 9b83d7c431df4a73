import type { FastifyInstance } from 'fastify'
import { administratorRoutes } from './routes/administrators.ts'
import { auditLogRoutes } from './routes/audit-log.ts'
import { userRoutes } from './routes/users.ts'

export { commands } from './commands.ts'

export function routes(app: FastifyInstance): void {
  administratorRoutes(app)
  userRoutes(app)
  auditLogRoutes(app)
}

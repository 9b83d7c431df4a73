import type { FastifyInstance } from 'fastify'
import type { Command } from '../../platform/console.ts'
import { authenticationRoutes } from './routes/authentication.ts'
import { profileRoutes } from './routes/profile.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    'account.registered': { user_id: number }
  }
}

export { createAccount } from './service/register.ts'
export { authenticate } from './service/sign-in.ts'

export function routes(app: FastifyInstance): void {
  authenticationRoutes(app)
  profileRoutes(app)
}

export const jobs = {}
export const commands: Record<string, Command> = {}

import type { FastifyInstance } from 'fastify'
import type { Command } from '../../platform/console.ts'
import { authenticationRoutes } from './routes/authentication.ts'
import { profileRoutes } from './routes/profile.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    'account.registered': { user_id: number }
  }
}

export { orderings as userOrderings } from './queries/users.ts'
export { formatPhone, roleDisplay } from './rules.ts'
export { exampleUser, Name, Phone, Role, User } from './schema/people.ts'
export { NewPassword } from './schema/sign-in.ts'
export { changePermissions, keepASuperAdmin, listAdministrators } from './service/permissions.ts'
export { createAccount } from './service/register.ts'
export { authenticate } from './service/sign-in.ts'
export { createUser, getUser, listUsers, updateOwnName, updateUser } from './service/users.ts'

export function routes(app: FastifyInstance): void {
  authenticationRoutes(app)
  profileRoutes(app)
}

export const jobs = {}
export const commands: Record<string, Command> = {}

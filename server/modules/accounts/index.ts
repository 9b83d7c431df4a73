import type { FastifyInstance } from 'fastify'
import { appPasswordRoutes } from './routes/app-passwords.ts'
import { authenticationRoutes } from './routes/authentication.ts'
import { codeRoutes } from './routes/codes.ts'
import { accountPages } from './routes/pages.ts'
import { photoRoutes } from './routes/photo.ts'
import { profileRoutes, type MembershipParts } from './routes/profile.ts'
import { twoFactorRoutes } from './routes/two-factor.ts'

export { addRating } from './queries/changes.ts'
export { exportOf } from './queries/export.ts'
export { confirmEmail, jobs } from './jobs.ts'
export { orderings as userOrderings, type UserOrdering } from './queries/users.ts'
export { hashPassword } from './passwords.ts'
export { formatPhone, parsePhone, roleDisplay } from './rules.ts'
export { exampleUser, Name, Phone, Role, User } from './schema/people.ts'
export { NewPassword } from './schema/sign-in.ts'
export { authenticateApp } from './service/app-passwords.ts'
export { eraseAccount } from './service/delete-account.ts'
export { changePermissions, keepASuperAdmin, listAdministrators } from './service/permissions.ts'
export { createAccount } from './service/register.ts'
export { authenticate, endEverySession, openSession, recallActor } from './service/sign-in.ts'
export { resetTwoFactor, resetTwoFactorOf } from './service/two-factor.ts'
export { socketAccounts } from './service/socket.ts'
export { setVerified } from './service/verification.ts'
export { createUser, getUser, listUsers, removeUser, updateOwnName, updateUser } from './service/users.ts'

export function routes(app: FastifyInstance, membership: MembershipParts): void {
  authenticationRoutes(app)
  twoFactorRoutes(app)
  codeRoutes(app)
  profileRoutes(app, membership)
  appPasswordRoutes(app)
  photoRoutes(app)
  accountPages(app)
}

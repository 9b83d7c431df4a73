import { randomBytes } from 'node:crypto'
import { audit } from '../../../platform/audit.ts'
import { actorOf, type Context, type Role } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { denied, invalid, notFound } from '../../../platform/errors.ts'
import { keptCount, pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { canManageRole } from '../policy.ts'
import { lockAccount } from '../queries/changes.ts'
import { findUser } from '../queries/people.ts'
import {
  ensureProviderProfile,
  lockUser,
  selectUsersWhere,
  updateUserRow,
  type LockedUser,
  type UserChange,
  type UserFilter,
} from '../queries/users.ts'
import { emailKey, parsePhone } from '../rules.ts'
import type { UserView } from '../schema/people.ts'
import { viewUser } from '../view.ts'
import { askForNewEmail } from './change-email.ts'
import { eraseAccount } from './delete-account.ts'
import { keepASuperAdmin, restartPermissions } from './permissions.ts'
import { createAccount, type NewAccount } from './register.ts'
import { endSessions } from './sign-in.ts'

/** Accounts by filter, a page of them; the erased ones are gone. Who may ask is the caller's to decide. */
export async function listUsers(ctx: Context, filter: UserFilter, request: PageRequest): Promise<Page<UserView>> {
  const key = `users ${JSON.stringify([filter.role, filter.is_active, filter.search])}`
  const isCommon = keptCount(ctx, key) !== undefined
  const page = await pageOf(ctx, request, key, selectUsersWhere(ctx, filter, isCommon))
  return { ...page, results: page.results.map((row) => viewUser(ctx.house.config, row)) }
}

/** One account. @throws NOT_FOUND */
export async function getUser(ctx: Context, id: number): Promise<UserView> {
  const row = await findUser(ctx, id)
  if (!row) throw notFound('user')
  return viewUser(ctx.house.config, row)
}

export type NewUser = Omit<NewAccount, 'password' | 'confirm_password'> & { password?: string | undefined }

/**
 * Makes an account for somebody else, as an administrator or on the console. Without a password the person sets one by the password reset.
 * @throws PERMISSION_DENIED for an administrative role by anybody but a super admin; what `createAccount` throws.
 */
export async function createUser(ctx: Context, account: NewUser): Promise<UserView> {
  if (ctx.actor && !canManageRole(ctx.actor, account.role)) throw denied('Only a super admin may do this')
  return inTransaction(ctx, async (tx) => {
    const password = account.password ?? randomBytes(32).toString('base64url')
    const user = await createAccount(tx, { ...account, password })
    const { email, role, phone } = user
    const { first_name, last_name } = user.profile
    await audit(tx, {
      action: 'users.create',
      target: { kind: 'user', id: user.id },
      after: { email, role, phone, first_name, last_name },
    })
    return user
  })
}

export type UserUpdate = {
  email?: string | undefined
  first_name?: string | undefined
  last_name?: string | undefined
  phone?: string | null | undefined
  is_active?: boolean | undefined
  role?: Role | undefined
}

/**
 * Changes somebody's account; what is left out stays. A new e-mail waits until its owner confirms it, as with their own change. Deactivating ends their sessions at once, on every node; another role begins without the grants of the
 * old one.
 * @throws NOT_FOUND; PERMISSION_DENIED where an administrative account or role is touched by anybody but a super admin; CONFLICT for the last super admin
 * and for a taken e-mail; VALIDATION_ERROR for a phone that is none.
 */
export async function updateUser(ctx: Context, id: number, update: UserUpdate): Promise<UserView> {
  const actor = actorOf(ctx)
  return inTransaction(ctx, async (tx) => {
    requireManageable(tx, await findUser(tx, id), update.role)
    const isTakenAway = update.is_active === false || (update.role ?? 'super_admin') !== 'super_admin'
    if (isTakenAway && actor.role === 'super_admin') await keepASuperAdmin(tx, id)
    // Once more under the lock: the person may have become an administrator meanwhile.
    const user = requireManageable(tx, await lockUser(tx, id), update.role)
    const { email, ...fields } = update
    const change = changeOf(user, fields)
    await writeChange(tx, user, change)
    const isEmailNew = email !== undefined && emailKey(email) !== emailKey(user.email)
    if (isEmailNew) await askForNewEmail(tx, (await lockAccount(tx, id))!, email)
    if (change.role === 'provider') await ensureProviderProfile(tx, id)
    if (change.role !== undefined) await restartPermissions(tx, id, change.role)
    if (change.is_active === false) await endSessions(tx, id)
    const { before, after } = beforeAndAfter(user, change)
    await audit(tx, {
      action: 'users.update',
      target: { kind: 'user', id },
      before,
      after: isEmailNew ? { ...after, pending_email: email } : after,
    })
    return getUser(tx, id)
  })
}

/**
 * Erases somebody's account, exactly as their own deletion does.
 * @throws NOT_FOUND; PERMISSION_DENIED for an administrative account by anybody but a super admin; CONFLICT for the last super admin
 */
export async function removeUser(ctx: Context, id: number): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    requireManageable(tx, await findUser(tx, id))
    if (actorOf(tx).role === 'super_admin') await keepASuperAdmin(tx, id)
    const { role, is_active } = requireManageable(tx, await lockUser(tx, id))
    // Nothing personal: the log is kept for good, and this person asked to be, or is, forgotten.
    await audit(tx, { action: 'users.delete', target: { kind: 'user', id }, before: { role, is_active } })
    await eraseAccount(tx, id)
  })
}

/** Changes an administrator's own name: all that one without a grant may do. */
export async function updateOwnName(
  ctx: Context,
  name: { first_name?: string | undefined; last_name?: string | undefined },
): Promise<{ first_name: string; last_name: string }> {
  const { userId } = actorOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const user = await lockUser(tx, userId)
    if (!user) throw notFound('administrator')
    const change = changeOf(user, name)
    await writeChange(tx, user, change)
    await audit(tx, {
      action: 'profile.update',
      target: { kind: 'user', id: userId },
      ...beforeAndAfter(user, change),
    })
    return { first_name: change.first_name ?? user.first_name, last_name: change.last_name ?? user.last_name }
  })
}

function requireManageable<T extends { role: string }>(ctx: Context, user: T | undefined, newRole?: Role): T {
  if (!user) throw notFound('user')
  const actor = actorOf(ctx)
  if (!canManageRole(actor, user.role as Role) || (newRole !== undefined && !canManageRole(actor, newRole)))
    throw denied('Only a super admin may do this')
  return user
}

/** What of an update is really another value than before. */
function changeOf(user: LockedUser, update: Omit<UserUpdate, 'email'>): Partial<UserChange> {
  const wanted = { ...update, ...(update.phone ? { phone: phoneOf(update.phone) } : {}) }
  return Object.fromEntries(
    Object.entries(wanted).filter(([field, value]) => value !== undefined && value !== user[field as keyof UserChange]),
  )
}

function phoneOf(text: string): string {
  const phone = parsePhone(text)
  if (phone === null) throw invalid('phone', 'This phone number is not valid', 'phone')
  return phone
}

async function writeChange(ctx: Context, user: LockedUser, change: Partial<UserChange>): Promise<void> {
  if (Object.keys(change).length === 0) return
  await updateUserRow(ctx, user, change)
  await ctx.house.jobs.publish(ctx, 'account.changed', { user_id: user.id })
}

/** The changed fields as they were and as they are, for the audit log. */
function beforeAndAfter(user: LockedUser, change: Partial<UserChange>): { before: object; after: object } {
  const before = Object.fromEntries(Object.keys(change).map((field) => [field, user[field as keyof UserChange]]))
  return { before, after: change }
}

import { actorOf, hasPermission, isAdministrative, roles, type Context, type Role } from '../../platform/context.ts'
import { denied, invalidAll, type Detail } from '../../platform/errors.ts'
import type { Page, PageRequest } from '../../platform/http/page.ts'
import { refuseIfGiving } from '../bookings/index.ts'
import { createUser, getUser, listUsers, removeUser, updateUser, type UserOrdering } from '../accounts/index.ts'
import {
  changeColleague,
  endColleague,
  getColleague,
  inviteColleague,
  listColleagues,
  memberRoles,
  type MemberRole,
} from '../organizations/index.ts'
import type { NewPerson, NewUser, Person, UserUpdate } from './schema.ts'

/** `users/*` for two kinds of askers (SPEC section 10): whoever holds `user_management` meets accounts, members of an organization meet their colleagues. */

/** Whoever may touch accounts does so here always, whatever organizations they belong to. */
function managesAccounts(ctx: Context): boolean {
  const actor = actorOf(ctx)
  return isAdministrative(actor.role) && hasPermission(actor, 'user_management')
}

export type PeopleFilter = {
  role?: Role | undefined
  is_active?: boolean | undefined
  search?: string | undefined
  ordering?: UserOrdering | undefined
  organization_id?: string | undefined
  department_id?: string | undefined
  manager_id?: number | undefined
}

/** Accounts, or colleagues; what only accounts have filters no colleagues, so that it tells nothing of them. */
export async function listPeople(ctx: Context, filter: PeopleFilter, request: PageRequest): Promise<Page<Person>> {
  return managesAccounts(ctx) ? listUsers(ctx, filter, request) : listColleagues(ctx, filter, request)
}

/** An account, or a colleague. @throws NOT_FOUND for a stranger. */
export async function getPerson(ctx: Context, id: number, organizationId?: string): Promise<Person> {
  return managesAccounts(ctx) ? getUser(ctx, id) : getColleague(ctx, id, organizationId)
}

/** What is wrong with a body for who asks, beyond its shape: an account needs a name, and each of both roles has words of its own. */
export function problemsOf(body: unknown, ctx: Context): Detail[] {
  const { role } = (body ?? {}) as { role?: unknown }
  const words: readonly string[] = managesAccounts(ctx) ? roles : memberRoles
  if (typeof role !== 'string' || words.includes(role)) return []
  const values = words.join(', ')
  return [{ field: 'role', message: 'This must be one of {values}', rule: 'enum', params: { values } }]
}

/** The same of a new person. */
export function problemsOfNew(body: unknown, ctx: Context): Detail[] {
  const given = (body ?? {}) as Record<string, unknown>
  const needed = managesAccounts(ctx) ? ['first_name', 'last_name'] : []
  const missing = needed.filter((field) => given[field] === undefined)
  return [
    ...missing.map((field) => ({ field, message: 'This field is required', rule: 'required' })),
    ...problemsOf(body, ctx),
  ]
}

/**
 * Makes an account; an organization's admin invites by e-mail instead, and is never told whether the address has an account.
 * @throws what `createUser` and `inviteColleague` throw.
 */
export async function createPerson(ctx: Context, body: NewUser): Promise<NewPerson> {
  const problems = problemsOfNew(body, ctx)
  if (problems.length > 0) throw invalidAll(problems)
  const { first_name = '', last_name = '', role, email, position, organization_id, ...account } = body
  if (managesAccounts(ctx))
    return createUser(ctx, { ...account, email, first_name, last_name, role: (role ?? 'customer') as Role })
  const invitation = await inviteColleague(ctx, { email, role: role as MemberRole, position, organization_id })
  return { email: invitation.email, invitation }
}

/**
 * Changes an account; an organization's admin changes the membership.
 * @throws PERMISSION_DENIED where who may not touch accounts sends fields of one; what `updateUser` and `changeColleague` throw.
 */
export async function updatePerson(ctx: Context, id: number, body: UserUpdate): Promise<Person> {
  const problems = problemsOf(body, ctx)
  if (problems.length > 0) throw invalidAll(problems)
  const { email, first_name, last_name, phone, is_active, role, organization_id, ...flags } = body
  const account = { email, first_name, last_name, phone, is_active }
  if (managesAccounts(ctx)) return updateUser(ctx, id, { ...account, role: role as Role | undefined })
  await getColleague(ctx, id, organization_id)
  if (Object.values(account).some((value) => value !== undefined))
    throw denied('Only an administrator changes an account; an organization’s admin changes the membership')
  const change = { ...flags, ...(role === undefined ? {} : { role: role as MemberRole }) }
  return changeColleague(ctx, id, change, organization_id)
}

/** Erases an account; an organization's admin ends the membership. @throws what `removeUser` and `endColleague` throw. */
export async function removePerson(ctx: Context, id: number, organizationId?: string): Promise<void> {
  await (managesAccounts(ctx) ? removeUser(ctx, id) : endColleague(ctx, id, refuseIfGiving, organizationId))
}

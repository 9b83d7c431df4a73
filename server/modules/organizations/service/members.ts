import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, invalid, notFound } from '../../../platform/errors.ts'
import { pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { sayChanged } from '../../../platform/socket/topic.ts'
import { listPlaces } from '../queries/departments.ts'
import {
  deleteMembershipRow,
  findMembershipRow,
  listMemberships,
  lockAdmins,
  selectMembers,
  updateMembershipRow,
} from '../queries/members.ts'
import { organizationKey } from '../rules.ts'
import { memberRoles, type MembershipChange, type MembershipView } from '../schema.ts'
import { viewMembership } from '../view.ts'
import { lockAsRole, requireMember } from './access.ts'

export type MemberView = {
  user_id: number
  full_name: string
  email: string
  phone: string | null
  membership: MembershipView
}

/** The members of an organization, for its members; by name, and found by words of it. @throws NOT_FOUND for outsiders. */
export async function listMembers(
  ctx: Context,
  organizationId: string,
  request: PageRequest & { role?: string },
  formatPhone: (phone: string | null) => string | null,
): Promise<Page<MemberView>> {
  const own = await requireMember(ctx, organizationId)
  let query = selectMembers(ctx, organizationId).orderBy('memberships.id')
  if (request.role !== undefined) query = query.where('memberships.role', '=', request.role)
  const page = await pageOf(ctx, request, `members of ${organizationId} ${request.role ?? ''}`, query)
  const results = page.results.map((row) => ({
    user_id: row.user_id,
    full_name: `${row.first_name} ${row.last_name}`.trim(),
    email: row.email,
    phone: formatPhone(row.phone),
    membership: viewMembership(row, own.access_org_structure),
  }))
  return { ...page, results }
}

/** Changes a member's role, place and flags; for the organization's admins. The last admin keeps that role. */
export async function changeMembership(
  ctx: Context,
  organizationId: string,
  userId: number,
  change: MembershipChange,
): Promise<MembershipView> {
  return inTransaction(ctx, async (tx) => {
    await lockAsRole(tx, organizationId, ['admin'])
    const admins = await lockAdmins(tx, organizationId)
    if (!(await findMembershipRow(tx, organizationId, userId))) throw notFound('member')
    if (change.role !== undefined && change.role !== 'admin' && admins.length === 1 && admins[0] === userId)
      throw lastAdmin()
    if (change.manager_id !== undefined && change.manager_id !== null)
      await checkManager(tx, organizationId, userId, change.manager_id)
    if (change.department_id !== undefined && change.department_id !== null)
      await checkDepartment(tx, organizationId, change.department_id)
    await updateMembershipRow(tx, organizationId, userId, change)
    if (change.department_id !== undefined) await sayChanged(tx, [organizationKey(organizationId)])
    return viewMembership((await findMembershipRow(tx, organizationId, userId))!)
  })
}

const lastAdmin = () => conflict('The last admin of an organization cannot leave it or step down')

/** Under the lock of `lockAdmins`: a manager belongs to the same organization, and nobody is, by way of others, their own. */
async function checkManager(ctx: Context, organizationId: string, userId: number, managerId: number): Promise<void> {
  let above: number | null = managerId
  const seen = new Set<number>([userId])
  while (above !== null) {
    if (seen.has(above))
      throw invalid('manager_id', 'Nobody can be their own manager, directly or by way of others', 'circle')
    seen.add(above)
    const membership: { manager_id: number | null } | undefined = await findMembershipRow(ctx, organizationId, above)
    if (!membership) throw invalid('manager_id', 'The manager must belong to the organization', 'not_a_member')
    above = membership.manager_id
  }
}

/** A department of the membership stands in the same organization. */
async function checkDepartment(ctx: Context, organizationId: string, id: string): Promise<void> {
  const all = await listPlaces(ctx, organizationId)
  if (!all.some((department) => department.id === id))
    throw invalid('department_id', 'There is no such department in this organization', 'not_found')
}

/** What the modules to the right have to say before a membership ends: they throw CONFLICT with the list where the person has bookings to come for the organization. */
export type MemberGuard = (ctx: Context, organizationId: string, userId: number) => Promise<void>

/**
 * Ends a membership: an admin's decision, or one's own leaving. The last admin cannot leave (SPEC section 10).
 * @throws NOT_FOUND, PERMISSION_DENIED, CONFLICT for the last admin and for who has future bookings, with their list
 */
export async function endMembership(
  ctx: Context,
  organizationId: string,
  userId: number,
  refuseIfBooked: MemberGuard,
): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const isOwn = userId === actorOf(tx).userId
    await lockAsRole(tx, organizationId, isOwn ? memberRoles : ['admin'])
    const admins = await lockAdmins(tx, organizationId)
    if (admins.length === 1 && admins[0] === userId) throw lastAdmin()
    if (!(await findMembershipRow(tx, organizationId, userId))) throw notFound('member')
    await refuseIfBooked(tx, organizationId, userId)
    await deleteMembershipRow(tx, organizationId, userId)
    await sayChanged(tx, [organizationKey(organizationId)])
    await tx.house.jobs.publish(tx, 'membership.ended', { organization_id: organizationId, user_id: userId })
  })
}

/** The membership to show of a person: of the organization asked for, else the oldest; null without one (SPEC section 10). */
export async function membershipToShow(
  ctx: Context,
  userId: number,
  organizationId?: string,
): Promise<MembershipView | null> {
  const all = await listMemberships(ctx, userId)
  const row =
    organizationId === undefined ? all[0] : all.find((membership) => membership.organization_id === organizationId)
  return row ? viewMembership(row) : null
}

/** Ends every membership of an erased account; an organization whose only admin it was is handed to its oldest member. */
export async function forgetMember(ctx: Context, userId: number): Promise<void> {
  for (const membership of await listMemberships(ctx, userId)) {
    const organizationId = membership.organization_id
    const admins = await lockAdmins(ctx, organizationId)
    await deleteMembershipRow(ctx, organizationId, userId)
    await sayChanged(ctx, [organizationKey(organizationId)])
    if (admins.length !== 1 || admins[0] !== userId) continue
    const heir = await selectMembers(ctx, organizationId).orderBy('memberships.id').limit(1).executeTakeFirst()
    if (heir) await updateMembershipRow(ctx, organizationId, heir.user_id, { role: 'admin' })
  }
}

/** The admins of an organization: who speaks for it where a person of it cannot. */
export const adminIdsOf = async (ctx: Context, organizationId: string): Promise<number[]> =>
  (
    await selectMembers(ctx, organizationId).where('memberships.role', '=', 'admin').orderBy('memberships.id').execute()
  ).map((row) => row.user_id)

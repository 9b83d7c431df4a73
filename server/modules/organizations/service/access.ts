import { actorOf, type Context } from '../../../platform/context.ts'
import { denied, invalid, notFound } from '../../../platform/errors.ts'
import { lockOrganization } from '../queries/departments.ts'
import {
  findMembershipRow,
  isStillMember,
  listMemberships,
  listStillMemberOf,
  type MembershipRow,
} from '../queries/members.ts'
import type { MemberRole } from '../schema.ts'

/** The membership of a person (by default who asks) in an organization, if there is one. */
export async function findMembership(
  ctx: Context,
  organizationId: string,
  userId: number = actorOf(ctx).userId,
): Promise<MembershipRow | undefined> {
  return findMembershipRow(ctx, organizationId, userId)
}

/**
 * Whoever gives what an organization sells acts for it as long as they belong to it: not for its money, its bookings or its name once they have left.
 * @throws PERMISSION_DENIED once they have; never where no organization sells it
 */
export async function requireStillMember(ctx: Context, organizationId: string | null): Promise<void> {
  if (organizationId !== null && !(await isStillMember(ctx, organizationId, actorOf(ctx).userId)))
    throw denied('You have left the organization that sold this')
}

/** Of these organizations those that who asks has left, or never belonged to; not one that is archived and in which they still are. */
export async function organizationsLeft(ctx: Context, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  return new Set(ids).difference(new Set(await listStillMemberOf(ctx, ids, actorOf(ctx).userId)))
}

/** Who asks must belong to the organization. @throws NOT_FOUND: for an outsider it does not exist. */
export async function requireMember(ctx: Context, organizationId: string): Promise<MembershipRow> {
  const membership = await findMembership(ctx, organizationId)
  if (!membership) throw notFound('organization')
  return membership
}

/** Who asks must belong to the organization with one of these roles. @throws NOT_FOUND for outsiders, PERMISSION_DENIED for other members. */
export async function requireOrgRole(
  ctx: Context,
  organizationId: string,
  roles: readonly MemberRole[],
): Promise<MembershipRow> {
  const membership = await requireMember(ctx, organizationId)
  if (!roles.includes(membership.role as MemberRole)) throw denied('Your role in this organization does not allow this')
  return membership
}

/**
 * The same, with the organization locked until the transaction ends: whoever was asked for a role before, and waited, may have lost it to whom they waited for.
 * @throws as `requireOrgRole`
 */
export async function lockAsRole(
  ctx: Context,
  organizationId: string,
  roles: readonly MemberRole[],
): Promise<MembershipRow> {
  // Before the lock as well: who has no business here makes nobody wait.
  await requireOrgRole(ctx, organizationId, roles)
  await lockOrganization(ctx, organizationId)
  return requireOrgRole(ctx, organizationId, roles)
}

/** Does who asks belong to an organization, or, with `org:admin`, manage one? */
export async function belongs(ctx: Context, membership: 'org' | 'org:admin'): Promise<boolean> {
  const all = await listMemberships(ctx, actorOf(ctx).userId)
  return all.some(({ role }) => membership === 'org' || role === 'admin')
}

/** The ids of the organizations of who asks. */
export async function organizationIdsOf(ctx: Context): Promise<string[]> {
  return (await listMemberships(ctx, actorOf(ctx).userId)).map((row) => row.organization_id)
}

/**
 * Of which organizations who asks may see the structure (departments, managers): of the one named, else of all of theirs whose membership allows it.
 * @throws NOT_FOUND for an organization that is not theirs; PERMISSION_DENIED where `access_org_structure` was taken from them in all that are meant.
 */
export async function structuresSeen(ctx: Context, organizationId?: string): Promise<string[]> {
  const all =
    organizationId === undefined
      ? await listMemberships(ctx, actorOf(ctx).userId)
      : [await requireMember(ctx, organizationId)]
  const seen = all.filter((membership) => membership.access_org_structure)
  if (all.length > 0 && seen.length === 0) throw denied('You have no access to the structure of this organization')
  return seen.map((membership) => membership.organization_id)
}

/**
 * The organization that a request means: the one it names, else the caller's only one.
 * @throws VALIDATION_ERROR on `organization_id` when there are several or none.
 */
export async function chooseOrganization(ctx: Context, given: string | undefined): Promise<string> {
  if (given !== undefined) return given
  const [only, ...others] = await organizationIdsOf(ctx)
  if (only === undefined)
    throw invalid('organization_id', 'You belong to no organization; name one or make one', 'required')
  if (others.length > 0) throw invalid('organization_id', 'You belong to several organizations; name one', 'required')
  return only
}

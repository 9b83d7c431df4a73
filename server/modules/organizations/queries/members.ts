import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { fold } from '../../../platform/fold.ts'
import type { MemberRole, MembershipChange, OrganizationInput } from '../schema.ts'
import { lockOrganization } from './departments.ts'

/** The SQL on organizations and memberships. Whatever is read is read through the membership of who asks. */

const memberCount = sql<number>`(SELECT count(*) FROM memberships m WHERE m.organization_id = organizations.id)`.as(
  'member_count',
)

/** The organizations of a person, the archived ones left out. */
export const selectOrganizations = (ctx: Context, userId: number) =>
  ctx.db
    .selectFrom('organizations')
    .innerJoin('memberships', 'memberships.organization_id', 'organizations.id')
    .where('memberships.user_id', '=', userId)
    .where('archived_at', 'is', null)
    .select([
      'organizations.id',
      'name',
      'description',
      'slug',
      'time_zone',
      'currency',
      'city',
      'address',
      'organizations.created_at',
      'organizations.updated_at',
      'memberships.role',
    ])
    .select(memberCount)

export async function insertOrganization(
  ctx: Context,
  id: string,
  userId: number,
  input: OrganizationInput & { time_zone: string; currency: string },
): Promise<void> {
  await ctx.db
    .insertInto('organizations')
    .values({ ...input, id, created_by: userId, created_at: ctx.now, updated_at: ctx.now })
    .execute()
}

export async function updateOrganizationRow(ctx: Context, id: string, change: OrganizationInput): Promise<void> {
  await ctx.db
    .updateTable('organizations')
    .set({ ...change, updated_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

/** Adds to what an organization is rated; `updated_at` is of what its admins change. */
export async function addRating(ctx: Context, id: string, sum: number, count: number): Promise<void> {
  await ctx.db
    .updateTable('organizations')
    .set((eb) => ({ rating_sum: eb('rating_sum', '+', sum), review_count: eb('review_count', '+', count) }))
    .where('id', '=', id)
    .execute()
}

export async function archiveOrganizationRow(ctx: Context, id: string): Promise<void> {
  await ctx.db
    .updateTable('organizations')
    .set({ archived_at: ctx.now, slug: null, updated_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

const membershipColumns = [
  'memberships.id',
  'memberships.organization_id',
  'organizations.name as organization_name',
  'memberships.user_id',
  'memberships.role',
  'memberships.position',
  'memberships.manager_id',
  'memberships.department_id',
  'departments.name as department_name',
  'memberships.access_org_structure',
  'memberships.access_tickets',
  'memberships.access_availability_slots',
  'memberships.show_local_time',
  'memberships.show_moscow_time',
  'memberships.joined_at',
] as const

export const selectMemberships = (ctx: Context) =>
  ctx.db
    .selectFrom('memberships')
    .innerJoin('organizations', 'organizations.id', 'memberships.organization_id')
    .leftJoin('departments', 'departments.id', 'memberships.department_id')
    .where('organizations.archived_at', 'is', null)
    .select(membershipColumns)

export type MembershipRow = Awaited<ReturnType<typeof listMemberships>>[number]

/** A person's memberships, the oldest first. */
export const listMemberships = (ctx: Context, userId: number) =>
  selectMemberships(ctx).where('memberships.user_id', '=', userId).orderBy('memberships.id').execute()

export const findMembershipRow = (ctx: Context, organizationId: string, userId: number) =>
  selectMemberships(ctx)
    .where('memberships.organization_id', '=', organizationId)
    .where('memberships.user_id', '=', userId)
    .executeTakeFirst()

/** Has this person a membership there, also where the organization is archived: what they gave for it can be settled then too. */
export async function isStillMember(ctx: Context, organizationId: string, userId: number): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('memberships')
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .select('user_id')
    .executeTakeFirst()
  return row !== undefined
}

/** Of these organizations those that a person has a membership in, the archived ones too. */
export async function listStillMemberOf(ctx: Context, ids: readonly string[], userId: number): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('memberships')
    .where('organization_id', 'in', ids as string[])
    .where('user_id', '=', userId)
    .select('organization_id')
    .execute()
  return rows.map((row) => row.organization_id)
}

/** The members of an organization with what colleagues may see of each other. */
export const selectMembers = (ctx: Context, organizationId: string) =>
  selectMemberships(ctx)
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .where('memberships.organization_id', '=', organizationId)
    .where('users.deleted_at', 'is', null)
    .select(['users.first_name', 'users.last_name', 'users.email', 'users.phone'])

/** Locks the organization, as every change of its structure does, and its memberships of admins: two admins who leave at once take their turns, and one of them stays. */
export async function lockAdmins(ctx: Context, organizationId: string): Promise<number[]> {
  await lockOrganization(ctx, organizationId)
  const rows = await ctx.db
    .selectFrom('memberships')
    .where('organization_id', '=', organizationId)
    .where('role', '=', 'admin')
    .select('user_id')
    .orderBy('id')
    .forUpdate()
    .execute()
  return rows.map((row) => row.user_id)
}

/** Adds a member; one who is a member already keeps their membership. Answers whether it was added. */
export async function insertMembership(
  ctx: Context,
  organizationId: string,
  userId: number,
  role: MemberRole,
  position: string,
): Promise<boolean> {
  const added = await ctx.db
    .insertInto('memberships')
    .values({
      organization_id: organizationId,
      user_id: userId,
      role,
      position,
      search_text: fold(position),
      joined_at: ctx.now,
    })
    .onConflict((on) => on.constraint('memberships_once').doNothing())
    .returning('id')
    .executeTakeFirst()
  return added !== undefined
}

export async function updateMembershipRow(
  ctx: Context,
  organizationId: string,
  userId: number,
  change: MembershipChange,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await ctx.db
    .updateTable('memberships')
    .set({ ...change, ...(change.position === undefined ? {} : { search_text: fold(change.position) }) })
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .execute()
}

/** Ends a membership; whom it led, and what, is led by nobody then (the foreign keys see to it). */
export async function deleteMembershipRow(ctx: Context, organizationId: string, userId: number): Promise<boolean> {
  const gone = await ctx.db
    .deleteFrom('memberships')
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .returning('id')
    .executeTakeFirst()
  return gone !== undefined
}

import { sql } from 'kysely'
import type { Context } from '../../platform/context.ts'
import type { MemberRole, MembershipChange, OrganizationInput } from './schema.ts'

/** All SQL on organizations, memberships and invitations. Whatever is read is read through the membership of who asks. */

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
  'memberships.access_org_structure',
  'memberships.access_tickets',
  'memberships.access_availability_slots',
  'memberships.show_local_time',
  'memberships.show_moscow_time',
  'memberships.joined_at',
] as const

const selectMemberships = (ctx: Context) =>
  ctx.db
    .selectFrom('memberships')
    .innerJoin('organizations', 'organizations.id', 'memberships.organization_id')
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

/** The members of an organization with what colleagues may see of each other. */
export const selectMembers = (ctx: Context, organizationId: string) =>
  selectMemberships(ctx)
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .where('memberships.organization_id', '=', organizationId)
    .where('users.deleted_at', 'is', null)
    .select(['users.first_name', 'users.last_name', 'users.email', 'users.phone'])

/** Locks the organization's memberships of admins: two admins who leave at once take their turns, and one of them stays. */
export async function lockAdmins(ctx: Context, organizationId: string): Promise<number[]> {
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
    .values({ organization_id: organizationId, user_id: userId, role, position, joined_at: ctx.now })
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
    .set(change)
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .execute()
}

export async function deleteMembershipRow(ctx: Context, organizationId: string, userId: number): Promise<boolean> {
  const gone = await ctx.db
    .deleteFrom('memberships')
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .returning('id')
    .executeTakeFirst()
  await ctx.db
    .updateTable('memberships')
    .set({ manager_id: null })
    .where('organization_id', '=', organizationId)
    .where('manager_id', '=', userId)
    .execute()
  return gone !== undefined
}

export type NewInvitation = {
  id: string
  organization_id: string
  email: string
  email_key: string
  role: MemberRole
  position: string
  nonce: string
  expires_at: Temporal.Instant
}

export async function insertInvitation(ctx: Context, invitation: NewInvitation): Promise<void> {
  await ctx.db
    .insertInto('invitations')
    .values({ ...invitation, invited_by: ctx.actor?.userId ?? null, created_at: ctx.now })
    .execute()
}

/** Ends invitations of an address that are still open: a new one takes their place. */
export async function cancelInvitations(ctx: Context, organizationId: string, emailKey: string): Promise<void> {
  await ctx.db
    .updateTable('invitations')
    .set({ cancelled_at: ctx.now })
    .where('organization_id', '=', organizationId)
    .where('email_key', '=', emailKey)
    .where('accepted_at', 'is', null)
    .where('cancelled_at', 'is', null)
    .execute()
}

/** Invitations that can still be accepted. */
export const selectInvitations = (ctx: Context) =>
  ctx.db
    .selectFrom('invitations')
    .innerJoin('organizations', 'organizations.id', 'invitations.organization_id')
    .leftJoin('users', 'users.id', 'invitations.invited_by')
    .where('organizations.archived_at', 'is', null)
    .where('accepted_at', 'is', null)
    .where('cancelled_at', 'is', null)
    .where('expires_at', '>', ctx.now)
    .select([
      'invitations.id',
      'invitations.organization_id',
      'organizations.name as organization_name',
      'invitations.email',
      'invitations.email_key',
      'invitations.role',
      'invitations.position',
      'invitations.nonce',
      'invitations.created_at',
      'invitations.expires_at',
    ])
    .select(sql<string | null>`nullif(trim(users.first_name || ' ' || users.last_name), '')`.as('inviter'))

export async function cancelInvitationRow(ctx: Context, id: string): Promise<void> {
  await ctx.db.updateTable('invitations').set({ cancelled_at: ctx.now }).where('id', '=', id).execute()
}

/** Marks an invitation as accepted; answers false when another has done so, or it was cancelled, meanwhile. */
export async function acceptInvitationRow(ctx: Context, id: string): Promise<boolean> {
  const done = await ctx.db
    .updateTable('invitations')
    .set({ accepted_at: ctx.now })
    .where('id', '=', id)
    .where('accepted_at', 'is', null)
    .where('cancelled_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return done !== undefined
}

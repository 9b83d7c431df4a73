import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import type { MemberRole } from '../schema.ts'

/** The SQL on invitations. */

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

/** Ends an invitation that is still open; answers false when it was accepted, or taken back, meanwhile. */
async function endInvitation(
  ctx: Context,
  id: string,
  at: { accepted_at: Temporal.Instant } | { cancelled_at: Temporal.Instant },
): Promise<boolean> {
  const done = await ctx.db
    .updateTable('invitations')
    .set(at)
    .where('id', '=', id)
    .where('accepted_at', 'is', null)
    .where('cancelled_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return done !== undefined
}

/** Takes an invitation back; answers false when it was accepted, or taken back, meanwhile. */
export const cancelInvitationRow = (ctx: Context, id: string): Promise<boolean> =>
  endInvitation(ctx, id, { cancelled_at: ctx.now })

/** Marks an invitation as accepted; answers false when another has done so, or it was cancelled, meanwhile. */
export const acceptInvitationRow = (ctx: Context, id: string): Promise<boolean> =>
  endInvitation(ctx, id, { accepted_at: ctx.now })

/** Forgets invitations made before this, with the addresses in them; to be called with a time at which all of them are over. */
export async function deleteInvitationsBefore(ctx: Context, before: Temporal.Instant): Promise<void> {
  await ctx.db.deleteFrom('invitations').where('created_at', '<', before).where('expires_at', '<', ctx.now).execute()
}

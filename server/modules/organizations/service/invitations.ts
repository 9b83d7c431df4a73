import { randomBytes } from 'node:crypto'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied, invalid, notFound } from '../../../platform/errors.ts'
import { pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import { lockOrganization } from '../queries/departments.ts'
import {
  acceptInvitationRow,
  cancelInvitationRow,
  cancelInvitations,
  insertInvitation,
  selectInvitations,
} from '../queries/invitations.ts'
import { insertMembership, selectMembers } from '../queries/members.ts'
import type { InvitationView, MemberRole, MembershipView } from '../schema.ts'
import { viewInvitation } from '../view.ts'
import { lockAsRole, requireOrgRole } from './access.ts'
import { membershipToShow } from './members.ts'

/** An invitation can be accepted for two weeks. */
const livesHours = 14 * 24

const keyOf = (email: string): string => email.trim().toLowerCase()

const signature = (ctx: Context, id: string, nonce: string): string =>
  ctx.house.secrets.hmac('invitations', `${id}.${nonce}`)

/** The token of the link in the mail; made anew whenever it is needed, so that it stands nowhere. */
export const invitationToken = (ctx: Context, id: string, nonce: string): string => `${id}.${signature(ctx, id, nonce)}`

/**
 * Invites an address; for the organization's admins. A new invitation takes the place of an open one. The mail goes out by a job.
 * @throws CONFLICT when the address belongs to a member.
 */
export async function invite(
  ctx: Context,
  organizationId: string,
  input: { email: string; role?: MemberRole | undefined; position?: string | undefined },
): Promise<InvitationView> {
  return inTransaction(ctx, async (tx) => {
    // One after the other: of two at once the second takes the place of the first.
    await lockAsRole(tx, organizationId, ['admin'])
    const email = input.email.trim()
    const member = await selectMembers(tx, organizationId)
      .where('users.email_key', '=', keyOf(email))
      .executeTakeFirst()
    if (member)
      throw conflict('This person already belongs to the organization', {
        details: [{ field: 'email', message: 'This person already belongs to the organization', rule: 'is_member' }],
      })
    await cancelInvitations(tx, organizationId, keyOf(email))
    const id = uuid7(tx.now)
    await insertInvitation(tx, {
      id,
      organization_id: organizationId,
      email,
      email_key: keyOf(email),
      role: input.role ?? 'employee',
      position: input.position ?? '',
      nonce: randomBytes(16).toString('base64url'),
      expires_at: tx.now.add({ hours: livesHours }),
    })
    await tx.house.jobs.enqueue(tx, 'organizations.mail_invitation', { invitation_id: id })
    return viewInvitation(await selectInvitations(tx).where('invitations.id', '=', id).executeTakeFirstOrThrow())
  })
}

/** The open invitations of an organization, newest first; for its admins. */
export async function listInvitations(
  ctx: Context,
  organizationId: string,
  request: PageRequest,
): Promise<Page<InvitationView>> {
  await requireOrgRole(ctx, organizationId, ['admin'])
  const query = selectInvitations(ctx)
    .where('invitations.organization_id', '=', organizationId)
    .orderBy('invitations.id', 'desc')
  const page = await pageOf(ctx, request, `invitations of ${organizationId}`, query)
  return { ...page, results: page.results.map(viewInvitation) }
}

/** Takes an invitation back; for the organization's admins. */
export async function cancelInvitation(ctx: Context, organizationId: string, id: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await requireOrgRole(tx, organizationId, ['admin'])
    const open = await selectInvitations(tx)
      .where('invitations.id', '=', id)
      .where('invitations.organization_id', '=', organizationId)
      .executeTakeFirst()
    if (!open || !(await cancelInvitationRow(tx, id))) throw notFound('invitation')
  })
}

/** One's own open invitations; only for a confirmed e-mail, since anybody can register with an address that is not theirs. */
export async function listOwnInvitations(ctx: Context, request: PageRequest): Promise<Page<InvitationView>> {
  const { userId } = actorOf(ctx)
  const query = selectInvitations(ctx)
    .where('invitations.email_key', '=', confirmedKey(ctx))
    .orderBy('invitations.id', 'desc')
  const page = await pageOf(ctx, request, `invitations to ${userId}`, query)
  return { ...page, results: page.results.map(viewInvitation) }
}

/** The caller's e-mail as it is compared, if it is confirmed. */
const confirmedKey = (ctx: Context) =>
  ctx.db
    .selectFrom('users as caller')
    .where('caller.id', '=', actorOf(ctx).userId)
    .where('caller.email_confirmed_at', 'is not', null)
    .select('caller.email_key')

/**
 * Accepts an invitation: with the token of its mail, which proves the address, or by its id with a confirmed e-mail. Only the person whose address was invited
 * may: a forwarded mail opens no door.
 * @throws VALIDATION_ERROR for one that does not hold any more, PERMISSION_DENIED for another person.
 */
export async function acceptInvitation(
  ctx: Context,
  given: { token?: string; invitation_id?: string },
): Promise<MembershipView> {
  const actor = actorOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const invitation =
      given.token === undefined ? await findOwn(tx, given.invitation_id) : await findByToken(tx, given.token)
    if (invitation.email_key !== keyOf(actor.email)) throw denied('This invitation is for another e-mail')
    const { organization_id, role, position } = invitation
    // In turn with who archives the organization or ends the membership that there may be already.
    await lockOrganization(tx, organization_id)
    if (!(await acceptInvitationRow(tx, invitation.id))) throw notValid()
    if (await insertMembership(tx, organization_id, actor.userId, role as MemberRole, position)) {
      await tx.house.jobs.publish(tx, 'membership.begun', { organization_id, user_id: actor.userId })
    }
    const membership = await membershipToShow(tx, actor.userId, organization_id)
    // It was archived a moment ago.
    if (!membership) throw notValid()
    return membership
  })
}

const notValid = () => invalid('token', 'This invitation is not valid any more', 'token')

async function findByToken(ctx: Context, token: string) {
  const [id = '', given = ''] = token.split('.')
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw notValid()
  const invitation = await selectInvitations(ctx).where('invitations.id', '=', id).executeTakeFirst()
  if (!invitation || !ctx.house.secrets.verifies('invitations', `${id}.${invitation.nonce}`, given)) throw notValid()
  return invitation
}

async function findOwn(ctx: Context, id: string | undefined) {
  if (id === undefined) throw invalid('token', 'Give the token of the mail, or invitation_id', 'required')
  const invitation = await selectInvitations(ctx)
    .where('invitations.id', '=', id)
    .where('invitations.email_key', '=', confirmedKey(ctx))
    .executeTakeFirst()
  if (!invitation) throw notFound('invitation')
  return invitation
}

/** What the mail needs to say; nothing when the invitation is not open any more. */
export async function findInvitationToMail(ctx: Context, id: string) {
  return selectInvitations(ctx).where('invitations.id', '=', id).executeTakeFirst()
}

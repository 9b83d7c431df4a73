import type { Context } from '../../platform/context.ts'
import { render } from '../../platform/mail/render.ts'
import { deleteInvitationsBefore } from './queries/invitations.ts'
import { findInvitationToMail, invitationToken } from './service/invitations.ts'

/** Mails an invitation; does nothing when it was accepted or taken back meanwhile. A repeated job sends the same Message-ID. */
export async function mailInvitation(ctx: Context, { invitation_id }: { invitation_id: string }): Promise<void> {
  const invitation = await findInvitationToMail(ctx, invitation_id)
  if (!invitation) return
  const link = `${ctx.house.config.PUBLIC_URL}/invitations/?token=${encodeURIComponent(invitationToken(ctx, invitation.id, invitation.nonce))}`
  const mail = render('organization_invitation', ctx.locale, {
    organization: invitation.organization_name,
    inviter: invitation.inviter ?? invitation.organization_name,
    link,
    days: 14,
  })
  await ctx.house.mailer.send({ to: invitation.email, ...mail, messageId: `invitation-${invitation.id}` })
}

/** The address of somebody who was invited is nobody's business any more a month later, whatever became of it. */
export const cleanInvitations = (ctx: Context): Promise<void> =>
  deleteInvitationsBefore(ctx, ctx.now.subtract({ hours: 30 * 24 }))

import type { Context } from '../../../platform/context.ts'
import { peopleOf, type Outgoing } from '../../../platform/outgoing.ts'
import { selectComments } from '../queries/talk.ts'
import { findTicket } from '../queries/tickets.ts'
import type { CommentView, TicketView } from '../schema.ts'
import { viewComment, viewTicket } from '../view.ts'

/** A ticket as IT and admins see it, for who sends it on to the organization; null where it is gone. Asks nobody's leave. */
export async function ticketToSend(ctx: Context, id: string): Promise<Outgoing<TicketView> | null> {
  const row = await findTicket(ctx, id)
  if (!row) return null
  return {
    data: viewTicket(row, ctx.now),
    organizationId: row.organization_id,
    providerId: null,
    people: peopleOf(row.requester_id, row.assignee_id),
  }
}

export type SentComment = { ticket: TicketView; comment: Omit<CommentView, 'attachments'> }

/** A comment beside its ticket; internal ones too, since IT and admins read them. Without files: their links hold for minutes. */
export async function commentToSend(
  ctx: Context,
  id: string,
  commentId: string,
): Promise<Outgoing<SentComment> | null> {
  const ticket = await ticketToSend(ctx, id)
  const row = await selectComments(ctx, id, true).where('ticket_comments.id', '=', commentId).executeTakeFirst()
  if (!ticket || !row) return null
  const { attachments: _, ...comment } = viewComment(row, [])
  return { ...ticket, data: { ticket: ticket.data, comment }, people: peopleOf(...ticket.people, comment.author_id) }
}

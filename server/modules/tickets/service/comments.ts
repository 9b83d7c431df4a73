import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { denied, invalid } from '../../../platform/errors.ts'
import { pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import { attachmentsOf, takeAttachments } from '../../files/index.ts'
import { isStaff } from '../policy.ts'
import { insertComment, selectComments } from '../queries/talk.ts'
import { touchTicket } from '../queries/tickets.ts'
import type { CommentInput, CommentView } from '../schema.ts'
import { viewComment } from '../view.ts'
import { getSeen, lockSeen } from './access.ts'
import { tellCommented } from './tell.ts'

/** What was said about a ticket, the oldest first, with its files; internal comments for IT and admins only. @throws as `getSeen`. */
export async function listComments(ctx: Context, id: string, request: PageRequest): Promise<Page<CommentView>> {
  const { seat } = await getSeen(ctx, id)
  const withInternal = isStaff(seat)
  const page = await pageOf(ctx, request, `comments ${id} ${withInternal}`, selectComments(ctx, id, withInternal))
  const files = await attachmentsOf(
    ctx,
    'ticket_comment',
    page.results.map((row) => row.id),
  )
  return { ...page, results: page.results.map((row) => viewComment(row, files.get(row.id) ?? [])) }
}

/** Says something about a ticket; whoever sees it may, internally IT and admins. @throws PERMISSION_DENIED; as `getSeen`; VALIDATION_ERROR for files that cannot be taken. */
export async function addComment(ctx: Context, id: string, input: CommentInput): Promise<CommentView> {
  if (input.text.trim() === '') throw invalid('text', 'This field is required', 'required')
  const { userId } = actorOf(ctx)
  const is_internal = input.is_internal ?? false
  return inTransaction(ctx, async (tx) => {
    const { row, seat } = await lockSeen(tx, id)
    if (is_internal && !isStaff(seat)) throw denied('Only IT and admins of the organization comment internally')
    const commentId = uuid7(tx.now)
    await insertComment(tx, { id: commentId, ticket_id: id, author_id: userId, body: input.text, is_internal })
    const files = await takeAttachments(tx, input.attachment_ids ?? [], { kind: 'ticket_comment', id: commentId })
    // What only some may know moves nothing that others see.
    if (!is_internal) await touchTicket(tx, id)
    await tellCommented(tx, row, is_internal)
    await tx.house.jobs.publish(tx, 'ticket.commented', { ticket_id: id, comment_id: commentId })
    const made = await selectComments(tx, id, true)
      .where('ticket_comments.id', '=', commentId)
      .executeTakeFirstOrThrow()
    return viewComment(made, files)
  })
}

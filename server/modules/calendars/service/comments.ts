import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { invalid } from '../../../platform/errors.ts'
import { pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import {
  attachmentsOf,
  storeAttachment,
  takeAttachments,
  type AttachmentView,
  type PreparedFile,
} from '../../files/index.ts'
import { insertComment, personNames, selectComments } from '../queries/participants.ts'
import type { CommentView } from '../schema/talk.ts'
import { seeAmong, takePart } from './access.ts'
import { notices, tell } from './notices.ts'
import { wholeOf } from './whole.ts'

type CommentRow = Awaited<ReturnType<ReturnType<typeof selectComments>['execute']>>[number]
const view = (row: CommentRow): CommentView => ({ ...row, created_at: iso(row.created_at) })

/** What was said about an event, the oldest first; for whoever may read it. @throws NOT_FOUND, PERMISSION_DENIED for a guest */
export async function listComments(ctx: Context, id: string, request: PageRequest): Promise<Page<CommentView>> {
  await seeAmong(ctx, id)
  const page = await pageOf(ctx, request, `comments on event ${id}`, selectComments(ctx, id))
  return { ...page, results: page.results.map(view) }
}

/** Says something about an event, for who takes part in it; its organizer and participants are told. @throws NOT_FOUND, PERMISSION_DENIED for who only reads it, VALIDATION_ERROR for blanks */
export async function addComment(ctx: Context, id: string, text: string): Promise<CommentView> {
  if (text.trim() === '') throw invalid('text', 'This field is required', 'required')
  return inTransaction(ctx, async (tx) => {
    const { event } = await takePart(tx, id)
    const { userId } = actorOf(tx)
    const commentId = uuid7(tx.now)
    await insertComment(tx, { id: commentId, event_id: id, author_id: userId, text })
    const whole = await wholeOf(tx, event)
    const person = (await personNames(tx, [userId])).get(userId) ?? ''
    const invited = whole.participants.filter((one) => one.status !== 'declined').map((one) => one.user_id)
    await tell(tx, whole, notices.commented, [event.organizer_id, ...invited], { person })
    const made = await selectComments(tx, id).where('event_comments.id', '=', commentId).executeTakeFirstOrThrow()
    return view(made)
  })
}

/** The files of an event, with fresh links; for whoever may read it. @throws NOT_FOUND */
export async function listFiles(ctx: Context, id: string): Promise<Page<AttachmentView>> {
  await seeAmong(ctx, id)
  const results = (await attachmentsOf(ctx, 'event', [id])).get(id) ?? []
  return { results, count: results.length }
}

/** Attaches one's own uploads to an event, for who takes part in it. @throws NOT_FOUND, PERMISSION_DENIED for who only reads it, VALIDATION_ERROR */
export async function attachFiles(ctx: Context, id: string, ids: readonly number[]): Promise<AttachmentView[]> {
  return inTransaction(ctx, async (tx) => {
    await takePart(tx, id, true)
    return takeAttachments(tx, ids, { kind: 'event', id })
  })
}

/** Attaches a file that came with the request; for the same people. @throws NOT_FOUND, PERMISSION_DENIED for who only reads it */
export async function attachUpload(ctx: Context, id: string, prepared: PreparedFile): Promise<AttachmentView[]> {
  return inTransaction(ctx, async (tx) => {
    await takePart(tx, id, true)
    return [await storeAttachment(tx, prepared, { kind: 'event', id })]
  })
}

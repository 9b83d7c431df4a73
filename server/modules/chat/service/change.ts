import { releaseAttachments } from '../../files/index.ts'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied, invalidAll, notFound } from '../../../platform/errors.ts'
import { findOtherSide, lockChat, type ChatRow } from '../queries/chats.ts'
import { entomb, findMessage, setText, type MessageRow } from '../queries/messages.ts'
import { sideOf } from '../policy.ts'
import { editHours, otherSide, problemsOfText, requireMayWrite } from '../rules.ts'
import type { MessageView } from '../schema.ts'
import { viewMessages } from '../view.ts'
import { followersOf, scrub, tellLine } from './tell.ts'

/** One's own message with its chat, locked. @throws NOT_FOUND for strangers, PERMISSION_DENIED for what somebody else of the chat has written */
async function lockOwn(ctx: Context, id: number): Promise<{ chat: ChatRow; row: MessageRow }> {
  const actor = actorOf(ctx)
  const seen = await findMessage(ctx, id)
  const chat = seen && (await lockChat(ctx, seen.chat_id))
  if (!chat || sideOf(actor, chat) === null) throw notFound('message')
  if (seen.sender_id !== actor.userId) throw denied('Only who wrote a message may change or delete it')
  return { chat, row: (await findMessage(ctx, id))! }
}

/**
 * Changes the words of one's own message, for 24 hours; everybody sees that it was changed. The attachments stay.
 * @throws NOT_FOUND, PERMISSION_DENIED; CONFLICT when it was deleted or is too old
 */
export async function editMessage(ctx: Context, id: number, text: string): Promise<MessageView> {
  const problems = problemsOfText(text)
  if (problems.length > 0) throw invalidAll(problems)
  return inTransaction(ctx, async (tx) => {
    const { chat, row } = await lockOwn(tx, id)
    if (row.deleted_at !== null) throw conflict('This message was deleted')
    const ends = row.created_at.add({ hours: editHours })
    if (Temporal.Instant.compare(tx.now, ends) > 0)
      throw conflict('A message may be changed for {hours} hours', { params: { hours: editHours } })
    const side = row.side as 'a' | 'b'
    const isForSupport = chat.kind === 'support' && side === 'b'
    requireMayWrite(await findOtherSide(tx, chat.id, otherSide(side), isForSupport ? null : row.sender_id))
    if (row.text !== text) {
      await setText(tx, id, text)
      const changed = { ...row, text, edited_at: tx.now }
      const [view] = await viewMessages(tx, [changed])
      await tellLine(tx, 'message.updated', chat, changed, view!.attachments)
      return view!
    }
    return (await viewMessages(tx, [row]))[0]!
  })
}

/** Deletes one's own message for everybody: its place stays, without words and files. Can be repeated. @throws NOT_FOUND, PERMISSION_DENIED */
export async function deleteMessage(ctx: Context, id: number): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const { chat, row } = await lockOwn(tx, id)
    if (row.deleted_at === null) await bury(tx, chat, row)
  })
}

/** Makes a tombstone of a message in a chat whose lock is held, and tells everybody; also what waits in the streams is silenced. */
export async function bury(ctx: Context, chat: ChatRow, row: MessageRow): Promise<void> {
  await entomb(ctx, row)
  if (row.has_attachments) await releaseAttachments(ctx, 'message', [String(row.id)])
  await scrub(ctx, await followersOf(ctx, chat), [row.id])
  await tellLine(ctx, 'message.deleted', chat, {
    ...row,
    text: '',
    params: null,
    has_attachments: false,
    deleted_at: ctx.now,
  })
}

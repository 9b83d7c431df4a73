import { takeAttachments } from '../../files/index.ts'
import { audit } from '../../../platform/audit.ts'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction, violates } from '../../../platform/db/transaction.ts'
import { conflict, invalid, invalidAll, notFound } from '../../../platform/errors.ts'
import { findOtherSide, insertChat, lockChat, lockDirect, type ChatRow } from '../queries/chats.ts'
import { findMessage, findWish, insertLine, type NewLine } from '../queries/messages.ts'
import { findRecipient } from '../queries/people.ts'
import { sideOf } from '../policy.ts'
import { otherSide, problemsOfMessage, refusal, requireMayWrite, wishOf } from '../rules.ts'
import type { MessageInput, MessageView, SupportInput } from '../schema.ts'
import { readingOf, viewMessage, viewMessages } from '../view.ts'
import { chooseNotice, giveNotice, tellLine } from './tell.ts'

/**
 * Sends a message into a chat, or to a person: then into the chat of the two, which a first message to who offers a service opens (SPEC section 10). It is stored,
 * and stands in the streams of all who follow the chat, when this answers. The same `client_id` of the same sender is the same message.
 * @throws NOT_FOUND for a chat that is not one's own and for an id that no account ever had; PERMISSION_DENIED where one may not write; CONFLICT for a `client_id`
 *   that was used for something else; VALIDATION_ERROR.
 */
export async function sendMessage(ctx: Context, input: MessageInput): Promise<MessageView> {
  const problems = problemsOfMessage(input)
  if (problems.length > 0) throw invalidAll(problems)
  return inTransaction(ctx, async (tx) => {
    const chat =
      input.chat_id === undefined
        ? await chatWith(tx, input.recipient_id!, input.service_id)
        : await lockChat(tx, input.chat_id)
    if (!chat || sideOf(actorOf(tx), chat) === null) throw notFound('chat')
    return writeIn(tx, chat, input)
  })
}

/**
 * The chat with a person, locked; opened as an inquiry where there is none and the person offers a service. To an id that no account ever had it is NOT_FOUND, which
 * tells nothing: ids are numbered. Whether somebody to whom one may not write is still here, and what they are, is told to nobody: they are all refused alike.
 */
async function chatWith(
  ctx: Context,
  recipientId: number,
  serviceId: number | undefined,
): Promise<ChatRow | undefined> {
  const actor = actorOf(ctx)
  if (recipientId === actor.userId) throw invalid('recipient_id', 'Nobody writes to themselves', 'self')
  const known = await lockDirect(ctx, actor.userId, recipientId)
  if (known) return known
  const { exists, offers } = await findRecipient(ctx, recipientId, serviceId)
  if (!exists) throw notFound('person')
  if (offers === null || (actor.role !== 'customer' && actor.role !== 'provider'))
    throw refusal(
      'You may write to people with whom you have a booking, to who offers a service, and to the support',
      'no_relation',
    )
  await insertChat(ctx, actor.userId, recipientId, { opened_by: 'inquiry', service_id: offers })
  return lockDirect(ctx, actor.userId, recipientId)
}

/** Writes into a chat whose lock is held, as the side that the asker is on. */
export async function writeIn(ctx: Context, chat: ChatRow, input: SupportInput): Promise<MessageView> {
  const { text = '', attachment_ids = [], client_id } = input
  const actor = actorOf(ctx)
  const side = sideOf(actor, chat)!
  const wish = wishOf(chat.id, text, attachment_ids)
  if (client_id !== undefined) {
    const sent = await sentAlready(ctx, client_id, wish)
    if (sent) return sent
  }
  const isForSupport = chat.kind === 'support' && side === 'b'
  const other = await findOtherSide(ctx, chat.id, otherSide(side), isForSupport ? null : actor.userId)
  requireMayWrite(other)
  const notice = await chooseNotice(ctx, other)
  const row = await insert(ctx, {
    chatId: chat.id,
    text,
    author: { side, userId: actor.userId },
    hasAttachments: attachment_ids.length > 0,
    wish: client_id === undefined ? undefined : { clientId: client_id, hash: hashOf(ctx, wish) },
    notifies: notice !== 'none',
  })
  const attachments =
    attachment_ids.length > 0 ? await takeAttachments(ctx, attachment_ids, { kind: 'message', id: String(row.id) }) : []
  if (isForSupport)
    await audit(ctx, {
      action: 'chat.answer_support',
      target: { kind: 'chat', id: chat.id },
      after: { message_id: row.id },
    })
  await giveNotice(ctx, notice, chat, otherSide(side), row.seq)
  await tellLine(ctx, 'message.created', chat, row, attachments)
  return viewMessage(row, readingOf(ctx), attachments)
}

/** Keyed, since the words may be deleted later, and a plain hash would let whoever has the table guess them. */
const hashOf = ({ house }: Context, wish: string): string => house.secrets.hmac('chat', wish)

/** What was sent under this id of the client before, as it stands now. @throws CONFLICT when it was something else. */
async function sentAlready(ctx: Context, clientId: string, wish: string): Promise<MessageView | undefined> {
  const known = await findWish(ctx, actorOf(ctx).userId, clientId)
  if (!known) return undefined
  // A deleted message has forgotten what it said; whoever repeats it is told that it is deleted.
  if (known.request_hash !== null && !ctx.house.secrets.verifies('chat', wish, known.request_hash)) throw wishTaken()
  return (await viewMessages(ctx, [(await findMessage(ctx, known.id))!]))[0]
}

const wishTaken = () => conflict('This client_id was used for another message')

async function insert(ctx: Context, line: NewLine) {
  try {
    return await insertLine(ctx, line)
  } catch (error) {
    // Only for two chats at once: within one, the second waits at its lock and finds the first.
    if (violates(error, 'messages_one_a_wish')) throw wishTaken()
    throw error
  }
}

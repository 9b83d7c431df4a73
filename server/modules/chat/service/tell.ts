import { notify } from '../../notifications/index.ts'
import type { AttachmentView } from '../../files/index.ts'
import type { Context } from '../../../platform/context.ts'
import { presenceOf } from '../../../platform/socket/presence.ts'
import { scrubStreams } from '../../../platform/stream-scrub.ts'
import { appendEach, appendToStreams } from '../../../platform/streams.ts'
import type { ChatRow, OtherSide } from '../queries/chats.ts'
import type { MessageRow } from '../queries/messages.ts'
import { listReaders, listSupport } from '../queries/people.ts'
import { otherSide, quietMinutes, type Side } from '../rules.ts'
import { viewMessage } from '../view.ts'

type Talk = Pick<ChatRow, 'id' | 'kind' | 'person_a' | 'person_b' | 'left_side'>

/** Everybody who follows a chat live: its people who have not left it, with all their devices, and of a support chat those who answer. */
export async function followersOf(ctx: Context, chat: Talk): Promise<number[]> {
  if (chat.person_b === null) return [chat.person_a, ...(await listSupport(ctx))]
  return [...(chat.left_side === 'a' ? [] : [chat.person_a]), ...(chat.left_side === 'b' ? [] : [chat.person_b])]
}

/** A link lives five minutes and an entry thirty days: who wants the file asks for the message. */
const withoutLinks = (attachments: readonly AttachmentView[]): AttachmentView[] =>
  attachments.map((attachment) => ({ ...attachment, url: null }))

/** Tells all followers of a line, each in their language, as the last statement of the transaction. */
export async function tellLine(
  ctx: Context,
  type: 'message.created' | 'message.updated' | 'message.deleted',
  chat: Talk,
  row: MessageRow,
  attachments: readonly AttachmentView[] = [],
): Promise<void> {
  const followers = await followersOf(ctx, chat)
  const shown = withoutLinks(attachments)
  // What two people write is the same for both, and one entry for both is one line to send.
  if (row.side !== null && chat.kind === 'direct') {
    const data = viewMessage(row, { locale: 'en', timeZone: 'UTC' }, shown)
    return appendToStreams(ctx, followers, { type, data })
  }
  const readers = await listReaders(ctx, followers)
  await appendEach(
    ctx,
    readers.map((reader) => ({ userId: reader.id, type, data: viewMessage(row, reader, shown) })),
  )
}

/** Takes the words of deleted messages out of what their followers are still to be told. */
export async function scrub(ctx: Context, followers: readonly number[], ids: readonly number[]): Promise<void> {
  await scrubStreams(ctx, followers, {
    types: ['message.created', 'message.updated'],
    ids,
    patch: { text: '', attachments: [], deleted: true },
  })
}

/**
 * How the other side is notified of a new line: not while an earlier one is unread and told of, nor when they have muted the chat; at once when nobody is online
 * there, else if it stays unread for a while.
 */
export async function chooseNotice(ctx: Context, other: OtherSide): Promise<'none' | 'now' | 'later'> {
  if (other.muted || other.notified) return 'none'
  if (other.user_id === null) return 'now'
  return (await presenceOf(ctx, [other.user_id])).get(other.user_id)?.online ? 'later' : 'now'
}

/** Notifies the side that has not written; the words stay in the chat, where they can be deleted. */
export async function notifySide(ctx: Context, chat: Talk, to: Side): Promise<void> {
  if (chat.left_side === to) return
  const isSupportTold = chat.kind === 'support' && to === 'b'
  const userIds = isSupportTold ? await listSupport(ctx) : [to === 'a' ? chat.person_a : chat.person_b!]
  const [author] = chat.kind === 'support' && to === 'a' ? [] : await listReaders(ctx, [personOf(chat, otherSide(to))])
  const title = isSupportTold
    ? '{name} has written to the support'
    : author
      ? 'New message from {name}'
      : 'The support has answered'
  for (const userId of userIds)
    await notify(ctx, {
      userId,
      kind: 'chat_message',
      title,
      body: 'Open the chat to read it.',
      ...(author ? { params: { name: author.name }, people: { name: author.id } } : {}),
      target: { kind: 'chat', id: chat.id },
    })
}

const personOf = (chat: Talk, side: Side): number => (side === 'a' ? chat.person_a : chat.person_b!)

/** Does what `chooseNotice` has chosen. */
export async function giveNotice(
  ctx: Context,
  notice: 'none' | 'now' | 'later',
  chat: Talk,
  to: Side,
  seq: number,
): Promise<void> {
  if (notice === 'now') await notifySide(ctx, chat, to)
  if (notice === 'later')
    await ctx.house.jobs.enqueue(
      ctx,
      'chat.nudge',
      { chat_id: chat.id, side: to, seq },
      { startAfter: ctx.now.add({ minutes: quietMinutes }) },
    )
}

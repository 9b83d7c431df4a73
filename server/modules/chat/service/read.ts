import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { notFound } from '../../../platform/errors.ts'
import { searchPatterns } from '../../../platform/fold.ts'
import {
  keepCount,
  keptCount,
  limitOf,
  offsetOf,
  withCount,
  type Page,
  type PageRequest,
} from '../../../platform/http/page.ts'
import { appendEach } from '../../../platform/streams.ts'
import { readAbout } from '../../notifications/index.ts'
import {
  findChat,
  findReading,
  listChats,
  lockChat,
  markRead,
  selectSides,
  setMuted,
  type ChatRow,
  type ListedChat,
} from '../queries/chats.ts'
import {
  findMessage,
  listLines,
  listLinesAt,
  listMessages,
  listOwnIds,
  searchIds,
  selectOwn,
} from '../queries/messages.ts'
import { requireSupport, sideOf } from '../policy.ts'
import { spanOf, type PageOfLines, type Side } from '../rules.ts'
import type { ChatView, MessageView, ReadingView } from '../schema.ts'
import { readingOf, viewChat, viewMessages } from '../view.ts'
import { followersOf } from './tell.ts'

/** A chat of who asks and their side of it. @throws NOT_FOUND for a stranger */
async function own(ctx: Context, chat: ChatRow | undefined): Promise<{ chat: ChatRow; side: Side }> {
  const side = chat ? sideOf(actorOf(ctx), chat) : null
  if (!chat || side === null) throw notFound('chat')
  return { chat, side }
}

/** The messages of one's chats, newest first; with `search` those in which all of its words stand. */
export async function listOwnMessages(
  ctx: Context,
  request: PageRequest & { search?: string },
): Promise<Page<MessageView>> {
  const { userId } = actorOf(ctx)
  const patterns = searchPatterns(request.search ?? '')
  const page = await (patterns.length === 0
    ? pageOfOwn(ctx, request, userId)
    : pageOfFound(ctx, request, userId, patterns))
  const rows = page.results.length > 0 ? await listMessages(ctx, page.results) : []
  return { ...page, results: await viewMessages(ctx, rows) }
}

async function pageOfOwn(ctx: Context, request: PageRequest, userId: number): Promise<Page<number>> {
  const span = { limit: limitOf(request), offset: offsetOf(request) }
  const ids = await listOwnIds(ctx, userId, [], span)
  return withCount(ctx, request, `messages of ${userId}`, ids, () => selectOwn(ctx, userId))
}

/** What is found is counted as it is searched; words that are known to be common are looked for along the order, where they soon come. */
async function pageOfFound(
  ctx: Context,
  request: PageRequest,
  userId: number,
  patterns: readonly string[],
): Promise<Page<number>> {
  const span = { limit: limitOf(request), offset: offsetOf(request) }
  const key = `messages of ${userId} with ${JSON.stringify(patterns)}`
  const known = keptCount(ctx, key)
  const found = known
    ? { ids: await listOwnIds(ctx, userId, patterns, span), count: known.count }
    : await searchIds(ctx, userId, patterns, span)
  if (found.ids.length === 0 && (request.page ?? 1) > 1) throw notFound('page')
  if (!known) keepCount(ctx, key, found.count)
  return { results: found.ids, count: found.count, countAsOf: known?.at }
}

/** One message of one's chats. @throws NOT_FOUND */
export async function getMessage(ctx: Context, id: number): Promise<MessageView> {
  const row = await findMessage(ctx, id)
  const chat = row && (await findChat(ctx, row.chat_id))
  if (!chat || sideOf(actorOf(ctx), chat) === null) throw notFound('message')
  return (await viewMessages(ctx, [row]))[0]!
}

/** One's chats, the newest activity first. */
export const listOwnChats = (ctx: Context, request: PageRequest & { unread?: boolean }): Promise<Page<ChatView>> =>
  pageOfChats(ctx, request, actorOf(ctx).userId)

/** The chats with the support, for those who answer them. @throws PERMISSION_DENIED */
export async function listSupportChats(
  ctx: Context,
  request: PageRequest & { unread?: boolean },
): Promise<Page<ChatView>> {
  requireSupport(ctx)
  return pageOfChats(ctx, request, null)
}

async function pageOfChats(
  ctx: Context,
  request: PageRequest & { unread?: boolean },
  userId: number | null,
): Promise<Page<ChatView>> {
  const filter = { unread: request.unread }
  const rows = await listChats(ctx, userId, filter, { limit: limitOf(request), offset: offsetOf(request) })
  const key = `chats of ${userId ?? 'support'}, unread ${request.unread}`
  const page = await withCount(ctx, request, key, rows, () => selectSides(ctx, userId, filter))
  return { ...page, results: await viewChats(ctx, rows) }
}

async function viewChats(ctx: Context, rows: readonly ListedChat[]): Promise<ChatView[]> {
  const at = rows
    .filter((row) => row.last_seq > 0)
    .map((row) => ({ chatId: row.id, seq: row.said_seq > 0 ? row.said_seq : row.last_seq }))
  const lines = at.length > 0 ? await viewMessages(ctx, await listLinesAt(ctx, at)) : []
  const lastOf = new Map(lines.map((line) => [line.chat_id, line]))
  const reader = readingOf(ctx)
  return rows.map((row) => viewChat(row, lastOf.get(row.id) ?? null, reader))
}

/** One chat. @throws NOT_FOUND */
export async function getChat(ctx: Context, id: number): Promise<ChatView> {
  const { chat, side } = await own(ctx, await findChat(ctx, id))
  const { user_id } = await findReading(ctx, chat.id, side)
  const rows = await listChats(ctx, user_id, { chatId: id }, { limit: 1, offset: 0 })
  return (await viewChats(ctx, rows))[0]!
}

/** The lines of a chat, newest first; `before` and `after` name a line to go on from, wherever new ones come meanwhile. @throws NOT_FOUND */
export async function listChatMessages(ctx: Context, id: number, request: PageOfLines): Promise<Page<MessageView>> {
  const { chat } = await own(ctx, await findChat(ctx, id))
  const span = spanOf(request, chat.last_seq)
  if (!span) throw notFound('page')
  const rows = span.count > 0 ? await listLines(ctx, id, span.from, span.to) : []
  return { results: await viewMessages(ctx, rows), count: span.count }
}

/**
 * Marks a chat as read up to a line, by default the last one; what was read stays read. The other side and one's own other devices are told.
 * @throws NOT_FOUND
 */
export async function readChat(ctx: Context, id: number, upTo?: number): Promise<ReadingView> {
  return inTransaction(ctx, async (tx) => {
    const { chat, side } = await own(tx, await lockChat(tx, id))
    const seq = Math.min(upTo ?? chat.last_seq, chat.last_seq)
    const read = await markRead(tx, id, side, seq)
    if (!read) {
      const { read_seq, unread } = await findReading(tx, id, side)
      return { chat_id: id, last_read_seq: read_seq, unread_count: unread }
    }
    const reader = chat.kind === 'support' && side === 'b' ? null : actorOf(tx).userId
    const followers = await followersOf(tx, chat)
    // Who has read the chat needs no word any more that there is something in it; of the support all, as they read as one.
    const readers = reader === null ? followers.filter((userId) => userId !== chat.person_a) : [reader]
    const seen = await readAbout(tx, readers, { kinds: ['chat_message'], target: { kind: 'chat', id } })
    const data = { chat_id: id, user_id: reader, last_read_seq: read.read_seq }
    await appendEach(tx, [...followers.map((userId) => ({ userId, type: 'chat.read', data })), ...seen])
    return { chat_id: id, last_read_seq: read.read_seq, unread_count: read.unread }
  })
}

/** Whether new lines of a chat make notifications. @throws NOT_FOUND */
export async function muteChat(ctx: Context, id: number, muted: boolean): Promise<{ muted: boolean }> {
  await inTransaction(ctx, async (tx) => {
    const { side } = await own(tx, await findChat(tx, id))
    await setMuted(tx, id, side, muted)
  })
  return { muted }
}

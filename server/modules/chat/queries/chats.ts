import { sql, type RawBuilder } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import { later } from '../../../platform/db/transaction.ts'
import { pairOf, type Side } from '../rules.ts'
import { comeBack } from './leaving.ts'

/** SQL on chats and their two sides. */

const chatColumns = [
  'id',
  'kind',
  'person_a',
  'person_b',
  'opened_by',
  'booking_id',
  'service_id',
  'left_side',
  'last_seq',
  'said_seq',
  'created_at',
  'updated_at',
] as const

export type ChatRow = NonNullable<Awaited<ReturnType<typeof findChat>>>

export const findChat = (ctx: Context, id: number) =>
  ctx.db.selectFrom('chats').where('id', '=', id).select(chatColumns).executeTakeFirst()

/** A chat that is about to change: everything that counts its lines happens under this lock. */
export const lockChat = (ctx: Context, id: number): Promise<ChatRow | undefined> =>
  ctx.db.selectFrom('chats').where('id', '=', id).select(chatColumns).forNoKeyUpdate().executeTakeFirst()

// Said in the statement: an index of one kind alone serves no plan that is made for any kind.
const ofKind = (kind: 'direct' | 'support') => sql<boolean>`kind = ${sql.lit(kind)}`

/** The chat of two people, locked. */
export function lockDirect(ctx: Context, one: number, other: number): Promise<ChatRow | undefined> {
  const [a, b] = pairOf(one, other)
  return ctx.db
    .selectFrom('chats')
    .where(ofKind('direct'))
    .where('person_a', '=', a)
    .where('person_b', '=', b)
    .select(chatColumns)
    .forNoKeyUpdate()
    .executeTakeFirst()
}

export const lockSupport = (ctx: Context, userId: number): Promise<ChatRow | undefined> =>
  ctx.db
    .selectFrom('chats')
    .where(ofKind('support'))
    .where('person_a', '=', userId)
    .select(chatColumns)
    .forNoKeyUpdate()
    .executeTakeFirst()

export type NewChat = {
  opened_by: 'booking' | 'inquiry' | 'support'
  booking_id?: number | undefined
  service_id?: number | undefined
}

/**
 * Opens the chat of two people, or, without the other one, of a person and the support; where there is one already, it stays as it is, and is theirs again who had
 * left it. Of two at once one opens it, and the other waits.
 */
export async function insertChat(ctx: Context, one: number, other: number | null, chat: NewChat): Promise<void> {
  const [a, b] = other === null ? [one, null] : pairOf(one, other)
  const taken = b === null ? sql`(person_a) WHERE kind = 'support'` : sql`(person_a, person_b) WHERE kind = 'direct'`
  const query = sql`
    WITH made AS (
      INSERT INTO chats (kind, person_a, person_b, opened_by, booking_id, service_id, created_at, updated_at)
      VALUES (${b === null ? 'support' : 'direct'}, ${a}, ${b}, ${chat.opened_by}, ${chat.booking_id ?? null}, ${chat.service_id ?? null}, ${ctx.now}, ${ctx.now})
      ON CONFLICT ${taken} DO NOTHING RETURNING id, person_a, person_b
    ), back AS (
      UPDATE chats SET left_side = NULL WHERE kind = 'direct' AND person_a = ${a} AND person_b = ${b} AND left_side IS NOT NULL RETURNING id, person_a, person_b
    ), ${comeBack}
    INSERT INTO chat_members (chat_id, side, user_id, active_at)
    SELECT id, 'a', person_a, ${ctx.now}::timestamptz FROM made UNION ALL SELECT id, 'b', person_b, ${ctx.now}::timestamptz FROM made`
  await later(ctx, query.compile(ctx.db))
}

/** With whom of these others a person has a chat that neither has left: a JSON list, to be read with what else is asked of them. */
export const openChats = (userId: number | null, others: readonly number[]): RawBuilder<number[]> => sql`
  (SELECT coalesce(json_agg(o.id), '[]') FROM unnest(${unseen(others, 'bigint[]')}) AS o (id)
    JOIN chats c ON c.kind = 'direct' AND c.person_a = least(o.id, ${userId}::bigint) AND c.person_b = greatest(o.id, ${userId}::bigint)
    WHERE c.left_side IS NULL)`

/** What decides whether a side may write, and how the other one is told. */
export type OtherSide = {
  user_id: number | null
  muted: boolean
  notified: boolean
  blocks: boolean
  blocked: boolean
  gone: boolean
}

/** The other side of a chat as it stands now. To be asked under the lock of the chat, which whoever blocks takes too. */
export async function findOtherSide(
  ctx: Context,
  chatId: number,
  other: Side,
  userId: number | null,
): Promise<OtherSide> {
  const { rows } = await sql<OtherSide>`
    SELECT m.user_id, m.muted, m.notified,
      EXISTS (SELECT FROM blocks b WHERE b.blocker_id = ${userId} AND b.blocked_id = m.user_id) AS blocks,
      EXISTS (SELECT FROM blocks b WHERE b.blocker_id = m.user_id AND b.blocked_id = ${userId}) AS blocked,
      m.user_id IS NOT NULL AND (u.deleted_at IS NOT NULL OR NOT u.is_active OR m.left_at IS NOT NULL) AS gone
    FROM chat_members m LEFT JOIN users u ON u.id = m.user_id
    WHERE m.chat_id = ${chatId} AND m.side = ${other}`.execute(ctx.db)
  return rows[0]!
}

/** A chat as one of its sides sees it. */
export type ListedChat = ChatRow & {
  side: Side
  user_id: number | null
  own_name: string
  read_seq: number
  unread: number
  muted: boolean
  other_id: number | null
  other_name: string
  other_read_seq: number
  /** This side has blocked the other one; the other one takes nothing (has left, or blocks this side). */
  blocks: boolean
  closed: boolean
}

export type ChatFilter = { chatId?: number; unread?: boolean | undefined }

const whoseSide = (userId: number | null) => (userId === null ? sql`user_id IS NULL` : sql`user_id = ${userId}`)

/** The chats of a person, or (null) those of the support, the newest activity first. First the page is found by the index, then the rest is read for it alone. */
export async function listChats(
  ctx: Context,
  userId: number | null,
  { chatId, unread }: ChatFilter,
  page: { limit: number; offset: number },
): Promise<ListedChat[]> {
  const { rows } = await sql<ListedChat>`
    WITH mine AS MATERIALIZED (
      SELECT chat_id, side, user_id, read_seq, unread, muted, active_at FROM chat_members
      WHERE ${whoseSide(userId)} AND left_at IS NULL ${chatId === undefined ? sql`` : sql`AND chat_id = ${chatId}`}
        ${unread === undefined ? sql`` : unread ? sql`AND unread > 0` : sql`AND unread = 0`}
      ORDER BY active_at DESC, chat_id DESC LIMIT ${page.limit} OFFSET ${page.offset}
    )
    SELECT c.id, c.kind, c.person_a, c.person_b, c.opened_by, c.booking_id, c.service_id, c.left_side, c.last_seq, c.said_seq, c.created_at, c.updated_at,
      m.side, m.user_id, m.read_seq, m.unread, m.muted, o.user_id AS other_id, o.read_seq AS other_read_seq,
      trim(COALESCE(u.first_name || ' ' || u.last_name, '')) AS other_name, trim(COALESCE(w.first_name || ' ' || w.last_name, '')) AS own_name,
      EXISTS (SELECT FROM blocks b WHERE b.blocker_id = m.user_id AND b.blocked_id = o.user_id) AS blocks,
      o.user_id IS NOT NULL AND (u.deleted_at IS NOT NULL OR NOT u.is_active OR o.left_at IS NOT NULL
        OR EXISTS (SELECT FROM blocks b WHERE b.blocker_id = o.user_id AND b.blocked_id = m.user_id)) AS closed
    FROM mine m JOIN chats c ON c.id = m.chat_id JOIN chat_members o ON o.chat_id = m.chat_id AND o.side <> m.side
      LEFT JOIN users u ON u.id = o.user_id LEFT JOIN users w ON w.id = m.user_id
    ORDER BY m.active_at DESC, m.chat_id DESC`.execute(ctx.db)
  return rows
}

/** The same chats, for being counted. */
export function selectSides(ctx: Context, userId: number | null, { unread }: ChatFilter) {
  const all = ctx.db
    .selectFrom('chat_members')
    .where('user_id', userId === null ? 'is' : '=', userId)
    .where('left_at', 'is', null)
    .select('chat_id')
  return unread === undefined ? all : all.where('unread', unread ? '>' : '=', 0)
}

/** Marks everything up to a line as read by a side, under the lock of the chat, and counts what is left unread. Answers null where nothing changed. */
export async function markRead(
  ctx: Context,
  chatId: number,
  side: Side,
  seq: number,
): Promise<{ read_seq: number; unread: number } | null> {
  const { rows } = await sql<{ read_seq: number; unread: number }>`
    UPDATE chat_members m SET read_seq = ${seq}, unread = (${unreadAfter(sql`m.chat_id`, unseen(seq, 'bigint'), sql`m.side`)}), notified = false
    WHERE m.chat_id = ${unseen(chatId, 'bigint')} AND m.side = ${unseen(side, 'text')} AND m.read_seq < ${unseen(seq, 'bigint')} RETURNING read_seq, unread`.execute(
    ctx.db,
  )
  return rows[0] ?? null
}

type Part = ReturnType<typeof sql>
/** How many lines of the other side there are after a number: neither system lines nor deleted ones count. */
const unreadAfter = (chat: Part, seq: Part, side: Part) =>
  sql`SELECT count(*) FROM messages l WHERE l.chat_id = ${chat} AND l.seq > ${seq} AND l.side <> ${side} AND l.deleted_at IS NULL`

export const findReading = (ctx: Context, chatId: number, side: Side) =>
  ctx.db
    .selectFrom('chat_members')
    .where('chat_id', '=', chatId)
    .where('side', '=', side)
    .select(['read_seq', 'unread', 'muted', 'user_id'])
    .executeTakeFirstOrThrow()

/** Counts anew what is unread in these chats, under their locks: some of their lines were deleted. */
export async function recountUnread(ctx: Context, chatIds: readonly number[]): Promise<void> {
  await sql`UPDATE chat_members m SET unread = (${unreadAfter(sql`m.chat_id`, sql`m.read_seq`, sql`m.side`)})
    WHERE m.chat_id = ANY (${chatIds}::bigint[]) AND m.unread > 0`.execute(ctx.db)
}

export async function setMuted(ctx: Context, chatId: number, side: Side, muted: boolean): Promise<void> {
  await ctx.db
    .updateTable('chat_members')
    .set({ muted })
    .where('chat_id', '=', chatId)
    .where('side', '=', side)
    .execute()
}

/** Chats of a person, locked in ascending order; with them everybody else who is in them. */
export async function lockChatsOf(ctx: Context, userId: number): Promise<{ id: number; other_id: number | null }[]> {
  const { rows } = await sql<{ id: number; other_id: number | null }>`
    SELECT id, CASE WHEN person_a = ${userId} THEN person_b ELSE person_a END AS other_id FROM chats
    WHERE id IN (SELECT chat_id FROM chat_members WHERE user_id = ${userId}
      UNION SELECT chat_id FROM messages WHERE sender_id = ${userId} AND person_b IS NULL)
    ORDER BY id FOR NO KEY UPDATE`.execute(ctx.db)
  return rows
}

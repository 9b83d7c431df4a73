import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { fold } from '../../../platform/fold.ts'
import type { Side } from '../rules.ts'

/** SQL on messages. */

const columns = [
  'm.id',
  'm.chat_id',
  'm.seq',
  'm.person_a',
  'm.person_b',
  'm.side',
  'm.sender_id',
  'm.text',
  'm.has_attachments',
  'm.client_id',
  'm.created_at',
  'm.edited_at',
  'm.deleted_at',
] as const

/** Messages with the names of who wrote them; empty for who has left. */
const select = (ctx: Context) =>
  ctx.db
    .selectFrom('messages as m')
    .leftJoin('users as u', 'u.id', 'm.sender_id')
    .select(columns)
    .select([
      sql<Record<string, string | number> | null>`m.params`.as('params'),
      sql<string>`trim(COALESCE(u.first_name || ' ' || u.last_name, ''))`.as('sender_name'),
    ])

export type MessageRow = Awaited<ReturnType<typeof listLines>>[number]

/** The lines of a chat between two numbers, both included, the newest first. */
export const listLines = (ctx: Context, chatId: number, from: number, to: number) =>
  select(ctx)
    .where('m.chat_id', '=', chatId)
    .where('m.seq', '>=', from)
    .where('m.seq', '<=', to)
    .orderBy('m.seq', 'desc')
    .execute()

/** One line of each of these chats, in one statement. */
export const listLinesAt = (ctx: Context, at: readonly { chatId: number; seq: number }[]): Promise<MessageRow[]> =>
  select(ctx)
    .where(
      sql<boolean>`(m.chat_id, m.seq) IN (SELECT * FROM unnest(${at.map(({ chatId }) => chatId)}::bigint[], ${at.map(({ seq }) => seq)}::bigint[]))`,
    )
    .execute()

export const findMessage = (ctx: Context, id: number): Promise<MessageRow | undefined> =>
  select(ctx).where('m.id', '=', id).executeTakeFirst()

/** What a person has sent under an id of their client. */
export const findWish = (ctx: Context, senderId: number, clientId: string) =>
  ctx.db
    .selectFrom('messages')
    .where('sender_id', '=', senderId)
    .where('client_id', '=', clientId)
    .select(['id', 'request_hash'])
    .executeTakeFirst()

const ofPerson = (ctx: Context, userId: number, side: 'person_a' | 'person_b', patterns: readonly string[]) => {
  let query = ctx.db.selectFrom('messages as m').where(`m.${side}`, '=', userId).select('m.id')
  for (const pattern of patterns) query = query.where('m.search_text', 'like', pattern)
  return query
}

/** All messages of the chats of a person, for being counted. */
export const selectOwn = (ctx: Context, userId: number) =>
  ofPerson(ctx, userId, 'person_a', []).unionAll(ofPerson(ctx, userId, 'person_b', []))

/**
 * A page of the messages of the chats of a person, newest first; with patterns those that fit all of them. Each of the two indexes is read in its order, no further
 * than the page needs: the planner would read all of them and sort.
 */
export async function listOwnIds(
  ctx: Context,
  userId: number,
  patterns: readonly string[],
  { limit, offset }: { limit: number; offset: number },
): Promise<number[]> {
  const newest = (side: 'person_a' | 'person_b') =>
    ctx.db
      .selectFrom(
        ofPerson(ctx, userId, side, patterns)
          .orderBy('m.id', 'desc')
          .limit(limit + offset)
          .as(side),
      )
      .select('id')
  const rows = await ctx.db
    .selectFrom(newest('person_a').unionAll(newest('person_b')).as('own'))
    .select('own.id')
    .orderBy('own.id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute()
  return rows.map(({ id }) => id)
}

/**
 * A page of what a search finds in the chats of a person, newest first, and how much it finds in all, in one statement: the candidates come from the index of words
 * and people first, since the planner would rather walk through everybody's messages.
 */
export async function searchIds(
  ctx: Context,
  userId: number,
  patterns: readonly string[],
  { limit, offset }: { limit: number; offset: number },
): Promise<{ ids: number[]; count: number }> {
  const words = patterns.map((pattern) => sql`AND search_text LIKE ${pattern}`)
  const { rows } = await sql<{ ids: number[] | null; count: number }>`
    WITH found AS MATERIALIZED (
      SELECT id FROM messages WHERE ARRAY[person_a, person_b] @> ARRAY[${userId}::bigint] AND search_text <> '' ${sql.join(words, sql` `)}
    )
    SELECT (SELECT count(*) FROM found) AS count,
      (SELECT json_agg(id ORDER BY id DESC) FROM (SELECT id FROM found ORDER BY id DESC LIMIT ${limit} OFFSET ${offset}) page) AS ids`.execute(
    ctx.db,
  )
  return { ids: rows[0]!.ids ?? [], count: rows[0]!.count }
}

/** These messages, the newest first. */
export const listMessages = (ctx: Context, ids: readonly number[]): Promise<MessageRow[]> =>
  select(ctx)
    .where(sql<boolean>`m.id = ANY (${ids}::bigint[])`)
    .orderBy('m.id', 'desc')
    .execute()

export type NewLine = {
  chatId: number
  text: string
  /** Who wrote it; nobody wrote a system line. */
  author: { side: Side; userId: number } | null
  params?: Record<string, string | number>
  hasAttachments?: boolean
  wish?: { clientId: string; hash: string } | undefined
  /** A notification of it is made, or due. */
  notifies?: boolean
}

/**
 * Adds a line to a chat whose lock is held, in one statement: its number follows the last one, the other side has one more unread, and the author who had nothing
 * unread has now read up to it. Breaks `messages_one_a_wish` when the same id of a client comes for two chats at once.
 */
export async function insertLine(ctx: Context, line: NewLine): Promise<MessageRow> {
  const { chatId, text, author, params, hasAttachments = false, wish, notifies = false } = line
  const side = author?.side ?? null
  const { rows } = await sql<MessageRow>`
    WITH moved AS (
      UPDATE chats SET last_seq = last_seq + 1, said_seq = CASE WHEN ${side}::text IS NULL THEN said_seq ELSE last_seq + 1 END, updated_at = ${ctx.now}
      WHERE id = ${chatId} RETURNING id, last_seq, CASE left_side WHEN 'a' THEN 0 ELSE person_a END AS person_a, CASE left_side WHEN 'b' THEN 0 ELSE person_b END AS person_b
    ), told AS (
      UPDATE chat_members m SET active_at = ${ctx.now}, unread = m.unread + CASE WHEN m.side <> ${side}::text THEN 1 ELSE 0 END,
        read_seq = CASE WHEN m.side = ${side}::text AND m.unread = 0 THEN c.last_seq ELSE m.read_seq END,
        notified = m.notified OR (${notifies} AND m.side <> ${side}::text)
      FROM moved c WHERE m.chat_id = c.id
    )
    INSERT INTO messages (chat_id, seq, person_a, person_b, side, sender_id, text, params, search_text, has_attachments, client_id, request_hash, created_at)
    SELECT id, last_seq, person_a, person_b, ${side}, ${author?.userId ?? null}, ${text}, ${params ? JSON.stringify(params) : null}::jsonb,
      ${author ? fold(text) : ''}, ${hasAttachments}, ${wish?.clientId ?? null}, ${wish?.hash ?? null}, ${ctx.now}
    FROM moved RETURNING id, chat_id, seq, person_a, person_b, side, sender_id, text, params, has_attachments, client_id, created_at, edited_at, deleted_at,
      (SELECT trim(u.first_name || ' ' || u.last_name) FROM users u WHERE u.id = sender_id) AS sender_name`.execute(
    ctx.db,
  )
  return rows[0]!
}

export async function setText(ctx: Context, id: number, text: string): Promise<void> {
  await ctx.db
    .updateTable('messages')
    .set({ text, search_text: fold(text), edited_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

/** Leaves a tombstone: the place in the chat, and none of the words. The counter of who has not read it goes down, under the lock of the chat. */
export async function entomb(
  ctx: Context,
  message: { id: number; chat_id: number; seq: number; side: string | null },
): Promise<void> {
  await ctx.db
    .updateTable('messages')
    .set({ text: '', search_text: '', params: null, request_hash: null, has_attachments: false, deleted_at: ctx.now })
    .where('id', '=', message.id)
    .execute()
  await ctx.db
    .updateTable('chat_members')
    .set((row) => ({ unread: row('unread', '-', 1) }))
    .where('chat_id', '=', message.chat_id)
    .where('side', '<>', message.side!)
    .where('read_seq', '<', message.seq)
    .execute()
}

/** Makes tombstones of everything that a person has written; answers what had not been deleted before. What they wrote as the support is found by its own index. */
export async function entombAllOf(ctx: Context, userId: number): Promise<{ id: number; had_attachments: boolean }[]> {
  const { rows } = await sql<{ id: number; had_attachments: boolean }>`
    WITH written AS MATERIALIZED (
      SELECT id, has_attachments, deleted_at FROM messages WHERE sender_id = ${userId} AND (person_a = ${userId} OR person_b = ${userId})
      UNION SELECT id, has_attachments, deleted_at FROM messages WHERE sender_id = ${userId} AND person_b IS NULL
    ), done AS (
      UPDATE messages m SET text = '', search_text = '', params = NULL, request_hash = NULL, client_id = NULL, has_attachments = false,
        deleted_at = COALESCE(m.deleted_at, ${ctx.now})
      FROM written w WHERE m.id = w.id
    )
    SELECT id, has_attachments AS had_attachments FROM written WHERE deleted_at IS NULL`.execute(ctx.db)
  return rows
}

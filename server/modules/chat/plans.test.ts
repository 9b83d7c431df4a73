import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { Pool } from 'pg'
import type { Context, Role } from '../../platform/context.ts'
import { createDatabase } from '../../platform/db/database.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import type { Statement, Statements } from '../../platform/db/statement.ts'
import { openHouse } from '../../../test/support.ts'
import { accountDeleted } from './index.ts'
import { readChat, getMessage, listChatMessages, listOwnChats, listOwnMessages } from './service/read.ts'
import { sendMessage } from './service/send.ts'
import { editMessage } from './service/change.ts'

/**
 * What talk costs among many messages: each statement reads few pages, by indexes, however many there are. CHAT_MESSAGES asks for more than the 100,000 of every
 * run; the figures of a million are in docs/guides/chat.md.
 */
const messages = Number(process.env['CHAT_MESSAGES'] ?? 100_000) // eslint-disable-line node/no-process-env -- of the test alone
const people = 2000
/** Who has a chat and has said nothing in it: a house has more people than those who talk. */
const silent = 20_000
const chatsOfBusy = 1500

const house = await openHouse()
const db = house.house.db
const now = house.ctx().now
await sql`INSERT INTO users (email, email_key, role, first_name, last_name, created_at, updated_at)
  SELECT 'p' || i, 'p' || i, 'customer', 'First' || i, 'Last', ${now}, ${now} FROM generate_series(1, ${people + silent}::integer) i`.execute(
  db,
)
// The first one talks to most of the others; these to one another as neighbours.
await sql`INSERT INTO chats (kind, person_a, person_b, opened_by, created_at, updated_at)
  SELECT 'direct', 1, i, 'booking', ${now}::timestamptz, ${now}::timestamptz FROM generate_series(2, ${chatsOfBusy + 1}::integer) i
  UNION ALL SELECT 'direct', i, i + 1, 'booking', ${now}::timestamptz, ${now}::timestamptz FROM generate_series(2, ${people + silent - 1}::integer) i`.execute(
  db,
)
await db.connection().execute(async (patient) => {
  await sql`SET statement_timeout = 0`.execute(patient)
  await sql`INSERT INTO messages (chat_id, seq, person_a, person_b, side, sender_id, text, search_text, created_at)
  SELECT c.id, s.seq, c.person_a, c.person_b, CASE s.seq % 2 WHEN 0 THEN 'a' ELSE 'b' END, CASE s.seq % 2 WHEN 0 THEN c.person_a ELSE c.person_b END,
    s.words, s.words, ${now}::timestamptz
  FROM (SELECT * FROM chats WHERE person_a < ${people}) c, LATERAL (SELECT n AS seq, 'hello number ' || n || ' about ' || md5((c.id * 1000 + n)::text) AS words
    FROM generate_series(1, ${Math.floor(messages / (chatsOfBusy + people - 2))}::integer) n) s ORDER BY s.seq, c.id`.execute(
    patient,
  )
  await sql`RESET statement_timeout`.execute(patient)
})
await sql`UPDATE chats c SET last_seq = l.seq, said_seq = l.seq FROM (SELECT chat_id, max(seq) AS seq FROM messages GROUP BY chat_id) l WHERE l.chat_id = c.id`.execute(
  db,
)
await sql`INSERT INTO chat_members (chat_id, side, user_id, active_at)
  SELECT c.id, s.side, CASE s.side WHEN 'a' THEN person_a ELSE person_b END, ${now}::timestamptz + c.id * interval '1 second' FROM chats c, (VALUES ('a'), ('b')) s (side)`.execute(
  db,
)
await sql`VACUUM ANALYZE messages, chats, chat_members, users`.execute(db)

const as = (userId: number): Context => ({
  ...house.ctx(),
  actor: {
    userId,
    email: `p${userId}`,
    role: 'customer' as Role,
    sessionId: 1,
    permissions: new Set(),
    locale: null,
    timeZone: 'UTC',
  },
})

type Cost = { text: string; pages: number; plan: string }

/** What a piece of work asks of the database, with the pages that each statement touched; nothing of it stays. */
async function costsOf(userId: number, work: (ctx: Context) => Promise<unknown>): Promise<Cost[]> {
  const costs: Cost[] = []
  const client = await house.house.pool.connect()
  const explain = async ({ text, values }: Statement): Promise<void> => {
    await client.query('SAVEPOINT before_explaining')
    const { rows } = await client.query<Record<string, string>>({
      text: `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) ${text}`,
      values: [...values],
    })
    await client.query('ROLLBACK TO SAVEPOINT before_explaining')
    const plan = rows.map((row) => Object.values(row)[0]).join('\n')
    // The root comes first, and holds the pages of everything below it.
    const buffers = /Buffers: shared([^\n]*)/.exec(plan.split('\nPlanning:')[0]!)?.[1] ?? ''
    const pages = [...buffers.matchAll(/(?:hit|read)=(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0)
    // The jobs have their own proofs.
    if (!text.includes('pgboss')) costs.push({ text, pages, plan })
  }
  const query = async (sent: Statements): Promise<void> => {
    for (const statement of sent.statements) if (statement.values.length > 0) await explain(statement)
    client.query(sent)
  }
  const watched = { connect: async () => ({ query, release: () => undefined }) } as unknown as Pool
  try {
    // Before the first statement is explained, which goes out with the transaction's own beginning.
    await client.query('BEGIN')
    await inTransaction({ ...as(userId), db: createDatabase(watched) }, async (tx) => {
      await work(tx)
      throw new Error('undo')
    }).catch(({ message }: Error) => assert.equal(message, 'undo'))
  } finally {
    client.release()
  }
  return costs
}

const lastOf = async (chatId: number): Promise<{ id: number; sender_id: number | null }> =>
  db
    .selectFrom('messages')
    .where('chat_id', '=', chatId)
    .select(['id', 'sender_id'])
    .orderBy('seq', 'desc')
    .executeTakeFirstOrThrow()

async function check(userId: number, work: (ctx: Context) => Promise<unknown>, most: number): Promise<void> {
  const costs = await costsOf(userId, work)
  assert.ok(costs.length > 0)
  for (const { text, pages, plan } of costs) {
    assert.doesNotMatch(plan, /Seq Scan on (messages|chats|chat_members|users)\b/, `${text}\n${plan}`)
    assert.ok(pages <= most, `${pages} pages\n${text}\n${plan}`)
  }
}

test('The lists of who talks much are read along their indexes, the first pages and deep ones of a chat', async () => {
  await check(1, (ctx) => listOwnChats(ctx, {}), 400)
  await check(1, (ctx) => listOwnChats(ctx, { unread: true }), 400)
  await check(1, (ctx) => listChatMessages(ctx, 1, {}), 100)
  await check(1, (ctx) => listChatMessages(ctx, 1, { page: 2, page_size: 10 }), 100)
  await check(1, (ctx) => listChatMessages(ctx, 1, { after: 3 }), 100)
})

test('The messages of all chats of a person are merged from two indexes', async () => {
  // The count of who has more than a thousand is made once a minute.
  await listOwnMessages(as(1), {})
  await check(1, (ctx) => listOwnMessages(ctx, {}), 150)
  await check(700, (ctx) => listOwnMessages(ctx, {}), 150)
})

test('A search reads what is this person’s, however often others write the word; a common one is soon found along the order', async () => {
  await check(1900, (ctx) => listOwnMessages(ctx, { search: 'hello number' }), messages > 100_000 ? 4000 : 600)
  await check(1900, (ctx) => listOwnMessages(ctx, { search: 'number 7 zzzz' }), 600)
  await check(1, (ctx) => listOwnMessages(ctx, { search: 'zzzz' }), 600)
  await listOwnMessages(as(1), { search: 'hello' })
  await check(1, (ctx) => listOwnMessages(ctx, { search: 'hello' }), 150)
})

test('Sending, changing, reading and one message touch a few pages each', async () => {
  const { id, sender_id } = await lastOf(5)
  await check(1, (ctx) => sendMessage(ctx, { chat_id: 5, text: 'Hello', client_id: 'once' }), 120)
  await check(sender_id!, (ctx) => editMessage(ctx, id, 'Changed'), 120)
  await check(1, (ctx) => readChat(ctx, 5), 120)
  await check(1, (ctx) => getMessage(ctx, id), 60)
})

test('An account is erased by indexes alone', async () => {
  const costs = await costsOf(1900, (ctx) => accountDeleted(ctx, { user_id: 1900 }))

  for (const { text, plan } of costs)
    assert.doesNotMatch(plan, /Seq Scan on (messages|chat_members|chats)\b/, `${text}\n${plan}`)
})

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { sql, type CompiledQuery } from 'kysely'
import { databaseOf } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import type { Context } from '../context.ts'
import { createDatabase, createPool } from './database.ts'
import { inSavepoint, inTransaction, later, together, violates } from './transaction.ts'

const house = await openHouse()

function onOneConnection(t: TestContext): Context {
  const pool = createPool({ url: databaseOf(house), size: 1, log: house.house.log })
  t.after(() => pool.end())
  return { ...house.ctx(), db: createDatabase(pool) }
}
const put = (ctx: Context, id: string, text = ''): CompiledQuery =>
  ctx.db
    .insertInto('mail_outbox')
    .values({ message_id: id, at: ctx.now, recipient: 'x', subject: '', text, html: '' })
    .compile()
const readText = (ctx: Context, id: string) =>
  ctx.db.selectFrom('mail_outbox').select('text').where('message_id', '=', id).compile()
const idsOf = async (start: string): Promise<string[]> => {
  const rows = house.house.db.selectFrom('mail_outbox').select('message_id').where('message_id', 'like', `${start}%`)
  return (await rows.orderBy('message_id').execute()).map((row) => row.message_id)
}
const number = (ctx: Context, n: number) => sql<{ n: number }>`SELECT ${n}::int AS n`.compile(ctx.db)

test('Megabytes go out and come back in one message, and neither side waits for the other', async (t) => {
  const ctx = onOneConnection(t)
  const texts = Array.from({ length: 12 }, (_, i) => String.fromCodePoint(97 + i).repeat(1_000_000))

  const answers = await together(
    ctx,
    ...texts.flatMap((text, i) => [put(ctx, `large-${i}`, text), readText(ctx, `large-${i}`)]),
  )

  assert.ok(texts.every((text, i) => answers[2 * i + 1]![0]?.['text' as never] === text))
})

test('Thousands of small statements go as one message, with the answer of each', async (t) => {
  const ctx = onOneConnection(t)

  const answers = await together(ctx, ...Array.from({ length: 5000 }, (_, i) => number(ctx, i)))

  assert.ok(answers.every(([row], i) => row?.n === i))
})

test('Statements without rows, without anything, with notices and with none at all are answered in their order', async (t) => {
  const ctx = onOneConnection(t)
  const notice = sql`DO $$ BEGIN RAISE NOTICE 'said'; END $$`.compile(ctx.db)
  const empty = sql``.compile(ctx.db)
  const none = sql<{ n: number }>`SELECT ${1}::int AS n WHERE ${false}`.compile(ctx.db)

  for (let i = 0; i < 2; i++) {
    const answers = await together(
      ctx,
      notice,
      number(ctx, 1),
      empty,
      none,
      notice,
      number(ctx, 2),
      put(ctx, `none-${i}`),
    )
    assert.deepEqual(answers, [[], [{ n: 1 }], [], [], [], [{ n: 2 }], []])
  }

  assert.deepEqual(await together(ctx), [])
})

test('A row that cannot be read in the middle of a message undoes its transaction, and leaves the connection in step', async (t) => {
  const ctx = onOneConnection(t)
  const tooLarge = sql`SELECT ${'9007199254740993'}::bigint AS n`.compile(ctx.db)

  const refused = inTransaction(ctx, (tx) => together(tx, put(tx, 'unread-1'), tooLarge, put(tx, 'unread-2')))
  await assert.rejects(refused, /exceeds what a number can hold/)

  assert.deepEqual([await together(ctx, number(ctx, 7)), await idsOf('unread-')], [[[{ n: 7 }]], []])
})

test('The error of a message is that of the statement that failed, whatever came before and after it', async (t) => {
  const ctx = onOneConnection(t)

  await inTransaction(ctx, async (tx) => {
    await later(tx, put(tx, 'which-1'))
    const failing = inSavepoint(tx, (inner) =>
      together(inner, number(inner, 1), put(inner, 'which-1'), sql`SELECT 1 / ${0}::int`.compile(inner.db)),
    )
    await assert.rejects(failing, (error) => violates(error, 'mail_outbox_message_id_key'))
    await later(tx, put(tx, 'which-2'))
  })

  assert.deepEqual(await idsOf('which-'), ['which-1', 'which-2'])
})

test('When all names are used up, statements of one message still keep their own texts and rows', async (t) => {
  const ctx = onOneConnection(t)
  const different = (n: number) => sql<object>`SELECT ${n}::int AS ${sql.ref(`n${n}`)}`.compile(ctx.db)
  await together(ctx, ...Array.from({ length: 2100 }, (_, i) => different(i)))

  for (let i = 0; i < 2; i++)
    await inTransaction(ctx, async (tx) => {
      await later(tx, sql`UPDATE mail_outbox SET text = ${'a'} WHERE message_id = ${'other'}`.compile(tx.db))
      await later(tx, put(tx, `name-${i}`))
      assert.deepEqual(await together(tx, different(3001), different(1), different(3002), different(3001)), [
        [{ n3001: 3001 }],
        [{ n1: 1 }],
        [{ n3002: 3002 }],
        [{ n3001: 3001 }],
      ])
    })

  assert.deepEqual(await idsOf('name-'), ['name-0', 'name-1'])
})

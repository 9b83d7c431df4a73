import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { databaseOf } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import type { Context } from '../context.ts'
import { Asking, NotAsRecalled } from './asking.ts'
import { createDatabase, createPool, databaseFor, makeSureOfAsker, statementsOf } from './database.ts'
import { Statements } from './statement.ts'
import { inSavepoint, inTransaction, later, together } from './transaction.ts'

/** Whether somebody is who they were recalled as is asked with the first statement for them, and nothing is done for who is not. */
const house = await openHouse()

type Person = { name: string }
const recalled: Person = { name: 'Jane' }

/** A context of somebody who was recalled, on a connection of its own, and how many statements each message to the database had. */
function recall(t: TestContext, isStill: boolean): { ctx: Context; asking: Asking<Person>; messages: number[] } {
  const pool = createPool({ url: databaseOf(house), size: 1, log: house.house.log })
  t.after(() => pool.end())
  const messages: number[] = []
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (sent: unknown) => never
    client.query = (sent: unknown) => {
      if (sent instanceof Statements) messages.push(sent.statements.length)
      return query(sent)
    }
  })
  const db = createDatabase(pool)
  const [statement] = statementsOf([sql`SELECT ${isStill}::boolean AS still`.compile(db)])
  const asking = new Asking(recalled, statement!, ([row]) =>
    (row as { still: boolean }).still ? recalled : { name: 'Somebody else' },
  )
  return { ctx: { ...house.ctx(), db: databaseFor(db, asking) }, asking, messages }
}

const put = (ctx: Context, id: string) =>
  ctx.db
    .insertInto('mail_outbox')
    .values({ message_id: id, at: ctx.now, recipient: 'x', subject: '', text: '', html: '' })
    .compile()
const isThere = async (id: string): Promise<boolean> =>
  (await house.house.db.selectFrom('mail_outbox').select('message_id').where('message_id', '=', id).execute()).length >
  0
const one = (ctx: Context) => sql<{ n: number }>`SELECT ${1}::int AS n`.execute(ctx.db)

test('Who is who they were costs no message of their own: it is asked with what is read first', async (t) => {
  const { ctx, asking, messages } = recall(t, true)

  const { rows } = await one(ctx)
  await one(ctx)

  assert.deepEqual([rows, asking.found === recalled], [[{ n: 1 }], true])
  assert.deepEqual(messages, [2, 1])
})

test('In a transaction it is asked after its beginning, before all else', async (t) => {
  const { ctx, messages } = recall(t, true)

  await inTransaction(ctx, async (tx) => {
    await later(tx, put(tx, 'still-1'))
    await together(tx, put(tx, 'still-2'), put(tx, 'still-3'))
  })

  assert.ok((await isThere('still-1')) && (await isThere('still-3')))
  assert.deepEqual(messages, [5, 1])
})

test('What cannot be undone waits for the answer: a write or a message to other processes by itself, and a commit', async (t) => {
  const alone = recall(t, true)
  await alone.ctx.db.executeQuery(put(alone.ctx, 'alone'))
  const notified = recall(t, true)
  await notified.ctx.house.realtime.broadcast(notified.ctx, 'test', {})
  const committed = recall(t, true)
  await inTransaction(committed.ctx, (tx) => later(tx, put(tx, 'committed')))

  assert.ok((await isThere('alone')) && (await isThere('committed')))
  assert.deepEqual(
    [alone.messages, notified.messages, committed.messages],
    [
      [1, 1],
      [1, 1],
      [3, 1],
    ],
  )
})

test('Nothing is done for who is somebody else by now, in whatever way it is tried', async (t) => {
  const ways: Record<string, (ctx: Context) => Promise<unknown>> = {
    'a write by itself': (ctx) => ctx.db.executeQuery(put(ctx, 'gone')),
    'a write that hides in a read': (ctx) =>
      sql`WITH made AS (INSERT INTO mail_outbox (message_id, at, recipient, subject, text, html) VALUES (${'gone'}, now(), 'x', '', '', '') RETURNING 1) SELECT * FROM made`.execute(
        ctx.db,
      ),
    'a transaction': (ctx) =>
      inTransaction(ctx, async (tx) => {
        await together(tx, put(tx, 'gone'))
      }),
    'a transaction that is committed with what it writes': (ctx) =>
      inTransaction(ctx, (tx) => later(tx, put(tx, 'gone'))),
    'a transaction that takes no notice of being refused': (ctx) =>
      inTransaction(ctx, async (tx) => {
        await together(tx, put(tx, 'gone')).catch(() => undefined)
        await together(tx, put(tx, 'gone again')).catch(() => undefined)
      }),
    'a savepoint that is undone': (ctx) =>
      inTransaction(ctx, async (tx) => {
        await inSavepoint(tx, (inner) => together(inner, put(inner, 'gone'))).catch(() => undefined)
        await later(tx, put(tx, 'gone'))
      }),
    'writes of another connection after a read': async (ctx) => {
      await one(ctx).catch(() => undefined)
      await inTransaction(ctx, (tx) => later(tx, put(tx, 'gone')))
    },
  }
  for (const [way, work] of Object.entries(ways)) {
    const { ctx, asking } = recall(t, false)
    await assert.rejects(work(ctx), NotAsRecalled, way)
    assert.equal(asking.found?.name, 'Somebody else')
    assert.equal((await isThere('gone')) || (await isThere('gone again')), false, way)
  }
})

test('What is read for who is somebody else by now is thrown away', async (t) => {
  const { ctx } = recall(t, false)

  await assert.rejects(one(ctx), NotAsRecalled)
  await assert.rejects(one(ctx), NotAsRecalled)
})

test('Who was asked for nothing can be asked about by themselves, and a database that does not answer says nothing of anybody', async (t) => {
  const { asking, ctx } = recall(t, false)
  await assert.rejects(makeSureOfAsker(ctx.db), NotAsRecalled)
  assert.equal(asking.found?.name, 'Somebody else')
  await assert.rejects(one(ctx), NotAsRecalled)

  const [broken] = statementsOf([sql`SELECT ${1}::int / 0 AS still`.compile(house.house.db)])
  const unsure = new Asking(recalled, broken!, () => recalled)
  await assert.rejects(makeSureOfAsker(databaseFor(house.house.db, unsure)), /division by zero/)
  assert.ok(unsure.isOpen)
  await assert.rejects(
    inTransaction({ ...ctx, db: databaseFor(house.house.db, unsure) }, (tx) => later(tx, put(tx, 'unsure'))),
  )
  assert.equal(await isThere('unsure'), false)
})

test('Of two statements at once that both ask, one that finds somebody else is enough, whatever the other one finds', async () => {
  const [statement] = statementsOf([sql`SELECT ${true}::boolean AS still`.compile(house.house.db)])
  const other: Person = { name: 'Somebody else' }
  for (const order of [
    [recalled, other],
    [other, recalled],
  ]) {
    const answers = [...order]
    const asking = new Asking(recalled, statement!, () => answers.shift()!)
    const ctx = { ...house.ctx(), db: databaseFor(house.house.db, asking) }

    const told = await Promise.allSettled([one(ctx), one(ctx)])

    assert.ok(told.some(({ status }) => status === 'rejected'))
    assert.equal(asking.found, other)
  }
})

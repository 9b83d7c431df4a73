import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql, type CompiledQuery } from 'kysely'
import type { Pool } from 'pg'
import { databaseOf } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import type { Context } from '../context.ts'
import { createDatabase, createPool } from './database.ts'
import { afterCommit, inSavepoint, inTransaction, isDatabaseGone, later, together, violates } from './transaction.ts'

const house = await openHouse()
const { log } = house.house

/** A process with one connection, so that whatever one transaction leaves behind meets the next. */
function onOneConnection(t: TestContext): { ctx: Context; pool: Pool } {
  const pool = createPool({ url: databaseOf(house), size: 1, log })
  t.after(() => pool.end())
  return { ctx: { ...house.ctx(), db: createDatabase(pool) }, pool }
}
const put = (ctx: Context, id: string, subject = ''): CompiledQuery =>
  ctx.db
    .insertInto('mail_outbox')
    .values({ message_id: id, at: ctx.now, recipient: 'x', subject, text: '', html: '' })
    .compile()
/** Without values: sent without a name. */
const plain = (ctx: Context, id: string): CompiledQuery =>
  sql`INSERT INTO mail_outbox (message_id, at, recipient, subject, text, html) VALUES (${sql.lit(id)}, now(), 'x', '', '', '')`.compile(
    ctx.db,
  )
const run = (ctx: Context, query: CompiledQuery): Promise<unknown> => ctx.db.executeQuery(query)
const idsOf = async (start: string): Promise<string[]> => {
  const rows = house.house.db.selectFrom('mail_outbox').select('message_id').where('message_id', 'like', `${start}%`)
  return (await rows.orderBy('message_id').execute()).map((row) => row.message_id)
}
const one = (ctx: Context): Promise<number> =>
  sql<{ n: number }>`SELECT ${1}::int AS n`.execute(ctx.db).then(({ rows }) => rows[0]!.n)
const kill = (pid: number): Promise<unknown> => sql`SELECT pg_terminate_backend(${pid}, 5000)`.execute(house.house.db)
const pidOf = async (ctx: Context): Promise<number> =>
  (await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid WHERE ${true}`.execute(ctx.db)).rows[0]!.pid

test('Statements without a name each keep their own text in one message', async (t) => {
  const { ctx } = onOneConnection(t)

  await inTransaction(ctx, async (tx) => {
    await later(tx, plain(tx, 'plain-1'))
    await later(tx, plain(tx, 'plain-2'))
    await together(tx, plain(tx, 'plain-3'), plain(tx, 'plain-4'))
    await later(tx, plain(tx, 'plain-5'))
    await inSavepoint(tx, async (inner) => {
      await later(inner, plain(inner, 'plain-6'))
      throw new Error('undo')
    }).catch(() => undefined)
  })

  assert.deepEqual(await idsOf('plain-'), ['plain-1', 'plain-2', 'plain-3', 'plain-4', 'plain-5'])
})

test('A savepoint that comes first in a transaction of another isolation is one', async (t) => {
  const { ctx } = onOneConnection(t)

  await inTransaction(
    ctx,
    async (tx) => {
      await inSavepoint(tx, async (inner) => {
        await run(inner, put(inner, 'iso-undone'))
        throw new Error('undo')
      }).catch((error: unknown) => assert.equal((error as Error).message, 'undo'))
      const { rows } = await sql<{
        level: string
      }>`SELECT current_setting(${'transaction_isolation'}) AS level`.execute(tx.db)
      assert.equal(rows[0]?.level, 'repeatable read')
      await later(tx, put(tx, 'iso-kept'))
    },
    'repeatable read',
  )

  assert.deepEqual(await idsOf('iso-'), ['iso-kept'])
})

test('A value that cannot be written fails its statement alone: its transaction stands and the connection goes on', async (t) => {
  const { ctx } = onOneConnection(t)
  const circular: Record<string, unknown> = {}
  circular['self'] = circular

  await assert.rejects(
    inTransaction(ctx, async (tx) => {
      await later(tx, put(tx, 'value-held'))
      await assert.rejects(sql`SELECT ${circular}::jsonb`.execute(tx.db), /circular/)
      await assert.rejects(later(tx, sql`SELECT ${circular}::jsonb`.compile(tx.db)), /circular/)
      await run(tx, put(tx, 'value-after'))
      throw new Error('undo')
    }),
    /undo/,
  )
  await assert.rejects(sql`SELECT ${circular}::jsonb`.execute(ctx.db), /circular/)

  assert.deepEqual([await idsOf('value-'), await one(ctx)], [[], 1])
})

test('What is held when a savepoint is undone was part of it: it is not sent, and cannot hide why', async (t) => {
  const { ctx } = onOneConnection(t)

  await inTransaction(ctx, async (tx) => {
    await run(tx, put(tx, 'undone-kept'))
    await assert.rejects(
      inSavepoint(tx, async (inner) => {
        await later(inner, put(inner, 'undone-kept'))
        throw new Error('the reason')
      }),
      /the reason/,
    )
    await assert.rejects(
      inSavepoint(tx, async (inner) => {
        await run(inner, put(inner, 'undone-kept')).catch(() => undefined)
        await later(inner, put(inner, 'undone-lost'))
        throw new Error('another reason')
      }),
      /another reason/,
    )
    await later(tx, put(tx, 'undone-later'))
  })

  assert.deepEqual(await idsOf('undone-'), ['undone-kept', 'undone-later'])
})

test('A server that goes away between two messages fails the transaction, whose held words never happen elsewhere', async (t) => {
  const { ctx } = onOneConnection(t)
  const hooks: string[] = []

  const lost = inTransaction(ctx, async (tx) => {
    await afterCommit(tx, () => void hooks.push('ran'))
    await run(tx, put(tx, 'lost-1'))
    await later(tx, put(tx, 'lost-2'))
    await kill(await pidOf(tx))
    await later(tx, put(tx, 'lost-3'))
  })

  await assert.rejects(lost, isDatabaseGone)
  assert.deepEqual([await one(ctx), await idsOf('lost-'), hooks], [1, [], []])
})

test('A transaction that stood idle for too long is ended by the server: nothing of it stands, and the asker may come back', async (t) => {
  const { ctx } = onOneConnection(t)

  const lost = inTransaction(ctx, async (tx) => {
    await run(tx, put(tx, 'idle-1'))
    await later(tx, put(tx, 'idle-2'))
    await sql`SELECT set_config('idle_in_transaction_session_timeout', ${'20'}, false)`.execute(tx.db)
    await sleep(300)
    await later(tx, put(tx, 'idle-3'))
  })

  await assert.rejects(lost, isDatabaseGone)
  assert.deepEqual([await one(ctx), await idsOf('idle-')], [1, []])
})

test('What a work left running when it failed is refused, and falls to nobody else', async (t) => {
  const { ctx } = onOneConnection(t)
  let left: Promise<PromiseSettledResult<unknown>[]> | undefined

  const failed = inTransaction(ctx, async (tx) => {
    const first = sql`SELECT 1 / ${0}::int`.execute(tx.db)
    const others = Array.from({ length: 20 }, (_, i) => [
      run(tx, put(tx, `left-${i}`)),
      later(tx, put(tx, `left-later-${i}`)),
    ])
    left = Promise.allSettled(others.flat())
    await first
  })
  const next = inTransaction(ctx, async (tx) => {
    await run(tx, put(tx, 'left-next'))
    return one(tx)
  })
  await assert.rejects(failed, /division by zero/)
  const ends = await left!

  assert.equal(await next, 1)
  assert.deepEqual(await idsOf('left-'), ['left-next'])
  assert.ok(ends.every(({ status }, i) => status === 'rejected' || i % 2 === 1))
})

const insertAtCommit = (tx: Context, id: number) => sql`INSERT INTO at_commit VALUES (${id})`.compile(tx.db)

test('What is only found out by the commit fails the work, and no hook runs', async (t) => {
  const { ctx } = onOneConnection(t)
  await sql`CREATE TABLE at_commit (id integer CONSTRAINT at_commit_once UNIQUE DEFERRABLE INITIALLY DEFERRED)`.execute(
    ctx.db,
  )
  const hooks: string[] = []
  const twice = (write: (tx: Context, query: CompiledQuery) => Promise<unknown>): Promise<unknown> =>
    inTransaction(ctx, async (tx) => {
      await afterCommit(tx, () => void hooks.push('ran'))
      await write(tx, insertAtCommit(tx, 1))
      await write(tx, insertAtCommit(tx, 1))
    })

  await assert.rejects(twice(run), (error) => violates(error, 'at_commit_once'))
  await assert.rejects(twice(later), (error) => violates(error, 'at_commit_once'))
  const { rows } = await sql`SELECT id FROM at_commit WHERE ${true}`.execute(ctx.db)

  assert.deepEqual([rows, hooks], [[], []])
})

test('What cannot be serialized is tried again as a whole, also where the commit finds it out, and told once', async (t) => {
  const [first, second] = [onOneConnection(t).ctx, onOneConnection(t).ctx]
  const both = Promise.withResolvers<void>()
  const hooks: string[] = []
  let arrived = 0
  /** Each sees that the other one is not there, and comes: in any order only one may. */
  const come = (ctx: Context, id: string): Promise<void> =>
    inTransaction(
      ctx,
      async (tx) => {
        const there = sql<{ n: number }>`SELECT count(*)::int AS n FROM mail_outbox WHERE message_id LIKE ${'serial-%'}`
        const { rows } = await there.execute(tx.db)
        if (++arrived === 2) both.resolve()
        if (arrived <= 2) await both.promise
        if (rows[0]!.n > 0) return
        await afterCommit(tx, () => void hooks.push(id))
        await later(tx, put(tx, id))
      },
      'serializable',
    )

  await Promise.all([come(first, 'serial-a'), come(second, 'serial-b')])

  const ids = await idsOf('serial-')
  assert.equal(ids.length, 1)
  assert.deepEqual(hooks, ids)
})

test('A work that swallows what a statement broke is not told as done, whether or not something came later', async (t) => {
  const { ctx } = onOneConnection(t)
  const hooks: string[] = []
  const swallowing = (more: (tx: Context) => Promise<unknown>): Promise<void> =>
    inTransaction(ctx, async (tx) => {
      await afterCommit(tx, () => void hooks.push('ran'))
      await run(tx, put(tx, 'swallowed-1'))
      await run(tx, put(tx, 'swallowed-1')).catch(() => undefined)
      await more(tx)
    })

  await assert.rejects(swallowing(async () => undefined))
  await assert.rejects(swallowing((tx) => later(tx, put(tx, 'swallowed-2'))))

  assert.deepEqual([await one(ctx), await idsOf('swallowed-'), hooks], [1, [], []])
})

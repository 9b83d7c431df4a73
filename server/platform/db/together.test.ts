import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openHouse } from '../../../test/support.ts'
import type { Context } from '../context.ts'
import { afterCommit, inSavepoint, inTransaction, later, together, violates } from './transaction.ts'

const house = await openHouse()
const put = (ctx: Context, id: string, subject = '') =>
  ctx.db
    .insertInto('mail_outbox')
    .values({ message_id: id, at: ctx.now, recipient: 'x', subject, text: '', html: '' })
    .compile()
const add = (ctx: Context, id: string, text: string) =>
  sql`UPDATE mail_outbox SET subject = subject || ${text} WHERE message_id = ${id}`.compile(ctx.db)
const read = (ctx: Context, id: string) =>
  ctx.db.selectFrom('mail_outbox').select('subject').where('message_id', '=', id).compile()
const missing = (ctx: Context) => sql`SELECT ${1}::int FROM not_there`.compile(ctx.db)
const divided = (ctx: Context, by: number) => sql<{ n: number }>`SELECT 12 / ${by}::int AS n`.compile(ctx.db)
const subjectOf = async (id: string): Promise<string | undefined> =>
  (await house.ctx().db.executeQuery(read(house.ctx(), id))).rows[0]?.subject

test('Statements sent together are answered each by its own rows, and see what those before them did', async () => {
  const [made, first, changed, second] = await inTransaction(house.ctx(), (ctx) =>
    together(ctx, put(ctx, 'a', '1'), read(ctx, 'a'), add(ctx, 'a', '2'), read(ctx, 'a')),
  )

  assert.deepEqual([made, first, changed, second], [[], [{ subject: '1' }], [], [{ subject: '12' }]])
})

test('Of statements sent together outside of a transaction, all have happened or none', async () => {
  const ctx = house.ctx()

  await assert.rejects(together(ctx, put(ctx, 'b'), put(ctx, 'b')), (error) =>
    violates(error, 'mail_outbox_message_id_key'),
  )
  const again = await together(ctx, put(ctx, 'b', 'now'), read(ctx, 'b'))

  assert.deepEqual(again[1], [{ subject: 'now' }])
})

test('What comes later goes out in its order: before the next statement, and the last with the commit', async () => {
  const seen = await inTransaction(house.ctx(), async (ctx) => {
    await later(ctx, put(ctx, 'c', '1'))
    await later(ctx, add(ctx, 'c', '2'))
    const { rows } = await ctx.db.executeQuery(read(ctx, 'c'))
    await later(ctx, add(ctx, 'c', '3'))
    return rows
  })

  assert.deepEqual([seen, await subjectOf('c')], [[{ subject: '12' }], '123'])
})

test('What comes later and fails fails the whole transaction, and no hook runs', async () => {
  const hooks: string[] = []

  await assert.rejects(
    inTransaction(house.ctx(), async (ctx) => {
      await ctx.db.executeQuery(put(ctx, 'd'))
      await afterCommit(ctx, () => void hooks.push('ran'))
      await later(ctx, put(ctx, 'd'))
    }),
    (error) => violates(error, 'mail_outbox_message_id_key'),
  )

  assert.deepEqual([await subjectOf('d'), hooks], [undefined, []])
})

test('What comes later is undone with a savepoint that began before it, and stays when it began after', async () => {
  await inTransaction(house.ctx(), async (ctx) => {
    await later(ctx, put(ctx, 'e', 'kept'))
    const undone = inSavepoint(ctx, async (inner) => {
      await later(inner, add(inner, 'e', ' lost'))
      throw new Error('undo')
    })
    await assert.rejects(undone, /undo/)
  })

  assert.equal(await subjectOf('e'), 'kept')
})

test('A transaction that throws before its first statement, or makes none, leaves the connection as it was', async () => {
  await assert.rejects(
    inTransaction(house.ctx(), async (ctx) => {
      await later(ctx, put(ctx, 'f'))
      throw new Error('before')
    }),
    /before/,
  )
  const nothing = await inTransaction(house.ctx(), async () => 'nothing')
  await inTransaction(house.ctx(), (ctx) => later(ctx, put(ctx, 'g', 'only')))

  assert.deepEqual([nothing, await subjectOf('f'), await subjectOf('g')], ['nothing', undefined, 'only'])
})

test('A statement that failed once, when it was prepared or when it ran, can be sent again on its connection', async () => {
  await inTransaction(house.ctx(), async (ctx) => {
    for (let i = 0; i < 2; i++) {
      await assert.rejects(
        inSavepoint(ctx, (inner) => together(inner, missing(inner))),
        /not_there/,
      )
      await assert.rejects(
        inSavepoint(ctx, (inner) => together(inner, divided(inner, 1), divided(inner, 0))),
        /zero/,
      )
    }
    const answers = await together(ctx, divided(ctx, 3), divided(ctx, 4), divided(ctx, 3))
    assert.deepEqual(answers, [[{ n: 4 }], [{ n: 3 }], [{ n: 4 }]])
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openHouse } from '../../../test/support.ts'
import type { Context } from '../context.ts'
import { afterCommit, inSavepoint, inTransaction, lostRace, violates } from './transaction.ts'

const house = await openHouse()
const put = async (ctx: Context, id: string): Promise<void> => {
  await ctx.db
    .insertInto('mail_outbox')
    .values({ message_id: id, at: ctx.now, recipient: 'x', subject: '0', text: '', html: '' })
    .execute()
}
const count = async (id: string, ctx = house.ctx()): Promise<number> => {
  const row = await ctx.db
    .selectFrom('mail_outbox')
    .select('subject')
    .where('message_id', '=', id)
    .executeTakeFirstOrThrow()
  return Number(row.subject)
}
const set = async (ctx: Context, id: string, value: number): Promise<void> => {
  await ctx.db
    .updateTable('mail_outbox')
    .set({ subject: String(value) })
    .where('message_id', '=', id)
    .execute()
}
const add = async (ctx: Context, id: string): Promise<void> => {
  await sql`UPDATE mail_outbox SET subject = (subject::int + 1)::text WHERE message_id = ${id}`.execute(ctx.db)
}

/** Lets two meet once: each waits for the other, and nobody waits the second time. */
function meeting(): () => Promise<void> {
  const both = Promise.withResolvers<void>()
  let arrived = 0
  return async () => {
    arrived++
    if (arrived === 2) both.resolve()
    if (arrived <= 2) await both.promise
  }
}

test('Two that lock in opposite orders both get through: the deadlock runs one of them again', async () => {
  await put(house.ctx(), 'a')
  await put(house.ctx(), 'b')
  const meet = meeting()
  let runs = 0
  const both = (first: string, second: string): Promise<void> =>
    inTransaction(house.ctx(), async (tx) => {
      runs++
      await add(tx, first)
      await meet()
      await add(tx, second)
    })

  await Promise.all([both('a', 'b'), both('b', 'a')])

  assert.deepEqual([await count('a'), await count('b')], [2, 2])
  assert.ok(runs > 2)
})

test('Two that read and write the same at repeatable read lose no update', async () => {
  await put(house.ctx(), 'counter')
  const meet = meeting()
  const increment = (): Promise<void> =>
    inTransaction(
      house.ctx(),
      async (tx) => {
        const before = await count('counter', tx)
        await meet()
        await set(tx, 'counter', before + 1)
      },
      'repeatable read',
    )

  await Promise.all([increment(), increment()])

  assert.equal(await count('counter'), 2)
})

test('Two that look for something and make it once there is none both find it: the later one looks again', async () => {
  const meet = meeting()
  const findOrMake = (): Promise<'found' | 'made'> =>
    inTransaction(house.ctx(), async (tx) => {
      const known = await tx.db
        .selectFrom('mail_outbox')
        .select('message_id')
        .where('message_id', '=', 'once')
        .executeTakeFirst()
      await meet()
      if (known) return 'found'
      await put(tx, 'once')
      return 'made'
    })

  const heard = await Promise.all([findOrMake(), findOrMake()])

  assert.deepEqual(heard.toSorted(), ['found', 'made'])
})

test('What is taken also at the second look is for the caller to hear', async () => {
  await put(house.ctx(), 'taken')
  let runs = 0

  const refused = inTransaction(house.ctx(), async (tx) => {
    runs++
    await put(tx, 'taken')
  })

  await assert.rejects(refused, (error) => violates(error, 'mail_outbox_message_id_key'))
  assert.equal(runs, 2)
})

test('An error that another try cannot help is thrown at once', async () => {
  let runs = 0

  const failing = inTransaction(house.ctx(), async (tx) => {
    runs++
    await sql`SELECT 1 / 0`.execute(tx.db)
  })

  await assert.rejects(failing, /division by zero/)
  assert.equal(runs, 1)
})

test('What breaks a constraint in a savepoint is undone alone', async () => {
  await inTransaction(house.ctx(), async (tx) => {
    await put(tx, 'before')
    const refused = inSavepoint(tx, async (inner) => {
      await put(inner, 'within')
      await put(inner, 'before')
    })
    await assert.rejects(refused, (error) => violates(error, 'mail_outbox_message_id_key'))
    await put(tx, 'after')
  })

  const { rows } = await sql<{
    id: string
  }>`SELECT message_id AS id FROM mail_outbox WHERE message_id IN ('before', 'within', 'after') ORDER BY id`.execute(
    house.house.db,
  )
  assert.deepEqual(
    rows.map(({ id }) => id),
    ['after', 'before'],
  )
})

test('Savepoints nest, and an inner one that fails leaves the outer one', async () => {
  await inTransaction(house.ctx(), (tx) =>
    inSavepoint(tx, async (outer) => {
      await put(outer, 'outer')
      await inSavepoint(outer, async (inner) => {
        await put(inner, 'inner')
        throw new Error('no')
      }).catch(() => undefined)
    }),
  )

  await count('outer')
  await assert.rejects(count('inner'))
})

test('Hooks run once it is committed, in their order, and not for what was undone', async () => {
  const told: string[] = []
  const hook = (ctx: Context, word: string): Promise<void> => afterCommit(ctx, () => void told.push(word))

  await inTransaction(house.ctx(), async (tx) => {
    await hook(tx, 'first')
    await inTransaction(tx, (joined) => hook(joined, 'joined'))
    await inSavepoint(tx, async (inner) => {
      await hook(inner, 'undone')
      throw new Error('no')
    }).catch(() => undefined)
    assert.deepEqual(told, [])
  })
  await inTransaction(house.ctx(), async (tx) => {
    await hook(tx, 'never')
    throw new Error('no')
  }).catch(() => undefined)
  await hook(house.ctx(), 'outside')

  assert.deepEqual(told, ['first', 'joined', 'outside'])
})

test('A hook that fails does not turn a committed write into an error', async () => {
  const told: string[] = []

  await inTransaction(house.ctx(), async (tx) => {
    await put(tx, 'committed')
    await afterCommit(tx, () => Promise.reject(new Error('no')))
    await afterCommit(tx, () => void told.push('the next one runs'))
  })

  await count('committed')
  assert.equal(told.length, 1)
})

test('Who loses every time is tried eight times and then told', async () => {
  let tries = 0

  const lost = inTransaction(house.ctx(), async (tx) => {
    tries++
    await sql`DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = 'serialization_failure'; END $$`.execute(tx.db)
  })

  await assert.rejects(lost, lostRace)
  assert.equal(tries, 8)
})

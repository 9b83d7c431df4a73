import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { afterCommit, inTransaction } from '../db/transaction.ts'
import { eventually, house, node, publish, write, written } from './nodes.fixture.ts'

test('What is urgent is done with the commit, before any worker comes, and once', async (t) => {
  const parts = { listener: (ctx: Context) => write(ctx, 'piled'), urgent: (ctx: Context) => write(ctx, 'urgent') }
  const idle = await node(t, parts)
  const press = (ctx: Context) => idle.publish(ctx, 'test.pressed' as never, {} as never)
  await publish(idle, 'piled')

  await assert.rejects(
    inTransaction(house.ctx(), async (tx) => {
      await press(tx)
      throw new Error('undone')
    }),
  )
  const undone = await written('urgent')
  await inTransaction(house.ctx(), press)
  const done = [await written('urgent'), await written('piled')]
  await node(t, parts, true)
  await eventually(async () => (await written('piled')) === 1)

  assert.equal(undone, 0)
  assert.deepEqual(done, [1, 0])
  assert.equal(await written('urgent'), 1)
})

test('What is urgent and already in the hands of a worker is left to it: they do not wait for each other', async (t) => {
  const [arrived, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let heard = 0
  const urgent = async (ctx: Context): Promise<void> => {
    heard++
    await ctx.db.selectFrom('mail_outbox').select('id').where('recipient', '=', 'row').forUpdate().execute()
    arrived.resolve()
    await release.promise
  }
  await write(house.ctx(), 'row')
  const jobs = await node(t, { urgent })
  let worker = Promise.resolve(0)

  const pressed = inTransaction(house.ctx(), async (tx) => {
    // Runs with the commit before what is urgent does, as a worker that looks into the queue at that moment.
    await afterCommit(tx, () => {
      worker = jobs.drain(true)
      return arrived.promise
    })
    await jobs.publish(tx, 'test.pressed' as never, {} as never)
  })
  await arrived.promise
  await Promise.race([pressed, sleep(200)])
  release.resolve()
  await Promise.all([pressed, worker])

  assert.equal(heard, 1)
})

test('What is urgent and fails at first comes before all else that waits', async (t) => {
  const order: string[] = []
  let tries = 0
  const parts = {
    listener: async () => void order.push('later'),
    urgent: async () => {
      if (++tries === 1) throw new Error('not yet')
      order.push('urgent')
    },
  }
  const idle = await node(t, parts)
  for (let i = 0; i < 30; i++) await publish(idle, 'piled up again')
  await idle.publish(house.ctx(), 'test.pressed' as never, {} as never)

  await node(t, parts, true)
  await eventually(async () => order.includes('urgent'))

  // Two are done at once.
  assert.ok(order.indexOf('urgent') < 3, order.join())
})

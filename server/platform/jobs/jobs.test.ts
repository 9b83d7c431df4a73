import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inTransaction } from '../db/transaction.ts'
import { enqueue, eventually, house, node, publish, sql, write, written, type Parts } from './nodes.fixture.ts'

test('What is published and enqueued in a transaction that fails is never done', async (t) => {
  const jobs = await node(t, { listener: (ctx, { id }) => write(ctx, id), job: (ctx, { id }) => write(ctx, id) })

  await assert.rejects(
    inTransaction(house.ctx(), async (tx) => {
      await publish(jobs, 'undone', tx)
      await enqueue(jobs, 'undone', tx)
      throw new Error('undone')
    }),
  )
  await inTransaction(house.ctx(), (tx) => publish(jobs, 'done', tx))
  await jobs.drain(true)

  assert.deepEqual([await written('undone'), await written('done')], [0, 1])
})

test('A listener that fails halfway is tried again, and its effects are there once', async (t) => {
  let tries = 0
  const jobs = await node(
    t,
    {
      listener: async (ctx, { id }) => {
        await write(ctx, id)
        if (++tries < 3) throw new Error('halfway')
      },
    },
    true,
  )

  await publish(jobs, 'halfway')
  await eventually(async () => (await written('halfway')) > 0)
  await sleep(300)

  assert.deepEqual([tries, await written('halfway')], [3, 1])
})

test('Waits between tries grow, with some chance in them, up to a quarter of an hour', async (t) => {
  const jobs = await node(t, { job: async () => Promise.reject(new Error('down')) })
  await enqueue(jobs, 'grows')
  const waits: number[] = []

  for (let i = 0; i < 14; i++) {
    await assert.rejects(jobs.drain(true), /down/)
    const [row] = await sql<{ wait: number }>(
      `SELECT extract(epoch FROM start_after - now())::float8 AS wait FROM pgboss.job WHERE name = 'jobs' AND data -> 'data' ->> 'id' = 'grows'`,
    )
    waits.push(row!.wait)
  }
  await sql(`DELETE FROM pgboss.job WHERE data -> 'data' ->> 'id' = 'grows'`)

  for (const [i, wait] of waits.entries()) {
    const most = Math.min(900, 2 ** (i + 1))
    assert.ok(wait <= most + 0.5 && wait >= most / 2 - 1, `wait ${i + 1} is ${wait} s`)
  }
})

test('What was given up is listed with its reason and can be put back', async (t) => {
  let broken = true
  const jobs = await node(t, {
    job: async (ctx, { id }) => (broken ? Promise.reject(new Error('the disk is full')) : write(ctx, id)),
  })
  await enqueue(jobs, 'given up')
  await sql(`UPDATE pgboss.job SET retry_limit = 0 WHERE data -> 'data' ->> 'id' = 'given up'`)
  await assert.rejects(jobs.drain(true), /disk/)

  const dead = await jobs.dead()
  broken = false
  const replayed = await jobs.replay(dead.map(({ id }) => id))
  await jobs.drain(true)

  assert.deepEqual(
    dead.map(({ name, error }) => ({ name, error })),
    [{ name: 'test.job', error: 'the disk is full' }],
  )
  assert.match(dead[0]!.created, /^\d{4}-\d\d-\d\dT/)
  assert.deepEqual([replayed, await written('given up'), (await jobs.dead()).length], [1, 1, 0])
})

test('The job of a worker that died is taken over by another', async (t) => {
  const jobs = await node(t, { job: (ctx, { id }) => write(ctx, id) })
  await enqueue(jobs, 'orphan')
  // What a kill -9 leaves: a job in hand whose heart has stopped.
  await sql(
    `UPDATE pgboss.job SET state = 'active', started_on = now(), heartbeat_on = now() - interval '1 minute' WHERE data -> 'data' ->> 'id' = 'orphan'`,
  )

  await node(t, { job: (ctx, { id }) => write(ctx, id) }, true)
  await eventually(async () => (await written('orphan')) > 0)

  assert.equal(await written('orphan'), 1)
})

test('A worker that was only slow and has lost its job to another leaves no second effect', async (t) => {
  const arrived = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const slow = await node(t, {
    listener: async (ctx, { id }) => {
      await write(ctx, id)
      arrived.resolve()
      await release.promise
    },
  })
  await publish(slow, 'slow')
  const late = slow.drain(true)
  await arrived.promise
  await sql(`UPDATE pgboss.job SET heartbeat_on = now() - interval '1 minute' WHERE data -> 'data' ->> 'id' = 'slow'`)
  await node(t, { listener: (ctx, { id }) => write(ctx, id) }, true)
  await eventually(async () => (await written('slow')) > 0)

  release.resolve()
  await assert.rejects(late, /taken over/)

  assert.equal(await written('slow'), 1)
})

test('What should have run while nothing ran is made up for once, on one of the nodes', async (t) => {
  let runs = 0
  const parts: Parts = { job: async () => void runs++, cron: '0 3 * * *' }
  const first = await node(t, parts, true)
  await first.stop()
  // Three nights were missed by a job that is a week old.
  await sql(`UPDATE pgboss.version SET cron_on = now() - interval '3 days'`)
  await sql(`UPDATE pgboss.schedule SET created_on = now() - interval '7 days'`)

  await node(t, parts, true)
  await node(t, parts, true)
  await eventually(async () => runs > 0, 60)
  await sleep(3000)

  assert.equal(runs, 1)
})

test('What waits while nothing runs for weeks is not thrown away', async (t) => {
  const jobs = await node(t, { listener: (ctx, { id }) => write(ctx, id), job: (ctx, { id }) => write(ctx, id) })

  await publish(jobs, 'kept')
  await enqueue(jobs, 'kept')

  const waiting = await sql<{ days: number }>(
    `SELECT extract(day FROM keep_until - start_after)::int AS days FROM pgboss.job WHERE data -> 'data' ->> 'id' = 'kept'`,
  )
  assert.deepEqual(
    waiting.map(({ days }) => days),
    [60, 60],
  )
  await jobs.drain()
})

test('What has piled up is worked off without pauses', async (t) => {
  const idle = await node(t, {})
  await inTransaction(house.ctx(), async (tx) => {
    for (let i = 0; i < 60; i++) await publish(idle, 'piled up', tx)
  })
  const began = performance.now()

  await node(t, { listener: (ctx, { id }) => write(ctx, id) }, true)
  await eventually(async () => (await written('piled up')) === 60)

  const took = performance.now() - began
  assert.ok(took < 15_000, `60 events took ${took} ms`)
})

test('One that fails holds nothing of what was taken with it back, also where events are heard together', async (t) => {
  const jobs = await node(t, {
    listener: async (ctx, { id }) => (id === 'bad' ? Promise.reject(new Error('bad')) : write(ctx, id)),
    job: async (ctx, { id }) => (id === 'bad' ? Promise.reject(new Error('bad')) : write(ctx, id)),
  })
  for (const id of ['bad', 'good', 'fine']) {
    await publish(jobs, id)
    await enqueue(jobs, id)
  }

  await assert.rejects(jobs.drain(true, true), /bad/)
  await assert.rejects(jobs.drain(), /bad/)

  assert.deepEqual([await written('good'), await written('fine')], [2, 2])
  await sql(`DELETE FROM pgboss.job WHERE data -> 'data' ->> 'id' = 'bad'`)
})

test('Jobs that run by themselves can be run by hand, and an unknown one is refused', async (t) => {
  let runs = 0
  const jobs = await node(t, { job: async () => void runs++, cron: '0 3 * * *' })

  await jobs.run('test.job')

  assert.equal(runs, 1)
  assert.deepEqual(jobs.scheduled(), [{ name: 'test.job', cron: '0 3 * * *' }])
  await assert.rejects(jobs.run('test.other'), /there is no job test\.other/)
})

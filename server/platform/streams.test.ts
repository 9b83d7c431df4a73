import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databaseOf } from '../../test/platform.ts'
import { openHouse } from '../../test/support.ts'
import { inTransaction } from './db/transaction.ts'
import { createRealtime } from './realtime.ts'
import { createLogger } from './log.ts'
import {
  appendEach,
  appendToStreams,
  entriesAfter,
  forgetOldEntries,
  lastSeqOf,
  lastSeqsOf,
  streamsTopic,
  type StreamMessage,
} from './streams.ts'

const house = await openHouse()
const [jane, mary, paul] = [await house.person(), await house.person(), await house.person()]

const kept = async (userId: number, after = 0): Promise<{ seq: number; n: unknown }[]> =>
  (await entriesAfter(house.house.db, userId, after, 1000)).map(({ seq, data }) => ({
    seq,
    n: (JSON.parse(data) as { n: unknown }).n,
  }))

test('every person has numbers of their own, without gaps, and somebody named twice is told once', async () => {
  const ctx = house.ctx()

  await appendToStreams(ctx, [jane.id, mary.id, jane.id], { type: 'note', data: { n: 1 } })
  await appendToStreams(ctx, [jane.id], { type: 'note', data: { n: 2 } })
  await appendToStreams(ctx, [], { type: 'note', data: { n: 3 } })

  assert.deepEqual(await kept(jane.id), [
    { seq: 1, n: 1 },
    { seq: 2, n: 2 },
  ])
  assert.deepEqual(await kept(mary.id), [{ seq: 1, n: 1 }])
  const seqs = await lastSeqsOf(ctx.db, [jane.id, mary.id, paul.id])
  assert.deepEqual(
    [...seqs].toSorted(([a], [b]) => a - b),
    [
      [jane.id, 2],
      [mary.id, 1],
    ],
  )
})

test('different entries for different people are one statement and keep the order of their list', async () => {
  const before = await lastSeqOf(house.house.db, jane.id)

  await appendEach(house.ctx(), [
    { userId: mary.id, type: 'a', data: { n: 'm1' } },
    { userId: jane.id, type: 'a', data: { n: 'j1' } },
    { userId: mary.id, type: 'b', data: { n: 'm2' } },
    { userId: mary.id, type: 'c', data: { n: 'm3' } },
  ])

  assert.deepEqual(await kept(jane.id, before), [{ seq: before + 1, n: 'j1' }])
  assert.deepEqual(
    (await kept(mary.id)).slice(-3).map(({ n }) => n),
    ['m1', 'm2', 'm3'],
  )
})

test('many who tell the same people at once, in any order, leave neither gaps nor repetitions nor deadlocks', async () => {
  const people = await Promise.all(Array.from({ length: 6 }, () => house.person()))
  const ids = people.map(({ id }) => id)
  let retried = 0
  const ctx = house.ctx()
  const log = Object.assign(Object.create(ctx.log) as typeof ctx.log, { debug: () => retried++ })

  await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      inTransaction({ ...ctx, log }, (tx) =>
        n % 2 === 0
          ? appendToStreams(tx, n % 4 === 0 ? ids : ids.toReversed(), { type: 'note', data: { n } })
          : appendEach(
              tx,
              ids.map((userId) => ({ userId, type: 'note', data: { n } })),
            ),
      ),
    ),
  )

  for (const id of ids) {
    const entries = await kept(id)
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      Array.from({ length: 60 }, (_, i) => i + 1),
    )
    assert.equal(new Set(entries.map(({ n }) => n)).size, 60)
  }
  assert.equal(retried, 0)
})

test('what a transaction that fails has appended was never there, and its numbers are given again', async () => {
  const before = await lastSeqOf(house.house.db, paul.id)

  const failed = inTransaction(house.ctx(), async (tx) => {
    await appendToStreams(tx, [paul.id], { type: 'note', data: { n: 'lost' } })
    throw new Error('undone')
  })
  await assert.rejects(failed, /undone/)
  await appendToStreams(house.ctx(), [paul.id], { type: 'note', data: { n: 'kept' } })

  assert.deepEqual(await kept(paul.id, before), [{ seq: before + 1, n: 'kept' }])
})

test('other processes are woken on commit: with the entry where it is small, else with the numbers only', async (t) => {
  const listener = createRealtime(databaseOf(house), house.house.db, createLogger('silent', false))
  const heard: StreamMessage[] = []
  listener.subscribe(streamsTopic, (message) => heard.push(message as StreamMessage))
  await listener.start()
  t.after(() => listener.stop())
  const end = new Promise<void>((resolve) => listener.subscribe('end', () => resolve()))
  const crowd = Array.from({ length: 130 }, () => paul.id)
  const small = { n: 'a "quoted" word, ü and 😀' }
  const large = { n: 'ü'.repeat(5000) }

  await appendToStreams(house.ctx(), [jane.id, mary.id], { type: 'note', data: small })
  await appendToStreams(house.ctx(), [jane.id], { type: 'note', data: large })
  await appendEach(
    house.ctx(),
    crowd.map((userId, n) => ({ userId, type: 'note', data: { n } })),
  )
  await house.house.realtime.broadcast(house.ctx(), 'end', {})
  await end

  const [first, second, ...rest] = heard
  assert.deepEqual(
    first!.to.map(([id]) => id).toSorted((a, b) => a - b),
    [jane.id, mary.id],
  )
  assert.deepEqual(first!.entry, { type: 'note', data: small })
  assert.equal(second!.entry, undefined)
  assert.deepEqual(JSON.parse((await entriesAfter(house.house.db, jane.id, second!.to[0]![1] - 1, 1))[0]!.data), large)
  const numbers = rest.flatMap(({ to }) => to.map(([, seq]) => seq))
  assert.equal(numbers.length, crowd.length)
  assert.ok(numbers.every((seq, i) => i === 0 || seq === numbers[i - 1]! + 1))
})

test('entries are kept for 30 days; the numbers go on', async () => {
  const before = await lastSeqOf(house.house.db, mary.id)

  house.pass({ days: 20 })
  await appendToStreams(house.ctx(), [mary.id], { type: 'note', data: { n: 'later' } })
  house.pass({ days: 11 })
  await forgetOldEntries(house.ctx())

  assert.deepEqual(await kept(mary.id), [{ seq: before + 1, n: 'later' }])
  assert.equal(await lastSeqOf(house.house.db, mary.id), before + 1)
})

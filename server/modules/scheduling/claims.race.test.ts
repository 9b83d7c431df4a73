import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { peopleOf } from '../../../test/people.ts'
import { openHouse } from '../../../test/support.ts'
import { createApp } from '../../app.ts'
import type { Context } from '../../platform/context.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { AppError } from '../../platform/errors.ts'
import { claim, factsOf, lockResources, moveClaims, resourcesFor, settleClaims, type Source } from './index.ts'

const house = await openHouse()
/** Another process of the same house, as far as the database can tell: other connections, other memory. */
const second = await createApp({
  config: house.house.config,
  databaseUrl: String(house.house.pool.options.connectionString),
  log: house.house.log,
  clock: house.house.clock,
})
await second.house.jobs.start(false)
after(() => second.stop())

const nodes: (() => Context)[] = [house.ctx, () => second.contextFor('test')]
const at = (time: string): Temporal.Instant => Temporal.Instant.from(`2026-01-13T${time}:00Z`)
const session = (id: string): Source => ({ kind: 'booking_session', id })

async function resources(count: number): Promise<number[]> {
  const people = await peopleOf(house, count)
  return resourcesFor(
    house.ctx(),
    people.map((userId) => ({ userId })),
  )
}

/** How often each outcome came; anything but winning and CONFLICT shows under its own name. */
async function outcomes(attempts: Promise<unknown>[]): Promise<Record<string, number>> {
  const settled = await Promise.allSettled(attempts)
  const names = settled.map((one) => {
    if (one.status === 'fulfilled') return 'won'
    return one.reason instanceof AppError ? one.reason.code : String(one.reason)
  })
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]))
}

const take = (ctx: Context, source: Source, ids: number[], from = '10:00', to = '11:00') =>
  claim(ctx, {
    source,
    claims: ids.map((resourceId) => ({ resourceId, from: at(from), to: at(to), exclusive: true })),
    expiresAt: null,
  })

/** Deadlocks that the database has had to resolve in this house. */
async function deadlocks(): Promise<number> {
  const { rows } = await house.house.pool.query<{ deadlocks: number }>(
    'SELECT pg_stat_force_next_flush(), deadlocks FROM pg_stat_database WHERE datname = current_database()',
  )
  return rows[0]!.deadlocks
}

test('of two hundred who want the same two at once, in opposite orders on two processes, exactly one wins', async () => {
  const [first, last] = (await resources(2)) as [number, number]

  const attempts = Array.from({ length: 200 }, (_, i) =>
    take(nodes[i % 2]!(), session(`race-${i}`), i % 4 < 2 ? [first, last] : [last, first]),
  )

  assert.deepEqual(await outcomes(attempts), { won: 1, CONFLICT: 199 })
  const facts = await factsOf(house.ctx(), [first, last], at('00:00'), at('23:00'))
  assert.deepEqual(
    [first, last].map((id) => facts.get(id)!.busy.length),
    [2, 2],
  )
  assert.equal(await deadlocks(), 0)
})

test('two hundred who want the same two at different times, in opposite orders, all win', async () => {
  const [first, last] = (await resources(2)) as [number, number]
  const start = at('00:00')

  const attempts = Array.from({ length: 200 }, (_, i) =>
    claim(nodes[i % 2]!(), {
      source: session(`many-${i}`),
      claims: (i % 4 < 2 ? [first, last] : [last, first]).map((resourceId) => {
        const from = start.add({ minutes: i * 5 })
        return { resourceId, from, to: from.add({ minutes: 5 }), exclusive: true }
      }),
      expiresAt: null,
    }),
  )

  assert.deepEqual(await outcomes(attempts), { won: 200 })
  assert.equal(await deadlocks(), 0)
})

test('when a hold expires, one of two hundred gets its time, and its owner comes too late', async () => {
  const [one] = (await resources(1)) as [number]
  const expiresAt = house.ctx().now.add({ minutes: 30 })
  const claims = [{ resourceId: one, from: at('10:00'), to: at('11:00'), exclusive: true }]
  await claim(house.ctx(), { source: session('owner'), claims, expiresAt })
  house.pass({ minutes: 30 })

  const settled = settleClaims(house.ctx(), session('owner'), null)
  const attempts = Array.from({ length: 200 }, (_, i) => take(nodes[i % 2]!(), session(`late-${i}`), [one]))

  assert.deepEqual(await outcomes(attempts), { won: 1, CONFLICT: 199 })
  assert.equal(await settled, 0)
})

test('when the owner of a hold settles it in its last second while others want it, they are refused', async () => {
  const [one] = (await resources(1)) as [number]
  const expiresAt = house.ctx().now.add({ seconds: 1 })
  const claims = [{ resourceId: one, from: at('10:00'), to: at('11:00'), exclusive: true }]
  await claim(house.ctx(), { source: session('quick'), claims, expiresAt })

  const settled = settleClaims(house.ctx(), session('quick'), null)
  const attempts = Array.from({ length: 50 }, (_, i) => take(nodes[i % 2]!(), session(`slow-${i}`), [one]))

  assert.deepEqual(await outcomes(attempts), { CONFLICT: 50 })
  assert.equal(await settled, 1)
  house.pass({ seconds: 1 })
  await assert.rejects(take(house.ctx(), session('slow'), [one]), { code: 'CONFLICT' })
})

test('of ten sessions moved onto one time, exactly one arrives and the others stay where they are', async () => {
  const [one, ...others] = (await resources(11)) as [number, ...number[]]
  for (const [i, other] of others.entries()) await take(house.ctx(), session(`mover-${i}`), [other])

  const attempts = others.map((_, i) =>
    moveClaims(nodes[i % 2]!(), session(`mover-${i}`), [
      { resourceId: one, from: at('10:30'), to: at('11:30'), exclusive: true },
    ]),
  )

  assert.deepEqual(await outcomes(attempts), { won: 1, CONFLICT: 9 })
  const facts = await factsOf(house.ctx(), [one, ...others], at('00:00'), at('23:00'))
  assert.equal(
    [...facts.values()].reduce((sum, { busy }) => sum + busy.length / 2, 0),
    10,
  )
})

test('two sessions that change places in time cannot both move at once, and nothing is lost', async () => {
  const [one] = (await resources(1)) as [number]
  await take(house.ctx(), session('early'), [one], '10:00', '11:00')
  await take(house.ctx(), session('after'), [one], '11:00', '12:00')
  const to = (from: string, until: string) => [{ resourceId: one, from: at(from), to: at(until), exclusive: true }]

  const moves = [
    moveClaims(nodes[0]!(), session('early'), to('11:00', '12:00')),
    moveClaims(nodes[1]!(), session('after'), to('10:00', '11:00')),
  ]

  assert.deepEqual(await outcomes(moves), { CONFLICT: 2 })
  const facts = await factsOf(house.ctx(), [one], at('00:00'), at('23:00'))
  assert.deepEqual(
    facts.get(one)!.claims.map(({ source_id }) => source_id),
    ['early', 'after'],
  )
})

test('whoever waits for the lock decides by what stands when it is theirs', async () => {
  const [one] = (await resources(1)) as [number]
  let locked: (() => void) | undefined
  const isLocked = new Promise<void>((resolve) => (locked = resolve))

  const holder = inTransaction(nodes[0]!(), async (tx) => {
    await lockResources(tx, [one])
    locked!()
    await new Promise((resolve) => setTimeout(resolve, 100))
    await take(tx, session('holder'), [one])
  })
  await isLocked
  const waiter = inTransaction(nodes[1]!(), async (tx) => {
    await lockResources(tx, [one])
    return (await factsOf(tx, [one], at('00:00'), at('23:00'))).get(one)!.busy.length
  })

  await holder
  assert.equal(await waiter, 2)
})

test('a booking waits for the meeting that is being written, and is not laid over it', async () => {
  const [one] = (await resources(1)) as [number]
  let written: (() => void) | undefined
  const isWritten = new Promise<void>((resolve) => (written = resolve))
  const claims = [{ resourceId: one, from: at('10:00'), to: at('11:00'), exclusive: false }]

  const meeting = inTransaction(nodes[0]!(), async (tx) => {
    await claim(tx, { source: { kind: 'event', id: 'meeting' }, claims, expiresAt: null })
    written!()
    await new Promise((resolve) => setTimeout(resolve, 100))
  })
  await isWritten
  const booking = take(nodes[1]!(), session('over'), [one])

  await assert.rejects(booking, { code: 'CONFLICT' })
  await meeting
})

test('the database itself refuses a second claim, should a path forget the lock, and it is told like any other', async () => {
  const [one] = (await resources(1)) as [number]
  await take(house.ctx(), session('there'), [one])
  const unseen = { ...house.ctx(), now: house.ctx().now.add({ hours: 1 }) }
  await settleClaims(house.ctx(), session('there'), unseen.now)

  // A process whose clock runs an hour ahead holds the claim for expired, and says that it has freed it.
  const claims = [{ resourceId: one, from: at('10:30'), to: at('11:30'), exclusive: true }]
  const forgetful = claim(unseen, { source: session('forgetful'), claims, expiresAt: null, decided: true })

  await assert.rejects(forgetful, { code: 'CONFLICT', message: 'This time is taken' })
})

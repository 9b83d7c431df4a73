import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { untilSomebodyWaits } from '../../../test/meanwhile.ts'
import { nodeBeside } from '../../../test/platform.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import type { Context } from '../../platform/context.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { getServiceForBooking } from '../catalog/index.ts'
import { book, offer, openHours } from './support.fixture.ts'
import { lockResources, resourcesFor } from '../scheduling/index.ts'
import { findBooking } from './queries/bookings.ts'
import { createBooking } from './service/create.ts'
import { chooseSeat, lockTime } from './service/seats.ts'
import { step } from './service/status.ts'

// What is read in one message with the lock is read after it: whatever the one before has committed while this one waited is seen.

const house = await openHouse()
const provider = await house.person('provider')
const customer = await house.person('customer')
await openHours(house, provider)
const startsAt = Temporal.Instant.from('2026-01-14T10:00:00Z')
const wish = { seats: 1 }

const buying = (ctx: Context, { id, email }: Person): Context => ({
  ...ctx,
  actor: { userId: id, email, role: 'customer', sessionId: 0, permissions: new Set(), locale: null, timeZone: 'UTC' },
})

/** Another node's database, on connections of its own. */
const other = async (t: Parameters<typeof nodeBeside>[1]): Promise<Context> => ({
  ...house.ctx(),
  db: (await nodeBeside(house, t)).house.db,
})

/** One holds the time and does its work; another one asks for it meanwhile, and gets it once the first has committed. Answers what the other one found. */
async function after<T>(
  later: Context,
  first: (tx: Context) => Promise<unknown>,
  then: (tx: Context) => Promise<T>,
): Promise<T> {
  let waiting: Promise<T> | undefined
  await inTransaction(house.ctx(), async (tx) => {
    await first(tx)
    waiting = inTransaction(later, then)
    waiting.catch(() => undefined)
    await untilSomebodyWaits(house)
  })
  return waiting!
}

const lockRead = async (ctx: Context, id: number) => {
  const read = await getServiceForBooking(ctx, id)
  return lockTime(ctx, read, read, customer.id, startsAt, wish)
}
const lock = async (ctx: Context, id: number) => (await lockRead(ctx, id))!

test('Who waits for a time finds the booking that was made there meanwhile, and is refused', async (t) => {
  const service = await offer(house, provider)

  const read = await after(
    await other(t),
    (tx) => createBooking(buying(tx, customer), { service, date: startsAt.toString() }),
    async (tx) => {
      const { knowledge } = await lock(tx, service)
      const offered = await getServiceForBooking(tx, service)
      await assert.rejects(chooseSeat(tx, offered, startsAt, wish, knowledge), { code: 'CONFLICT' })
      return knowledge
    },
  )

  const minute = startsAt.epochMilliseconds / 60_000
  assert.deepEqual(read.facts.get(provider.id)?.busy, [minute, minute + 60])
})

test('Who waits for the last seat of a class finds it taken', async (t) => {
  const teacher = await house.person('provider')
  await openHours(house, teacher)
  const service = await offer(house, teacher, { capacity: 2 })
  await book(house, customer, service, startsAt.toString())
  const later = await house.person('customer')

  const seats = await after(
    await other(t),
    (tx) => createBooking(buying(tx, later), { service, date: startsAt.toString() }),
    async (tx) => {
      const { knowledge } = await lock(tx, service)
      const offered = await getServiceForBooking(tx, service)
      await assert.rejects(chooseSeat(tx, offered, startsAt, wish, knowledge), { code: 'CONFLICT' })
      return knowledge.sessions.map((session) => session.seats)
    },
  )

  assert.deepEqual(seats, [2])
})

test('Who waits finds the service gone that was archived meanwhile', async (t) => {
  const gone = await house.person('provider')
  await openHours(house, gone)
  const service = await offer(house, gone)

  const found = await after(
    await other(t),
    async (tx) => {
      await lock(tx, service)
      await tx.db.updateTable('services').set({ is_active: false }).where('id', '=', service).execute()
    },
    (tx) => lockRead(tx, service),
  )

  assert.equal(found, null)
})

test('Who waits ends a hold that has run out meanwhile, and finds its time free', async (t) => {
  const held = await house.person('provider')
  await openHours(house, held)
  const service = await offer(house, held, { requires_approval: true })
  const made = await book(house, customer, service, startsAt.toString())
  const id: number = made.body['data'].id

  const { knowledge } = await after(
    await other(t),
    async (tx) => {
      await lock(tx, service)
      await tx.db
        .updateTable('bookings')
        .set({ expires_at: tx.now.subtract({ minutes: 1 }) })
        .where('id', '=', id)
        .execute()
    },
    (tx) => lock(tx, service),
  )

  assert.deepEqual(knowledge.facts.get(held.id)?.busy, [])
  const shown = await house.call('GET', `/api/v1/bookings/${id}/`, { token: customer.token })
  assert.deepEqual([shown.body['data'].status, shown.body['data'].cancel_reason], ['cancelled', 'expired'])
})

const on = (service: number, day: number) =>
  house.call('POST', '/api/v1/bookings/', {
    token: customer.token,
    json: { service, date: `2026-01-${day}T10:00:00Z` },
  })

test('What was changed on another node since somebody looked is booked as it is now', async (t) => {
  const seller = await house.person('provider')
  await openHours(house, seller)
  const service = await offer(house, seller, { price: 20 })
  const { db } = (await nodeBeside(house, t)).house
  const change = (set: { price_minor?: number; duration_minutes?: number; is_active?: boolean }) =>
    db.updateTable('services').set(set).where('id', '=', service).execute()

  const before = await on(service, 14)
  await change({ price_minor: 3000, duration_minutes: 90 })
  const dearer = await on(service, 15)
  await change({ is_active: false })
  const archived = await on(service, 16)
  await change({ is_active: true })
  const again = await on(service, 19)

  assert.deepEqual(
    [before, dearer, archived, again].map(({ status, body }) => [status, body['data']?.price, body['data']?.end]),
    [
      [201, 20, '2026-01-14T11:00:00Z'],
      [201, 30, '2026-01-15T11:30:00Z'],
      [404, undefined, undefined],
      [201, 30, '2026-01-19T11:30:00Z'],
    ],
  )
})

test('What is answered to a new booking is what is read of it', async () => {
  const seller = await house.person('provider')
  await openHours(house, seller)
  const services = [
    await offer(house, seller),
    await offer(house, seller, { capacity: 3, cancellation_policy: [{ hours_before: 24, refund_percent: 50 }] }),
    await offer(house, seller, { requires_approval: true, location_type: 'online' }),
  ]
  for (const [i, service] of services.entries()) {
    const made = await on(service, 20 + i)
    const read = await house.call('GET', `/api/v1/bookings/${made.body['data'].id}/`, { token: customer.token })
    assert.deepEqual(made.body['data'], read.body['data'])
  }
})

const lockOf = async (tx: Context, { id: userId }: Person): Promise<void> =>
  lockResources(tx, await resourcesFor(tx, [{ userId }]))

test('Who cancels a booking that passes on to somebody else meanwhile waits for the time of that one too', async (t) => {
  const [giver, heir] = [await house.person('provider'), await house.person('provider')]
  await openHours(house, giver)
  const service = await offer(house, giver)
  const made = await book(house, customer, service, startsAt.toString())
  const id: number = made.body['data'].id
  const seen = (await findBooking(house.ctx(), id))!
  const [held, ends] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const holding = inTransaction(await other(t), async (tx) => {
    await lockOf(tx, heir)
    held.resolve()
    await ends.promise
  })
  await held.promise

  const later = await other(t)
  let cancelling: Promise<string> | undefined
  await inTransaction(house.ctx(), async (tx) => {
    await lockOf(tx, giver)
    await tx.db.updateTable('bookings').set({ provider_id: heir.id }).where('id', '=', id).execute()
    cancelling = step(later, seen, 'customer', 'cancelled').then(() => 'cancelled')
    cancelling.catch(() => undefined)
    await untilSomebodyWaits(house)
  })
  const meanwhile = await Promise.race([cancelling, sleep(300, 'waits')])
  ends.resolve()
  await holding

  assert.deepEqual([meanwhile, await cancelling], ['waits', 'cancelled'])
  assert.equal((await findBooking(house.ctx(), id))?.status, 'cancelled')
})

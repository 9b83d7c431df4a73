import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { AppError } from '../../platform/errors.ts'
import {
  claim,
  factsOf,
  findResources,
  freeExpired,
  lockResources,
  moveClaims,
  releaseClaims,
  resourcesFor,
  settleClaims,
  type Source,
} from './index.ts'
import { peopleOf } from '../../../test/people.ts'

const at = (time: string): Temporal.Instant => Temporal.Instant.from(`2026-01-13T${time}:00Z`)
const clock = (minute: number): string =>
  Temporal.Instant.fromEpochMilliseconds(minute * 60_000)
    .toString()
    .slice(11, 16)
const session = (id: string): Source => ({ kind: 'booking_session', id })
const meeting = (id: string): Source => ({ kind: 'event', id })

const house = await openHouse()

let master: number
let other: number

/** Two fresh people, so that no test sees the claims of another. */
async function twoPeople(): Promise<void> {
  const people = await peopleOf(house, 2)
  const [first, second] = await resourcesFor(
    house.ctx(),
    people.map((userId) => ({ userId })),
  )
  master = first!
  other = second!
}

/** How often it was told that a source's claims have expired. */
const toldOf = async (id: string): Promise<number> => {
  const { rows } = await house.house.pool.query<{ told: number }>(
    `SELECT count(*) AS told FROM pgboss.job WHERE data->>'name' = 'claim.expired' AND data->'data'->>'source_id' = $1`,
    [id],
  )
  return rows[0]!.told
}
const wanted = (resourceId: number, from: string, to: string, exclusive = true) => ({
  resourceId,
  from: at(from),
  to: at(to),
  exclusive,
})
const take = (source: Source, claims: ReturnType<typeof wanted>[], expiresAt: Temporal.Instant | null = null) =>
  claim(house.ctx(), { source, claims, expiresAt })
const busyOf = async (id: number): Promise<string[]> => {
  const facts = await factsOf(house.ctx(), [id], at('00:00'), at('23:59'))
  return facts.get(id)!.claims.map(({ source_id, from, to }) => {
    return `${source_id} ${clock(from)}-${clock(to)}`
  })
}
const isTaken = (rules: string[]) => (error: unknown) => {
  assert.ok(error instanceof AppError)
  assert.equal(error.code, 'CONFLICT')
  assert.deepEqual(
    error.details?.map(({ rule }) => rule),
    rules,
  )
  return true
}

test('a resource is made on first use, once, in the order asked for', async () => {
  const [anna, ben] = await peopleOf(house, 2)
  const refs = [{ userId: ben! }, { userId: anna! }]

  const before = await findResources(house.ctx(), refs)
  const made = await Promise.all([
    resourcesFor(house.ctx(), refs),
    resourcesFor(house.ctx(), refs.toReversed()),
    resourcesFor(house.ctx(), refs),
  ])

  assert.deepEqual(before, [null, null])
  assert.deepEqual(made[1], made[0].toReversed())
  assert.deepEqual(made[2], made[0])
  assert.deepEqual(await findResources(house.ctx(), refs), made[0])
})

test('nobody is made a resource who is not there', async () => {
  await assert.rejects(resourcesFor(house.ctx(), [{ userId: 999_999 }]), { code: 'NOT_FOUND' })
})

test('a time is taken once; what touches it is free', async () => {
  await twoPeople()
  await take(session('1'), [wanted(master, '10:00', '11:00')])

  await assert.rejects(take(session('2'), [wanted(master, '10:59', '12:00')]), isTaken(['D9']))
  await take(session('3'), [wanted(master, '11:00', '12:00')])
  await take(session('4'), [wanted(master, '09:00', '10:00')])

  assert.deepEqual(await busyOf(master), ['4 09:00-10:00', '1 10:00-11:00', '3 11:00-12:00'])
})

test('of several claims of which one is refused, none stays, and the refusal tells which and not why', async () => {
  await twoPeople()
  await take(session('secret'), [wanted(other, '10:30', '10:45')])

  const refused = take(session('2'), [wanted(master, '10:00', '11:00'), wanted(other, '10:00', '11:00')])

  await assert.rejects(refused, (error: unknown) => {
    isTaken(['D9'])(error)
    const { details } = error as AppError
    assert.deepEqual(details?.[0]?.params, { from: '2026-01-13T10:00:00Z', to: '2026-01-13T11:00:00Z' })
    assert.ok(!JSON.stringify(details).includes('secret'))
    return true
  })
  assert.deepEqual(await busyOf(master), [])
})

test('a refusal inside a transaction that goes on leaves nothing behind', async () => {
  await twoPeople()
  await take(meeting('m'), [wanted(other, '10:00', '11:00', false)])

  await inTransaction(house.ctx(), async (tx) => {
    const claims = [wanted(master, '10:00', '11:00'), wanted(other, '10:00', '11:00')]
    await assert.rejects(claim(tx, { source: session('2'), claims, expiresAt: null }), { code: 'CONFLICT' })
  })

  assert.deepEqual(await busyOf(master), [])
})

test('a meeting may be laid over a booking, never a booking over a meeting', async () => {
  await twoPeople()
  await take(session('1'), [wanted(master, '10:00', '11:00')])
  await take(meeting('m'), [wanted(master, '10:30', '12:00', false), wanted(other, '10:30', '12:00', false)])

  await assert.rejects(take(session('2'), [wanted(other, '11:00', '11:30')]), isTaken(['D9']))

  // Blocking out one's own time is no booking: one may do it although one is asked to a meeting.
  await take({ kind: 'block', id: 'b' }, [wanted(other, '11:00', '11:30')])
  assert.deepEqual(await busyOf(other), ['m 10:30-12:00', 'b 11:00-11:30'])
})

test('a hold counts as free from the very instant at which it expires, and whoever frees it says so', async () => {
  await twoPeople()
  const expiresAt = house.ctx().now.add({ minutes: 30 })
  await take(session('held'), [wanted(master, '10:00', '11:00')], expiresAt)

  house.pass({ seconds: 30 * 60 - 1 })
  await assert.rejects(take(session('2'), [wanted(master, '10:00', '11:00')]), isTaken(['D9']))
  assert.deepEqual(await busyOf(master), ['held 10:00-11:00'])
  house.pass({ seconds: 1 })
  assert.deepEqual(await busyOf(master), [])
  assert.equal(await settleClaims(house.ctx(), session('held'), null), 0)
  const freed = await inTransaction(house.ctx(), async (tx) => {
    await lockResources(tx, [master])
    return freeExpired(tx, [master], at('10:59'), at('12:00'))
  })
  await take(session('2'), [wanted(master, '10:00', '11:00')])

  assert.deepEqual(freed, [session('held')])
  assert.deepEqual(await busyOf(master), ['2 10:00-11:00'])
  assert.equal(await settleClaims(house.ctx(), session('held'), null), 0)
  assert.equal(await settleClaims(house.ctx(), session('2'), null), 1)
})

test('claiming itself takes an expired hold away, also its own', async () => {
  await twoPeople()
  await take(session('lapsed'), [wanted(master, '10:00', '11:00')], house.ctx().now.add({ minutes: 30 }))
  await take(session('mine'), [wanted(other, '10:00', '11:00')], house.ctx().now.add({ minutes: 30 }))
  house.pass({ minutes: 30 })

  await take(session('mine'), [wanted(other, '10:00', '11:00'), wanted(master, '10:15', '10:30')])

  assert.deepEqual(await busyOf(master), ['mine 10:15-10:30'])
  assert.deepEqual(await busyOf(other), ['mine 10:00-11:00'])
  assert.equal(await settleClaims(house.ctx(), session('mine'), null), 2)
  assert.deepEqual([await toldOf('lapsed'), await toldOf('mine')], [1, 0])
})

test('a claim moves onto a time that overlaps its own, keeps its expiry, and moves to other people', async () => {
  await twoPeople()
  await take(session('moved'), [wanted(master, '10:00', '11:00')], at('09:00'))
  await take(session('2'), [wanted(master, '12:00', '13:00')])

  await moveClaims(house.ctx(), session('moved'), [wanted(master, '10:30', '11:30')])
  await assert.rejects(moveClaims(house.ctx(), session('moved'), [wanted(master, '11:30', '12:30')]), isTaken(['D9']))
  assert.deepEqual(await busyOf(master), ['moved 10:30-11:30', '2 12:00-13:00'])
  await assert.rejects(
    moveClaims(house.ctx(), session('moved'), [wanted(other, '12:30', '13:30'), wanted(master, '12:30', '13:30')]),
    isTaken(['D9']),
  )
  assert.deepEqual(await busyOf(master), ['moved 10:30-11:30', '2 12:00-13:00'])
  await moveClaims(house.ctx(), session('moved'), [wanted(other, '12:30', '13:30')])

  assert.deepEqual(await busyOf(master), ['2 12:00-13:00'])
  assert.deepEqual(await busyOf(other), ['moved 12:30-13:30'])
  const { expires_at } = await house.house.db
    .selectFrom('claims')
    .select('expires_at')
    .where('source_id', '=', 'moved')
    .where('resource_id', '=', other)
    .executeTakeFirstOrThrow()
  assert.equal(expires_at?.toString(), at('09:00').toString())
})

test('a hold that has expired cannot be moved', async () => {
  await twoPeople()
  await take(session('late'), [wanted(master, '10:00', '11:00')], house.ctx().now.add({ minutes: 1 }))
  house.pass({ minutes: 1 })

  const move = moveClaims(house.ctx(), session('late'), [wanted(master, '12:00', '13:00')])

  await assert.rejects(move, { code: 'CONFLICT', message: 'The hold on this time has expired' })
})

test('what is released is free, and every change tells another version', async () => {
  await twoPeople()
  const version = async () => (await factsOf(house.ctx(), [master], at('00:00'), at('01:00'))).get(master)!.version
  const versions = [await version()]
  await take(session('7'), [wanted(master, '10:00', '11:00')])
  versions.push(await version())
  await moveClaims(house.ctx(), session('7'), [wanted(master, '11:00', '12:00')])
  versions.push(await version())

  await moveClaims(house.ctx(), session('7'), [wanted(other, '11:00', '12:00')])
  versions.push(await version())
  await moveClaims(house.ctx(), session('7'), [wanted(master, '11:00', '12:00')])
  versions.push(await version())

  await releaseClaims(house.ctx(), session('7'))
  await releaseClaims(house.ctx(), session('7'))
  versions.push(await version())

  assert.equal(new Set(versions).size, 6)
  assert.deepEqual(await busyOf(master), [])
})

test('each minute, what has expired is swept, whoever wants it', async () => {
  await twoPeople()
  await take(session('swept'), [wanted(master, '10:00', '11:00'), wanted(other, '10:00', '11:00')], house.ctx().now)
  await take(session('kept'), [wanted(master, '11:00', '12:00')], house.ctx().now.add({ seconds: 1 }))

  await house.house.jobs.run('scheduling.sweep')

  const left = await house.house.db
    .selectFrom('claims')
    .select('source_id')
    .where('resource_id', 'in', [master, other])
    .execute()
  assert.deepEqual(left, [{ source_id: 'kept' }])
  assert.deepEqual([await toldOf('swept'), await toldOf('kept')], [1, 0])
})

test('facts are outward minutes: part of a minute takes the whole', async () => {
  await twoPeople()
  const claims = [
    {
      resourceId: master,
      from: at('10:00').add({ seconds: 59 }),
      to: at('11:00').add({ seconds: 1 }),
      exclusive: false,
    },
  ]
  await claim(house.ctx(), { source: { kind: 'import', id: 'x' }, claims, expiresAt: null })

  const facts = await factsOf(house.ctx(), [master, other], at('11:00'), at('12:00'))

  const minute = at('10:00').epochMilliseconds / 60_000
  assert.deepEqual(facts.get(master)!.busy, [minute, minute + 61])
  assert.deepEqual(facts.get(master)!.busyBesideSessions, [minute, minute + 61])
  assert.deepEqual(facts.get(other)!.busy, [])
  assert.deepEqual(facts.get(other)!.schedule?.weekly, [])
  const without = await factsOf(house.ctx(), [master], at('11:00'), at('12:00'), {
    except: { kind: 'import', id: 'x' },
  })
  assert.deepEqual(without.get(master)!.busy, [])
})

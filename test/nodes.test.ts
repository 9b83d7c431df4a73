import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { createDatabase, createPool } from '../server/platform/db/database.ts'
import { inTransaction } from '../server/platform/db/transaction.ts'
import { createLogger } from '../server/platform/log.ts'
import { createRealtime, sessionsEnded, type Realtime } from '../server/platform/realtime.ts'
import { databaseOf, nodeBeside } from './platform.ts'
import { openHouse } from './support.ts'

/** What must hold when several processes serve one database. */
const house = await openHouse()
await house.house.realtime.start()

test('A token that was signed out on one node opens nothing on another, from that moment', async (t) => {
  const other = await nodeBeside(house, t)
  const jane = await house.person()
  const before = await other.call('GET', '/api/v1/auth/me/', { token: jane.token })

  await house.call('POST', '/api/v1/auth/logout/', { token: jane.token })
  const after = await other.call('GET', '/api/v1/auth/me/', { token: jane.token })
  const refreshed = await other.call('POST', '/api/v1/auth/token/refresh/', { json: { refresh: jane.refresh } })

  assert.deepEqual([before.status, after.status, refreshed.status], [200, 401, 401])
})

test('Every node hears that a session has ended, so that it can close what was opened with it', async (t) => {
  const other = await nodeBeside(house, t)
  const heard: unknown[] = []
  await other.house.realtime.start()
  other.house.realtime.subscribe(sessionsEnded, (message) => heard.push(message))
  const jane = await house.person()

  await house.call('POST', '/api/v1/auth/logout/', { token: jane.token })
  for (let i = 0; i < 1000 && heard.length === 0; i++) await sleep(20)

  assert.equal(heard.length, 1)
})

test('A refresh token that two nodes exchange at once was copied: one of them wins, and then the whole session is over', async (t) => {
  const other = await nodeBeside(house, t)
  const jane = await house.person()
  const json = { refresh: jane.refresh }

  const answers = await Promise.all(
    [house, other].map(({ call }) => call('POST', '/api/v1/auth/token/refresh/', { json })),
  )

  const [won, lost] = answers.toSorted((a, b) => a.status - b.status)
  const pair = won!.body['data']
  const access = await house.call('GET', '/api/v1/auth/me/', { token: pair.access })
  const next = await other.call('POST', '/api/v1/auth/token/refresh/', { json: { refresh: pair.refresh } })
  assert.deepEqual([won!.status, lost!.status, access.status, next.status], [200, 401, 401, 401])
})

test('What was told on one node is done by the workers of another', async (t) => {
  const jane = await house.person()
  const worker = await nodeBeside(house, t)

  await worker.house.jobs.drain()
  const { body } = await house.call('GET', '/api/v1/notifications/', { token: jane.token })

  assert.equal(body['data'].results[0].kind, 'welcome')
})

test('What has changed in one moment is told to every node as one message, and nothing of what is undone', async (t) => {
  const other = await nodeBeside(house, t)
  await other.house.realtime.start()
  const heard: unknown[] = []
  other.house.realtime.subscribe('bells', (message) => heard.push(message))
  const ring = (ids: number[], fails = false) =>
    inTransaction(house.ctx(), async (tx) => {
      await tx.house.realtime.gather(tx, 'bells', 'ids', ids)
      if (fails) throw new Error('undone')
    })

  await ring([9], true).catch(() => undefined)
  await Promise.all([ring([1, 2]), ring([2, 3])])
  for (let i = 0; i < 1000 && heard.length === 0; i++) await sleep(20)

  assert.deepEqual(heard, [{ ids: [1, 2, 3] }])
})

test('A process that only does something and ends, as the console does, has told of it when that is done', async (t) => {
  const console = await nodeBeside(house, t)
  const heard: unknown[] = []
  house.house.realtime.subscribe('bells of the console', (message) => heard.push(message))

  await console.house.realtime.gather(console.contextFor('test'), 'bells of the console', 'ids', [1])
  for (let i = 0; i < 1000 && heard.length === 0; i++) await sleep(20)

  assert.deepEqual(heard, [{ ids: [1] }])
})

const listening = async () =>
  (
    await sql<{ pid: number }>`
      SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'banister listen'`.execute(
      house.house.db,
    )
  ).rows.map(({ pid }) => pid)

/** Starts it, and answers how its listening connection is cut off. */
async function startCuttable(realtime: Realtime): Promise<() => Promise<void>> {
  const others = await listening()
  await realtime.start()
  const its = (await listening()).filter((pid) => !others.includes(pid))
  assert.equal(its.length, 1)
  return async () => {
    await sql`SELECT pg_terminate_backend(${its[0]})`.execute(house.house.db)
    while (realtime.state().status === 'ok') await sleep(5)
  }
}

test('A node that has lost its listening connection still tells what has changed, also when it is stopped before it has another', async (t) => {
  const heard: unknown[] = []
  house.house.realtime.subscribe('bells of who ends', (message) => heard.push(message))
  const other = await nodeBeside(house, t)
  const cut = await startCuttable(other.house.realtime)

  await cut()
  await other.house.realtime.gather(other.contextFor('test'), 'bells of who ends', 'ids', [1])
  await other.house.realtime.stop()
  for (let i = 0; i < 500 && heard.length === 0; i++) await sleep(20)

  assert.deepEqual(heard, [{ ids: [1] }])
})

test('Where something may not have been told, everybody looks: when a node starts after one that died, and when it could not tell', async (t) => {
  const other = await nodeBeside(house, t)
  await other.house.realtime.start()
  const looks: true[] = []
  other.house.realtime.onGap(() => looks.push(true))
  const lookedAgain = async (than: number) => {
    for (let i = 0; i < 1000 && looks.length <= than; i++) await sleep(20)
    assert.ok(looks.length > than)
  }
  await sleep(200)

  const begun = looks.length
  const log = createLogger('silent', false)
  const nowhere = createPool({ url: 'postgres://nobody@127.0.0.1:1/none', size: 1, log })
  const third = createRealtime(databaseOf(house), createDatabase(nowhere), log)
  t.after(async () => {
    await third.stop()
    await nowhere.end()
  })
  const cut = await startCuttable(third)
  await lookedAgain(begun)

  await sleep(200)
  const before = looks.length
  await cut()
  await third.gather(house.ctx(), 'bells', 'ids', [2])
  await lookedAgain(before)
})

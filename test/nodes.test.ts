import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sessionsEnded } from '../server/platform/realtime.ts'
import { nodeBeside } from './platform.ts'
import { openHouse } from './support.ts'

/** What must hold when several processes serve one database. */
const house = await openHouse()

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

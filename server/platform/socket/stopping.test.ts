import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeBeside } from '../../../test/platform.ts'
import { connect } from '../../../test/socket.ts'
import { openHouse } from '../../../test/support.ts'
import { appendToStreams } from '../streams.ts'
import { onPresence } from './frame.ts'
import { presenceOf } from './presence.ts'

const house = await openHouse()
await house.house.realtime.start()
const changes: { userId: number; online: boolean }[] = []
onPresence(house.http, async (_ctx, change) => {
  changes.push(change)
})
const base = await house.http.listen({ port: 0, host: '127.0.0.1' })

async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; !(await isTrue()); tries++) {
    if (tries === 500) throw new Error(`never ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
const isOnline = async (userId: number): Promise<boolean> =>
  (await presenceOf(house.ctx(), [userId])).get(userId)?.online === true

test('a server that stops says so, and the clients go on elsewhere without a gap', async (t) => {
  const jane = await house.person()
  const other = await nodeBeside(house, t)
  await other.house.realtime.start()
  const otherBase = await other.http.listen({ port: 0, host: '127.0.0.1' })
  const socket = await connect(otherBase, { token: jane.token, seq: 0 })
  await appendToStreams(house.ctx(), [jane.id], { type: 'note', data: { n: 1 } })
  await socket.next('note')

  const stopping = other.http.close()
  const { code } = await socket.closed
  await appendToStreams(house.ctx(), [jane.id], { type: 'note', data: { n: 2 } })
  const again = await connect(base, { token: jane.token, seq: 1 })
  await stopping

  assert.equal(code, 1001)
  assert.deepEqual(await again.next('note'), { type: 'note', seq: 2, data: { n: 2 } })
  await again.close()
})

test('somebody is online from their first socket on any process to a moment after their last; coming back at once is no departure', async (t) => {
  const jane = await house.person()
  const other = await nodeBeside(house, t)
  await other.house.realtime.start()
  const otherBase = await other.http.listen({ port: 0, host: '127.0.0.1' })
  const before = await isOnline(jane.id)

  const first = await connect(base, { token: jane.token })
  await until(() => isOnline(jane.id), 'online')
  const second = await connect(otherBase, { token: jane.token })
  await first.close()
  const third = await connect(base, { token: jane.token })
  await second.close()
  await third.close()
  await until(async () => !(await isOnline(jane.id)), 'offline')
  await until(() => changes.some(({ userId, online }) => userId === jane.id && !online), 'told')

  assert.equal(before, false)
  const seen = (await presenceOf(house.ctx(), [jane.id])).get(jane.id)
  assert.equal(seen?.lastSeenAt?.toString(), '2026-01-12T08:00:00Z')
  assert.deepEqual(
    changes.filter(({ userId }) => userId === jane.id).map(({ online }) => online),
    [true, false],
  )
})

test('who was connected to a process that died is offline once it has been silent for long', async (t) => {
  const jane = await house.person()
  const other = await nodeBeside(house, t)
  const otherBase = await other.http.listen({ port: 0, host: '127.0.0.1' })
  const socket = await connect(otherBase, { token: jane.token })
  await until(() => isOnline(jane.id), 'online')

  // As after kill -9: its last word grows old.
  house.pass({ seconds: 76 })
  const after = await isOnline(jane.id)
  socket.ws.terminate()

  assert.equal(after, false)
})

test('health names the listener', async () => {
  const { body } = await house.call('GET', '/api/v1/health/')

  assert.equal(body['data'].dependencies.listener.status, 'ok')
})

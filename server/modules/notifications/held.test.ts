import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { startFcm } from '../../platform/push/fake-fcm.fixture.ts'
import { notify, withdraw } from './index.ts'

/** Notices that wait some seconds before they disturb, so that an undo holds them back. */

const fcm = await startFcm()
after(() => fcm.stop())
const house = await openHouse(fcm.environment)
// The database holds jobs back by its own clock: ahead of it, what waits is done only when it is asked for.
house.pass({ years: 50 })
const jane = await house.person()
const json = { token: 'phone', platform: 'web' }
await house.call('POST', '/api/v1/notifications/devices/', { token: jane.token, json })
await house.drain(true)

const tell = (kind: string, id: number, more: object = {}) =>
  notify(house.ctx(), {
    userId: jane.id,
    kind,
    title: 'Changed: {event}',
    body: '{event} has changed; it begins {at}.',
    params: { event: 'Meeting', at: '2076-02-01T10:00:00Z', step: id },
    target: { kind: 'event', id },
    topic: 'customer_bookings',
    held: { seconds: 5, unless: ['event_changed'] },
    ...more,
  })
const about = (id: number) => ({ kinds: ['event_changed'], target: { kind: 'event', id } })
const pushed = (): string[] => fcm.sent.map((message) => (message['data'] as { target_id: string }).target_id)
const mailed = async (person: Person): Promise<number> => (await house.mails(person.email)).length

beforeEach(async () => {
  fcm.sent.length = 0
  await house.house.db.deleteFrom('mail_outbox').execute()
})

test('what is held is in the list at once, and disturbs only when its seconds are over', async () => {
  await tell('event_changed', 1)
  await house.drain()
  const list = await house.call('GET', '/api/v1/notifications/', { token: jane.token })
  const before = [pushed(), await mailed(jane)]
  await house.drain(true)

  assert.equal(list.body['data'].results[0].target.id, 1)
  assert.deepEqual(before, [[], 0])
  assert.deepEqual([pushed(), await mailed(jane)], [['1'], 1])
})

test('of several about one thing the last goes out, by push and by mail; another thing’s goes out beside it', async () => {
  await tell('event_changed', 2)
  await tell('event_changed', 2)
  await tell('event_changed', 3)
  await tell('event_commented', 2, { held: undefined, mail: false })
  await house.drain(true)

  assert.deepEqual([pushed().toSorted(), await mailed(jane)], [['2', '2', '3'], 2])
})

test('what is withdrawn goes out by no way, and its devices are told that it is gone', async () => {
  const first = await tell('event_changed', 4)
  const second = await tell('event_changed', 4)
  await house.drain()

  const gone = await withdraw(house.ctx(), [jane.id], about(4), house.ctx().now.subtract({ seconds: 5 }))
  await house.drain(true)

  assert.equal(gone?.params['step'], 4)
  assert.deepEqual(
    gone?.entries.map(({ userId, type, data }) => ({ userId, type, ids: (data as { ids: number[] }).ids })),
    [{ userId: jane.id, type: 'notification.deleted', ids: [first, second] }],
  )
  assert.deepEqual([pushed(), await mailed(jane)], [[], 0])
})

test('what is older, read, of another kind or of somebody else is not withdrawn', async () => {
  const mary = await house.person()
  const since = () => house.ctx().now.subtract({ seconds: 5 })
  await tell('event_changed', 5)
  await tell('event_commented', 6)
  const read = await tell('event_changed', 7)
  await tell('event_changed', 7)
  await house.call('POST', `/api/v1/notifications/mark-read/${read}/`, { token: jane.token })

  const others = [
    await withdraw(house.ctx(), [mary.id], about(5), since()),
    await withdraw(house.ctx(), [jane.id], about(6), since()),
    await withdraw(house.ctx(), [jane.id], about(7), since()),
  ]
  house.pass({ seconds: 5 })
  const late = await withdraw(house.ctx(), [jane.id], about(5), since())

  assert.deepEqual([...others, late], [null, null, null, null])
})

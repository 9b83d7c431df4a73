import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { CircuitOpen } from '../circuit.ts'
import { readCredentials } from './credentials.ts'
import { startFcm, type Wanted } from './fake-fcm.fixture.ts'
import { createFcmPusher } from './fcm.ts'
import { PushFailed, PushRefused, type Push } from './pusher.ts'

const fcm = await startFcm()
after(() => fcm.stop())
let now = Temporal.Instant.from('2026-01-12T08:00:00Z')
const make = (timeoutMs = 5000) =>
  createFcmPusher({ credentials: readCredentials(fcm.credentialsFile), base: fcm.base, now: () => now, timeoutMs })
const push: Push = {
  token: 'device-1',
  title: 'Your booking was moved',
  body: 'Massage with Jane',
  data: { kind: 'booking_rescheduled', notification_id: '7' },
  tag: 'booking_rescheduled-7',
  group: 'bookings',
  urgent: true,
  ttlSeconds: 3600,
}
const dead: [string, Wanted][] = [
  ['an app that was uninstalled', { status: 404, errorCode: 'UNREGISTERED' }],
  ['a token that is not there', { status: 404 }],
  ['a token of another project', { status: 403, errorCode: 'SENDER_ID_MISMATCH' }],
  ['what never was a token', { status: 400, errorCode: 'INVALID_ARGUMENT', field: 'message.token' }],
]
const alive: [string, Wanted, typeof PushFailed | typeof PushRefused][] = [
  ['a message that is refused', { status: 400, errorCode: 'INVALID_ARGUMENT' }, PushRefused],
  ['a 404 that is not of FCM', { status: 404, text: '<h1>Not Found</h1>' }, PushFailed],
  ['no right to push', { status: 403 }, PushFailed],
  ['a wrong certificate of Apple', { status: 401, errorCode: 'THIRD_PARTY_AUTH_ERROR' }, PushFailed],
  ['too many to one device', { status: 429, errorCode: 'QUOTA_EXCEEDED' }, PushFailed],
  ['an error of the service', { status: 500 }, PushFailed],
  ['words that are no JSON', { status: 503, text: 'later' }, PushFailed],
]

beforeEach(() => {
  fcm.answers.clear()
  fcm.mood = null
})

test('A message is taken, valid by the description of the API, after one sign-in where the credentials say', async () => {
  const pusher = make()
  const before = fcm.signIns

  const results = [await pusher.send(push), await pusher.send({ ...push, urgent: false, token: 'device-2' })]

  assert.deepEqual([results, fcm.problems, fcm.signIns - before], [['sent', 'sent'], [], 1])
  const [first, second] = [fcm.sent.at(-2)!, fcm.sent.at(-1)!]
  assert.deepEqual(first.notification, { title: 'Your booking was moved', body: 'Massage with Jane' })
  assert.deepEqual(first['data'], push.data)
  assert.equal((first['android'] as { ttl: string }).ttl, '3600s')
  assert.equal((second['android'] as { priority: string }).priority, 'NORMAL')
  assert.deepEqual(pusher.state(), { status: 'ok', detail: 'fcm' })
  assert.equal(pusher.counts().sent, 2)
})

test('The longest words fit into the 4,096 bytes of a message, cut between signs', async () => {
  const result = await make().send({ ...push, title: '題😀'.repeat(400), body: '文😀'.repeat(4000) })

  assert.deepEqual([result, fcm.problems], ['sent', []])
  const { title, body } = fcm.sent.at(-1)!.notification
  assert.ok(title.isWellFormed() && title.endsWith('…') && body.isWellFormed() && body.endsWith('…'))
})

for (const [what, wanted] of dead) {
  test(`A token is dead for ${what}`, async () => {
    fcm.answers.set('device-1', wanted)

    assert.equal(await make().send(push), 'gone')
  })
}

for (const [what, wanted, kind] of alive) {
  test(`A token is not dead for ${what}: ${kind.name}`, async () => {
    fcm.answers.set('device-1', wanted)

    await assert.rejects(make().send(push), (error) => error instanceof kind && !error.message.includes('device-1'))
  })
}

test('An access token that was withdrawn is replaced at once, without anybody noticing', async () => {
  const pusher = make()
  await pusher.send(push)
  fcm.access.clear()
  const before = fcm.signIns

  assert.equal(await pusher.send(push), 'sent')
  assert.equal(fcm.signIns - before, 1)
})

test('A service that hangs is given up in time', async () => {
  fcm.mood = { hang: true }
  const started = performance.now()

  await assert.rejects(make(200).send(push), PushFailed)
  assert.ok(performance.now() - started < 3000)
})

test('Asked to wait, it leaves the service alone until then and says so', async () => {
  const pusher = make()
  fcm.mood = { status: 429, retryAfter: '120' }
  await assert.rejects(pusher.send(push), PushFailed)
  fcm.mood = null
  const before = fcm.requests

  await assert.rejects(pusher.send(push), CircuitOpen)
  assert.deepEqual([fcm.requests - before, pusher.state().status], [0, 'down'])
  now = now.add({ seconds: 120 })
  assert.deepEqual([await pusher.send(push), pusher.state().status], ['sent', 'ok'])
})

test('Failing again and again it is left alone for a while, and one dead token more does not count', async () => {
  const pusher = make()
  fcm.mood = { status: 500 }
  for (let i = 0; i < 5; i++) await assert.rejects(pusher.send(push), PushFailed)
  const before = fcm.requests

  await assert.rejects(pusher.send(push), CircuitOpen)
  assert.deepEqual([fcm.requests - before, pusher.state().status, pusher.counts().failed], [0, 'down', 5])
  now = now.add({ seconds: 31 })
  assert.equal(pusher.state().status, 'down', 'rested, and nothing has gone out yet')
  fcm.mood = { status: 404, errorCode: 'UNREGISTERED' }
  assert.deepEqual([await pusher.send(push), pusher.state().status], ['gone', 'ok'])
})

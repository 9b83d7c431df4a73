import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import { openHouse, type Person } from '../../../test/support.ts'
import { startFcm } from '../../platform/push/fake-fcm.fixture.ts'
import { notify } from './index.ts'

const fcm = await startFcm()
after(() => fcm.stop())
const house = await openHouse(fcm.environment)
const register = async (person: Person, ...tokens: string[]): Promise<void> => {
  for (const token of tokens) {
    const json = { token, platform: 'web' }
    await house.call('POST', '/api/v1/notifications/devices/', { token: person.token, json })
  }
  await house.drain()
}
const tell = (person: Person, more: object = {}) =>
  notify(house.ctx(), {
    userId: person.id,
    kind: 'booking_confirmed',
    title: 'Your booking is confirmed',
    body: '{service} with {provider}: {at}',
    params: { service: 'Massage', provider: 'Joe', at: '2026-01-15T14:00:00Z' },
    target: { kind: 'booking', id: 7 },
    ...more,
  })
/** Does what is due, each once: what fails is tried again by the next call, and holds up nobody, as the workers of a process do it. */
const work = async (): Promise<void> => {
  const { db } = house.house
  for (let failures = 0; failures < 20; failures++) {
    try {
      await house.drain()
      break
    } catch {
      await sql`UPDATE pgboss.job SET state = 'created' WHERE name = 'push' AND state = 'active'`.execute(db)
    }
  }
  await sql`UPDATE pgboss.job SET start_after = now() WHERE name = 'push' AND state = 'retry'`.execute(db)
}
const alive = async (person: Person): Promise<string[]> =>
  (
    await house.house.db.selectFrom('devices').where('user_id', '=', person.id).select('token').orderBy('id').execute()
  ).map(({ token }) => token)

const kinds = (): string[] => fcm.sent.map((message) => (message['data'] as { kind: string }).kind)

beforeEach(() => {
  fcm.sent.length = 0
  fcm.answers.clear()
  fcm.mood = null
})

test('A push is in the language and by the clock of the person, and names what it leads to', async () => {
  const jane = await house.person()
  const json = { profile: { locale: 'es', time_zone: 'Europe/Madrid' } }
  await house.call('PATCH', '/api/v1/auth/profile/', { token: jane.token, json })
  await register(jane, 'madrid')

  const id = await tell(jane)
  await work()

  const [message] = fcm.sent
  assert.equal(message?.notification.title, 'Tu reserva está confirmada')
  assert.match(message?.notification.body ?? '', /^Massage con Joe: jue, 15 de enero de 2026, 15:00/)
  assert.deepEqual(message?.['data'], {
    kind: 'booking_confirmed',
    topic: 'bookings',
    created_at: '2026-01-12T08:00:00Z',
    notification_id: String(id),
    target_kind: 'booking',
    target_id: '7',
  })
  assert.deepEqual(fcm.problems, [])
})

test('A dead token is forgotten, a failing one is tried again, and who was served is not served twice', async () => {
  const jane = await house.person()
  await register(jane, 'good-1', 'dead', 'ill', 'refused', 'good-2')
  fcm.answers.set('dead', { status: 404, errorCode: 'UNREGISTERED' })
  fcm.answers.set('ill', { status: 503 })
  fcm.answers.set('refused', { status: 400, errorCode: 'INVALID_ARGUMENT' })

  await tell(jane)
  await work()
  assert.deepEqual(
    [fcm.served.toSorted(), await alive(jane)],
    [
      ['good-1', 'good-2'],
      ['good-1', 'ill', 'refused', 'good-2'],
    ],
  )
  fcm.answers.clear()
  house.pass({ seconds: 60 })
  await work()

  assert.deepEqual(fcm.served.toSorted(), ['good-1', 'good-2', 'ill'])
})

test('What has been read or deleted meanwhile, or is a day old, is not pushed any more', async () => {
  const jane = await house.person()
  await register(jane, 'late')
  fcm.mood = { status: 500 }
  const [read, deleted] = [await tell(jane), await tell(jane)]
  await tell(jane)
  await work()
  fcm.mood = null

  await house.call('POST', `/api/v1/notifications/mark-read/${read}/`, { token: jane.token })
  await house.call('DELETE', `/api/v1/notifications/${deleted}/`, { token: jane.token })
  house.pass({ hours: 23 })
  await work()
  assert.equal(fcm.sent.length, 1)
  fcm.mood = { status: 500 }
  await tell(jane)
  await work()
  house.pass({ hours: 25 })
  fcm.mood = null
  await work()

  assert.equal(fcm.sent.length, 1)
})

test('Who wants no pushes of a topic gets none, and whoever turns them off meanwhile gets none either', async () => {
  const jane = await house.person()
  await register(jane, 'choosy')
  const put = (push: boolean) => {
    const json = { topics: [{ topic: 'bookings', push }] }
    return house.call('PUT', '/api/v1/notifications/preferences/', { token: jane.token, json })
  }

  await put(false)
  await tell(jane)
  await work()
  assert.deepEqual(fcm.served, [])
  await put(true)
  fcm.mood = { status: 500 }
  await tell(jane)
  await work()
  await put(false)
  fcm.mood = null
  house.pass({ minutes: 1 })
  await work()

  assert.deepEqual(fcm.served, [])
})

test('A push waits for the end of quiet hours, but not what would then come too late', async () => {
  const jane = await house.person()
  await register(jane, 'asleep')
  const json = { quiet_hours: { start: '22:00', end: '08:00' } }
  await house.call('PUT', '/api/v1/notifications/preferences/', { token: jane.token, json })
  const to = (time: string) =>
    house.pass({ seconds: Temporal.Instant.from(time).since(house.ctx().now).total('seconds') })
  to('2026-01-14T23:00:00Z')

  await tell(jane, { kind: 'waits', topic: 'bookings' })
  await tell(jane, { kind: 'soon', topic: 'bookings', usefulUntil: Temporal.Instant.from('2026-01-15T08:30:00Z') })
  await work()

  assert.deepEqual(kinds(), ['soon'])
  to('2026-01-15T08:00:00Z')
  await work()
  assert.deepEqual(kinds(), ['soon', 'waits'])
})

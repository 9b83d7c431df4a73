import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openHouse, type Person } from '../../../test/support.ts'
import { mayMail, notify } from './index.ts'

const house = await openHouse()
const path = '/api/v1/notifications/preferences/'
const get = async (person: Person, headers = {}) =>
  (await house.call('GET', path, { token: person.token, headers })).body['data']
const put = (person: Person, json: unknown, headers = {}) =>
  house.call('PUT', path, { token: person.token, json, headers })
const topicOf = async (person: Person, name: string) =>
  (await get(person)).topics.find(({ topic }: { topic: string }) => topic === name)
const tell = async (person: Person, kind: string, more: object = {}): Promise<number | null> => {
  const id = await notify(house.ctx(), { userId: person.id, kind, title: 'Reminder', body: 'Come at 14:00', ...more })
  await house.drain()
  return id
}
const subjects = async (person: Person): Promise<string[]> =>
  (await house.mails(person.email)).map(({ subject }) => subject).filter((subject) => subject === 'Reminder')
const listed = async (person: Person): Promise<number> =>
  (await house.call('GET', '/api/v1/notifications/', { token: person.token })).body['data'].results.filter(
    ({ title }: { title: string }) => title === 'Reminder',
  ).length

test('Everybody has preferences from the start, in their language, and what is essential is told as fixed', async () => {
  const jane = await house.person()

  const first = await get(jane)

  assert.deepEqual([first.quiet_hours, first.push_available, first.time_zone], [null, false, 'UTC'])
  assert.deepEqual(await topicOf(jane, 'bookings'), {
    topic: 'bookings',
    name: 'Your bookings',
    description: 'Made, confirmed, moved, proposed anew, cancelled or expired',
    in_app: true,
    email: true,
    push: true,
    fixed: ['in_app', 'email'],
  })
  assert.equal((await get(jane, { 'accept-language': 'es' })).topics[0].name, 'Tus reservas')
})

test('What is named is changed, the rest stays, and the answer can be sent back as it is', async () => {
  const jane = await house.person()
  const john = await house.person()

  await put(jane, { topics: [{ topic: 'reminders', email: false }], quiet_hours: { start: '22:00', end: '07:30' } })
  const changed = await put(jane, { topics: [{ topic: 'reminders', push: false }] })
  const again = await put(jane, changed.body['data'])

  assert.deepEqual(again.body['data'], changed.body['data'])
  const { in_app, email, push } = await topicOf(jane, 'reminders')
  assert.deepEqual([in_app, email, push], [true, false, false])
  assert.deepEqual((await get(jane)).quiet_hours, { start: '22:00', end: '07:30' })
  assert.equal((await put(jane, { quiet_hours: null })).body['data'].quiet_hours, null)
  assert.equal((await topicOf(john, 'reminders')).email, true)
})

test('Essential topics cannot be turned off, unknown ones not named, and quiet hours need a length; all is told at once', async () => {
  const jane = await house.person()

  const refused = await put(jane, {
    topics: [{ topic: 'bookings', email: false }, { topic: 'nonsense' }, { topic: 'follow_ups', email: true }],
    quiet_hours: { start: '22:00', end: '22:00' },
  })
  const malformed = await put(jane, { quiet_hours: { start: '24:00', end: '7:00' } })

  assert.equal(refused.status, 400)
  assert.deepEqual(
    refused.body['error'].details.map(({ field, rule }: { field: string; rule?: string }) => [field, rule]),
    [
      ['topics.0.email', 'essential'],
      ['topics.1.topic', undefined],
      ['topics.2.email', 'not_offered'],
      ['quiet_hours.end', undefined],
    ],
  )
  assert.deepEqual([malformed.status, malformed.body['error'].details.length], [400, 2])
  assert.equal((await get(jane)).quiet_hours, null)
})

test('A change that was made meanwhile is not overwritten by who names the version they saw', async () => {
  const jane = await house.person()
  const { headers } = await house.call('GET', path, { token: jane.token })
  const seen = { 'if-match': headers['etag'] ?? '' }

  const first = await put(jane, { topics: [{ topic: 'messages', email: true }] }, seen)
  const second = await put(jane, { topics: [{ topic: 'messages', email: false }] }, seen)

  assert.deepEqual([first.status, second.status], [200, 412])
})

test('What somebody does not want in their list is not there, and comes by the other channels', async () => {
  const jane = await house.person()
  await put(jane, { topics: [{ topic: 'reminders', in_app: false }] })

  const id = await tell(jane, 'booking_reminder')

  assert.deepEqual([id, await listed(jane), (await subjects(jane)).length], [null, 0, 1])
})

test('A mail is sent where it is wanted, once, and not where whoever tells sends it', async () => {
  const jane = await house.person()
  const john = await house.person()
  await put(john, { topics: [{ topic: 'reminders', email: false }] })

  await tell(jane, 'booking_reminder', { mail: { button: 'Book this time', path: '/services/7/' } })
  await tell(jane, 'booking_reminder', { mail: false })
  await tell(john, 'booking_reminder')
  await tell(john, 'payment_refunded')

  const [mail] = (await house.mails(jane.email)).filter(({ subject }) => subject === 'Reminder')
  assert.match(
    mail?.text ?? '',
    /Come at 14:00\n\nBook this time:\n\S+\/services\/7\/\n\nNo more mails about this:\n\S+unsubscribe/,
  )
  assert.deepEqual([(await subjects(jane)).length, (await subjects(john)).length], [1, 1])
  const asked = [
    await mayMail(house.ctx(), jane.id, 'booking_reminder'),
    await mayMail(house.ctx(), john.id, 'booking_reminder'),
    await mayMail(house.ctx(), john.id, 'payment_refunded'),
    await mayMail(house.ctx(), 999_999, 'payment_refunded'),
  ]
  assert.deepEqual(asked, [true, false, true, false])
})

test('Within quiet hours a mail that is not essential waits for their end, an essential one does not', async () => {
  const jane = await house.person()
  await put(jane, { quiet_hours: { start: '07:00', end: '09:00' } })

  await tell(jane, 'booking_reminder')
  await tell(jane, 'booking_reminder', { usefulUntil: Temporal.Instant.from('2026-01-12T09:30:00Z') })
  await tell(jane, 'payment_refunded')

  const { rows } = await sql<{ kind: string; waits: boolean }>`
    SELECT data->'data'->>'kind' AS kind, start_after = '2026-01-12T09:00:00Z' AS waits FROM pgboss.job
    WHERE data->>'name' = 'notifications.mail' AND data->'data'->>'user_id' = ${String(jane.id)} ORDER BY created_on, id`.execute(
    house.house.db,
  )
  assert.deepEqual(rows.map(({ kind, waits }) => `${kind} ${waits}`).toSorted(), [
    'booking_reminder false',
    'booking_reminder true',
    'payment_refunded false',
  ])
})

import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { startGoogle } from './fake/google.fixture.ts'
import { book, connect, freeStarts, openShop, work, type Json } from './support.fixture.ts'

const google = await startGoogle()
after(() => google.stop())
const house = await openHouse({ ...google.oauth, ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
const [provider, customer] = [await house.person('provider'), await house.person('customer')]
const service = await openShop(house, provider)
const account = 'jane@gmail.example'
const day = '2026-01-14'
const at = (time: string): string => `${day}T${time}:00Z`

const event = (id: string, from: string, to: string, more: Json = {}): Json => ({
  id,
  start: { dateTime: at(from) },
  end: { dateTime: at(to) },
  ...more,
})
google.put(account, event('standing0', '09:00', '10:00'))
google.put(account, event('overnight0', '09:30', '10:30', { transparency: 'transparent' }))
google.put(account, event('declined0', '11:00', '12:00', { attendees: [{ self: true, responseStatus: 'declined' }] }))
google.put(account, event('asked0', '12:00', '13:00', { attendees: [{ self: true, responseStatus: 'needsAction' }] }))
google.put(account, event('home0', '14:00', '15:00', { eventType: 'workingLocation' }))
google.pageSize = 2
await connect(house, google, provider, account)

beforeEach(() => {
  Object.assign(google, { mood: null, forgets: false, pageSize: 2 })
  google.calls.length = 0
})
const poll = async (): Promise<void> => {
  await house.house.jobs.run('google.poll')
  await work(house)
}
const isFree = async (time: string): Promise<boolean> => (await freeStarts(house, service, day)).includes(at(time))
const bookAt = (time: string) =>
  house.call('POST', '/api/v1/bookings/', { token: customer.token, json: { service, date: at(time) } })

test('Busy time of a connected calendar keeps bookings away; what is free, declined or a place of work does not', async () => {
  const free = await freeStarts(house, service, day)

  const refused = await bookAt('09:00')

  assert.deepEqual(
    ['09:00', '09:30', '10:00', '10:30', '11:00', '11:30', '13:00', '14:00'].map((time) => free.includes(at(time))),
    [false, false, true, true, true, false, true, true],
  )
  assert.equal(refused.status, 409)
  assert.doesNotMatch(refused.text, /standing0|google/i)
  assert.deepEqual(google.problems, [])
})

test('What is added, moved and deleted later is read from where it was left off, and a busy time may lie over a booking', async () => {
  const id = await book(house, customer, service, at('16:00'))
  google.put(account, event('standing0', '10:00', '11:00'))
  google.put(account, event('asked0', '12:00', '13:00', { status: 'cancelled' }))
  google.put(account, event('over0', '16:00', '17:00'))

  await poll()

  assert.deepEqual(await Promise.all(['09:00', '10:00', '12:00'].map(isFree)), [true, false, true])
  const seen = await house.call('GET', `/api/v1/bookings/${id}/`, { token: customer.token })
  assert.equal(seen.body['data'].status, 'confirmed')
  await poll()
  assert.equal(google.count('events.insert'), 1, 'the booking itself is written')
  assert.deepEqual(google.problems, [])
})

test('The booking’s own event is not taken for busy time, also after the booking has moved away', async () => {
  const id = await book(house, customer, service, at('13:00'))
  await work(house)
  await poll()

  const json = { date: at('14:00') }
  const moved = await house.call('PUT', `/api/v1/bookings/${id}/`, { token: customer.token, json })
  const between = await isFree('13:00')
  await work(house)
  await poll()

  assert.equal(moved.status, 200, moved.text)
  assert.deepEqual([between, await isFree('13:00'), await isFree('14:00')], [true, true, false])
})

test('A sync token that is too old makes the calendar be read anew, and what is gone meanwhile is free', async () => {
  google.put(account, event('standing0', '10:00', '11:00', { status: 'cancelled' }))
  google.put(account, event('fresh0', '09:00', '09:30'))
  google.forgets = true

  await poll()

  assert.deepEqual(await Promise.all(['09:00', '10:00'].map(isFree)), [false, true])
})

test('While Google is away what is known goes on blocking, and nothing that changed meanwhile is lost', async () => {
  google.put(account, event('fresh0', '09:00', '09:30', { status: 'cancelled' }))
  google.put(account, event('later0', '11:00', '12:00'))
  google.mood = { status: 503 }
  await poll()
  const away = await Promise.all(['09:00', '11:00'].map(isFree))
  house.pass({ minutes: 61 })
  google.mood = null

  await poll()

  assert.deepEqual(away, [false, true])
  assert.deepEqual(await Promise.all(['09:00', '11:00'].map(isFree)), [true, false])
})

test('An all-day event blocks where it is shown as busy, by the days of its calendar', async () => {
  google.put(account, { id: 'vacation0', start: { date: '2026-01-20' }, end: { date: '2026-01-21' } })
  google.put(account, {
    id: 'birthday0',
    start: { date: '2026-01-21' },
    end: { date: '2026-01-22' },
    transparency: 'transparent',
  })

  await poll()

  // The calendar is in Kyiv: its 20 January ends at 22:00 in UTC.
  assert.deepEqual(await freeStarts(house, service, '2026-01-20'), [])
  assert.notEqual((await freeStarts(house, service, '2026-01-21')).length, 0)
})

const onlyConnection = () =>
  house.house.db.selectFrom('google_connections').select(['id', 'full_sync_at']).executeTakeFirstOrThrow()

test('Of two reads at once the one that was overtaken is thrown away, and reads on from there', async () => {
  const { syncConnection } = await import('./service/busy.ts')
  const { id } = await onlyConnection()
  google.put(account, event('twice0', '15:00', '16:00'))
  const { promise, resolve } = Promise.withResolvers<void>()
  google.held = promise

  const slow = syncConnection(house.ctx(), { connection_id: id })
  while (google.count('events.list') === 0) await new Promise((next) => setImmediate(next))
  google.put(account, event('twice0', '15:00', '16:00', { status: 'cancelled' }))
  await syncConnection(house.ctx(), { connection_id: id })
  resolve()
  await slow

  assert.ok(await isFree('15:00'))
  assert.equal(google.count('events.list'), 3)
})

test('The span that is read moves on: it is read anew once a week', async () => {
  house.pass({ hours: 7 * 24 + 1 })
  google.put(account, {
    id: 'far0',
    start: { dateTime: '2026-03-02T09:00:00Z' },
    end: { dateTime: '2026-03-02T10:00:00Z' },
  })

  await poll()

  assert.ok((await onlyConnection()).full_sync_at!.equals(house.ctx().now))
  assert.ok(!(await freeStarts(house, service, '2026-03-02')).includes('2026-03-02T09:00:00Z'))
})

import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { startGoogle } from './fake/google.fixture.ts'
import { book, connect, freeStarts, openShop, work, type Json } from './support.fixture.ts'

const google = await startGoogle()
after(() => google.stop())
const house = await openHouse({ ...google.oauth, ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
const [provider, customer] = [await house.person('provider'), await house.person('customer')]
const service = await openShop(house, provider)
const account = 'jane@gmail.example'
await connect(house, google, provider, account)

beforeEach(() => {
  google.calls.length = 0
})
const notify = (channel: string, token: string, resource: string) =>
  house.call('POST', '/api/v1/google/notifications/', {
    headers: {
      'x-goog-channel-id': channel,
      'x-goog-channel-token': token,
      'x-goog-resource-id': resource,
      'x-goog-resource-state': 'exists',
    },
  })
const opened = () => [...google.channels].at(-1)!
const toldOf = async (person: Person, kind: string): Promise<Json[]> => {
  const list = await house.call('GET', '/api/v1/notifications/', { token: person.token })
  return list.body['data'].results.filter((one: Json) => one['kind'] === kind)
}
const bookingOf = async (id: number): Promise<Json> =>
  (await house.call('GET', `/api/v1/bookings/${id}/`, { token: customer.token })).body['data']
const eventOf = (id: number): Json =>
  [...google.calendar(account).events.values()].find(
    (one) => one['extendedProperties']?.private.banister_booking === String(id),
  )!
const poll = async (): Promise<void> => {
  await house.house.jobs.run('google.poll')
  await work(house)
}

test('What Google tells by its channel is read at once; many notices together make one read', async () => {
  const [id, { token, resourceId, address }] = opened()
  google.put(account, {
    id: 'lunch0',
    start: { dateTime: '2026-01-13T12:00:00Z' },
    end: { dateTime: '2026-01-13T13:00:00Z' },
  })

  const answers = await Promise.all([1, 2, 3].map(() => notify(id, token, resourceId)))
  await work(house)

  assert.equal(address, 'https://book.example.com/api/v1/google/notifications/')
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  )
  assert.equal(google.count('events.list'), 1)
  assert.ok(!(await freeStarts(house, service, '2026-01-13')).includes('2026-01-13T12:00:00Z'))
})

test('A notice with a forged channel, token or resource is not listened to', async () => {
  const [id, { token, resourceId }] = opened()

  const answers = [
    await notify(id, 'forged', resourceId),
    await notify(id, token, 'resource-other'),
    await notify('0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d', token, resourceId),
    await notify('', '', ''),
  ]
  await work(house)

  assert.deepEqual(
    answers.map(({ status }) => status),
    [404, 404, 404, 404],
  )
  assert.equal(google.count('events.list'), 0)
})

test('An event that its provider moves in Google proposes that time to the customer, and goes back until they accept', async () => {
  const day = '2026-01-20'
  const id = await book(house, customer, service, `${day}T09:00:00Z`)
  await work(house)
  google.put(account, {
    ...eventOf(id),
    start: { dateTime: `${day}T14:00:00Z` },
    end: { dateTime: `${day}T15:00:00Z` },
  })

  await poll()

  const proposed = await bookingOf(id)
  assert.deepEqual([proposed['date'], proposed['proposed_date']], [`${day}T09:00:00Z`, `${day}T14:00:00Z`])
  assert.equal(eventOf(id)['start'].dateTime, `${day}T09:00:00Z`)
  assert.equal((await toldOf(customer, 'booking_proposed')).length, 1)
  const json = { date: `${day}T14:00:00Z` }
  await house.call('PUT', `/api/v1/bookings/${id}/`, { token: customer.token, json })
  await work(house)
  await poll()
  assert.equal(eventOf(id)['start'].dateTime, `${day}T14:00:00Z`)
  assert.equal((await bookingOf(id))['proposed_date'], null)
})

test('Where that time cannot be had the provider is told so, and the customer nothing', async () => {
  const day = '2026-01-21'
  const id = await book(house, customer, service, `${day}T09:00:00Z`)
  await work(house)
  const before = (await toldOf(customer, 'booking_proposed')).length
  google.put(account, {
    ...eventOf(id),
    start: { dateTime: `${day}T03:10:00Z` },
    end: { dateTime: `${day}T04:10:00Z` },
  })

  await poll()

  assert.equal((await bookingOf(id))['proposed_date'], null)
  assert.equal((await toldOf(provider, 'booking_event_moved')).length, 1)
  assert.equal((await toldOf(customer, 'booking_proposed')).length, before)
  assert.equal(eventOf(id)['start'].dateTime, `${day}T09:00:00Z`)
})

test('An event that is deleted in Google cancels nothing: its provider is told, and it comes back only when the booking changes', async () => {
  const day = '2026-01-22'
  const id = await book(house, customer, service, `${day}T09:00:00Z`)
  await work(house)
  google.put(account, { id: eventOf(id)['id'], status: 'cancelled' })

  await poll()
  await poll()

  assert.equal((await bookingOf(id))['status'], 'confirmed')
  assert.equal((await toldOf(provider, 'booking_event_deleted')).length, 1)
  assert.equal(eventOf(id)['status'], 'cancelled')
  const json = { date: `${day}T12:00:00Z` }
  await house.call('PUT', `/api/v1/bookings/${id}/`, { token: customer.token, json })
  await work(house)
  assert.equal(eventOf(id)['status'], 'confirmed')
  assert.deepEqual(google.problems, [])
})

test('The page to which Google sends people back signs them in, and keeps what Google gave out of the address', async () => {
  const page = await house.call('GET', '/google/callback/?code=secret-code&state=secret-state')
  const script = await house.call('GET', '/google/page.js')

  assert.equal(page.status, 200)
  assert.doesNotMatch(page.text, /secret-/)
  assert.match(page.headers['content-security-policy'] ?? '', /script-src 'self'/)
  assert.match(script.text, /history\.replaceState/)
})

test('A channel is replaced before it ends, the old one is stopped, and what it still tells is not listened to', async () => {
  const [old, { token, resourceId }] = opened()
  await house.house.jobs.run('google.tend')
  await work(house)
  const early = google.count('events.watch')
  house.pass({ hours: 6 * 24 })

  await house.house.jobs.run('google.tend')
  await work(house)

  assert.equal(early, 0)
  assert.equal(google.count('events.watch'), 1)
  assert.deepEqual(google.stopped.at(-1), old)
  assert.equal((await notify(old, token, resourceId)).status, 404)
})

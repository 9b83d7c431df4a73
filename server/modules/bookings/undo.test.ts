import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { startFcm } from '../../platform/push/fake-fcm.fixture.ts'
import { book, offer, openHours, type Json } from './support.fixture.ts'

/** What others are told of a change waits some seconds, and an undo holds it back: pushes and mails, the customer’s and the provider’s. */

const fcm = await startFcm()
after(() => fcm.stop())
const house = await openHouse({ ...fcm.environment, ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
// The database holds jobs back by its own clock: ahead of it, what waits is done only when it is asked for.
house.pass({ years: 50 })
const provider = await house.person('provider')
const customer = await house.person('customer')
await openHours(house, provider)
const service = await offer(house, provider)
for (const [person, token] of [
  [customer, 'phone'],
  [provider, 'tablet'],
] as const)
  await house.call('POST', '/api/v1/notifications/devices/', { token: person.token, json: { token, platform: 'web' } })
await house.drain(true)

const pushed = (): string[] => fcm.sent.map((message) => (message['data'] as { kind: string }).kind).toSorted()
const subjects = async (person: Person): Promise<string[]> =>
  (await house.mails(person.email)).map(({ subject }) => subject)
const move = async (id: number, date: string): Promise<void> => {
  const moved = await house.call('PUT', `/api/v1/bookings/${id}/`, { token: customer.token, json: { date } })
  assert.equal(moved.status, 200, moved.text)
  await house.drain()
}
const listOf = async (person: Person, id: number): Promise<string[]> => {
  const { body } = await house.call('GET', '/api/v1/notifications/?page_size=100', { token: person.token })
  return body['data'].results.filter(({ target }: Json) => target?.id === id).map(({ body: text }: Json) => text)
}
async function booked(date: string): Promise<number> {
  const made = await book(house, customer, service, date)
  assert.equal(made.status, 201, made.text)
  await house.drain()
  await later()
  fcm.sent.length = 0
  await house.house.db.deleteFrom('mail_outbox').execute()
  return made.body['data'].id
}
const later = async (seconds = 6): Promise<void> => {
  house.pass({ seconds })
  await house.drain(true)
}

beforeEach(() => {
  fcm.sent.length = 0
})

test('a move disturbs nobody for five seconds, and then both: by push and by mail', async () => {
  const id = await booked('2076-01-14T09:00:00Z')

  await move(id, '2076-01-14T11:00:00Z')
  const atOnce = [pushed(), await subjects(customer), await subjects(provider)]
  await later()

  assert.deepEqual(atOnce, [[], [], []])
  assert.deepEqual(pushed(), ['booking_rescheduled', 'booking_rescheduled'])
  assert.deepEqual(
    [await subjects(customer), await subjects(provider)],
    [['Your booking was moved'], ['A booking was moved']],
  )
})

test('a move that is undone at once is told to nobody, and stands in nobody’s list', async () => {
  const id = await booked('2076-01-15T09:00:00Z')
  const before = [await listOf(customer, id), await listOf(provider, id)]

  await move(id, '2076-01-15T11:00:00Z')
  await move(id, '2076-01-15T09:00:00Z')
  await later()

  assert.deepEqual(pushed(), [])
  assert.deepEqual([await subjects(customer), await subjects(provider)], [[], []])
  assert.deepEqual([await listOf(customer, id), await listOf(provider, id)], before)
})

test('of two moves at once one is told, from where it was; after the seconds each is told', async () => {
  const id = await booked('2076-01-16T09:00:00Z')

  await move(id, '2076-01-16T11:00:00Z')
  await move(id, '2076-01-16T13:00:00Z')
  await later()
  const first = [pushed(), await subjects(customer), await listOf(provider, id)] as const
  await move(id, '2076-01-16T09:00:00Z')
  await later()

  assert.deepEqual(first.slice(0, 2), [['booking_rescheduled', 'booking_rescheduled'], ['Your booking was moved']])
  assert.equal(first[2].length, 2)
  assert.match(first[2][0]!, /1:00\sPM UTC.* instead of .* 9:00\sAM UTC/)
  assert.equal(pushed().length, 4)
  assert.equal((await subjects(customer)).length, 2)
})

test('moved and then cancelled at once, only the cancellation goes out', async () => {
  const id = await booked('2076-01-17T09:00:00Z')

  await move(id, '2076-01-17T11:00:00Z')
  await house.call('DELETE', `/api/v1/bookings/${id}/`, { token: provider.token })
  await house.drain()
  assert.deepEqual(pushed(), [])
  await later()

  assert.deepEqual(pushed(), ['booking_cancelled', 'booking_cancelled'])
  assert.deepEqual(
    [await subjects(customer), await subjects(provider)],
    [['Your booking was cancelled'], ['A booking was cancelled']],
  )
})

test('what somebody has read is not taken back: then the way back is told as well', async () => {
  const id = await booked('2076-01-18T09:00:00Z')

  await move(id, '2076-01-18T11:00:00Z')
  await house.call('POST', '/api/v1/notifications/mark-read/', { token: provider.token })
  await move(id, '2076-01-18T09:00:00Z')
  await later()

  assert.deepEqual([(await listOf(customer, id)).length, (await listOf(provider, id)).length], [3, 3])
  assert.deepEqual(await subjects(customer), ['Your booking was moved'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { book, offer, openHours, slotsOf, starts } from './support.fixture.ts'

const house = await openHouse()
const provider = await house.person('provider')
const customer = await house.person('customer')
const other = await house.person('customer')
await openHours(house, provider)
const service = await offer(house, provider)
const approved = await offer(house, provider, { title: 'By agreement', price: 0, requires_approval: true })
const group = await offer(house, provider, { title: 'Yoga', price: 10, capacity: 3 })
const root = '/api/v1/bookings/'
const move = (who: { token: string }, id: number, json: object) =>
  house.call('PUT', `${root}${id}/`, { token: who.token, json })

test('a moved booking keeps its id, takes the new time and frees the old one', async () => {
  const { id } = (await book(house, customer, service, '2026-01-14T09:00:00Z')).body['data']

  const moved = await move(customer, id, { date: '2026-01-14T11:00:00Z' })

  assert.equal(moved.status, 200, moved.text)
  assert.equal(moved.body['data'].id, id)
  assert.equal(moved.body['data'].date, '2026-01-14T11:00:00Z')
  const listed = starts(await slotsOf(house, service, '2026-01-14'))
  assert.ok(listed.includes('2026-01-14T09:00:00Z') && !listed.includes('2026-01-14T11:00:00Z'))
})

test('a booking may move onto a time that overlaps its own', async () => {
  const { id } = (await book(house, customer, service, '2026-01-15T09:00:00Z')).body['data']

  const moved = await move(customer, id, { date: '2026-01-15T09:30:00Z' })

  assert.equal(moved.status, 200, moved.text)
  assert.deepEqual(starts(await slotsOf(house, service, '2026-01-15'))[0], '2026-01-15T10:30:00Z')
})

test('a move onto a time that others have is refused and changes nothing', async () => {
  const { id } = (await book(house, customer, service, '2026-01-16T09:00:00Z')).body['data']
  await book(house, other, service, '2026-01-16T12:00:00Z')

  const taken = await move(customer, id, { date: '2026-01-16T12:00:00Z' })
  const closed = await move(customer, id, { date: '2026-01-16T20:00:00Z' })

  assert.deepEqual([taken.status, closed.status], [409, 400])
  const kept = await house.call('GET', `${root}${id}/`, { token: customer.token })
  assert.equal(kept.body['data'].date, '2026-01-16T09:00:00Z')
})

test('a moved booking of a service that needs approval needs it again', async () => {
  const { id } = (await book(house, customer, approved, '2026-01-17T09:00:00Z')).body['data']
  await house.call('POST', `${root}status/${id}/`, { token: provider.token, json: { status: 'confirmed' } })

  const moved = await move(customer, id, { date: '2026-01-17T11:00:00Z' })

  assert.equal(moved.body['data'].status, 'pending')
  assert.notEqual(moved.body['data'].expires_at, null)
})

test('the provider proposes a time, and the customer accepts it by moving there', async () => {
  const { id } = (await book(house, customer, service, '2026-01-18T09:00:00Z')).body['data']

  const proposed = await move(provider, id, { date: '2026-01-18T14:00:00Z' })
  const note = await move(provider, id, { note: 'Mine' })
  const wish = await move(provider, id, { date: '2026-01-18T15:00:00Z', provider_id: provider.id })
  const accepted = await move(customer, id, { date: '2026-01-18T14:00:00Z', note: 'Fine' })

  assert.equal(proposed.body['data'].date, '2026-01-18T09:00:00Z')
  assert.equal(proposed.body['data'].proposed_date, '2026-01-18T14:00:00Z')
  assert.equal(note.status, 403)
  assert.equal(wish.status, 400)
  assert.deepEqual(
    [accepted.body['data'].date, accepted.body['data'].proposed_date, accepted.body['data'].note],
    ['2026-01-18T14:00:00Z', null, 'Fine'],
  )
})

test('people share a session until its seats are taken, and one who leaves frees theirs alone', async () => {
  const date = '2026-01-19T09:00:00Z'
  const first = await book(house, customer, group, date, { seats: 2 })
  const second = await book(house, other, group, date)
  const full = await book(house, await house.person('customer'), group, date)
  const left = (await slotsOf(house, group, '2026-01-19')).find((slot) => slot['start'] === date)

  assert.deepEqual([first.status, second.status, full.status], [201, 201, 409])
  assert.equal(first.body['data'].price, 20)
  assert.equal(left, undefined)

  await house.call('DELETE', `${root}${first.body['data'].id}/`, { token: customer.token })
  const free = (await slotsOf(house, group, '2026-01-19')).find((slot) => slot['start'] === date)
  assert.equal(free!['providers'][0].seats_left, 2)
})

test('one of a group moves alone: the others keep their session', async () => {
  const date = '2026-01-20T09:00:00Z'
  const { id } = (await book(house, customer, group, date)).body['data']
  const stays = (await book(house, other, group, date)).body['data']

  const moved = await move(customer, id, { date: '2026-01-20T13:00:00Z' })

  assert.equal(moved.status, 200, moved.text)
  const kept = await house.call('GET', `${root}${stays.id}/`, { token: other.token })
  assert.equal(kept.body['data'].date, date)
  const slots = await slotsOf(house, group, '2026-01-20')
  const seats = [date, '2026-01-20T13:00:00Z'].map(
    (start) => slots.find((slot) => slot['start'] === start)!['providers'][0].seats_left,
  )
  assert.deepEqual(seats, [2, 2])
})

test('who joins a class that began under another length is told, before and after, when that class ends', async () => {
  const pilates = await offer(house, provider, { title: 'Pilates', capacity: 3 })
  await book(house, customer, pilates, '2026-02-02T10:00:00Z')
  await house.call('PUT', `/api/v1/services/${pilates}/`, { token: provider.token, json: { duration_minutes: 90 } })

  const listed = await slotsOf(house, pilates, '2026-02-02')
  const joined = await book(house, other, pilates, '2026-02-02T10:00:00Z')

  const ends = new Map(listed.map((slot) => [slot['start'], slot['end']]))
  assert.equal(ends.get('2026-02-02T10:00:00Z'), '2026-02-02T11:00:00Z')
  assert.equal(ends.get('2026-02-02T11:00:00Z'), '2026-02-02T12:30:00Z')
  assert.equal(joined.body['data'].end, '2026-02-02T11:00:00Z')
})

test('a booking that has ended is completed, one to which nobody came is a no-show, and neither moves any more', async () => {
  const first = (await book(house, customer, service, '2026-01-21T09:00:00Z')).body['data'].id
  const second = (await book(house, customer, service, '2026-01-21T11:00:00Z')).body['data'].id
  house.pass({ hours: 24 * 9 + 3, minutes: 30 })
  const again = async (who: { email: string; password: string }) => ({
    token: (await house.call('POST', '/api/v1/auth/login/', { json: { email: who.email, password: who.password } }))
      .body['data'].access as string,
  })
  const [seller, buyer] = [await again(provider), await again(customer)]
  const set = (id: number, status: string) =>
    house.call('POST', `${root}status/${id}/`, { token: seller.token, json: { status } })

  const done = await set(first, 'completed')
  const early = await set(second, 'completed')
  const missed = await set(second, 'no_show')
  const late = await move(buyer, second, { date: '2026-01-23T09:00:00Z' })
  const cancelled = await house.call('DELETE', `${root}${first}/`, { token: buyer.token })

  assert.deepEqual([done.status, early.status, missed.status, late.status, cancelled.status], [200, 409, 200, 409, 409])
})

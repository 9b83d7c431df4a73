import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { book, offer, openHours, type Json } from './support.fixture.ts'

const house = await openHouse()
const day = '2026-01-15'
const [early, late, customer] = [
  await house.person('provider'),
  await house.person('provider', { first_name: 'Mary' }),
  await house.person('customer'),
]
await openHours(house, early, { start_time: '08:00', end_time: '12:00', time_zone: 'UTC' })
await openHours(house, late, { start_time: '10:00', end_time: '14:00', time_zone: 'UTC' })
const haircut = await offer(house, early, { category: 'hair' })
const cut = await offer(house, late, { category: 'hair', capacity: 3 })

const search = (query: string, token = customer.token) =>
  house.call('GET', `/api/v1/bookings/providers/search/?${query}`, { token })
const found = async (query: string): Promise<[number, string][]> => {
  const answer = await search(query)
  assert.equal(answer.status, 200, answer.text)
  return answer.body['data'].results.map((one: Json) => [one['id'], one['services'][0].next_slots[0].start])
}

test('who is free for a category comes with the next free starts, the soonest first', async () => {
  const all = await found(`category=hair&from=${day}&to=${day}`)
  const zoned = await found(`category=hair&from=${day}&to=${day}&time_zone=Pacific/Auckland`)
  const answer = await search(`service=${cut}&from=${day}&to=${day}&page_size=1`)

  assert.deepEqual(all, [
    [early.id, `${day}T08:00:00Z`],
    [late.id, `${day}T10:00:00Z`],
  ])
  // That date begins in Auckland at 11:00Z of the day before.
  assert.deepEqual(
    zoned,
    [
      [late.id, '2026-01-14T11:00:00Z'],
      [early.id, '2026-01-14T11:00:00Z'],
    ].toSorted((a, b) => Number(a[0]) - Number(b[0])),
  )
  assert.deepEqual(
    answer.body['data'].results[0].services[0].next_slots.map((slot: Json) => slot['start'].slice(11, 16)),
    ['10:00', '10:30', '11:00', '11:30', '12:00'],
  )
})

test('asked for one moment, by either name, only who is free at this very start is told', async () => {
  assert.deepEqual(await found(`category=hair&at=${day}T08:30:00Z`), [[early.id, `${day}T08:30:00Z`]])
  assert.deepEqual(await found(`category=hair&date=${day}T13:00:00Z`), [[late.id, `${day}T13:00:00Z`]])
  assert.deepEqual(await found(`category=hair&date=${day}T08:15:00Z`), [])
  assert.equal((await search(`category=hair&date=tomorrow`)).status, 400)
})

test('a whole date is asked for by its name, in the zone of who asks', async () => {
  assert.deepEqual(await found(`category=hair&date=${day}`), await found(`category=hair&from=${day}&to=${day}`))
})

test('who is booked or has too few seats left is not told', async () => {
  assert.equal((await book(house, customer, haircut, `${day}T11:00:00Z`)).status, 201)
  assert.equal((await book(house, customer, cut, `${day}T11:00:00Z`, { seats: 2 })).status, 201)

  assert.deepEqual(await found(`category=hair&at=${day}T11:00:00Z`), [[late.id, `${day}T11:00:00Z`]])
  assert.deepEqual(await found(`category=hair&at=${day}T11:00:00Z&seats=2`), [])
})

test('a stranger is refused, and so is a search for nothing, for both, or past the end', async () => {
  const statuses = await Promise.all(
    [
      search('from=2026-01-15'),
      search(`service=${cut}&category=hair`),
      search('service=999999'),
      search(`category=hair&page=9`),
      house.call('GET', `/api/v1/bookings/providers/search/?service=${cut}`),
    ].map(async (answer) => (await answer).status),
  )

  assert.deepEqual(statuses, [400, 400, 404, 404, 401])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askerOf, found, join } from '../../../test/company.ts'
import { nodeBeside } from '../../../test/platform.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { book, openHours, slotsOf, starts, type Json } from './support.fixture.ts'

/** What was read of a salon's masters and rooms serves whoever asks next, in any zone; each of these changes is seen by the very next look. */

const house = await openHouse()
const ask = askerOf(house)
const owner = await house.person('provider')
const organization_id = await found(house, owner, 'Lavender Spa')
const [first, second] = [
  await join(house, organization_id, owner, 'employee'),
  await join(house, organization_id, owner, 'employee'),
]
for (const master of [first, second]) await openHours(house, master)
const customer = await house.person()
const date = '2026-01-15'
const at = (time: string): string => `${date}T${time}:00Z`

let day = Temporal.PlainDate.from('2026-01-19')

/** A service in rooms of its own, taken once, so that everybody's time is known, and looked at in two zones. */
async function looked() {
  const rooms: string[] = []
  for (const name of ['Lilac', 'Mint'])
    rooms.push((await ask('POST', 'rooms/', owner, { name, capacity: 2, organization_id })).body['data'].id)
  const made = await ask('POST', 'services/', owner, {
    title: 'Massage',
    description: 'An hour',
    price: 40,
    organization_id,
    staff: [first.id, second.id],
    room_ids: rooms,
  })
  assert.equal(made.status, 201, made.text)
  const service: number = made.body['data'].id
  day = day.add({ days: 1 })
  for (const room_id of rooms)
    assert.equal((await book(house, customer, service, `${day.toString()}T10:00:00Z`, { room_id })).status, 201)
  const utc = (): Promise<Json[]> => slotsOf(house, service, date)
  const kyiv = async (): Promise<Json[]> => {
    const path = `/api/v1/services/${service}/slots/?from=${date}&to=${date}&time_zone=Europe/Kyiv`
    return (await house.call('GET', path)).body['data'].results
  }
  const before = { utc: await utc(), kyiv: await kyiv() }
  assert.deepEqual({ utc: await utc(), kyiv: await kyiv() }, before)
  return { service, rooms, utc, kyiv, before }
}
const change = async (by: Person, method: 'POST' | 'PUT', path: string, json: object): Promise<void> => {
  const answer = await ask(method, path, by, json)
  assert.ok(answer.status < 300, answer.text)
}
const slotAt = (slots: Json[], start: string): Json => slots.find((slot) => slot['start'] === start)!
const names = (list: Json[]): string[] => list.map(({ name }) => name as string)

test('two bookings through another process fill both rooms, which is seen in every zone at the next look', async (t) => {
  const { service, utc, kyiv, before } = await looked()
  const beside = await nodeBeside(house, t)
  const bookThere = () =>
    beside.call('POST', '/api/v1/bookings/', { token: customer.token, json: { service, date: at('12:00') } })

  assert.equal((await bookThere()).status, 201)
  const once = slotAt(await utc(), at('12:00'))
  assert.equal((await bookThere()).status, 201)

  assert.deepEqual([once['providers'].length, once['rooms'].length], [1, 1])
  assert.ok(starts(before.utc).includes(at('12:00')) && starts(before.kyiv).includes(at('12:00')))
  assert.ok(!starts(await utc()).includes(at('12:00')) && !starts(await kyiv()).includes(at('12:00')))
})

test("a room's new name, its hours and its end are seen at the next look", async () => {
  const { rooms, utc, kyiv } = await looked()
  await change(owner, 'PUT', `rooms/${rooms[0]}/`, { name: 'Wild Lilac' })
  const renamed = slotAt(await utc(), at('10:00'))
  await change(owner, 'POST', 'schedules/', {
    kind: 'override',
    room_id: rooms[1],
    date,
    intervals: [],
    time_zone: 'UTC',
  })
  const closed = slotAt(await kyiv(), at('10:00'))
  await change(owner, 'PUT', `rooms/${rooms[0]}/`, { is_active: false })

  assert.deepEqual(names(renamed['rooms']), ['Wild Lilac', 'Mint'])
  assert.deepEqual(names(closed['rooms']), ['Wild Lilac'])
  assert.deepEqual([await utc(), await kyiv()], [[], []])
})

test('a master who joins the staff and one who is away are seen at the next look', async () => {
  const { service, utc, kyiv } = await looked()
  const third = await join(house, organization_id, owner, 'employee')
  await openHours(house, third)

  await change(owner, 'PUT', `services/${service}/`, { staff: [first.id, second.id, third.id] })
  const three = slotAt(await utc(), at('10:00'))
  await change(first, 'POST', 'schedules/', {
    kind: 'time_off',
    starts_at: `${date}T09:30`,
    ends_at: `${date}T11:30`,
    reason: '',
  })
  const two = slotAt(await kyiv(), at('10:00'))

  assert.deepEqual(
    three['providers'].map(({ id }: { id: number }) => id),
    [first.id, second.id, third.id],
  )
  assert.deepEqual(
    two['providers'].map(({ id }: { id: number }) => id),
    [second.id, third.id],
  )
})

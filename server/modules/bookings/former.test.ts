import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actingAs, meanwhile } from '../../../test/meanwhile.ts'
import { moveToPast } from '../../../test/past.ts'
import { exportOf } from './index.ts'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'
import { openSalon } from './salon.fixture.ts'
import { createBooking } from './service/create.ts'
import { book, offer as offerOwn, type Json } from './support.fixture.ts'

const house = await openHouse()
const { ask, hire, offer, end, owner } = await openSalon(house)
const customer = await house.person('customer', { first_name: 'Zoryana', last_name: 'Petrenko' })
const guest = { name: 'Olena Kovalenko', phone: '+380 44 123 45 67', email: 'olena.guest@example.com' }
const secrets = /Zoryana|Petrenko|Olena|Kovalenko|123.?45.?67|olena\.guest|allergic/
const note = 'I am allergic to nuts'

/** A master who gave something to a customer, to a guest and in a series, all of it past, and has left since. */
async function former(): Promise<{ master: Person; mine: number; theirs: number; series: number }> {
  const master = await hire()
  const service = await offer([master])
  const mine: number = (await book(house, customer, service, '2026-01-14T10:00:00Z', { note })).body['data'].id
  const forGuest = await book(house, owner, service, '2026-01-14T12:00:00Z', { guest, note })
  assert.equal(forGuest.status, 201, forGuest.text)
  const wish = { service, date: '2026-01-15T10:00:00Z', recurrence_rule: 'FREQ=DAILY;COUNT=2', note }
  const series = (await ask('POST', 'bookings/series/', customer, wish)).body['data']
  await house.drain(true)
  await ask('POST', 'message/messages/', customer, { recipient_id: master.id, text: `Zoryana here: ${note}` })
  await ask('POST', 'message/messages/', master, { recipient_id: customer.id, text: 'A peanut is no nut, Zoryana' })
  await house.drain(true)
  const past = [mine, forGuest.body['data'].id, ...series.bookings.map((one: Json) => one['id'])]
  for (const [i, id] of past.entries()) await moveToPast(house, id, 'confirmed', i + 1)
  const left = await end(master)
  assert.equal(left.status, 200, left.text)
  await house.drain(true)
  return { master, mine, theirs: forGuest.body['data'].id, series: series.id }
}

const clear = ({ text }: Answer): string | undefined => secrets.exec(text)?.[0]

test('a master who has left knows what they gave and for how much, and no more to whom', async () => {
  const { master, mine, theirs, series } = await former()
  const paths = [
    `bookings/${mine}/`,
    `bookings/${theirs}/`,
    'bookings/?page_size=100',
    `bookings/${mine}/calendar.ics`,
    `bookings/${theirs}/calendar.ics`,
    `bookings/series/${series}/`,
    'bookings/series/',
    `bookings/series/${series}/calendar.ics`,
    'agenda/today/',
    'notifications/?page_size=100',
    'dashboard/stats/',
  ]

  for (const path of paths) {
    const answer = await ask('GET', path, master)
    assert.deepEqual([path, answer.status, clear(answer)], [path, 200, undefined])
  }
  const { data } = (await ask('GET', `bookings/${theirs}/`, master)).body
  assert.deepEqual([data.price, data.status, data.guest, data.customer, data.note], [40, 'confirmed', null, null, ''])
  const pieces: string[] = []
  for await (const section of exportOf(house.ctx(), master.id))
    if ('rows' in section) for await (const rows of section.rows) pieces.push(JSON.stringify(rows))
  assert.doesNotMatch(pieces.join(), secrets)
  assert.match((await ask('GET', `bookings/${theirs}/`, owner)).text, /Olena Kovalenko/)
})

test('what happens to it later is told to a master who has left no more', async () => {
  const { master, mine } = await former()
  const count = async () => (await ask('GET', 'notifications/', master)).body['data'].count
  const before = await count()

  await ask('POST', `bookings/status/${mine}/`, owner, { status: 'completed' })
  await house.drain(true)

  assert.equal(await count(), before)
})

test('the chats that a master had for the salon are theirs no more, until a booking of their own opens them again', async () => {
  const { master } = await former()
  const chats = (who: Person) => ask('GET', 'message/chats/', who)
  const [chat] = (await chats(customer)).body['data'].results.filter((one: Json) =>
    one['participants'].some((person: Json) => person['id'] === master.id),
  )
  const lost = [
    await ask('GET', `message/chats/${chat.id}/`, master),
    await ask('GET', `message/chats/${chat.id}/messages/`, master),
    await ask('POST', 'message/messages/', master, { chat_id: chat.id, text: 'Hello' }),
  ]
  const refused = await ask('POST', 'message/messages/', customer, { chat_id: chat.id, text: 'Are you there?' })
  const [listed, found] = [await chats(master), await ask('GET', 'message/?search=allergic', master)]
  assert.equal(found.status, 200, found.text)
  const kept = await ask('GET', `message/chats/${chat.id}/messages/`, customer)

  const own = await offerOwn(house, master)
  const booked = await book(house, customer, own, '2026-01-20T10:00:00Z')
  await house.drain(true)
  const again = await ask('POST', 'message/messages/', customer, { chat_id: chat.id, text: 'There you are' })

  assert.deepEqual(
    lost.map(({ status }) => status),
    [404, 404, 404],
  )
  assert.equal(refused.status, 403, refused.text)
  assert.deepEqual([listed.body['data'].count, found.body['data'].count], [0, 0])
  assert.match(kept.text, /allergic/)
  assert.deepEqual([booked.status, again.status], [201, 201], again.text)
  assert.equal((await chats(master)).body['data'].count, 1)
})

test('a master who is booked for themselves while they are leaving the salon keeps the chat with who books', async () => {
  const master = await hire()
  const { id } = (await book(house, customer, await offer([master]), '2026-01-14T10:00:00Z')).body['data']
  await moveToPast(house, id, 'confirmed', 1)
  const service = await offerOwn(house, master)
  await house.drain(true)
  assert.equal((await end(master)).status, 200)

  await meanwhile(
    house,
    async (tx) => createBooking(await actingAs(tx, customer), { service, date: '2026-01-20T10:00:00Z' }),
    () => house.drain(true),
  )

  const written = await ask('POST', 'message/messages/', customer, { recipient_id: master.id, text: 'See you' })
  assert.equal(written.status, 201, written.text)
})

test('what a master wrote in chats that they have left is erased with their account', async () => {
  const { master } = await former()
  const lines = async () => (await ask('GET', 'message/?page_size=100', customer)).text
  const before = (await lines()).match(/peanut/g)!.length

  const erased = await ask('DELETE', 'auth/profile/', master, { password: master.password })
  await house.drain(true)

  assert.equal(erased.status, 200, erased.text)
  assert.equal((await lines()).match(/peanut/g)!.length, before - 1)
})

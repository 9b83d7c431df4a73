import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'
import { book, offer, openHours, slotsOf, type Json } from './support.fixture.ts'

const house = await openHouse()
let provider = await house.person('provider', { first_name: 'Ada' })
await openHours(house, provider)
const other = await house.person('customer')

const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, who: Person, json?: Json): Promise<Answer> =>
  house.call(method, `/api/v1/${path}`, { token: who.token, ...(json ? { json } : {}) })

async function booked(who: Person, service: number, date: string, recurrence_rule: string, more: Json = {}) {
  const made = await ask('POST', 'bookings/series/', who, { service, date, recurrence_rule, ...more })
  assert.equal(made.status, 201, made.text)
  return made.body['data']
}

async function pay(who: Person, booking_id: number): Promise<void> {
  const intent = await ask('POST', 'payments/stripe/create-intent/', who, { booking_id })
  const { payment_intent_id } = intent.body['data']
  const json = { payment_intent_id, payment_method: 'pm_card_visa' }
  const paid = await ask('POST', 'payments/stripe/confirm-payment/', who, json)
  assert.equal(paid.status, 200, paid.text)
  await house.drain()
}

/** What kinds of things somebody was told, but for their welcome. */
async function told(who: Person): Promise<string[]> {
  const { results } = (await ask('GET', 'notifications/?page_size=100', who)).body['data']
  const kinds: string[] = results.map((one: Json) => one['kind'])
  return kinds.filter((kind) => kind !== 'welcome').toSorted((x, y) => x.localeCompare(y))
}

const again = async (person: Person): Promise<Person> => {
  const json = { email: person.email, password: person.password }
  const { access } = (await house.call('POST', '/api/v1/auth/login/', { json })).body['data']
  return { ...person, token: access }
}

// Days pass in these tests, and a token lasts minutes.
beforeEach(async () => {
  provider = await again(provider)
})

test('the first payment keeps the whole series: the others are to be paid until two days before each, and are freed after that', async () => {
  const service = await offer(house, provider, { payment: 'online' })
  let customer = await house.person('customer')
  const { id, bookings } = await booked(customer, service, '2026-01-19T10:00:00Z', 'FREQ=WEEKLY;COUNT=3')
  assert.deepEqual(
    bookings.map((one: Json) => [one['status'], one['expires_at']]),
    Array.from({ length: 3 }, () => ['pending', '2026-01-12T08:30:00Z']),
  )

  await pay(customer, bookings[0].id)

  const series = (await ask('GET', `bookings/series/${id}/`, customer)).body['data']
  assert.deepEqual(
    series.bookings.map((one: Json) => [one['status'], one['expires_at']]),
    [
      ['confirmed', null],
      ['pending', '2026-01-24T10:00:00Z'],
      ['pending', '2026-01-31T10:00:00Z'],
    ],
  )
  house.pass({ hours: 2 })
  await house.house.jobs.run('bookings.expire')
  assert.equal((await book(house, await again(other), service, '2026-01-26T10:00:00Z')).status, 409)

  house.pass({ days: 11 })
  await house.house.jobs.run('bookings.remind')
  await house.house.jobs.run('bookings.remind')
  await house.drain()
  customer = await again(customer)
  assert.equal((await told(customer)).filter((kind) => kind === 'booking_payment_due').length, 1)

  house.pass({ days: 1 })
  await house.house.jobs.run('bookings.expire')
  await house.drain()
  customer = await again(customer)
  const left = (await ask('GET', `bookings/series/${id}/`, customer)).body['data']
  assert.deepEqual(
    left.bookings.map((one: Json) => one['status']),
    ['confirmed', 'cancelled', 'pending'],
  )
  assert.ok((await told(customer)).includes('booking_cancelled'))
})

test('a series of which nothing is paid expires as a whole, and that is told once', async () => {
  const service = await offer(house, provider, { payment: 'online' })
  const customer = await house.person('customer')
  const { bookings } = await booked(customer, service, '2026-02-16T12:00:00Z', 'FREQ=WEEKLY;COUNT=5')
  await house.drain()
  assert.deepEqual(await told(customer), ['booking_series_created'])

  house.pass({ minutes: 31 })
  assert.equal(
    (await slotsOf(house, service, '2026-02-16')).filter(({ start }) => start === bookings[0].date).length,
    1,
  )
  await house.house.jobs.run('bookings.expire')
  await house.drain()

  assert.deepEqual(await told(await again(customer)), ['booking_series_created', 'booking_series_expired'])
  const mails = await house.mails(customer.email)
  assert.equal(mails.filter(({ subject }) => subject === 'Your bookings have expired').length, 1)
})

test('both sides are told once of a series, with one mail of all its times and one calendar file', async () => {
  const service = await offer(house, provider)
  const customer = await house.person('customer', { first_name: 'Bob' })
  const before = (await told(provider)).length

  const { id } = await booked(customer, service, '2026-02-17T12:00:00Z', 'FREQ=WEEKLY;COUNT=4')
  await house.drain()

  assert.deepEqual(await told(customer), ['booking_series_created'])
  assert.equal((await told(provider)).length, before + 1)
  const [mail, ...others] = (await house.mails(customer.email)).filter(({ subject }) => subject.includes('bookings'))
  assert.equal(others.length, 0)
  assert.match(mail!.text, /bookings: 4/)
  assert.equal(mail!.text.match(/12:00/g)!.length >= 4, true, mail!.text)
  const file = await ask('GET', `bookings/series/${id}/calendar.ics`, customer)
  assert.equal(file.text.match(/BEGIN:VEVENT/g)!.length, 4)
  assert.equal(new Set(file.text.match(/UID:.*/g)).size, 4)

  await ask('POST', `bookings/series/${id}/move/`, customer, { date: '2026-02-18T12:00:00Z' })
  await ask('POST', `bookings/series/${id}/cancel/`, customer, { reason: 'Away' })
  await house.drain()
  assert.deepEqual(await told(customer), ['booking_series_cancelled', 'booking_series_created', 'booking_series_moved'])
})

test('the provider confirms a series that needs approval in one step, before its first start', async () => {
  const service = await offer(house, provider, { requires_approval: true })
  const customer = await house.person('customer')
  const { id, bookings } = await booked(customer, service, '2026-02-18T14:00:00Z', 'FREQ=WEEKLY;COUNT=3')
  assert.deepEqual(new Set(bookings.map((one: Json) => one['expires_at'])).size, 1)

  const confirmed = await ask('POST', `bookings/series/${id}/confirm/`, await again(provider))
  const repeated = await ask('POST', `bookings/series/${id}/confirm/`, await again(provider))

  assert.equal(confirmed.status, 200, confirmed.text)
  assert.ok(confirmed.body['data'].bookings.every((one: Json) => one['status'] === 'confirmed' && !one['expires_at']))
  assert.equal(repeated.status, 409)
  await house.drain()
  assert.deepEqual(await told(customer), ['booking_series_confirmed', 'booking_series_created'])
  const moved = await ask('POST', `bookings/series/${id}/move/`, customer, { date: '2026-02-18T15:00:00Z' })
  assert.ok(moved.body['data'].bookings.every((one: Json) => one['status'] === 'pending'))
})

test('each booking of a cancelled series is refunded by its own policy', async () => {
  const cancellation_policy = [{ hours_before: 7 * 24, refund_percent: 100 }]
  const service = await offer(house, provider, { payment: 'online', cancellation_policy })
  const customer = await house.person('customer')
  const first = house.ctx().now.toZonedDateTimeISO('UTC').add({ days: 3 }).with({ hour: 15, minute: 0, second: 0 })
  const { id, bookings } = await booked(customer, service, first.toInstant().toString(), 'FREQ=WEEKLY;COUNT=2')
  for (const one of bookings) await pay(customer, one.id)

  const left = await ask('POST', `bookings/series/${id}/cancel/`, customer, {})
  await house.drain()

  assert.equal(left.status, 200, left.text)
  const after = (await ask('GET', `bookings/series/${id}/`, customer)).body['data'].bookings
  assert.deepEqual(
    after.map((one: Json) => [one['status'], one['payment_status']]),
    [
      ['cancelled', 'paid'],
      ['cancelled', 'refunded'],
    ],
  )
})

test('the staff book a series for a guest, who gets one link for all of it', async () => {
  const service = await offer(house, provider)
  const who = await again(provider)
  const guest = { name: 'Olga', email: 'olga@example.com' }
  const { id, bookings } = await booked(who, service, '2026-03-02T09:00:00Z', 'FREQ=WEEKLY;COUNT=3', { guest })
  await house.drain()

  const [mail] = await house.mails('olga@example.com')
  assert.equal(new Set(mail!.text.match(/manage\/\?(?:series|token)=\d+/g)).size, 1)
  assert.match(mail!.text, /manage\/\?series=/)
  assert.equal(bookings[0].guest.name, 'Olga')
  const moved = await ask('POST', `bookings/series/${id}/move/`, who, { date: '2026-03-03T10:00:00Z' })
  assert.equal(moved.status, 200, moved.text)
})

test('whose customer or provider deletes their account is told once of a whole series, in words that need no name', async () => {
  const giver = await house.person('provider')
  await openHours(house, giver)
  const service = await offer(house, giver)
  const [leaver, stays] = [await house.person('customer'), await house.person('customer')]
  await booked(leaver, service, '2026-03-03T09:00:00Z', 'FREQ=WEEKLY;COUNT=4')
  const { id } = await booked(stays, service, '2026-03-03T11:00:00Z', 'FREQ=WEEKLY;COUNT=4')
  await house.drain()
  const erase = (who: Person) => ask('DELETE', 'auth/profile/', who, { password: who.password })
  const bodies = async (who: Person): Promise<string[]> =>
    (await ask('GET', 'notifications/', who)).body['data'].results
      .filter((one: Json) => one['kind'] === 'booking_series_cancelled')
      .map((one: Json) => one['body'])

  assert.equal((await erase(leaver)).status, 200)
  await house.drain(true)
  const toGiver = await bodies(giver)
  assert.equal((await erase(giver)).status, 200)
  await house.drain(true)

  assert.equal(toGiver.length, 1)
  assert.match(toGiver[0]!, /bookings: 4\. Who had booked it has deleted their account\.$/)
  assert.match((await bodies(stays))[0]!, /bookings: 4\. Who was to give it has deleted their account\.$/)
  const { bookings } = (await ask('GET', `bookings/series/${id}/`, stays)).body['data']
  assert.ok(bookings.every((one: Json) => one['status'] === 'cancelled' && one['cancelled_by'] === 'provider'))
})

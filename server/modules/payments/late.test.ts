import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { book, confirm, createIntent, openShop, show } from './support.fixture.ts'

const house = await openHouse({ ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
const { provider, customer, service } = await openShop(house)
const other = await house.person('customer')

async function begin(buyer: Person, date: string): Promise<{ booking: number; intent: string }> {
  const booking = await book(house, buyer, service, date)
  const intent = await createIntent(house, buyer, booking)
  return { booking, intent: intent.body['data'].payment_intent_id }
}

const toldOf = async (who: Person): Promise<string[]> =>
  (await show(house, who, 'notifications/?page_size=100')).results.map((one: { title: string }) => one.title)

test('a payment whose hold has run out books again while the time is free', async () => {
  const { booking, intent } = await begin(customer, '2026-01-14T09:00:00Z')
  house.pass({ minutes: 31 })
  await house.house.jobs.run('bookings.expire')
  await house.drain()
  const expired = await show(house, customer, `bookings/${booking}/`)

  const paid = await confirm(house, customer, intent)
  await house.drain()

  assert.deepEqual([expired.status, expired.cancel_reason], ['cancelled', 'expired'])
  assert.equal(paid.status, 200, paid.text)
  const after = await show(house, customer, `bookings/${booking}/`)
  assert.deepEqual([after.status, after.payment_status, after.cancel_reason], ['confirmed', 'paid', null])
  const taken = await house.call('POST', '/api/v1/bookings/', {
    token: other.token,
    json: { service, date: '2026-01-14T09:00:00Z' },
  })
  assert.equal(taken.status, 409)
})

test('where the time is gone the money goes back, and both are told', async () => {
  const { booking, intent } = await begin(customer, '2026-01-14T11:00:00Z')
  house.pass({ minutes: 31 })
  const winner = await book(house, other, service, '2026-01-14T11:00:00Z')

  const paid = await confirm(house, customer, intent)
  await house.drain()

  assert.equal(paid.status, 200, paid.text)
  const after = await show(house, customer, `bookings/${booking}/`)
  assert.deepEqual([after.status, after.payment_status], ['cancelled', 'refunded'])
  assert.equal((await show(house, other, `bookings/${winner}/`)).status, 'pending')
  for (const who of [customer, provider]) assert.ok((await toldOf(who)).includes('A payment came too late'))
})

test('a payment that arrives within its hold but is heard of after it still confirms', async () => {
  const { booking, intent } = await begin(customer, '2026-01-14T13:00:00Z')
  await confirm(house, customer, intent)
  house.pass({ minutes: 31 })
  await house.house.jobs.run('bookings.expire')

  await house.drain()

  const after = await show(house, customer, `bookings/${booking}/`)
  assert.deepEqual([after.status, after.payment_status], ['confirmed', 'paid'])
})

test('a paid booking that needs approval waits for it, and a refusal gives everything back', async () => {
  const made = await house.call('POST', '/api/v1/services/', {
    token: provider.token,
    json: { title: 'By agreement', description: 'x', price: 40, requires_approval: true },
  })
  const booking = await book(house, customer, made.body['data'].id, '2026-01-19T09:00:00Z')
  const intent = (await createIntent(house, customer, booking)).body['data'].payment_intent_id
  await confirm(house, customer, intent)
  await house.drain()
  house.pass({ hours: 20 })
  const waiting = await show(house, customer, `bookings/${booking}/`)

  await house.call('POST', `/api/v1/bookings/status/${booking}/`, {
    token: provider.token,
    json: { status: 'cancelled' },
  })
  await house.drain()

  assert.deepEqual(
    [waiting.status, waiting.payment_status, waiting.expires_at],
    ['pending', 'paid', '2026-01-19T09:00:00Z'],
  )
  assert.equal((await show(house, customer, `bookings/${booking}/`)).payment_status, 'refunded')
})

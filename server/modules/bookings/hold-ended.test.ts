import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { openSalon } from './salon.fixture.ts'
import { book, offer, openHours } from './support.fixture.ts'

const house = await openHouse({ ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
const provider = await house.person('provider')
const customer = await house.person('customer')
const other = await house.person('customer')
await openHours(house, provider)

test('a hold that runs out ends by itself, also where the booking of somebody else finds it run out', async () => {
  const fields = { payment: 'online', requires_approval: true, price: 50 }
  const service = await offer(house, provider, fields)
  const at = '2026-01-12T10:00:00Z'
  const held = (await book(house, customer, service, at)).body['data'].id
  const intent = await house.call('POST', '/api/v1/payments/stripe/create-intent/', {
    token: customer.token,
    json: { booking_id: held },
  })
  const { payment_intent_id } = intent.body['data']
  const paid = await house.call('POST', '/api/v1/payments/stripe/confirm-payment/', {
    token: customer.token,
    json: { payment_intent_id, payment_method: 'pm_card_visa' },
  })
  assert.equal(paid.status, 200, paid.text)
  await house.drain()

  house.pass({ hours: 2, minutes: 30 })
  const next = await book(house, other, service, '2026-01-12T11:00:00Z')
  await house.drain()

  assert.equal(next.status, 201, next.text)
  const history = await house.house.db
    .selectFrom('booking_history')
    .where('booking_id', '=', held)
    .orderBy('id')
    .select(['change', 'actor_id'])
    .execute()
  assert.deepEqual(history, [
    { change: 'created', actor_id: customer.id },
    { change: 'expired', actor_id: null },
  ])
  const refunds = await house.house.db.selectFrom('refunds').select(['amount_minor', 'requested_by']).execute()
  assert.deepEqual(refunds, [{ amount_minor: 5000, requested_by: null }])
})

const on = (day: number): string => `2026-02-${day}T10:00:00Z`

test('a hold that has run out is in the way of no booking that is moved or handed over, however long the breaks around it', async () => {
  const salon = await openSalon(house)
  const [one, heir] = [await salon.hire(), await salon.hire()]
  const breaks = { buffer_before_minutes: 1440, buffer_after_minutes: 1440 }
  const paid = await salon.offer([one, heir], { ...breaks, payment: 'online' })
  const given = await salon.offer([one, heir], breaks)
  const [ofOne, ofHeir] = [{ provider_id: one.id }, { provider_id: heir.id }]
  const holds = [await book(house, customer, paid, on(10), ofOne), await book(house, customer, paid, on(16), ofHeir)]
  assert.ok(holds.every(({ body }) => body['data']?.status === 'pending'))
  house.pass({ hours: 1 })
  const far = await book(house, other, given, on(24), ofOne)
  const near = await book(house, other, given, on(18), ofOne)
  assert.deepEqual([far.status, near.status], [201, 201])

  const path = `/api/v1/bookings/${far.body['data'].id}/`
  const moved = await house.call('PUT', path, { token: other.token, json: { date: on(12) } })
  const handed = await salon.handOver(one, { action: 'reassign', to_provider_id: heir.id })

  assert.equal(moved.status, 200, moved.text)
  assert.equal(handed.body['data']?.reassigned.length, 2, handed.text)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
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

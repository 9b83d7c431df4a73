import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { book, offer, openHours } from './support.fixture.ts'

const house = await openHouse({ ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
const provider = await house.person('provider', { first_name: 'Olena', last_name: 'Koval' })
const customer = await house.person('customer')
await openHours(house, provider)

const data = async (who: Person, path: string) =>
  (await house.call('GET', `/api/v1/${path}`, { token: who.token })).body['data']
const toldTo = async (who: Person): Promise<{ title: string; body: string }[]> =>
  (await data(who, 'notifications/?page_size=100')).results
const cancel = (id: number, reason: string) =>
  house.call('DELETE', `/api/v1/bookings/${id}/`, { token: customer.token, json: { reason } })

test('nobody is told that a booking has expired or an account was deleted because somebody typed a word of ours', async () => {
  const service = await offer(house, provider)
  const first = (await book(house, customer, service, '2026-01-20T09:00:00Z')).body['data'].id
  const second = (await book(house, customer, service, '2026-01-20T11:00:00Z')).body['data'].id

  await cancel(first, 'account_deleted')
  const refused = await house.call('POST', `/api/v1/bookings/status/${second}/`, {
    token: provider.token,
    json: { status: 'cancelled', reason: 'expired' },
  })
  await house.drain(true)

  const toCustomer = (await toldTo(customer)).filter(
    ({ title, body }) => title !== 'Your booking is confirmed' && body.includes('11:00 AM'),
  )
  const toProvider = (await toldTo(provider)).filter(({ title }) => title.startsWith('A booking was'))
  assert.equal(refused.status, 200, refused.text)
  assert.deepEqual(
    toCustomer.map(({ title, body }) => `${title} ${body.split('. ').at(-1)}`),
    ['Your booking was cancelled Reason: Expired'],
  )
  assert.ok(toProvider.some(({ body }) => body.endsWith('Reason: Account_deleted')))
  const shown = await data(customer, `bookings/${second}/`)
  assert.deepEqual([shown.cancelled_by, shown.cancel_reason], ['provider', 'Expired'])
})

test('what a customer leaves to the provider by cancelling late is the provider’s, whatever reason was typed', async () => {
  const half = [{ hours_before: 0, refund_percent: 50 }]
  const service = await offer(house, provider, { payment: 'online', price: 100, cancellation_policy: half })
  const id = (await book(house, customer, service, '2026-01-14T09:00:00Z')).body['data'].id
  const intent = await house.call('POST', '/api/v1/payments/stripe/create-intent/', {
    token: customer.token,
    json: { booking_id: id },
  })
  const { payment_intent_id } = intent.body['data']
  const json = { payment_intent_id, payment_method: 'pm_card_visa' }
  await house.call('POST', '/api/v1/payments/stripe/confirm-payment/', { token: customer.token, json })
  await house.drain()

  const cancelled = await cancel(id, 'expired')
  await house.drain()
  house.pass({ days: 3 })
  const { email, password } = provider
  const back = await house.call('POST', '/api/v1/auth/login/', { json: { email, password } })
  const balance = await data({ ...provider, token: back.body['data'].access }, 'withdrawals/balance/')

  assert.equal(cancelled.status, 200, cancelled.text)
  assert.deepEqual([balance.available, balance.pending], [45, 0])
})

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { openHouse, type Person } from '../../../../test/support.ts'
import { book, confirm, createIntent, refund, show } from '../support.fixture.ts'
import {
  assertBooks,
  buyerWith,
  feeOf,
  later,
  mark,
  missMorning,
  noShow,
  nextMorning,
  openStrictShop,
  paymentsOf,
  waive,
} from './support.fixture.ts'

const house = await openHouse()
const { provider, customer, service } = await openStrictShop(house)
const rival = await house.person('provider')
const stranger = await house.person('customer')
const manager = await house.person('super_admin')
afterEach(() => assertBooks(house))

const miss = (buyer: Person): Promise<number> =>
  missMorning(house, buyer, service, [provider, customer, rival, stranger, manager])

test('a provider who waives the fee with the mark takes nothing', async () => {
  const booking = await miss(customer)

  const marked = await mark(house, provider, booking, { waive_fee: true })
  await house.drain()

  assert.deepEqual([marked.body['data'].status, marked.body['data'].no_show_fee_status], ['no_show', 'waived'])
  assert.deepEqual(await paymentsOf(house, customer, booking), [])
  assert.equal((await waive(house, provider, booking)).status, 200)
})

test('a fee that was paid is waived afterwards: all of it comes back, once', async () => {
  const booking = await miss(customer)
  await noShow(house, provider, booking)
  await house.drain()

  const waived = await Promise.all([waive(house, provider, booking), waive(house, provider, booking)])
  await house.drain()
  const again = await waive(house, provider, booking)

  assert.deepEqual(
    [...waived, again].map(({ status }) => status),
    [200, 200, 200],
  )
  const [payment] = await paymentsOf(house, customer, booking)
  assert.deepEqual([payment!['status'], payment!['refunded_amount']], ['refunded', 40])
  assert.equal(await feeOf(house, customer, booking), 'refunded')
})

test('a fee that is due is waived: it cannot be paid any more', async () => {
  const buyer = await buyerWith(house, 'pm_card_chargeDeclined')
  const booking = await miss(buyer)
  await noShow(house, provider, booking)
  await house.drain()
  const intent = (await createIntent(house, buyer, booking)).body['data'].payment_intent_id

  await waive(house, provider, booking)
  const late = await confirm(house, buyer, intent)
  await house.drain()
  const again = await createIntent(house, buyer, booking)

  assert.deepEqual([late.status, again.status], [409, 409])
  assert.equal(await feeOf(house, buyer, booking), 'waived')
})

test('of a charge and a waiver at once nothing is left with the provider', async () => {
  const booking = await miss(customer)
  await noShow(house, provider, booking)

  await Promise.all([house.drain(), waive(house, provider, booking)])
  await house.drain()

  const [payment] = await paymentsOf(house, customer, booking)
  assert.ok(['refunded', 'cancelled'].includes(payment!['status']), payment!['status'])
})

test('marked more than a week after the start there is no fee', async () => {
  const booking = await book(house, customer, service, nextMorning(house))
  await later(house, [provider, customer], { hours: 24 * 9 })

  const marked = await mark(house, provider, booking)
  await house.drain()

  assert.deepEqual([marked.status, marked.body['data'].no_show_fee_status], [200, 'lapsed'])
  assert.deepEqual(await paymentsOf(house, customer, booking), [])
  assert.equal((await waive(house, provider, booking)).status, 409)
})

test('nobody but its seller and the management of bookings waives a fee', async () => {
  const booking = await miss(customer)
  await noShow(house, provider, booking)
  await house.drain()

  const refused = await Promise.all([rival, stranger, customer].map((who) => waive(house, who, booking)))
  const marked = await Promise.all([rival, stranger, customer].map((who) => mark(house, who, booking)))
  const missing = await waive(house, provider, 999_999)
  const managed = await waive(house, manager, booking)
  await house.drain()

  assert.deepEqual(
    refused.map(({ status }) => status),
    [404, 404, 403],
  )
  assert.deepEqual(
    marked.map(({ status }) => status),
    [404, 404, 403],
  )
  assert.deepEqual([missing.status, managed.status], [404, 200], managed.text)
  assert.equal(await feeOf(house, customer, booking), 'refunded')
})

test('a booking that was never missed has nothing to waive', async () => {
  const booking = await book(house, customer, service, nextMorning(house, 15))

  const answer = await waive(house, provider, booking)

  assert.equal(answer.status, 409)
})

test('who has erased their account is not charged, and what they owed is waived', async () => {
  const gone = await buyerWith(house, 'pm_card_visa')
  const owing = await buyerWith(house, 'pm_card_chargeDeclined')
  const first = await book(house, gone, service, nextMorning(house, 11))
  const second = await miss(owing)
  await noShow(house, provider, second)
  await house.drain()
  await later(house, [provider, customer, gone, owing], { minutes: 1 })
  for (const who of [gone, owing]) {
    const json = { password: who.password }
    const erased = await house.call('DELETE', '/api/v1/auth/profile/', { token: who.token, json })
    assert.equal(erased.status, 200, erased.text)
  }
  await house.drain()

  const marked = await mark(house, provider, first)
  await house.drain()

  assert.deepEqual([marked.status, marked.body['data'].no_show_fee_status], [200, 'lapsed'])
  assert.equal((await show(house, provider, `bookings/${second}/`)).no_show_fee_status, 'waived')
  const { rows } = await house.house.pool.query('SELECT id FROM saved_methods WHERE user_id = ANY($1)', [
    [gone.id, owing.id],
  ])
  assert.deepEqual(rows, [])
})

test('a fee is given back in part like any payment, by its seller only', async () => {
  const booking = await miss(customer)
  await noShow(house, provider, booking)
  await house.drain()
  const [payment] = await paymentsOf(house, customer, booking)

  const theirs = await refund(house, customer, { payment_id: payment!['id'] })
  const made = await refund(house, provider, { payment_id: payment!['id'], amount: 15 })
  await house.drain()

  assert.deepEqual([theirs.status, made.status], [403, 201])
  assert.equal(await feeOf(house, customer, booking), 'partially_refunded')
})

test('nobody owes a fee to a provider who has erased their account; what was paid before stays paid', async () => {
  const shop = await openStrictShop(house)
  const owing = await buyerWith(house, 'pm_card_chargeDeclined')
  const due = await book(house, owing, shop.service, nextMorning(house, 12))
  const paid = await book(house, shop.customer, shop.service, nextMorning(house, 13))
  await later(house, [shop.provider, shop.customer, owing], { hours: 34 })
  for (const booking of [due, paid]) await noShow(house, shop.provider, booking)
  await house.drain()
  const before = [await feeOf(house, owing, due), await feeOf(house, shop.customer, paid)]

  const json = { password: shop.provider.password }
  const erased = await house.call('DELETE', '/api/v1/auth/profile/', { token: shop.provider.token, json })
  await house.drain()
  const intent = await createIntent(house, owing, due)

  assert.equal(erased.status, 200, erased.text)
  assert.deepEqual(before, ['due', 'paid'])
  assert.deepEqual([await feeOf(house, owing, due), await feeOf(house, shop.customer, paid)], ['waived', 'paid'])
  assert.equal(intent.status, 409)
})

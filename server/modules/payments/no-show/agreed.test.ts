import assert from 'node:assert/strict'
import { test } from 'node:test'
import { someoneWaits } from '../../../../test/meanwhile.ts'
import { openHouse } from '../../../../test/support.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { book, confirm, createIntent, openShop, show } from '../support.fixture.ts'
import { hasPaymentMethod } from './collect.ts'
import { forget, openStrictShop, saveCard } from './support.fixture.ts'

const house = await openHouse()
const { provider, customer, service } = await openStrictShop(house)
const bare = await house.person('customer')
const day = '2026-01-14'

const tryTo = (token: string, json: object) => house.call('POST', '/api/v1/bookings/', { token, json })
const change = (json: object) => house.call('PUT', `/api/v1/services/${service}/`, { token: provider.token, json })

const offer = async (fields: object) => {
  const json = { title: 'Cut', description: 'x', price: 50, ...fields }
  const made = await house.call('POST', '/api/v1/services/', { token: provider.token, json })
  assert.equal(made.status, 201, made.text)
  const { no_show_fee, requires_payment_method } = made.body['data']
  return [no_show_fee, requires_payment_method]
}

test('a service tells its no-show fee, and whether booking it needs a saved payment method', async () => {
  const told = await Promise.all([
    offer({}),
    offer({ no_show_fee: 0, payment: 'on_site' }),
    offer({ no_show_fee: 50, payment: 'on_site' }),
    offer({ no_show_fee: 20.5 }),
    offer({ no_show_fee: 20, deposit: 20 }),
    offer({ no_show_fee: 20, deposit: 10 }),
    offer({ no_show_fee: 20, requires_approval: true }),
  ])

  assert.deepEqual(told, [
    [null, false],
    [null, false],
    [50, true],
    // Paid before it is confirmed, so that what is paid covers the fee.
    [20.5, false],
    [20, false],
    [20, true],
    // The provider may confirm it before it is paid.
    [20, true],
  ])
})

test('a fee is an amount of money of at most the price', async () => {
  const tooMuch = await change({ no_show_fee: 100.01 })
  const cheaper = await change({ price: 39 })
  const decimals = await change({ no_show_fee: 1.001 })
  const negative = await change({ no_show_fee: -1 })

  assert.deepEqual(
    [tooMuch, cheaper, decimals, negative].map(({ status, body }) => [status, body['error'].details[0].field]),
    Array.from({ length: 4 }, () => [400, 'no_show_fee']),
  )
  assert.equal(tooMuch.body['error'].details[0].rule, 'no_show_fee')
})

test('who has no saved payment method is refused a booking with a fee, and books with one', async () => {
  const json = { service, date: `${day}T09:00:00Z` }

  const refused = await tryTo(bare.token, json)
  await saveCard(house, bare)
  const made = await tryTo(bare.token, json)

  assert.equal(refused.status, 409, refused.text)
  const [detail] = refused.body['error'].details
  assert.deepEqual(
    [detail.rule, detail.params],
    ['payment_method_required', { code: 'payment_method_required', no_show_fee: 40, currency: 'USD' }],
  )
  assert.deepEqual([made.status, made.body['data'].status], [201, 'confirmed'])
  assert.deepEqual([made.body['data'].no_show_fee, made.body['data'].no_show_fee_status], [40, 'agreed'])
})

test('a method that was saved at the gateway itself is found when it is needed', async () => {
  const late = await house.person('customer')
  await saveCard(house, late)
  await house.house.db.deleteFrom('saved_methods').where('user_id', '=', late.id).execute()

  const made = await tryTo(late.token, { service, date: `${day}T10:00:00Z` })

  assert.equal(made.status, 201, made.text)
})

test('the fee is frozen for each seat, told in the mail of the confirmation, and stays what it was', async () => {
  const group = await house.call('POST', '/api/v1/services/', {
    token: provider.token,
    json: { title: 'Yoga', description: 'x', price: 30, capacity: 5, payment: 'on_site', no_show_fee: 10 },
  })
  const { id } = group.body['data']

  const made = await tryTo(customer.token, { service: id, date: `${day}T11:00:00Z`, seats: 3 })
  await house.call('PUT', `/api/v1/services/${id}/`, { token: provider.token, json: { no_show_fee: null } })
  await house.drain()

  const booking = await show(house, customer, `bookings/${made.body['data'].id}/`)
  assert.equal(booking.no_show_fee, 30)
  const mails = await house.mails(customer.email)
  assert.ok(mails.some(({ text }) => text.includes('If you do not come, a fee of 30 USD is charged.')))
})

test('guests whom the staff book have no card on file and no fee', async () => {
  const made = await tryTo(provider.token, { service, date: `${day}T12:00:00Z`, guest: { name: 'Olena' } })

  assert.equal(made.status, 201, made.text)
  assert.deepEqual([made.body['data'].no_show_fee, made.body['data'].no_show_fee_status], [null, null])
})

test('the last saved payment method stays as long as a booking stands on it', async () => {
  const buyer = await house.person('customer')
  const first = await saveCard(house, buyer)
  const booking = await book(house, buyer, service, `${day}T13:00:00Z`)

  const refused = await forget(house, buyer, first)
  const second = await saveCard(house, buyer, 'pm_card_mastercard')
  const removed = await forget(house, buyer, first)
  await house.call('DELETE', `/api/v1/bookings/${booking}/`, { token: buyer.token, json: {} })
  const last = await forget(house, buyer, second)

  assert.deepEqual([refused.status, removed.status, last.status], [409, 200, 200])
  assert.equal(refused.body['error'].details[0].rule, 'payment_method_needed')
})

test('a booking whose fee is paid for already needs no card', async () => {
  const buyer = await house.person('customer')
  const card = await saveCard(house, buyer)
  const prepaid = await house.call('POST', '/api/v1/services/', {
    token: provider.token,
    json: { title: 'Sauna', description: 'x', price: 30, no_show_fee: 30 },
  })
  const booking = await book(house, buyer, prepaid.body['data'].id, `${day}T15:00:00Z`)
  const unpaid = await forget(house, buyer, card)
  const intent = (await createIntent(house, buyer, booking)).body['data'].payment_intent_id
  await confirm(house, buyer, intent, card)
  await house.drain()

  const paid = await forget(house, buyer, card)

  assert.deepEqual([unpaid.status, paid.status], [409, 200])
})

test('who removes the last card waits for a booking that is being made on it', async () => {
  const buyer = await house.person('customer')
  const card = await saveCard(house, buyer)
  const state = { isRemoved: false }

  const removal = await inTransaction(house.ctx(), async (tx) => {
    assert.ok(await hasPaymentMethod(tx, buyer.id))
    const removing = forget(house, buyer, card).finally(() => (state.isRemoved = true))
    while (!state.isRemoved && !(await someoneWaits(house)));
    assert.equal(state.isRemoved, false)
    return { removing }
  })

  assert.equal((await removal.removing).status, 200)
})

test('of several bookings and removals at once either the card stays or nothing is booked', async () => {
  const buyer = await house.person('customer')
  const card = await saveCard(house, buyer)

  const [removed, made] = await Promise.all([
    forget(house, buyer, card),
    tryTo(buyer.token, { service, date: `${day}T14:00:00Z` }),
  ])

  assert.deepEqual([removed.status, made.status], made.status === 201 ? [409, 201] : [200, 409])
  const left = await show(house, buyer, 'payments/stripe/payment-methods/')
  assert.equal(left.count, made.status === 201 ? 1 : 0)
})

test('one of several methods is the default: the one saved or chosen last, and nobody chooses for another', async () => {
  const buyer = await house.person('customer')
  const visa = await saveCard(house, buyer)
  const amex = await saveCard(house, buyer, 'pm_card_amex')
  const choose = (token: string) =>
    house.call('POST', `/api/v1/payments/stripe/payment-methods/${visa}/default/`, { token, json: {} })
  const defaults = async (): Promise<string[]> =>
    (await show(house, buyer, 'payments/stripe/payment-methods/')).results
      .filter((one: { is_default: boolean }) => one.is_default)
      .map((one: { id: string }) => one.id)

  const before = await defaults()
  house.pass({ seconds: 1 })
  const strangers = await choose(customer.token)
  const chosen = await choose(buyer.token)

  assert.deepEqual(before, [amex])
  assert.deepEqual([strangers.status, chosen.status, chosen.body['data'].is_default], [404, 200, true])
  assert.deepEqual(await defaults(), [visa])
})

test('where nothing can be charged there are no fees, and nobody needs a card', async () => {
  const poor = await openHouse({
    ENVIRONMENT: 'production',
    SECRET_KEY: 'a secret of more than thirty-two characters',
    PUBLIC_URL: 'https://banister.example.com',
    DATABASE_URL: 'postgres://localhost/unused',
    EMAIL_HOST: 'mail.example.com',
  })
  const shop = await openShop(poor)

  const refused = await poor.call('PUT', `/api/v1/services/${shop.service}/`, {
    token: shop.provider.token,
    json: { no_show_fee: 10 },
  })

  assert.deepEqual([refused.status, refused.body['error'].details[0].field], [409, 'no_show_fee'])
  const of = poor.house.db.updateTable('services').where('id', '=', shop.service)
  await of.set({ no_show_fee_minor: 1000 }).execute()
  const booking = await book(poor, shop.customer, shop.service, `${day}T09:00:00Z`)
  assert.equal((await show(poor, shop.customer, `bookings/${booking}/`)).no_show_fee, null)
})

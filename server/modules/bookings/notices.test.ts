import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { book, offer, openHours, type Json } from './support.fixture.ts'

const house = await openHouse({ HOLD_MINUTES: '30', ACCESS_TOKEN_EXPIRE_MINUTES: '1440' })
const provider = await house.person('provider', { first_name: 'Jane', last_name: 'Smith' })
const customer = await house.person('customer', { first_name: 'John', last_name: 'Doe' })
await openHours(house, provider)
const service = await offer(house, provider, { title: 'Massage' })
const approved = await offer(house, provider, { title: 'By agreement', price: 0, requires_approval: true })
const paid = await offer(house, provider, { title: 'Paid', payment: 'online' })
await house.house.db.updateTable('users').set({ time_zone: 'Europe/Kyiv' }).where('id', '=', customer.id).execute()

// The mails and notices of registering are done before anything is booked.
await house.drain()

const idOf = (answer: { status: number; text: string; body: Json }): number => {
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'].id
}
/** What somebody was told of a booking: kind, title and body, the newest first. */
async function toldOf(
  person: Person,
  id: number,
  locale = 'en',
): Promise<{ kind: string; title: string; body: string }[]> {
  await house.drain()
  const { body } = await house.call('GET', '/api/v1/notifications/?page_size=100', {
    token: person.token,
    headers: { 'accept-language': locale },
  })
  return body['data'].results.filter(({ target }: Json) => target?.kind === 'booking' && target.id === id)
}
const subjects = async (to: string): Promise<string[]> => {
  await house.drain()
  return (await house.mails(to)).map(({ subject }) => subject)
}
const change = (person: Person, id: number, json: object) =>
  house.call('PUT', `/api/v1/bookings/${id}/`, { token: person.token, json })
const setStatus = (id: number, status: string) =>
  house.call('POST', `/api/v1/bookings/status/${id}/`, { token: provider.token, json: { status } })

test('both sides are told of a new booking, each by their own clock, and the customer gets a mail with the time', async () => {
  const id = idOf(await book(house, customer, service, '2026-01-14T09:00:00Z'))

  const [forCustomer] = await toldOf(customer, id)
  const [forProvider] = await toldOf(provider, id)
  const [mail] = await house.mails(customer.email)

  assert.equal(forCustomer?.title, 'Your booking is confirmed')
  assert.match(forCustomer.body, /^Massage with Jane Smith: Wed, January 14, 2026 at 11:00\sAM GMT\+2$/)
  assert.equal(forProvider?.title, 'New booking')
  assert.match(forProvider.body, /^Massage for John Doe: Wed, January 14, 2026 at 9:00\sAM UTC$/)
  assert.equal(mail?.subject, 'Your booking is confirmed')
  assert.match(mail.text, /11:00\sAM GMT\+2/)
  assert.match(mail.text, new RegExp(`/bookings/${id}/`))
})

test('everybody reads in their language', async () => {
  await house.house.db.updateTable('users').set({ locale: 'uk' }).where('id', '=', customer.id).execute()
  const id = idOf(await book(house, customer, service, '2026-01-14T10:00:00Z'))

  const [forCustomer] = await toldOf(customer, id)
  const [forProvider] = await toldOf(provider, id, 'ru')
  const [mail] = await house.mails(customer.email)

  assert.equal(forCustomer?.title, 'Ваше бронювання підтверджено')
  assert.match(forCustomer.body, /14 січня 2026.* 12:00/)
  assert.equal(forProvider?.title, 'Новая бронь')
  assert.equal(mail?.subject, 'Ваше бронювання підтверджено')
  await house.house.db.updateTable('users').set({ locale: null }).where('id', '=', customer.id).execute()
})

test('a request, its confirmation, a proposal, a move and a cancellation are told step by step', async () => {
  const id = idOf(await book(house, customer, approved, '2026-01-15T09:00:00Z'))
  await house.drain()
  assert.equal((await setStatus(id, 'confirmed')).status, 200)
  await house.drain()
  assert.equal((await change(provider, id, { date: '2026-01-16T09:00:00Z' })).status, 200)
  await house.drain()
  assert.equal((await change(customer, id, { date: '2026-01-16T09:00:00Z' })).status, 200)
  await house.drain()
  await house.call('DELETE', `/api/v1/bookings/${id}/`, { token: provider.token, json: { reason: 'Ill, sorry' } })

  const titles = (await toldOf(customer, id)).map(({ title }) => title)
  const bodies = (await toldOf(customer, id)).map(({ body }) => body)
  const others = (await toldOf(provider, id)).map(({ title }) => title)

  assert.deepEqual(titles, [
    'Your booking was cancelled',
    'Your booking was moved',
    'Another time is proposed for your booking',
    'Your booking is confirmed',
    'Your booking request was sent',
  ])
  assert.match(bodies[0]!, /Reason: Ill, sorry$/)
  assert.match(bodies[1]!, /January 16, .* instead of .*January 15, /)
  assert.doesNotMatch(bodies[1]!, /not confirmed yet/, 'what the provider proposed is approved')
  assert.deepEqual(others, [
    'A booking was cancelled',
    'A booking was moved',
    'You have proposed another time',
    'A booking is confirmed',
    'New booking request',
  ])
  assert.deepEqual((await subjects(customer.email)).slice(0, 5), titles)
})

test('a hold that runs out is told to both, and a mail that says what is no longer so is not sent', async () => {
  const id = idOf(await book(house, customer, paid, '2026-01-15T11:00:00Z'))
  const before = (await house.mails(customer.email)).length
  house.pass({ minutes: 30 })
  await house.house.jobs.run('bookings.expire')

  const titles = (await toldOf(customer, id)).map(({ title }) => title)

  // Both events waited and were heard at the same time, in any order.
  assert.deepEqual(new Set(titles), new Set(['Your booking awaits payment', 'Your booking has expired']))
  const others = (await toldOf(provider, id)).map(({ title }) => title)
  assert.deepEqual(new Set(others), new Set(['New booking, not paid yet', 'A booking has expired']))
  const mails = await subjects(customer.email)
  assert.deepEqual(mails.slice(0, mails.length - before), ['Your booking has expired'])
})

test('what both have seen is told without a mail', async () => {
  const id = idOf(await book(house, customer, service, '2026-01-12T10:00:00Z'))
  await house.drain()
  const before = (await subjects(customer.email)).length
  house.pass({ hours: 4 })
  const done = await house.call('POST', `/api/v1/bookings/status/${id}/`, {
    token: provider.token,
    json: { status: 'completed' },
  })
  assert.equal(done.status, 200, done.text)

  const told = (await toldOf(customer, id)).map(({ title }) => title)
  const mailed = await subjects(customer.email)

  assert.ok(told.includes('Your booking is completed'))
  // The invitation to review it is another matter.
  assert.deepEqual(mailed.slice(0, mailed.length - before), ['How was it?'])
})

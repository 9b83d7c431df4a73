import assert from 'node:assert/strict'
import { test } from 'node:test'
import ICAL from 'ical.js'
import { openHouse, type Answer } from '../../../test/support.ts'
import { book, offer, openHours, slotsOf, starts } from './support.fixture.ts'

const house = await openHouse()
const provider = await house.person('provider', { first_name: 'Jane', last_name: 'Smith' })
const customer = await house.person('customer')
const stranger = await house.person('customer')
await openHours(house, provider)
const policy = [{ hours_before: 24, refund_percent: 100 }]
const service = await offer(house, provider, { title: 'Massage', cancellation_policy: policy })
await house.drain()

let guests = 0
/** Books for a guest; answers the booking and the token of the link in their mail. */
async function guestBooking(date: string): Promise<{ id: number; token: string; email: string }> {
  const email = `guest.${++guests}@example.com`
  const booked = await book(house, provider, service, date, { guest: { name: 'Olena', email } })
  assert.equal(booked.status, 201, booked.text)
  await house.drain()
  const [mail] = await house.mails(email)
  const token: string | undefined = /\/bookings\/manage\/\?token=([\w.]+)/.exec(mail?.text ?? '')?.[1]
  assert.ok(token, mail?.text ?? 'no mail')
  return { id: booked.body['data'].id, token, email }
}
const show = (token: string): Promise<Answer> => house.call('GET', `/api/v1/public/bookings/${token}/`)
const act = (token: string, what: 'cancel' | 'reschedule', json: object = {}): Promise<Answer> =>
  house.call('POST', `/api/v1/public/bookings/${token}/${what}/`, { json })
const statusOf = async (id: number): Promise<string> =>
  (await house.call('GET', `/api/v1/bookings/${id}/`, { token: provider.token })).body['data'].status

test('a guest sees the booking by the link of the mail, and looking changes nothing', async () => {
  const { id, token } = await guestBooking('2026-01-14T09:00:00Z')

  const [first, second] = [await show(token), await show(token)]

  assert.equal(first.status, 200, first.text)
  assert.deepEqual(first.body['data'], second.body['data'])
  const { name, provider: by, date, local, status, can_change, refund_percent } = first.body['data']
  assert.deepEqual(
    { name, by: by.name, date, local, status, can_change, refund_percent },
    {
      name: 'Olena',
      by: 'Jane Smith',
      date: '2026-01-14T09:00:00Z',
      local: '2026-01-14T09:00:00+00:00',
      status: 'confirmed',
      can_change: true,
      refund_percent: 100,
    },
  )
  assert.ok(!first.text.includes('@example.com'))
  assert.equal(await statusOf(id), 'confirmed')
})

test('the guest moves the booking and then cancels it, once, and hears of both with the same link', async () => {
  const { id, token, email } = await guestBooking('2026-01-14T11:00:00Z')

  const taken = await act(token, 'reschedule', { date: '2026-01-14T09:00:00Z' })
  const wrong = await act(token, 'reschedule', { date: '2026-01-14T03:00:00Z' })
  const moved = await act(token, 'reschedule', { date: '2026-01-14T13:00:00Z' })
  await house.drain()
  const cancelled = await act(token, 'cancel', { reason: 'Ill' })
  const again = await act(token, 'cancel')
  const tooLate = await act(token, 'reschedule', { date: '2026-01-14T15:00:00Z' })
  await house.drain()

  assert.deepEqual(
    [taken, wrong, moved, cancelled, again, tooLate].map((answer) => answer.status),
    [409, 400, 200, 200, 200, 409],
  )
  assert.equal(moved.body['data'].date, '2026-01-14T13:00:00Z')
  assert.deepEqual(again.body['data'], cancelled.body['data'])
  const { status, can_change, refund_percent } = cancelled.body['data']
  assert.deepEqual(
    { status, can_change, refund_percent },
    { status: 'cancelled', can_change: false, refund_percent: null },
  )
  assert.equal(await statusOf(id), 'cancelled')
  const mails = await house.mails(email)
  assert.deepEqual(
    mails.map(({ subject }) => subject),
    ['Your booking was cancelled', 'Your booking was moved', 'Your booking is confirmed'],
  )
  assert.ok(mails.every(({ text }) => text.includes(token)))
  assert.ok(starts(await slotsOf(house, service, '2026-01-14')).includes('2026-01-14T13:00:00Z'))
})

test('a token that is forged, of another booking, of something else or of somebody with an account opens nothing', async () => {
  const { id, token } = await guestBooking('2026-01-15T09:00:00Z')
  const own = await book(house, customer, service, '2026-01-15T11:00:00Z')
  const signature = token.split('.')[1]!
  const { secrets } = house.house
  const tokens = [
    `${id + 1}.${signature}`,
    `${id}.${'0'.repeat(64)}`,
    `${id}.${signature.slice(1)}`,
    `0${id}.${signature}`,
    `${id}.${secrets.hmac('invitations', String(id))}`,
    `${own.body['data'].id}.${secrets.hmac('manage booking', String(own.body['data'].id))}`,
    `99999999.${secrets.hmac('manage booking', '99999999')}`,
    String(id),
    'x',
  ]

  for (const forged of tokens) {
    const tries = [
      await show(forged),
      await act(forged, 'cancel'),
      await act(forged, 'reschedule', { date: '2026-01-15T13:00:00Z' }),
    ]
    assert.deepEqual(
      tries.map(({ status }) => status),
      [404, 404, 404],
      forged,
    )
  }
  assert.equal(await statusOf(id), 'confirmed')
})

test('tries at links are limited like passwords', async () => {
  const strict = await openHouse({ AUTH_RATE_LIMIT_PER_MINUTE: '3' })

  const answers = []
  for (let i = 0; i < 4; i++) answers.push(await strict.call('GET', `/api/v1/public/bookings/1.${i}/`))

  assert.deepEqual(
    answers.map(({ status }) => status),
    [404, 404, 404, 429],
  )
})

test('the calendar file is for the two sides, and is the same entry with a higher sequence after a move', async () => {
  const booked = await book(house, customer, service, '2026-01-16T09:00:00Z', { note: 'Left; shoulder' })
  const id = booked.body['data'].id
  const url = `/api/v1/bookings/${id}/calendar.ics`
  const fileOf = async (token: string) => {
    const { status, headers, text } = await house.call('GET', url, { token })
    return {
      status,
      headers,
      event:
        status === 200 ? new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent')!) : null,
    }
  }

  const before = await fileOf(customer.token)
  const json = { date: '2026-01-16T11:00:00Z' }
  await house.call('PUT', `/api/v1/bookings/${id}/`, { token: customer.token, json })
  const moved = await fileOf(provider.token)
  await house.call('DELETE', `/api/v1/bookings/${id}/`, { token: customer.token })
  const cancelled = await fileOf(customer.token)

  assert.match(before.headers['content-type'] ?? '', /^text\/calendar; charset=utf-8/)
  assert.equal(before.headers['content-disposition'], `attachment; filename="booking-${id}.ics"`)
  assert.equal(before.event?.summary, 'Massage: Jane Smith')
  assert.equal(before.event?.description, 'Left; shoulder')
  assert.equal(before.event?.startDate.toString(), '2026-01-16T09:00:00Z')
  assert.equal(moved.event?.startDate.toString(), '2026-01-16T11:00:00Z')
  assert.equal(moved.event?.uid, before.event?.uid)
  assert.deepEqual(
    [before, moved, cancelled].map(({ event }) => event?.sequence),
    [0, 1, 2],
  )
  assert.equal(cancelled.event?.component.getFirstPropertyValue('status'), 'CANCELLED')
  assert.equal((await fileOf(stranger.token)).status, 404)
  assert.equal((await house.call('GET', url)).status, 401)
})

test('a link serves until thirty days after the end, and a booking that has begun is only shown', async () => {
  const { token } = await guestBooking('2026-01-17T09:00:00Z')
  house.pass({ hours: 5 * 24 + 2 })
  const begun = await show(token)
  const late = await act(token, 'cancel')
  house.pass({ hours: 30 * 24 - 1, minutes: 59 })
  const last = await show(token)
  house.pass({ minutes: 1 })

  assert.deepEqual([begun.status, begun.body['data'].can_change, late.status], [200, false, 409])
  assert.deepEqual([last.status, (await show(token)).status], [200, 404])
})

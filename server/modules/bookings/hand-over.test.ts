import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { openSalon } from './salon.fixture.ts'
import { paymentSucceeded } from './service/paid.ts'
import { book, slotsOf, starts, type Json } from './support.fixture.ts'

const house = await openHouse()
const salon = await openSalon(house)
const { ask, hire, offer, end, handOver, owner } = salon
const customer = await house.person('customer')
const at = '2026-01-14T10:00:00Z'
const later = '2026-01-15T10:00:00Z'

const refusal = ({ status, body }: Answer): string => `${status} ${body['error']?.error_number}`
/** The bookings that a refusal lists. */
const named = ({ body }: Answer) => body['error'].details.map(({ params }: Json) => params.booking_id)
const give = async (service: number, master: Person, date = at, more: Json = {}): Promise<number> => {
  const made = await book(house, customer, service, date, { provider_id: master.id, ...more })
  assert.equal(made.status, 201, made.text)
  return made.body['data'].id
}
const seen = async (id: number, who: Person = customer) => (await ask('GET', `bookings/${id}/`, who)).body['data']
const told = async (who: Person): Promise<string[]> => {
  await house.drain(true)
  return (await ask('GET', 'notifications/', who)).body['data'].results.map(({ title }: Json) => title)
}

test('a master with bookings to come neither leaves a salon nor is taken off a service: the refusal lists them', async () => {
  const [master, other] = [await hire(), await hire()]
  const service = await offer([master, other])
  const id = await give(service, master)

  const dismissed = await end(master)
  const left = await end(master, master)
  const viaUsers = await ask('DELETE', `users/${master.id}/`, owner)
  const dropped = await ask('PUT', `services/${service}/`, owner, { staff: [other.id] })
  const spared = await ask('PUT', `services/${service}/`, owner, { staff: [master.id] })
  const free = await end(other)

  for (const answer of [dismissed, left, viaUsers, dropped])
    assert.deepEqual([refusal(answer), named(answer)], ['409 CONFLICT', [id]], answer.text)
  assert.deepEqual([spared.status, free.status], [200, 200], `${spared.text} ${free.text}`)
})

test('what is handed over is given by another free master at its time, and then the first one can leave', async () => {
  const [master, heir] = [await hire(), await hire()]
  const service = await offer([master, heir])
  const [first, second] = [await give(service, master), await give(service, master, later)]
  await house.drain(true)

  const passed = await handOver(master, { action: 'reassign' })
  const left = await end(master)

  assert.equal(passed.status, 200, passed.text)
  const { reassigned, cancelled, left: rest } = passed.body['data']
  assert.deepEqual([cancelled, rest], [[], []])
  assert.deepEqual(
    reassigned.map((row: Json) => [row['booking_id'], row['provider'].id]),
    [
      [first, heir.id],
      [second, heir.id],
    ],
  )
  assert.equal(left.status, 200, left.text)
  const booking = await seen(first, heir)
  assert.deepEqual([booking.status, booking.date, booking.provider.id], ['confirmed', at, heir.id])
  assert.ok(!starts(await slotsOf(house, service, '2026-01-14')).includes(at), 'the heir is taken now')
  assert.equal((await told(customer)).filter((title) => title === 'Somebody else gives your booking').length, 2)
  assert.ok((await told(heir)).includes('A booking is yours to give now'))
  assert.ok((await told(master)).includes('Others give bookings of yours now'))
})

test('what nobody can take is named with its rule, and cancelled with all money going back where that is asked for', async () => {
  const [master, busy] = [await hire(), await hire()]
  const service = await offer([master, busy], {
    payment: 'online',
    cancellation_policy: [{ hours_before: 500, refund_percent: 10 }],
  })
  const id = await give(service, master)
  const elsewhere = await offer([busy])
  await give(elsewhere, busy)
  const { payment_intent_id } = (await ask('POST', 'payments/stripe/create-intent/', customer, { booking_id: id }))
    .body['data']
  await ask('POST', 'payments/stripe/confirm-payment/', customer, { payment_intent_id, payment_method: 'pm_card_visa' })
  await house.drain()

  const kept = await handOver(master, { action: 'reassign' })
  const stillThere = await end(master)
  const gone = await handOver(master, { action: 'reassign_or_cancel', reason: 'She is ill' })
  await house.drain(true)

  assert.deepEqual(
    kept.body['data'].left.map((row: Json) => [row['booking_id'], row['rule']]),
    [[id, 'D9']],
  )
  assert.equal(stillThere.status, 409)
  assert.deepEqual(
    gone.body['data'].cancelled.map((row: Json) => row['booking_id']),
    [id],
  )
  const booking = await seen(id)
  assert.deepEqual(
    [booking.status, booking.cancelled_by, booking.payment_status],
    ['cancelled', 'provider', 'refunded'],
  )
  assert.equal((await end(master)).status, 200)
})

test('a number that is nobody of the service is refused, and cancels nothing', async () => {
  const [master, heir] = [await hire(), await hire()]
  const id = await give(await offer([master, heir]), master)
  const [idle, stranger] = [await hire(), await house.person('provider')]

  const answers = []
  for (const to_provider_id of [idle.id, stranger.id, 999_999])
    answers.push(await handOver(master, { action: 'reassign_or_cancel', to_provider_id }))

  assert.deepEqual(answers.map(refusal), Array(3).fill('400 VALIDATION_ERROR'))
  assert.equal((await seen(id)).status, 'confirmed')
})

test('a class passes on with all who have booked it, and nobody gives what they have booked themselves', async () => {
  const [master, guest, heir] = [await hire(), await hire(), await hire()]
  const service = await offer([master, guest, heir], { capacity: 5 })
  const mine = await give(service, master)
  const theirs = (await book(house, guest, service, at, { provider_id: master.id })).body['data'].id

  const toGuest = await handOver(master, { action: 'reassign', to_provider_id: guest.id })
  const passed = await ask('PUT', `bookings/${mine}/`, owner, { provider_id: heir.id })

  assert.equal(toGuest.body['data'].left.length, 2, toGuest.text)
  assert.deepEqual([passed.status, passed.body['data']?.provider.id], [200, heir.id], passed.text)
  assert.equal((await seen(theirs, guest)).provider.id, heir.id)
})

test('of a class only the bookings that are named are cancelled', async () => {
  const [master, guest] = [await hire(), await house.person('customer')]
  const service = await offer([master], { capacity: 5 })
  const mine = await give(service, master)
  const theirs = (await book(house, guest, service, at, { provider_id: master.id })).body['data'].id

  const cancelled = await handOver(master, { action: 'cancel', booking_ids: [mine] })
  const untaken = await handOver(master, { action: 'reassign_or_cancel', booking_ids: [mine] })

  assert.deepEqual(
    cancelled.body['data'].cancelled.map((row: Json) => row['booking_id']),
    [mine],
  )
  assert.deepEqual(untaken.body['data'].cancelled, [])
  assert.deepEqual([(await seen(mine)).status, (await seen(theirs, guest)).status], ['cancelled', 'confirmed'])
})

test('a booking passes on within the notice of its service, off its grid and for as long as was agreed', async () => {
  const [master, heir] = [await hire(), await hire()]
  const service = await offer([master, heir])
  const id = await give(service, master, '2026-01-12T10:00:00Z')
  await ask('PUT', `services/${service}/`, owner, {
    min_notice_minutes: 3000,
    duration_minutes: 120,
    slot_step_minutes: 45,
  })

  const passed = await ask('PUT', `bookings/${id}/`, owner, { provider_id: heir.id })

  assert.equal(passed.status, 200, passed.text)
  const { date, end: until, provider } = passed.body['data']
  assert.deepEqual([date, until, provider.id], ['2026-01-12T10:00:00Z', '2026-01-12T11:00:00Z', heir.id])
})

test('whoever is told of a series that passes on is told once', async () => {
  const [master, heir] = [await hire(), await hire()]
  const service = await offer([master, heir])
  const wish = { service, date: '2026-01-20T10:00:00Z', provider_id: master.id, recurrence_rule: 'FREQ=DAILY;COUNT=3' }
  const series = await ask('POST', 'bookings/series/', customer, wish)
  assert.equal(series.status, 201, series.text)
  await house.drain(true)

  const passed = await handOver(master, { action: 'reassign' })

  assert.equal(passed.body['data'].reassigned.length, 3, passed.text)
  assert.equal((await told(heir)).filter((title) => title === 'Bookings are yours to give now').length, 1)
  assert.equal((await told(customer)).filter((title) => title === 'Somebody else gives your bookings').length, 1)
})

test('only admins of the salon hand over what others give; members what they give themselves; strangers know of no salon', async () => {
  const [master, colleague] = [await hire(), await hire()]
  const service = await offer([master, colleague])
  await give(service, master)
  const other = await openSalon(house)

  const answers = [
    await handOver(master, { action: 'cancel' }, colleague),
    await handOver(master, { action: 'cancel' }, customer),
    await handOver(master, { action: 'cancel' }, other.owner),
    await handOver(master, { action: 'reassign' }, await house.person('management')),
  ]
  const elsewhere = await other.handOver(master, { action: 'cancel' })
  const own = await handOver(master, { action: 'reassign' }, master)

  assert.deepEqual(answers.map(refusal), ['403 PERMISSION_DENIED', '404 NOT_FOUND', '404 NOT_FOUND', '404 NOT_FOUND'])
  assert.deepEqual(elsewhere.body['data'].cancelled, [])
  assert.equal(own.body['data'].reassigned.length, 1, own.text)
})

test('of a dismissal and bookings of that master at once, none is left with who has gone', async () => {
  const buyers = await Promise.all([1, 2, 3].map(() => house.person('customer')))
  for (let round = 0; round < 6; round++) {
    const master = await hire()
    const service = await offer([master])

    const [dismissed, ...booked] = await Promise.all([
      end(master),
      ...buyers.map((buyer, i) => book(house, buyer, service, `2026-01-14T${10 + i}:00:00Z`)),
    ])

    const made = booked.filter(({ status }) => status === 201)
    assert.equal(dismissed.status, made.length > 0 ? 409 : 200, `${made.length} were booked: ${dismissed.text}`)
    assert.ok(booked.every(({ status }) => [201, 400, 409].includes(status)))
  }
})

test('whose master erases their account: the customer has all their money back, and the admins of the salon are told', async () => {
  const master = await hire()
  const service = await offer([master], { cancellation_policy: [{ hours_before: 500, refund_percent: 10 }] })
  const id = await give(service, master)

  await ask('DELETE', 'auth/profile/', master, { password: master.password })
  const titles = await told(owner)

  const booking = await seen(id)
  assert.deepEqual([booking.status, booking.cancelled_by], ['cancelled', 'provider'])
  assert.ok(titles.includes('A booking was cancelled'), titles.join())
})

test('a hold that has run out does not pass on, and a payment later than it books nobody who has left', async () => {
  const [master, heir] = [await hire(), await hire()]
  const service = await offer([master, heir], { capacity: 5, payment: 'online' })
  const id = await give(service, master)
  const settle = () =>
    inTransaction(house.ctx(), (tx) => paymentSucceeded(tx, { source_kind: 'booking', source_id: id }))
  const other = (await book(house, await house.person('customer'), service, at, { provider_id: master.id })).body[
    'data'
  ]
  await house.house.pool.query('UPDATE bookings SET expires_at = $1 WHERE id = $2', [house.ctx().now.toString(), id])

  const passed = await handOver(master, { action: 'reassign' })
  const held = await seen(id)
  const left = await end(master)
  await settle()
  const late = await seen(id)

  const { reassigned } = passed.body['data']
  assert.deepEqual(
    reassigned.map((row: Json) => row['booking_id']),
    [other.id],
  )
  assert.deepEqual([held.status, late.status], ['cancelled', 'cancelled'])
  assert.equal(left.status, 200, left.text)
})

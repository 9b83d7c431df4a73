import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'
import { book, offer, openHours, slotsOf, type Json } from './support.fixture.ts'

const house = await openHouse()
const customer = await house.person('customer')
const stranger = await house.person('customer')

const ask = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  who: Person,
  json?: Json,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  house.call(method, `/api/v1/bookings/${path}`, { token: who.token, headers, ...(json ? { json } : {}) })

const series = (service: number, date: string, recurrence_rule: string, more: Json = {}, who = customer) =>
  ask('POST', 'series/', who, { service, date, recurrence_rule, ...more })
const preview = (service: number, date: string, recurrence_rule: string, more: Json = {}, who = customer) =>
  ask('POST', 'series/preview/', who, { service, date, recurrence_rule, ...more })

async function shop(fields: Json = {}, time_zone = 'UTC'): Promise<{ provider: Person; service: number }> {
  const provider = await house.person('provider')
  await openHours(house, provider, { start_time: '09:00', end_time: '17:00', time_zone })
  return { provider, service: await offer(house, provider, fields) }
}

const datesOf = (answer: Answer): string[] => answer.body['data'].bookings.map((one: Json) => one['date'])
const standing = (answer: Answer): string[] =>
  answer.body['data'].bookings.filter((one: Json) => one['status'] !== 'cancelled').map((one: Json) => one['date'])

test('a service is booked weekly in one go, and each booking is an ordinary one of the series', async () => {
  const { provider, service } = await shop()

  const made = await series(service, '2026-01-19T10:00:00Z', 'FREQ=WEEKLY;COUNT=3', { note: 'Back' })

  assert.equal(made.status, 201, made.text)
  const data = made.body['data']
  assert.deepEqual(datesOf(made), ['2026-01-19T10:00:00Z', '2026-01-26T10:00:00Z', '2026-02-02T10:00:00Z'])
  assert.deepEqual([data.price, data.description, data.skipped], [150, 'every week, 3 times', []])
  for (const one of data.bookings)
    assert.deepEqual(
      [one.status, one.series_id, one.note, one.provider.id],
      ['confirmed', data.id, 'Back', provider.id],
    )
  const listed = await ask('GET', `?series=${data.id}&ordering=date`, customer)
  assert.equal(listed.body['data'].count, 3)
  const free = await slotsOf(house, service, '2026-01-26')
  assert.ok(!free.some((slot) => slot['start'] === '2026-01-26T10:00:00Z'))
})

test('the clock on the wall is kept when clocks change', async () => {
  const { service } = await shop({}, 'Europe/Kyiv')

  const made = await series(service, '2026-03-24T10:00:00+02:00', 'FREQ=WEEKLY;COUNT=2')

  assert.equal(made.status, 201, made.text)
  assert.deepEqual(datesOf(made), ['2026-03-24T08:00:00Z', '2026-03-31T07:00:00Z'])
  assert.equal(made.body['data'].time_zone, 'Europe/Kyiv')
})

test('when one of the times is taken nothing is booked, and every such time is named; or the others are booked', async () => {
  const { service } = await shop()
  await book(house, stranger, service, '2026-01-26T10:00:00Z')
  const rule = 'FREQ=WEEKLY;UNTIL=20260209'

  const refused = await series(service, '2026-01-19T10:00:00Z', rule)
  const shown = await preview(service, '2026-01-19T10:00:00Z', rule)
  const skipped = await series(service, '2026-01-19T10:00:00Z', rule, { clashes: 'skip' })

  assert.equal(refused.status, 409, refused.text)
  const [detail] = refused.body['error'].details
  assert.deepEqual(
    [detail.rule, detail.params.code, detail.params.date, refused.body['error'].details.length],
    ['D9', 'booked', '2026-01-26T10:00:00Z', 1],
  )
  assert.deepEqual([shown.body['data'].free, shown.body['data'].price], [3, 150])
  assert.deepEqual(
    shown.body['data'].occurrences.map((one: Json) => one['refusal']?.rule ?? null),
    [null, 'D9', null, null],
  )
  assert.equal(skipped.status, 201, skipped.text)
  assert.deepEqual(datesOf(skipped), ['2026-01-19T10:00:00Z', '2026-02-02T10:00:00Z', '2026-02-09T10:00:00Z'])
  assert.deepEqual(
    skipped.body['data'].skipped.map((one: Json) => [one['date'], one['rule']]),
    [['2026-01-26T10:00:00Z', 'D9']],
  )
})

test('times that are wrong to ask for answer 400, and with skip only when none can be had', async () => {
  const { service } = await shop()

  const outside = await series(service, '2026-01-19T20:00:00Z', 'FREQ=WEEKLY;COUNT=2')
  const none = await series(service, '2026-01-19T20:00:00Z', 'FREQ=WEEKLY;COUNT=2', { clashes: 'skip' })

  assert.deepEqual([outside.status, none.status], [400, 400])
  assert.deepEqual(
    outside.body['error'].details.map((one: Json) => one['rule']),
    ['D2', 'D2'],
  )
})

test('a rule is daily, weekly or monthly, ends, and gives at most 52 bookings', async () => {
  const { service } = await shop()
  const wrong: [string, string][] = [
    ['FREQ=YEARLY;COUNT=2', 'freq'],
    ['FREQ=WEEKLY', 'endless'],
    ['FREQ=WEEKLY;COUNT=53', 'too_many'],
    ['FREQ=DAILY;UNTIL=20300101', 'too_many'],
    ['FREQ=DAILY;BYHOUR=10,11;COUNT=2', 'part'],
    ['FREQ=WEEKLY;COUNT=zero', 'rrule'],
    ['nonsense', 'rrule'],
  ]

  for (const [rule, name] of wrong) {
    const answer = await series(service, '2026-01-19T10:00:00Z', rule)
    assert.deepEqual(
      [answer.status, answer.body['error'].details[0].field, answer.body['error'].details[0].rule],
      [400, 'recurrence_rule', name],
      rule,
    )
  }
  const monthly = await series(service, '2026-01-19T10:00:00Z', 'FREQ=MONTHLY;BYDAY=3MO;COUNT=3')
  assert.deepEqual(datesOf(monthly), ['2026-01-19T10:00:00Z', '2026-02-16T10:00:00Z', '2026-03-16T10:00:00Z'])
})

test('only its two sides see a series, and nobody else changes it', async () => {
  const { provider, service } = await shop()
  const other = await house.person('provider')
  const support = await house.person('accountant')
  const { id, bookings } = (await series(service, '2026-01-19T12:00:00Z', 'FREQ=WEEKLY;COUNT=2')).body['data']

  for (const who of [stranger, other, support])
    for (const [method, path, json] of [
      ['GET', `series/${id}/`, undefined],
      ['GET', `series/${id}/calendar.ics`, undefined],
      ['POST', `series/${id}/cancel/`, {}],
      ['POST', `series/${id}/move/`, { date: '2026-01-20T12:00:00Z' }],
      ['POST', `series/${id}/confirm/`, {}],
    ] as const)
      assert.equal((await ask(method, path, who, json)).status, 404, `${method} ${path}`)
  assert.equal((await house.call('GET', `/api/v1/bookings/series/${id}/`)).status, 401)
  assert.equal((await ask('GET', `series/${id}/`, provider)).body['data'].bookings.length, 2)
  assert.equal((await ask('GET', 'series/', provider)).body['data'].results[0].booked, 2)
  assert.equal((await ask('GET', 'series/', stranger)).body['data'].count, 0)
  assert.equal((await ask('POST', `series/${id}/confirm/`, customer)).status, 403)
  assert.equal((await ask('POST', `series/${id}/move/`, provider, { date: '2026-01-20T12:00:00Z' })).status, 403)
  assert.equal((await series(service, '2026-01-20T12:00:00Z', 'FREQ=WEEKLY;COUNT=2', {}, provider)).status, 403)
  const elsewhere = await ask('POST', `series/${id}/cancel/`, customer, { from_booking_id: bookings[0].id + 1000 })
  assert.equal(elsewhere.body['error'].details[0].rule, 'not_of_series')
})

test('the rest of a series is cancelled from one of its bookings on, and its times are free again', async () => {
  const { service } = await shop()
  const { id, bookings } = (await series(service, '2026-01-19T09:00:00Z', 'FREQ=WEEKLY;COUNT=4')).body['data']
  await ask('DELETE', `${bookings[3].id}/`, customer)

  const left = await ask('POST', `series/${id}/cancel/`, customer, { from_booking_id: bookings[2].id, reason: 'Away' })

  assert.equal(left.status, 200, left.text)
  assert.deepEqual(standing(left), ['2026-01-19T09:00:00Z', '2026-01-26T09:00:00Z'])
  assert.equal(left.body['data'].bookings[2].cancel_reason, 'Away')
  assert.equal((await book(house, stranger, service, '2026-02-02T09:00:00Z')).status, 201)
  const all = await ask('POST', `series/${id}/cancel/`, customer, {})
  assert.deepEqual(standing(all), [])
})

test('the rest of a series moves to another day and time of day, all or nothing; what was moved singly stays', async () => {
  const { service } = await shop({}, 'Europe/Kyiv')
  const made = await series(service, '2026-03-17T10:00:00+02:00', 'FREQ=WEEKLY;COUNT=4')
  const { id, bookings } = made.body['data']
  await ask('PUT', `${bookings[1].id}/`, customer, { date: '2026-03-25T15:00:00+02:00' })
  await book(house, stranger, service, '2026-04-01T12:00:00+03:00')

  const refused = await ask('POST', `series/${id}/move/`, customer, { date: '2026-03-18T12:00:00+02:00' })
  const moved = await ask('POST', `series/${id}/move/`, customer, { date: '2026-03-18T13:00:00+02:00' })

  assert.equal(refused.status, 409, refused.text)
  assert.deepEqual(
    refused.body['error'].details.map((one: Json) => one['params'].date),
    ['2026-04-01T09:00:00Z'],
  )
  assert.equal(moved.status, 200, moved.text)
  assert.deepEqual(datesOf(moved), [
    '2026-03-18T11:00:00Z',
    '2026-03-25T13:00:00Z',
    '2026-04-01T10:00:00Z',
    '2026-04-08T10:00:00Z',
  ])
})

test('a daily series moves along itself by a day', async () => {
  const { service } = await shop()
  const { id } = (await series(service, '2026-01-19T10:00:00Z', 'FREQ=DAILY;COUNT=4')).body['data']

  const moved = await ask('POST', `series/${id}/move/`, customer, { date: '2026-01-20T10:00:00Z' })

  assert.equal(moved.status, 200, moved.text)
  assert.deepEqual(
    datesOf(moved),
    ['20', '21', '22', '23'].map((day) => `2026-01-${day}T10:00:00Z`),
  )
  assert.equal((await book(house, stranger, service, '2026-01-19T10:00:00Z')).status, 201)
  assert.equal((await book(house, stranger, service, '2026-01-23T10:00:00Z')).status, 409)
})

test('asked again with the same key, a series is booked once', async () => {
  const { service } = await shop()
  const json = { service, date: '2026-01-19T10:00:00Z', recurrence_rule: 'FREQ=WEEKLY;COUNT=3' }

  const first = await ask('POST', 'series/', customer, json, { 'idempotency-key': 'series-1' })
  const second = await ask('POST', 'series/', customer, json, { 'idempotency-key': 'series-1' })

  assert.deepEqual([first.status, second.status, second.body['data'].id], [201, 201, first.body['data'].id])
})

test('who cancels a series twice, or twice at once, is answered what it is; only what has taken place is too late', async () => {
  const { provider, service } = await shop()
  const { id, bookings } = (await series(service, '2026-01-19T14:00:00Z', 'FREQ=WEEKLY;COUNT=3')).body['data']
  const past = (await series(service, '2026-01-13T15:00:00Z', 'FREQ=DAILY;COUNT=2')).body['data']
  const cancel = (json: Json = {}, who = customer, of = id) => ask('POST', `series/${of}/cancel/`, who, json)

  const both = await Promise.all([cancel({ reason: 'Away' }), cancel({ reason: 'Away' })])
  const again = await cancel({ from_booking_id: bookings[1].id, reason: 'Other' }, provider)
  await house.drain(true)
  const told = await house.call('GET', '/api/v1/notifications/?page_size=100', { token: provider.token })
  house.pass({ days: 3 })
  const { email, password } = customer
  const { access } = (await house.call('POST', '/api/v1/auth/login/', { json: { email, password } })).body['data']
  const late = await cancel({}, { ...customer, token: access }, past.id)

  assert.deepEqual(
    [...both, again].map(({ status, body }) => [
      status,
      body['data']?.bookings.map((one: Json) => one['cancel_reason']),
    ]),
    [
      [200, ['Away', 'Away', 'Away']],
      [200, ['Away', 'Away', 'Away']],
      [200, ['Away', 'Away', 'Away']],
    ],
  )
  assert.equal(late.status, 409)
  const cancelled = told.body['data'].results.filter((one: Json) => one['kind'] === 'booking_series_cancelled')
  assert.equal(cancelled.length, 1)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instantText } from './dates.ts'
import { isConflict } from './explain.ts'
import type { Rule } from './explain.ts'
import { decide, explainSlots, listSlots } from './slots.ts'
import { minuteOf, queryOf } from './vectors/slots.ts'
import type { TextQuery } from './vectors/slots.ts'

type Provider = TextQuery['providers'][number]

/** Works Mondays to Fridays 09:00–17:00 in Kyiv (UTC+3 in June 2026). */
const olena: Provider = {
  id: 'olena',
  zone: 'Europe/Kyiv',
  weekly: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: '09:00', to: '17:00' })),
  overrides: [],
  timeOff: [],
  busy: [],
  bookings: [],
}
const booking = { durationMinutes: 60, bufferBefore: 0, bufferAfter: 0, sameService: false, seats: 1, roomId: null }
const service: TextQuery['service'] = {
  durationMinutes: 60,
  bufferBefore: 0,
  bufferAfter: 15,
  stepMinutes: 30,
  minNoticeMinutes: 120,
  maxAdvanceDays: 10,
  capacity: 1,
  roomIds: null,
}

/** Monday 1 June to Sunday 14 June, asked on that Monday at 09:00 in Kyiv. */
function ask(changes: Partial<TextQuery> = {}): TextQuery {
  const days = { now: '2026-06-01T06:00:30Z', fromDate: '2026-06-01', toDate: '2026-06-14', zone: 'Europe/Kyiv' }
  return { ...days, seats: 1, service, providers: [olena], rooms: [], ...changes }
}

/** What is said to a start: the rule, its code, and the interval to blame in Kyiv's clock. */
function why(text: TextQuery, start: string) {
  const decision = decide(queryOf(text), minuteOf(start))
  if (decision.accepted) return 'accepted'
  const { rule, code, blame, roomId } = decision.refusal
  const span = blame && `${instantText(blame.from)}/${instantText(blame.to)}`
  return [rule, code, span, ...(roomId === null ? [] : [roomId])]
}

test('a free start on the grid is accepted with who takes it', () => {
  const decision = decide(queryOf(ask()), minuteOf('2026-06-02T06:30Z'))

  assert.ok(decision.accepted)
  assert.deepEqual(decision.slot.providers, [{ id: 'olena', seatsLeft: 1, joins: false, roomId: null }])
})

test('D5: a start before or after the dates asked for; without dates the rule asks nothing', () => {
  const text = ask({ fromDate: '2026-06-02', toDate: '2026-06-02' })
  const span = '2026-06-01T21:00:00Z/2026-06-02T21:00:00Z'

  assert.deepEqual(why(text, '2026-06-03T06:00Z'), ['D5', 'outside_span', span])
  assert.deepEqual(why(text, '2026-06-01T20:59Z'), ['D5', 'outside_span', span])
  assert.ok(decide({ ...queryOf(text), days: null }, minuteOf('2026-06-03T06:00Z')).accepted)
})

test('D6: a start within the notice, seconds of now included; one that has passed is told so, whatever the notice', () => {
  assert.deepEqual(why(ask(), '2026-06-01T08:00Z'), ['D6', 'too_soon', '2026-06-01T06:00:00Z/2026-06-01T08:01:00Z'])
  assert.deepEqual(why(ask(), '2026-06-01T06:00Z'), ['D6', 'past', '2026-06-01T06:00:00Z/2026-06-01T08:01:00Z'])
  assert.deepEqual(why(ask(), '2026-06-01T06:01Z').slice(0, 2), ['D6', 'too_soon'])
  assert.equal(why(ask(), '2026-06-01T08:30Z'), 'accepted')
  assert.equal(why(ask({ now: '2026-06-01T06:00:00Z' }), '2026-06-01T08:00Z'), 'accepted')
})

test('D7: a start after the last date of the booking window, whatever the time of day', () => {
  assert.equal(why(ask(), '2026-06-11T06:00Z'), 'accepted')
  assert.deepEqual(why(ask(), '2026-06-12T06:00Z'), ['D7', 'too_far', '2026-06-11T21:00:00Z/2026-06-12T21:00:00Z'])
})

test('D2: a start when the hours of the date are over, and one on a closed date', () => {
  const closed = { ...olena, overrides: [{ date: '2026-06-03', intervals: [] }] }

  assert.deepEqual(why(ask(), '2026-06-02T14:00Z'), [
    'D2',
    'outside_hours',
    '2026-06-02T14:00:00Z/2026-06-02T21:00:00Z',
  ])
  assert.deepEqual(why(ask({ providers: [closed] }), '2026-06-03T08:00Z'), [
    'D2',
    'outside_hours',
    '2026-06-02T21:00:00Z/2026-06-03T21:00:00Z',
  ])
})

test('D3: a start within a time off', () => {
  const away = { ...olena, timeOff: [{ from: '2026-06-03T12:00', to: '2026-06-05T12:00' }] }

  assert.deepEqual(why(ask({ providers: [away] }), '2026-06-04T08:00Z'), [
    'D3',
    'time_off',
    '2026-06-03T09:00:00Z/2026-06-05T09:00:00Z',
  ])
})

test('D4: a start between two starts of the grid', () => {
  assert.deepEqual(why(ask(), '2026-06-02T06:40Z'), ['D4', 'off_grid', '2026-06-02T06:30:00Z/2026-06-02T07:00:00Z'])
})

test('D8: a start whose length runs past the end of the hours or into a time off', () => {
  const away = { ...olena, timeOff: [{ from: '2026-06-02T12:00', to: '2026-06-02T12:20' }] }

  assert.deepEqual(why(ask(), '2026-06-02T13:30Z'), ['D8', 'too_long', '2026-06-02T14:00:00Z/2026-06-02T14:30:00Z'])
  assert.deepEqual(why(ask({ providers: [away] }), '2026-06-02T08:30Z'), [
    'D8',
    'too_long',
    '2026-06-02T09:00:00Z/2026-06-02T09:20:00Z',
  ])
})

test('D9: a start that meets busy time, or the buffers of a booking; of several what begins first', () => {
  const taken = {
    ...olena,
    busy: [{ from: '2026-06-02T07:10:00Z', to: '2026-06-02T07:20:00Z' }],
    bookings: [{ ...booking, start: '2026-06-02T10:00:00Z', bufferBefore: 20 }],
  }
  const text = ask({ providers: [taken] })

  assert.deepEqual(why(text, '2026-06-02T06:00Z'), ['D9', 'busy', '2026-06-02T07:10:00Z/2026-06-02T07:20:00Z'])
  assert.deepEqual(why(text, '2026-06-02T08:30Z'), ['D9', 'booked', '2026-06-02T09:40:00Z/2026-06-02T11:00:00Z'])
  assert.equal(why(text, '2026-06-02T08:00Z'), 'accepted')
  const both = { ...taken, busy: [...taken.busy, { from: '2026-06-02T10:00:00Z', to: '2026-06-02T10:05:00Z' }] }
  assert.deepEqual(why(ask({ providers: [both] }), '2026-06-02T09:30Z')[1], 'booked')
})

test('D10: a session without enough seats, and more seats than there ever are', () => {
  const session = { ...booking, start: '2026-06-02T07:00:00Z', sameService: true, seats: 3 }
  const yoga = { service: { ...service, capacity: 4 }, providers: [{ ...olena, bookings: [session] }] }

  assert.equal(why(ask({ ...yoga, seats: 1 }), '2026-06-02T07:00Z'), 'accepted')
  assert.deepEqual(why(ask({ ...yoga, seats: 2 }), '2026-06-02T07:00Z'), [
    'D10',
    'full',
    '2026-06-02T07:00:00Z/2026-06-02T08:00:00Z',
  ])
  assert.deepEqual(why(ask({ ...yoga, seats: 5 }), '2026-06-02T09:00Z'), ['D10', 'full', null])
  const alone = {
    service: { ...service, capacity: 1 },
    providers: [{ ...olena, bookings: [{ ...session, seats: 1 }] }],
  }
  assert.deepEqual(why(ask({ ...alone, seats: 1 }), '2026-06-02T07:00Z').slice(0, 2), ['D9', 'booked'])
})

test('D11: the only open room is taken, or no allowed room is open, or there is none', () => {
  const room = { id: 'blue', schedule: null, busy: [{ from: '2026-06-02T08:00:00Z', to: '2026-06-02T09:00:00Z' }] }
  const shut = { id: 'attic', schedule: { ...olena, weekly: [] }, busy: [] }
  const text = ask({ service: { ...service, roomIds: ['blue', 'attic', 'gone'] }, rooms: [room, shut] })

  assert.deepEqual(why(text, '2026-06-02T08:30Z'), [
    'D11',
    'room_taken',
    '2026-06-02T08:00:00Z/2026-06-02T09:00:00Z',
    'blue',
  ])
  assert.deepEqual(why({ ...text, rooms: [shut] }, '2026-06-02T08:30Z'), [
    'D11',
    'room_closed',
    '2026-06-02T08:30:00Z/2026-06-02T09:30:00Z',
    'attic',
  ])
  assert.deepEqual(why({ ...text, rooms: [] }, '2026-06-02T08:30Z'), ['D11', 'room_closed', null])
})

test('D12: of several providers the one is named who came closest, and all are told; of none nobody', () => {
  const busy = { ...olena, id: 'petro', busy: [{ from: '2026-06-02T07:00:00Z', to: '2026-06-02T09:00:00Z' }] }
  const away = { ...olena, id: 'anna', weekly: [] }

  const decision = decide(queryOf(ask({ providers: [busy, away] })), minuteOf('2026-06-02T08:00Z'))

  assert.ok(!decision.accepted)
  assert.deepEqual([decision.refusal.providerId, decision.refusal.rule], ['petro', 'D9'])
  assert.deepEqual(
    decision.refusals.map(({ providerId, rule }) => [providerId, rule]),
    [
      ['anna', 'D2'],
      ['petro', 'D9'],
    ],
  )
  assert.deepEqual(why(ask({ providers: [] }), '2026-06-02T08:00Z'), ['D12', 'no_provider', null])
})

test('a span is explained start by start: what is listed is accepted, the rest has its rule', () => {
  const query = queryOf(
    ask({ providers: [{ ...olena, busy: [{ from: '2026-06-02T07:00:00Z', to: '2026-06-02T07:30:00Z' }] }] }),
  )

  const explained = explainSlots({ ...query, days: { from: query.days.from + 1, to: query.days.from + 1 } })

  const listed = new Set(listSlots(query).map(({ start }) => start))
  assert.equal(explained.length, 16)
  for (const { start, decision } of explained) assert.equal(decision.accepted, listed.has(start), instantText(start))
  assert.deepEqual(
    explained.flatMap(({ decision }) => (decision.accepted ? [] : [decision.refusal.rule])),
    ['D9', 'D9', 'D9', 'D8'],
  )
})

test('D9 to D11 are conflicts with others, everything before them is a wrong time to ask for', () => {
  const rules: Rule[] = ['D2', 'D3', 'D4', 'D5', 'D6', 'D7', 'D8', 'D9', 'D10', 'D11', 'D12']

  assert.deepEqual(rules.filter(isConflict), ['D9', 'D10', 'D11'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localText } from './dates.ts'
import { busyWindow, listSlots } from './slots.ts'
import { answerOf, minuteOf, queryOf, slotCases } from './vectors/slots.ts'
import type { TextQuery } from './vectors/slots.ts'

type Provider = TextQuery['providers'][number]

const service: TextQuery['service'] = {
  durationMinutes: 60,
  bufferBefore: 0,
  bufferAfter: 0,
  stepMinutes: 60,
  minNoticeMinutes: 0,
  maxAdvanceDays: null,
  capacity: 1,
  roomIds: null,
}
const booking = { durationMinutes: 60, bufferBefore: 0, bufferAfter: 0, sameService: false, seats: 1, roomId: null }

function provider(zone: string, changes: Partial<Provider> = {}): Provider {
  return { id: 'p1', zone, weekly: [], overrides: [], timeOff: [], busy: [], bookings: [], ...changes }
}

/** The free starts of one provider on some dates of their own calendar, as their clocks show them. */
function starts(who: Provider, fromDate: string, toDate = fromDate, changes: Partial<TextQuery['service']> = {}) {
  const dates = { now: '2000-01-01T00:00:00Z', fromDate, toDate, zone: who.zone }
  const query = queryOf({ ...dates, seats: 1, service: { ...service, ...changes }, providers: [who], rooms: [] })
  return listSlots(query).map(({ start, offset }) => localText(start, offset).replace(/:00([+-])/, '$1'))
}

function open(date: string, ...intervals: [from: string, to: string][]) {
  return { date, intervals: intervals.map(([from, to]) => ({ from, to })) }
}

test('every case of the vectors is answered to the letter', () => {
  const cases = slotCases()
  assert.ok(cases.length >= 90)
  for (const { id, query, expected } of cases) assert.deepEqual(answerOf(query), expected, id)
})

test('D1: hours that a gap shortens have fewer starts, and the grid follows the wall clock after it', () => {
  const who = provider('Europe/Kyiv', { overrides: [open('2026-03-29', ['02:15', '06:00'])] })

  // 03:15 does not exist; 02:15 ends at 04:15 on the wall, and an hour later it is over.
  assert.deepEqual(starts(who, '2026-03-29'), ['2026-03-29T02:15+02:00', '2026-03-29T04:15+03:00'])
})

test('D1: hours that a fold repeats are open twice, on both readings of the clock', () => {
  const night = provider('Europe/Kyiv', { overrides: [open('2026-10-25', ['03:00', '04:00'])] })
  const half = provider('Europe/Kyiv', { overrides: [open('2026-10-25', ['03:00', '03:30'])] })

  assert.deepEqual(starts(night, '2026-10-25'), ['2026-10-25T03:00+03:00', '2026-10-25T03:00+02:00'])
  assert.deepEqual(starts(half, '2026-10-25', '2026-10-25', { durationMinutes: 30 }), [
    '2026-10-25T03:00+03:00',
    '2026-10-25T03:00+02:00',
  ])
  assert.deepEqual(starts(half, '2026-10-25', '2026-10-25', { durationMinutes: 31 }), [])
  // Both hours are one stretch: 90 minutes begin in the first and end in the second.
  assert.deepEqual(starts(night, '2026-10-25', '2026-10-25', { durationMinutes: 90 }), ['2026-10-25T03:00+03:00'])
})

test('D1: half-hour changes and dates that never were', () => {
  const howe = provider('Australia/Lord_Howe', { overrides: [open('2026-04-05', ['01:00', '03:00'])] })
  const apia = provider('Pacific/Apia', {
    weekly: [4, 5, 6].map((weekday) => ({ weekday, from: '22:00', to: '02:00' })),
  })

  assert.deepEqual(starts(howe, '2026-04-05', '2026-04-05', { durationMinutes: 30, stepMinutes: 30 }), [
    '2026-04-05T01:00+11:00',
    '2026-04-05T01:30+11:00',
    '2026-04-05T01:30+10:30',
    '2026-04-05T02:00+10:30',
    '2026-04-05T02:30+10:30',
  ])
  assert.deepEqual(starts(apia, '2011-12-30'), [])
  // Thursday's night ends with Thursday; Friday never began, yet its night's end is read on Saturday's clock.
  assert.deepEqual(starts(apia, '2011-12-29', '2011-12-31'), [
    '2011-12-29T22:00-10:00',
    '2011-12-29T23:00-10:00',
    '2011-12-31T00:00+14:00',
    '2011-12-31T01:00+14:00',
    '2011-12-31T22:00+14:00',
    '2011-12-31T23:00+14:00',
  ])
})

test('D2: a night belongs to the date it starts on: the next override does not cut it, its own removes it', () => {
  const night = provider('UTC', { weekly: [{ weekday: 1, from: '22:00', to: '02:00' }] })
  const cut = { ...night, overrides: [open('2026-06-02')] }
  const removed = { ...night, overrides: [open('2026-06-01')] }
  const all = ['2026-06-01T22:00+00:00', '2026-06-01T23:00+00:00', '2026-06-02T00:00+00:00', '2026-06-02T01:00+00:00']

  assert.deepEqual(starts(night, '2026-06-01', '2026-06-02'), all)
  assert.deepEqual(starts(night, '2026-06-02'), all.slice(2))
  assert.deepEqual(starts(cut, '2026-06-01', '2026-06-02'), all)
  assert.deepEqual(starts(removed, '2026-06-01', '2026-06-02'), [])
})

test('D2: 24:00 is the end of the date, and a service may span the seam of touching intervals', () => {
  const late = provider('UTC', {
    overrides: [open('2026-06-01', ['22:30', '24:00']), open('2026-06-02', ['00:00', '00:30'])],
  })

  assert.deepEqual(starts(late, '2026-06-01', '2026-06-02'), ['2026-06-01T22:30+00:00', '2026-06-01T23:30+00:00'])
})

test('D4: each interval has its own grid, a start on any of them will do', () => {
  const who = provider('UTC', { overrides: [open('2026-06-01', ['09:00', '12:00'], ['10:15', '12:15'])] })

  assert.deepEqual(
    starts(who, '2026-06-01').map((text) => text.slice(11, 16)),
    ['09:00', '10:00', '10:15', '11:00', '11:15'],
  )
})

test('D9: the buffers of two neighbours add up', () => {
  const taken = { ...booking, start: '2026-06-01T11:00:00Z', bufferBefore: 30, bufferAfter: 15 }
  const who = provider('UTC', { overrides: [open('2026-06-01', ['08:00', '15:00'])], bookings: [taken] })
  const buffers = { bufferBefore: 15, bufferAfter: 30, stepMinutes: 30 }

  assert.deepEqual(
    starts(who, '2026-06-01', '2026-06-01', buffers).map((text) => text.slice(11, 16)),
    ['08:00', '08:30', '09:00', '12:30', '13:00', '13:30', '14:00'],
  )
})

test('a published slot is open without hours, has one start, joins what it touches, and time off closes it', () => {
  const slots = [{ from: '2026-06-01T10:20', to: '2026-06-01T12:30' }]
  const alone = provider('Europe/Kyiv', { slots })
  const touching = provider('Europe/Kyiv', { slots, overrides: [open('2026-06-01', ['09:50', '10:20'])] })
  const away = provider('Europe/Kyiv', { slots, timeOff: [{ from: '2026-06-01T11:00', to: '2026-06-01T12:00' }] })
  const closed = provider('Europe/Kyiv', { slots, overrides: [open('2026-06-01')] })

  assert.deepEqual(starts(alone, '2026-06-01'), ['2026-06-01T10:20+03:00'])
  assert.deepEqual(starts(touching, '2026-06-01'), ['2026-06-01T09:50+03:00', '2026-06-01T10:20+03:00'])
  assert.deepEqual(starts(away, '2026-06-01'), [])
  assert.deepEqual(starts(closed, '2026-06-01'), ['2026-06-01T10:20+03:00'])
})

test('busy time may come in any order', () => {
  for (const { query } of slotCases().slice(0, 20)) {
    const sorted = queryOf(query)
    const reversed = queryOf({
      ...query,
      providers: query.providers.map((who) => ({ ...who, busy: who.busy.toReversed() })),
    })

    assert.deepEqual(listSlots(reversed), listSlots(sorted))
  }
})

test('busy time outside the window that a caller is told to load changes nothing', () => {
  for (const { query: text } of slotCases()) {
    const query = queryOf(text)
    const from = minuteOf(`${text.fromDate}T00:00Z`) - 1440
    const needed = busyWindow(query.service, from, minuteOf(`${text.toDate}T00:00Z`) + 2 * 1440)
    const more = query.providers.map((who) => ({
      ...who,
      busy: [...who.busy, needed.from - 600, needed.from, needed.to, needed.to + 600],
    }))

    assert.deepEqual(listSlots({ ...query, providers: more }), listSlots(query))
  }
})

test('hours that are none are refused', () => {
  const none = provider('UTC', { weekly: [{ weekday: 1, from: '09:00', to: '09:00' }] })
  const eighth = provider('UTC', { weekly: [{ weekday: 8, from: '09:00', to: '10:00' }] })
  const empty = provider('UTC', { slots: [{ from: '2026-06-01T10:00', to: '2026-06-01T10:00' }] })

  assert.throws(() => starts(none, '2026-06-01'), { name: 'RangeError', message: /minute 540 to minute 540/ })
  assert.throws(() => starts(eighth, '2026-06-01'), { name: 'RangeError', message: /1 to 7/ })
  assert.throws(() => starts(empty, '2026-06-01'), { name: 'RangeError', message: /end after it begins/ })
})

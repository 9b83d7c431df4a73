import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { expand, parseRule, pointOf, pointText, readSeries } from '../index.ts'
import type { SeriesText } from '../index.ts'
import { FREQUENCIES } from '../rule.ts'
import { bruteStarts } from './brute.ts'
import { between, pick, randomRule, seeded } from './random-rules.ts'

const SPAN_DAYS = {
  YEARLY: 1300,
  MONTHLY: 500,
  WEEKLY: 160,
  DAILY: 60,
  HOURLY: 20,
  MINUTELY: 1,
  SECONDLY: 0.02,
} as const

/** Compares the expander with the brute force, from DTSTART to a wall-clock end; gaps are at most so many hours long. */
function compare(series: SeriesText, end: Temporal.PlainDateTime, gapHours: number): number {
  const read = readSeries(series)
  const dtstart = Temporal.PlainDateTime.from(series.dtstart)
  const rule = parseRule(series.rrule!)
  const expected = bruteStarts({ rule, dtstart, zone: series.tzid ?? null }, end.add({ hours: gapHours }))
  const to = pointOf(read, end.toString({ smallestUnit: 'second' }))

  const { starts, truncated } = expand(read, pointOf(read, series.dtstart) - 4 * 86_400, to, { limit: 100_000 })

  assert.equal(truncated, false)
  const limit = pointText(read, to)
  const inWindow = expected.filter((start) => start < limit)
  assert.deepEqual(
    starts.map((start) => pointText(read, start)),
    inWindow,
    `${series.tzid} ${series.dtstart} ${series.rrule} to ${end.toString()}`,
  )
  return starts.length
}

/** Every change of any IANA zone's clocks from 2020 to 2030, as the wall clock before it. */
function* transitions(): Generator<{ zone: string; wall: Temporal.PlainDateTime }> {
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    let at = Temporal.ZonedDateTime.from(`2020-01-01T00:00[${zone}]`)
    for (;;) {
      const next = at.getTimeZoneTransition('next')
      if (next === null || next.year > 2030) break
      yield { zone, wall: next.subtract({ seconds: 1 }).toPlainDateTime() }
      at = next
    }
  }
}

describe('the expander and a brute force by Temporal', () => {
  test('agree on rules of every frequency on the wall clock', () => {
    const random = seeded(5545)
    let starts = 0
    for (const freq of FREQUENCIES)
      for (let i = 0; i < 45; i++) {
        const day = between(random, 0, 20_000)
        const dtstart = Temporal.PlainDateTime.from('1996-01-01T00:00:00').add({
          days: day,
          minutes: 15 * between(random, 0, 95),
          seconds: random() < 0.1 ? 17 : 0,
        })
        const rrule =
          randomRule(random, freq, [0, 1, 5, 9, 12, 18, 23]) + pick(random, ['', '', ';COUNT=7', ';COUNT=30'])

        const end = dtstart.add({ seconds: Math.ceil(SPAN_DAYS[freq] * 86_400) })
        starts += compare({ kind: 'floating', dtstart: dtstart.toString({ smallestUnit: 'second' }), rrule }, end, 0)
      }
    assert.ok(starts > 3000, `only ${starts} starts were compared`)
  })

  test("agree around every change of every zone's clocks from 2020 to 2030", () => {
    const random = seeded(2030)
    const freqs = ['DAILY', 'DAILY', 'WEEKLY', 'HOURLY', 'MINUTELY', 'MONTHLY'] as const
    let changes = 0
    for (const { zone, wall } of transitions()) {
      const freq = pick(random, freqs)
      const before = freq === 'MINUTELY' ? 0 : between(random, 0, 9)
      const near = [wall.hour, (wall.hour + 1) % 24, (wall.hour + 2) % 24, (wall.hour + 23) % 24]
      const dtstart = wall
        .with({ minute: pick(random, [0, 15, 30, 45, wall.minute]), second: 0 })
        .add({ hours: between(random, -2, 2) })
        .subtract({ days: before })
      const rrule = randomRule(random, freq, near) + pick(random, ['', '', ';COUNT=5', ';COUNT=40'])

      const end = wall.add({ hours: freq === 'MINUTELY' ? 5 : 60 })
      compare({ kind: 'zoned', tzid: zone, dtstart: dtstart.toString({ smallestUnit: 'second' }), rrule }, end, 3)
      changes++
    }
    assert.ok(changes > 1000, `only ${changes} changes of clocks were seen`)
  })

  test('agree where a date is missing, an offset is odd or a gap is half an hour', () => {
    const places: [string, string][] = [
      ['Pacific/Apia', '2011-12-28T10:00:00'],
      ['Pacific/Kwajalein', '1993-08-19T10:00:00'],
      ['Pacific/Kiritimati', '1994-12-29T10:00:00'],
      ['Australia/Lord_Howe', '2026-10-02T02:00:00'],
      ['Africa/Monrovia', '1972-01-05T00:15:00'],
      ['Asia/Kathmandu', '1985-12-30T00:00:00'],
      ['America/Caracas', '2016-04-29T02:30:00'],
    ]
    for (const [tzid, dtstart] of places)
      for (const rrule of [
        'FREQ=DAILY',
        'FREQ=DAILY;COUNT=4',
        'FREQ=HOURLY',
        'FREQ=HOURLY;COUNT=90',
        'FREQ=DAILY;BYHOUR=0,1,2,3,10,11;BYMINUTE=0,15,30',
        'FREQ=MINUTELY;INTERVAL=15;COUNT=300',
        'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=5',
      ])
        assert.ok(
          compare({ kind: 'zoned', tzid, dtstart, rrule }, Temporal.PlainDateTime.from(dtstart).add({ days: 6 }), 26) >=
            3,
        )
  })
})

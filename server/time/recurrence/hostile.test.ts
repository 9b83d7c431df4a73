import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { expand, next, pointOf, readSeries, RuleError } from './index.ts'
import type { Expansion, Series } from './index.ts'
import { MAX_STEPS } from './walk.ts'

const all = (size: number) => Array.from({ length: size }, (_, i) => i).join(',')
const EVERY_SECOND = `BYHOUR=${all(24)};BYMINUTE=${all(60)};BYSECOND=${all(60)}`
/** A walk stops within one period of its bound. */
const BOUND = MAX_STEPS + 1000

function zoned(rrule: string): Series {
  return readSeries({ kind: 'zoned', tzid: 'Europe/Kyiv', dtstart: '2026-03-01T09:00:00', rrule })
}

/** The year from DTSTART on. */
function year(series: Series, from = '2026-03-01T00:00:00', to = '2027-03-01T00:00:00'): Expansion {
  return expand(series, pointOf(series, from), pointOf(series, to))
}

describe('hostile rules', () => {
  test('rules whose days never come leave DTSTART alone, in few steps', () => {
    for (const rrule of [
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;INTERVAL=4;BYYEARDAY=1',
      'FREQ=YEARLY;BYDAY=53MO;BYMONTH=3',
      'FREQ=YEARLY;BYWEEKNO=53;BYMONTH=7',
      'FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2,4,6,9,11',
      'FREQ=MONTHLY;BYDAY=6MO',
      'FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2',
      'FREQ=DAILY;BYSETPOS=2;BYHOUR=9',
      'FREQ=HOURLY;INTERVAL=24;BYHOUR=3',
      'FREQ=MINUTELY;INTERVAL=1440;BYHOUR=5;BYMINUTE=1',
      'FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30',
      'FREQ=SECONDLY;BYSECOND=0;BYSETPOS=2',
      `FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;${EVERY_SECOND}`,
    ]) {
      const series = zoned(rrule)
      const { starts, truncated } = expand(series, 0, Number.POSITIVE_INFINITY)
      const { steps } = expand(series, series.dtstart + 86_400, Number.POSITIVE_INFINITY)

      assert.deepEqual(starts, [pointOf(series, '2026-03-01T09:00:00')], rrule)
      assert.equal(truncated, false, rrule)
      assert.ok(steps <= 160_000, `${rrule}: ${steps}`)
      assert.equal(next(series, starts[0]!), null, rrule)
    }
  })

  test('rules with an instance every second are answered up to the limit', () => {
    for (const rrule of [
      'FREQ=SECONDLY',
      'FREQ=SECONDLY;COUNT=1000000000',
      `FREQ=DAILY;${EVERY_SECOND}`,
      `FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;${EVERY_SECOND}`,
      'FREQ=SECONDLY;UNTIL=99991231T235959Z',
    ])
      for (const start of ['2026-03-01T00:00:00', '2076-03-01T00:00:00']) {
        const { starts, truncated, steps } = year(zoned(rrule), start, '2126-03-01T00:00:00')

        if (starts.length > 0) assert.equal(starts.length, 10_000, rrule)
        assert.equal(truncated || starts.length === 0, true, rrule)
        assert.ok(steps <= BOUND, `${rrule}: ${steps}`)
      }
  })

  test('huge counts and intervals cost what small ones do', () => {
    for (const [rrule, starts] of [
      ['FREQ=DAILY;COUNT=9007199254740991', 365],
      ['FREQ=WEEKLY;BYDAY=MO,TU;COUNT=9007199254740991', 105],
      ['FREQ=HOURLY;COUNT=1000000000', 8750],
      ['FREQ=YEARLY;INTERVAL=999999999999', 1],
      ['FREQ=WEEKLY;INTERVAL=999999999999', 1],
      ['FREQ=SECONDLY;INTERVAL=999999999999', 1],
      ['FREQ=DAILY;INTERVAL=13;BYMONTHDAY=-14,-13,-12', 4],
    ] as const) {
      const { starts: found, truncated, steps } = year(zoned(rrule))

      assert.equal(found.length, starts, rrule)
      assert.equal(truncated, false)
      assert.ok(steps <= 50_000, `${rrule}: ${steps}`)
    }
  })

  test('rare instances are found over centuries, or the search is given up within its bound', () => {
    for (const rrule of [
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;INTERVAL=97;BYDAY=SA',
      'FREQ=SECONDLY;INTERVAL=86399;BYHOUR=3;BYMINUTE=7;BYSECOND=59',
      'FREQ=MINUTELY;INTERVAL=1441;BYHOUR=5;BYMINUTE=3;BYMONTH=2;BYMONTHDAY=29',
      'FREQ=DAILY;INTERVAL=999999;BYDAY=MO;BYMONTH=2;BYMONTHDAY=29',
      'FREQ=HOURLY;INTERVAL=1000;BYYEARDAY=366;BYDAY=MO',
      'FREQ=SECONDLY;BYDAY=MO;COUNT=1000000000',
    ]) {
      const series = zoned(rrule)
      const { steps } = expand(series, pointOf(series, '2056-01-01T00:00:00'), Number.POSITIVE_INFINITY, { limit: 1 })
      assert.ok(steps <= BOUND, `${rrule}: ${steps}`)
    }
  })

  test('a COUNT that cannot be followed to the window is refused in words', () => {
    const series = zoned('FREQ=SECONDLY;BYDAY=MO;COUNT=1000000000')
    assert.equal(year(series, '2056-01-01T00:00:00', '2056-02-01T00:00:00').truncated, true)
    assert.throws(() => next(series, pointOf(series, '2056-01-01T00:00:00')), RuleError)
  })

  test('a window costs the same ten and a hundred years after DTSTART', () => {
    for (const rrule of [
      'FREQ=DAILY',
      'FREQ=DAILY;INTERVAL=3;COUNT=1000000',
      'FREQ=WEEKLY;BYDAY=MO,WE;COUNT=1000000',
      'FREQ=MONTHLY;BYDAY=-1FR',
      'FREQ=YEARLY;BYMONTH=1,6;BYDAY=1MO',
      'FREQ=HOURLY;INTERVAL=5;BYDAY=MO',
      'FREQ=MINUTELY;BYHOUR=9;INTERVAL=7',
    ]) {
      const series = readSeries({ kind: 'floating', dtstart: '1926-01-01T09:00:00', rrule })
      const ten = year(series, '1936-01-01T00:00:00', '1936-02-01T00:00:00')
      const hundred = year(series, '2026-01-01T00:00:00', '2026-02-01T00:00:00')

      assert.ok(Math.abs(hundred.steps - ten.steps) <= 0.3 * ten.steps + 10, `${rrule}: ${ten.steps}, ${hundred.steps}`)
    }
  })
})

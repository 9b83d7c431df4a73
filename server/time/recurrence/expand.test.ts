import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { expand, lastStart, next, occursAt, pointOf, pointText, readSeries, RuleError, wallText } from './index.ts'
import type { SeriesText } from './index.ts'

const kyiv = (dtstart: string, rrule: string | null, more: Partial<SeriesText> = {}): SeriesText => ({
  kind: 'zoned',
  tzid: 'Europe/Kyiv',
  dtstart,
  rrule,
  ...more,
})

/** The starts of a series in a window of its own wall clock. */
function startsOf(text: SeriesText, from: string, to: string): string[] {
  const series = readSeries(text)
  return expand(series, pointOf(series, from), pointOf(series, to)).starts.map((start) => wallText(series, start))
}

/** The wall clock at the last start of a series that begins on 1 March 2026 at 03:30. */
function last(rrule: string | null, more: Partial<SeriesText> = {}): string | null {
  const series = readSeries(kyiv('2026-03-01T03:30:00', rrule, more))
  const start = lastStart(series)
  return start === null ? null : wallText(series, start)
}

describe('the recurrence set', () => {
  test('DTSTART is the first instance and counts, also when the rule does not make it', () => {
    const starts = startsOf(
      kyiv('2026-01-06T09:00:00', 'FREQ=WEEKLY;BYDAY=MO;COUNT=3'),
      '2026-01-01T00:00:00',
      '2027-01-01T00:00:00',
    )
    assert.deepEqual(starts, ['2026-01-06T09:00:00', '2026-01-12T09:00:00', '2026-01-19T09:00:00'])
  })

  test('DTSTART is an instance even after UNTIL', () => {
    const text = kyiv('2026-01-06T09:00:00', 'FREQ=DAILY;UNTIL=20260101T000000Z')
    assert.deepEqual(startsOf(text, '2026-01-01T00:00:00', '2027-01-01T00:00:00'), ['2026-01-06T09:00:00'])
  })

  test('COUNT is counted before EXDATE, RDATE is outside COUNT and UNTIL', () => {
    const text = kyiv('2026-01-01T09:00:00', 'FREQ=DAILY;COUNT=3', {
      exdate: ['2026-01-02T09:00:00'],
      rdate: ['2026-02-01T10:00:00', '2025-12-31T10:00:00'],
    })
    assert.deepEqual(startsOf(text, '2025-12-01T00:00:00', '2027-01-01T00:00:00'), [
      '2025-12-31T10:00:00',
      '2026-01-01T09:00:00',
      '2026-01-03T09:00:00',
      '2026-02-01T10:00:00',
    ])
  })

  test('an EXDATE also removes an RDATE and DTSTART, and one that matches nothing does nothing', () => {
    const text = kyiv('2026-01-01T09:00:00', null, {
      rdate: ['2026-01-02T09:00:00', '2026-01-03T09:00:00'],
      exdate: ['2026-01-01T09:00:00', '2026-01-02T07:00:00Z', '2030-01-01T00:00:00'],
    })
    assert.deepEqual(startsOf(text, '2026-01-01T00:00:00', '2027-01-01T00:00:00'), ['2026-01-03T09:00:00'])
  })

  test('an override leaves its place and enters another, also across the border of the window', () => {
    const series = readSeries(
      kyiv('2026-01-01T09:00:00', 'FREQ=DAILY', {
        overrides: [
          { recurrenceId: '2026-01-02T09:00:00', start: '2026-03-01T12:00:00' },
          { recurrenceId: '2026-03-02T09:00:00', start: '2026-06-01T12:00:00' },
          { recurrenceId: '2026-03-03T09:00:00', cancelled: true },
        ],
      }),
    )
    const at = (text: string) => pointOf(series, text)

    const { occurrences } = expand(series, at('2026-03-01T00:00:00'), at('2026-03-05T00:00:00'))

    assert.deepEqual(occurrences, [
      { start: at('2026-03-01T09:00:00'), recurrenceId: at('2026-03-01T09:00:00'), overridden: false },
      { start: at('2026-03-01T12:00:00'), recurrenceId: at('2026-01-02T09:00:00'), overridden: true },
      { start: at('2026-03-04T09:00:00'), recurrenceId: at('2026-03-04T09:00:00'), overridden: false },
    ])
    assert.deepEqual(occursAt(series, at('2026-01-02T09:00:00')), occurrences[1])
    assert.equal(occursAt(series, at('2026-03-03T09:00:00')), null)
    assert.equal(occursAt(series, at('2026-03-01T12:00:00')), null)
  })

  test('the limit answers the earliest occurrences and says that there are more', () => {
    const series = readSeries(
      kyiv('2026-01-01T09:00:00', 'FREQ=DAILY', {
        exdate: ['2026-01-02T09:00:00'],
        overrides: [{ recurrenceId: '2026-01-20T09:00:00', start: '2026-01-03T10:00:00' }],
      }),
    )
    const to = pointOf(series, '2027-01-01T00:00:00')

    const { starts, truncated } = expand(series, 0, to, { limit: 3 })

    assert.equal(truncated, true)
    assert.deepEqual(
      starts.map((start) => wallText(series, start)),
      ['2026-01-01T09:00:00', '2026-01-03T09:00:00', '2026-01-03T10:00:00'],
    )
    assert.equal(expand(series, to, to).starts.length, 0)
    assert.throws(() => expand(series, 0, to, { limit: 0 }), RangeError)
  })

  test('a skipped time moves by the gap, and the earliest come first under a limit', () => {
    const series = readSeries(kyiv('2026-03-29T02:45:00', 'FREQ=MINUTELY;INTERVAL=15'))
    const { starts } = expand(series, 0, Number.POSITIVE_INFINITY, { limit: 4 })
    assert.deepEqual(
      starts.map((start) => wallText(series, start)),
      ['2026-03-29T02:45:00', '2026-03-29T04:00:00', '2026-03-29T04:15:00', '2026-03-29T04:30:00'],
    )
  })

  test('two times that a gap makes one instant are one instance and counted once', () => {
    const hourly = kyiv('2026-03-29T02:00:00', 'FREQ=HOURLY;COUNT=4')
    assert.deepEqual(startsOf(hourly, '2026-03-29T00:00:00', '2026-03-30T00:00:00'), [
      '2026-03-29T02:00:00',
      '2026-03-29T04:00:00',
      '2026-03-29T05:00:00',
      '2026-03-29T06:00:00',
    ])
    // Apia had no 30 December 2011.
    const daily = { ...kyiv('2011-12-29T09:00:00', 'FREQ=DAILY;COUNT=3'), tzid: 'Pacific/Apia' }
    assert.deepEqual(startsOf(daily, '2011-12-01T00:00:00', '2012-02-01T00:00:00'), [
      '2011-12-29T09:00:00',
      '2011-12-31T09:00:00',
      '2012-01-01T09:00:00',
    ])
  })

  test('all-day series are dates, and ignore the parts that concern times', () => {
    const text: SeriesText = { kind: 'date', dtstart: '2026-01-30', rrule: 'FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=9,10' }
    const series = readSeries(text)
    const { starts } = expand(series, pointOf(series, '2026-01-01'), pointOf(series, '2026-04-01'))
    assert.deepEqual(
      starts.map((start) => pointText(series, start)),
      ['2026-01-30', '2026-01-31', '2026-02-28', '2026-03-31'],
    )
  })
})

describe('where implementations differ, the letter of RFC 5545', () => {
  test('YEARLY;BYMONTHDAY without BYMONTH is that day of every month', () => {
    const text = kyiv('2026-01-15T09:00:00', 'FREQ=YEARLY;BYMONTHDAY=15')
    assert.equal(startsOf(text, '2026-01-01T00:00:00', '2027-01-01T00:00:00').length, 12)
  })

  test('BYWEEKNO without BYDAY is the weekday of DTSTART in that week', () => {
    const text = kyiv('2026-05-14T09:00:00', 'FREQ=YEARLY;BYWEEKNO=20')
    assert.deepEqual(startsOf(text, '2026-01-01T00:00:00', '2028-01-01T00:00:00'), [
      '2026-05-14T09:00:00',
      '2027-05-20T09:00:00',
    ])
  })

  test('BYWEEKNO with INTERVAL counts the years to which the weeks belong', () => {
    // 2024-12-30 is the Monday of week 1 of 2025; every second such year has it again in 2027.
    const text = kyiv('2024-12-30T09:00:00', 'FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO')
    assert.deepEqual(startsOf(text, '2024-01-01T00:00:00', '2029-06-01T00:00:00'), [
      '2024-12-30T09:00:00',
      '2027-01-04T09:00:00',
      '2029-01-01T09:00:00',
    ])
  })

  test('BYSETPOS counts from the start of the first period, not from DTSTART', () => {
    const text = kyiv('2026-01-20T09:00:00', 'FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1,4')
    assert.deepEqual(startsOf(text, '2026-01-01T00:00:00', '2026-03-01T00:00:00'), [
      '2026-01-20T09:00:00',
      '2026-01-27T09:00:00',
      '2026-02-03T09:00:00',
      '2026-02-24T09:00:00',
    ])
  })
})

describe('single questions about a series', () => {
  test('the next occurrence is found however far it is', () => {
    const series = readSeries(kyiv('2024-02-29T09:00:00', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=TH'))
    assert.equal(pointText(series, next(series, pointOf(series, '2025-01-01T00:00:00'))!.start), '2052-02-29T07:00:00Z')
    assert.equal(next(readSeries(kyiv('2026-01-01T09:00:00', 'FREQ=DAILY;COUNT=2')), 2_000_000_000), null)
  })

  test('the last start of a series is told from COUNT, UNTIL, RDATE, EXDATE and overrides', () => {
    assert.equal(last(null), '2026-03-01T03:30:00')
    assert.equal(last('FREQ=DAILY;COUNT=3'), '2026-03-03T03:30:00')
    assert.equal(last('FREQ=DAILY;COUNT=29'), '2026-03-29T04:30:00')
    assert.equal(last('FREQ=DAILY;COUNT=3', { exdate: ['2026-03-03T03:30:00'] }), '2026-03-02T03:30:00')
    assert.equal(last('FREQ=DAILY;COUNT=3', { rdate: ['2030-01-01T00:00:00'] }), '2030-01-01T00:00:00')
    assert.equal(last('FREQ=YEARLY;UNTIL=20400301T013000Z'), '2040-03-01T03:30:00')
    assert.equal(
      last('FREQ=DAILY;COUNT=1', {
        overrides: [{ recurrenceId: '2026-03-01T03:30:00', start: '2026-02-01T00:00:00' }],
      }),
      '2026-02-01T00:00:00',
    )
    assert.equal(last(null, { exdate: ['2026-03-01T03:30:00'] }), null)
    assert.equal(last('FREQ=DAILY'), null)
  })

  test('what is wrong with a series is said of the property that is wrong', () => {
    const refused: [SeriesText, string][] = [
      [{ ...kyiv('2026-01-01T09:00:00', null), tzid: 'Mars/Olympus' }, 'TZID'],
      [{ ...kyiv('2026-01-01T09:00:00', null), tzid: null }, 'TZID'],
      [{ kind: 'floating', tzid: 'Europe/Kyiv', dtstart: '2026-01-01T09:00:00' }, 'TZID'],
      [kyiv('2026-02-30T09:00:00', null), 'DTSTART'],
      [kyiv('2026-02-28', null), 'DTSTART'],
      [{ kind: 'date', dtstart: '2026-02-28T09:00:00' }, 'DTSTART'],
      [{ kind: 'floating', dtstart: '2026-02-28T09:00:00Z' }, 'DTSTART'],
      [kyiv('2026-01-01T09:00:00', null, { exdate: ['soon'] }), 'EXDATE'],
      [kyiv('2026-01-01T09:00:00', null, { rdate: ['2026-01-01T25:00:00'] }), 'RDATE'],
      [kyiv('2026-01-01T09:00:00', null, { overrides: [{ recurrenceId: '2026-01-01T09:00:00' }] }), 'RECURRENCE-ID'],
      [
        kyiv('2026-01-01T09:00:00', null, { exdate: Array.from({ length: 10_001 }, () => '2026-01-01T09:00:00') }),
        'EXDATE',
      ],
    ]
    for (const [text, part] of refused)
      assert.throws(
        () => readSeries(text),
        (error: unknown) => error instanceof RuleError && error.part === part,
        part,
      )
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cancelOccurrence, expand, moveOccurrence, readSeries, RuleError, splitSeries, wallText } from './index.ts'
import type { SeriesText } from './index.ts'
import { FREQUENCIES, isSubDaily } from './rule.ts'
import { between, pick, randomRule, seeded } from './proof/random-rules.ts'
import type { Random } from './proof/random-rules.ts'

const weekly: SeriesText = {
  kind: 'zoned',
  tzid: 'Europe/Kyiv',
  dtstart: '2026-01-05T09:00:00',
  rrule: 'FREQ=WEEKLY;COUNT=6',
  exdate: ['2026-01-12T09:00:00', '2026-01-26T09:00:00'],
  rdate: ['2026-01-20T15:00:00'],
  overrides: [
    { recurrenceId: '2026-01-05T09:00:00', start: '2026-01-06T09:00:00' },
    { recurrenceId: '2026-02-02T09:00:00', cancelled: true },
  ],
}

/** Recurrence-id and start of each occurrence of a series. */
function occurrences(text: SeriesText): string[] {
  const { occurrences: found, truncated } = expand(readSeries(text), -1e11, 1.85e9, { limit: 3000 })
  assert.ok(!truncated || found.length === 3000, JSON.stringify(text))
  return found.map(({ recurrenceId, start }) => `${recurrenceId} ${start}`)
}

/** A series by chance, near a change of clocks, with exceptions among its instances. */
function randomSeries(random: Random): SeriesText {
  const freq = pick(random, FREQUENCIES)
  const [tzid, change] = pick(random, [
    ['Europe/Kyiv', '2026-03-29T03:00:00'],
    ['Europe/Kyiv', '2026-10-25T03:00:00'],
    ['Australia/Lord_Howe', '2026-10-04T02:00:00'],
    ['Pacific/Apia', '2011-12-30T00:00:00'],
    ['America/St_Johns', '2026-03-08T02:00:00'],
  ] as const)
  const kind = pick(random, ['zoned', 'zoned', 'zoned', 'floating', 'utc'] as const)
  const dtstart = Temporal.PlainDateTime.from(change)
    .add({ minutes: 15 * between(random, -4, 4) })
    .subtract({ days: isSubDaily(freq) ? 0 : between(random, 0, 9) })
    .toString({ smallestUnit: 'second' })
  const end = pick(random, [
    ';COUNT=3',
    ';COUNT=9',
    ';COUNT=40',
    kind === 'floating' ? ';UNTIL=20270101T000000' : ';UNTIL=20270101T000000Z',
  ])
  const rrule = randomRule(random, freq, [0, 1, 2, 3, 4]) + (freq === 'SECONDLY' ? ';COUNT=50' : end)
  const text = { kind, tzid: kind === 'zoned' ? tzid : null, dtstart, rrule } satisfies SeriesText
  const series = readSeries(text)
  const starts = expand(series, -1e11, 1.85e9, { limit: 30 }).starts
  const some = () => wallText(series, pick(random, starts))
  const elsewhere = () => wallText(series, pick(random, starts) + 900 * between(random, -200, 200))
  return {
    ...text,
    exdate: random() < 0.5 ? [some()] : [],
    rdate: random() < 0.5 ? [elsewhere(), elsewhere()] : [],
    overrides: random() < 0.5 ? [{ recurrenceId: some(), start: elsewhere() }] : [],
  }
}

describe('this and following', () => {
  test('the first series ends before the occurrence, the second begins there with what is left of COUNT', () => {
    const { before, after } = splitSeries(weekly, '2026-01-19T09:00:00')

    assert.deepEqual(before, {
      ...weekly,
      rrule: 'FREQ=WEEKLY;UNTIL=20260119T065959Z',
      exdate: ['2026-01-12T09:00:00'],
      rdate: [],
      overrides: [weekly.overrides![0]],
    })
    assert.deepEqual(after, {
      ...weekly,
      dtstart: '2026-01-19T09:00:00',
      rrule: 'FREQ=WEEKLY;COUNT=4',
      exdate: ['2026-01-26T09:00:00'],
      overrides: [weekly.overrides![1]],
    })
  })

  test('at the first occurrence there is nothing before', () => {
    assert.deepEqual(splitSeries(weekly, '2026-01-05T09:00:00'), { before: null, after: weekly })
  })

  test('at an RDATE the rule of the second series goes on from its next instance', () => {
    const { after } = splitSeries(weekly, '2026-01-20T15:00:00')
    assert.equal(after.dtstart, '2026-01-26T09:00:00')
    assert.equal(after.rrule, 'FREQ=WEEKLY;COUNT=3')
    assert.deepEqual(after.rdate, ['2026-01-20T15:00:00'])
  })

  test('a series of whole days ends with the day before', () => {
    const { before, after } = splitSeries({ kind: 'date', dtstart: '2026-02-27', rrule: 'FREQ=DAILY' }, '2026-03-01')
    assert.equal(before!.rrule, 'FREQ=DAILY;UNTIL=20260228')
    assert.equal(after.dtstart, '2026-03-01')
    assert.equal(after.rrule, 'FREQ=DAILY')
  })

  test('both halves together are the series that was split, whatever the series and wherever the split', () => {
    const random = seeded(8)
    let splits = 0
    for (let i = 0; i < 300; i++) {
      const text = randomSeries(random)
      const series = readSeries(text)
      const whole = occurrences(text)
      const ids = whole.map((each) => Number(each.split(' ')[0])).filter((id) => !series.overrides.has(id))
      if (ids.length === 0) continue
      const at = pick(random, ids)

      const { before, after } = splitSeries(text, wallText(series, at))

      const message = JSON.stringify({ text, at: wallText(series, at), before, after })
      const first = before ? occurrences(before) : []
      const second = occurrences(after)
      assert.ok(
        first.every((each) => Number(each.split(' ')[0]) < at),
        message,
      )
      assert.ok(
        second.every((each) => Number(each.split(' ')[0]) >= at),
        message,
      )
      if (whole.length < 3000) assert.deepEqual([...first, ...second].toSorted(), whole.toSorted(), message)
      splits++
    }
    assert.ok(splits > 250, `only ${splits} splits`)
  })
})

describe('this one', () => {
  test('cancelling is an EXDATE and takes an override with it', () => {
    const { exdate, overrides } = cancelOccurrence(weekly, '2026-01-05T09:00:00')
    assert.equal(exdate!.at(-1), '2026-01-05T09:00:00')
    assert.deepEqual(overrides, [weekly.overrides![1]])
  })

  test('moving is an override in place of an earlier one', () => {
    const { overrides } = moveOccurrence(weekly, '2026-01-05T09:00:00', '2026-01-07T10:00:00')
    assert.deepEqual(overrides, [
      weekly.overrides![1],
      { recurrenceId: '2026-01-05T09:00:00', start: '2026-01-07T10:00:00' },
    ])
  })

  test('what the series does not have is refused', () => {
    for (const change of [
      splitSeries,
      cancelOccurrence,
      (text: SeriesText, id: string) => moveOccurrence(text, id, id),
    ])
      for (const id of ['2026-01-06T09:00:00', '2026-01-12T09:00:00', '2027-01-04T09:00:00'])
        assert.throws(() => change(weekly, id), RuleError)
  })
})

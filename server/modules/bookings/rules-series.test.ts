import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../platform/errors.ts'
import { keptUntil, mostOccurrences, movedAlong, readRule } from './rules-series.ts'

const at = (text: string): Temporal.Instant => Temporal.Instant.from(text)
const startsOf = (rule: string, zone: string, first: string): string[] =>
  readRule(rule, zone, at(first)).starts.map(String)

test('UNTIL as a date is the end of that day by the clock of the series, and included', () => {
  const rule = 'FREQ=DAILY;UNTIL=20260121'

  assert.deepEqual(startsOf(rule, 'Pacific/Auckland', '2026-01-20T20:00:00Z'), ['2026-01-20T20:00:00Z'])
  assert.equal(startsOf(rule, 'America/New_York', '2026-01-20T20:00:00Z').length, 2)
  assert.equal(readRule(rule, 'UTC', at('2026-01-20T20:00:00Z')).rule, 'FREQ=DAILY;UNTIL=20260121T235959Z')
})

test('a time that the clock skips is an hour later that day and no other', () => {
  const starts = startsOf('FREQ=DAILY;COUNT=3', 'Europe/Kyiv', '2026-03-28T01:30:00Z')

  assert.deepEqual(starts, ['2026-03-28T01:30:00Z', '2026-03-29T01:30:00Z', '2026-03-30T00:30:00Z'])
})

test('whoever picks the second pass of a repeated hour has it, and the first one of it on no other day', () => {
  const starts = startsOf('FREQ=WEEKLY;COUNT=2', 'Europe/Kyiv', '2026-10-25T01:30:00Z')

  assert.deepEqual(starts, ['2026-10-25T01:30:00Z', '2026-11-01T01:30:00Z'])
})

test('the given start is the first, also when it does not match the rule', () => {
  const starts = startsOf('FREQ=WEEKLY;BYDAY=WE;COUNT=3', 'UTC', '2026-01-19T10:00:00Z')

  assert.deepEqual(starts[0], '2026-01-19T10:00:00Z')
  assert.deepEqual(starts.slice(1, 3), ['2026-01-21T10:00:00Z', '2026-01-28T10:00:00Z'])
})

test('a year of weeks is the most, whatever a rule asks for, and costs no time to refuse', () => {
  const first = at('2026-01-19T10:00:00Z')
  assert.equal(readRule(`FREQ=WEEKLY;COUNT=${mostOccurrences}`, 'UTC', first).starts.length, 52)

  for (const rule of ['FREQ=WEEKLY;COUNT=53', 'FREQ=DAILY;COUNT=9007199254740991', 'FREQ=DAILY;UNTIL=99991231'])
    assert.throws(
      () => readRule(rule, 'UTC', first),
      (error: unknown) => error instanceof AppError && error.details?.[0]?.rule === 'too_many',
      rule,
    )
})

test('a series that would end before it begins, or never come to as many as it says, is refused', () => {
  const wrong = [
    ['FREQ=WEEKLY;UNTIL=20200101', 'until'],
    ['FREQ=WEEKLY;UNTIL=20260119T095959Z', 'until'],
    ['FREQ=MONTHLY;BYDAY=6MO;COUNT=6', 'too_few'],
    ['FREQ=WEEKLY;INTERVAL=999999999;COUNT=3', 'too_few'],
  ] as const

  for (const [rule, name] of wrong)
    assert.throws(
      () => readRule(rule, 'UTC', at('2026-01-19T10:00:00Z')),
      (error: unknown) => error instanceof AppError && error.details?.[0]?.rule === name,
      rule,
    )
  assert.equal(startsOf('FREQ=WEEKLY;UNTIL=20260119', 'UTC', '2026-01-19T10:00:00Z').length, 1)
  assert.equal(startsOf('FREQ=WEEKLY;INTERVAL=999999999;COUNT=1', 'UTC', '2026-01-19T10:00:00Z').length, 1)
})

test('a moved series keeps the days between its bookings, and all take the new time of day', () => {
  const [from, to] = [at('2026-03-17T08:00:00Z'), at('2026-03-18T11:30:00Z')]
  const moved = (text: string): string => movedAlong(at(text), from, to, 'Europe/Kyiv').toString()

  assert.equal(moved('2026-03-17T08:00:00Z'), '2026-03-18T11:30:00Z')
  // After the clocks have changed, half past one in the afternoon is an hour earlier.
  assert.equal(moved('2026-03-31T07:00:00Z'), '2026-04-01T10:30:00Z')
})

test('what is not paid yet is held until two days before it, never less than a hold, never beyond its start', () => {
  const now = at('2026-01-12T08:00:00Z')

  assert.equal(keptUntil(now, at('2026-01-20T10:00:00Z'), 30).toString(), '2026-01-18T10:00:00Z')
  assert.equal(keptUntil(now, at('2026-01-13T10:00:00Z'), 30).toString(), '2026-01-12T08:30:00Z')
  assert.equal(keptUntil(now, at('2026-01-12T08:10:00Z'), 30).toString(), '2026-01-12T08:10:00Z')
})

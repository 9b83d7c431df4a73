import assert from 'node:assert/strict'
import { test } from 'node:test'
import { edgeOf, hoursOf, minutesByHour, stepOf } from './rules.ts'

const at = (text: string): Temporal.Instant => Temporal.Instant.from(text)

test('A date is an edge of the span on the clocks of its zone, the last one included; an instant is itself', () => {
  assert.equal(edgeOf('2026-03-29', 'Europe/Kyiv', false).toString(), '2026-03-28T22:00:00Z')
  assert.equal(edgeOf('2026-03-29', 'Europe/Kyiv', true).toString(), '2026-03-29T21:00:00Z')
  assert.equal(edgeOf('2026-03-29T10:00:00+02:00', 'Europe/Kyiv', true).toString(), '2026-03-29T08:00:00Z')
})

test('Every hour of the day has its minutes: one is missing in spring, one comes twice in autumn', () => {
  const spring = minutesByHour('Europe/Kyiv', at('2026-03-28T22:00:00Z'), at('2026-03-29T21:00:00Z'))
  const autumn = minutesByHour('Europe/Kyiv', at('2026-10-24T21:00:00Z'), at('2026-10-25T22:00:00Z'))
  const days = minutesByHour('Asia/Kathmandu', at('2026-01-01T18:15:00Z'), at('2026-01-03T18:15:00Z'))
  const part = minutesByHour('UTC', at('2026-01-01T23:30:00Z'), at('2026-01-02T01:15:00Z'))

  assert.deepEqual([spring[2], spring[3], spring[4]], [60, 0, 60])
  assert.deepEqual([autumn[2], autumn[3], autumn[4]], [60, 120, 60])
  assert.deepEqual(
    days,
    Array.from({ length: 24 }, () => 120),
  )
  assert.deepEqual([part[23], part[0], part[1], part[2]], [30, 60, 15, 0])
})

test('A span is cut into hours where the clocks go by hours, and finer where they do not', () => {
  const [from, to] = [at('2026-01-01T00:00:00Z'), at('2026-12-31T00:00:00Z')]

  const steps = ['Europe/Kyiv', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC'].map((zone) =>
    stepOf(zone, from, to),
  )

  assert.deepEqual(steps, [60, 30, 15, 30, 60])
  assert.equal(stepOf('Australia/Lord_Howe', at('2026-01-01T00:00:00Z'), at('2026-01-02T00:00:00Z')), 60)
  assert.equal(hoursOf(100), 1.67)
})

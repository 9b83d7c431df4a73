import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { expand, occursAt, pointOf, pointText, readSeries } from './index.ts'
import type { SeriesText } from './index.ts'

interface Vector extends SeriesText {
  id: string
  class: string
  from: string
  to: string
  expected: string[]
}

const vectors = readFileSync(new URL('../vectors/recurrence.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Vector => JSON.parse(line))

describe('the shared recurrence vectors', () => {
  for (const kind of new Set(vectors.map((vector) => vector.class)))
    test(`every case of class ${kind} is expanded as several independent implementations agree`, () => {
      for (const vector of vectors.filter((each) => each.class === kind)) {
        const series = readSeries(vector)

        const { starts, truncated } = expand(series, pointOf(series, vector.from), pointOf(series, vector.to))

        assert.deepEqual(
          starts.map((start) => pointText(series, start)),
          vector.expected,
          `${vector.id} ${vector.dtstart} ${vector.rrule}`,
        )
        assert.equal(truncated, false, vector.id)
      }
    })

  test('each start in a window answers to its RECURRENCE-ID', () => {
    for (const vector of vectors) {
      const series = readSeries(vector)

      const { occurrences } = expand(series, pointOf(series, vector.from), pointOf(series, vector.to))

      for (const occurrence of occurrences)
        assert.deepEqual(occursAt(series, occurrence.recurrenceId), occurrence, vector.id)
    }
  })

  test('there are vectors to check', () => assert.ok(vectors.length >= 269))
})

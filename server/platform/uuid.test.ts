import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uuid7 } from './uuid.ts'

const now = Temporal.Instant.from('2026-01-12T08:00:00.123Z')

test('An identifier is a UUID of version 7 that begins with its millisecond', () => {
  const id = uuid7(now)

  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.equal(Number.parseInt(id.replace('-', '').slice(0, 12), 16), now.epochMilliseconds)
})

test('What is made later is greater, also ten thousand times within a millisecond', () => {
  const made = Array.from({ length: 10_000 }, () => uuid7(now))
  const later = uuid7(now.add({ milliseconds: 1 }))

  assert.deepEqual(made, made.toSorted())
  assert.equal(new Set(made).size, made.length)
  assert.ok(later > made.at(-1)!)
})

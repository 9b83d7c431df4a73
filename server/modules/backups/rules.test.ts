import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyOfContent, keyOfName, nameOf, nameOfKey, outlived, parseName } from './rules.ts'

const now = Temporal.Instant.from('2026-03-02T12:00:00Z')
const keeping = { days: 14, weeks: 8, zone: 'Europe/Kyiv', now }
const at = (daysAgo: number, isGood = true) => ({
  ...parseName(nameOf('database', now.subtract({ hours: Math.round(24 * daysAgo) }), '86b0ab6d00000000', 'ffff'))!,
  isGood,
})
/** Which of these days are left. */
const left = (days: ReturnType<typeof at>[], with_ = keeping): number[] => {
  const gone = new Set(outlived(days, with_))
  return days.filter(({ name }) => !gone.has(name)).map((one) => Math.round(now.since(one.at).total('hours') / 24))
}

test('A name says what, when and whose, and leads to its place and back', () => {
  const name = nameOf('files', Temporal.Instant.from('2026-01-12T12:00:05.5Z'), '86b0ab6d4c2f0000', '3f1f99')

  assert.equal(name, 'files-20260112t120005z-86b0ab6d-3f1f')
  assert.deepEqual(parseName(name), {
    name,
    kind: 'files',
    at: Temporal.Instant.from('2026-01-12T12:00:05Z'),
    owner: '86b0ab6d',
  })
  assert.equal(keyOfName(name), 'files/20260112t120005z-86b0ab6d-3f1f.backup')
  assert.equal(nameOfKey(keyOfName(name)), name)
  assert.equal(keyOfContent('86b0ab6d4c2f0000', 'abcdef'), 'contents/86b0ab6d/ab/abcdef.content')
})

test('What is no name of a backup is none', () => {
  for (const name of [
    '',
    'database',
    'database-20261312t120000z-86b0ab6d-3f1f',
    'other-20260112t120000z-86b0ab6d-3f1f',
  ])
    assert.equal(parseName(name), null, name)
})

test('Every backup of the last days stays, then the last good one of each week, and the rest goes', () => {
  const daily = Array.from({ length: 100 }, (_, days) => at(days))

  const kept = left(daily)

  assert.deepEqual(
    kept.slice(0, 15),
    Array.from({ length: 15 }, (_, days) => days),
  )
  // Sundays of the weeks before: 2 March 2026 is a Monday.
  assert.deepEqual(kept.slice(15), [15, 22, 29, 36, 43, 50])
})

test('A bad one is not the one of its week', () => {
  const kept = left([at(0), at(22, false), at(23), at(24)])

  assert.deepEqual(kept, [0, 23])
})

test('The last good one stays, however old, and without any the newest', () => {
  assert.deepEqual(left([at(200), at(300)]), [200])
  assert.deepEqual(left([at(199, false), at(200), at(300)]), [200])
  assert.deepEqual(left([at(199, false), at(200, false)]), [199])
  assert.deepEqual(left([]), [])
})

test('Days begin at midnight of TIME_ZONE', () => {
  const noon = { ...keeping, days: 1, weeks: 0 }
  const early = at(38 / 24)

  assert.deepEqual(left([at(0), early], { ...noon, zone: 'UTC' }), [0])
  assert.deepEqual(left([at(0), early], { ...noon, zone: 'Europe/Kyiv' }), [0, 2])
})

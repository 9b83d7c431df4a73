import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeableUntil, difference, noTotals, shownGuest, shownName, summarize } from './rules.ts'

test('a name is shown as the first one and the initial of the last', () => {
  const cases: [first: string, last: string, shown: string | null][] = [
    ['Olena', 'Koval', 'Olena K.'],
    ['Олена', 'коваль', 'Олена К.'],
    ['José María', 'de la Cruz', 'José C.'],
    ['Olena', '', 'Olena'],
    ['', 'Koval', null],
    ['', '', null],
    ['Ana', '👩‍👩‍👧', 'Ana 👩‍👩‍👧.'],
    ['olena@example.com', 'Koval', null],
    ['Olena', '+380501234567', 'Olena'],
    ['https://spam.example', '', null],
  ]
  for (const [first, last, shown] of cases) assert.equal(shownName(first, last), shown)
})

test('a guest’s name is one text, of which a telephone number is never shown', () => {
  assert.equal(shownGuest('Olena'), 'Olena')
  assert.equal(shownGuest('  Olena   Petrivna Koval '), 'Olena K.')
  assert.equal(shownGuest('+380 50 123'), null)
  assert.equal(shownGuest('Olena 0501234567'), 'Olena')
})

test('the average has two decimals and is null without a review', () => {
  assert.deepEqual(summarize(noTotals), { average: null, count: 0, sum: 0 })
  assert.deepEqual(summarize({ ...noTotals, 5: 2, 4: 1 }), { average: 4.67, count: 3, sum: 14 })
})

test('a change takes away what it gave before and adds what it gives now', () => {
  assert.deepEqual(difference(null, 5), { totals: { ...noTotals, 5: 1 }, sum: 5, count: 1 })
  assert.deepEqual(difference(2, 5), { totals: { ...noTotals, 2: -1, 5: 1 }, sum: 3, count: 0 })
  assert.deepEqual(difference(2, null), { totals: { ...noTotals, 2: -1 }, sum: -2, count: -1 })
})

test('a review is changeable for thirty days, until it is answered or hidden', () => {
  const at = Temporal.Instant.from('2026-01-12T08:00:00Z')
  const open = { answered_at: null, hidden_at: null, created_at: at }

  assert.equal(changeableUntil(open)?.toString(), '2026-02-11T08:00:00Z')
  assert.equal(changeableUntil({ ...open, answered_at: at }), null)
  assert.equal(changeableUntil({ ...open, hidden_at: at }), null)
})

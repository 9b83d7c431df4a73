import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fold, searchPatterns } from './fold.ts'

test('text is found whatever its case, accents, strokes and ligatures', () => {
  const pairs = [
    ['ÉLAN', 'elan'],
    ['Straße', 'STRASSE'],
    ['Sœur', 'soeur'],
    ['Łódź', 'lodz'],
    ['København', 'kobenhavn'],
    ['Þórr', 'thorr'],
    ['МАСАЖ ЇЖАКА', 'масаж іжака'],
    ['ﬁne', 'FINE'],
  ] as const

  for (const [written, asked] of pairs) assert.equal(fold(written), fold(asked))
})

test('a search is the words of it, each somewhere, and what means something in a pattern means itself', () => {
  assert.deepEqual(searchPatterns('  Тайский  100%_a '), ['%таискии%', String.raw`%100\%\_a%`])
  assert.deepEqual(searchPatterns('  '), [])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deepestLevel, levelOf, nameKey, placeProblem, withBelow, type Placed } from './rules.ts'

/** A chain of so many departments: d1 on top, each below the one before. */
const chain = (length: number): Placed[] =>
  Array.from({ length }, (_, i) => ({ id: `d${i + 1}`, parent_id: i === 0 ? null : `d${i}` }))
const tree: Placed[] = [
  { id: 'a', parent_id: null },
  { id: 'b', parent_id: 'a' },
  { id: 'c', parent_id: 'b' },
  { id: 'd', parent_id: 'a' },
  { id: 'e', parent_id: null },
]

test('A department with everything below it is found, and nothing beside it', () => {
  assert.deepEqual([...withBelow(tree, 'a')].toSorted(), ['a', 'b', 'c', 'd'])
  assert.deepEqual([...withBelow(tree, 'c')], ['c'])
  assert.deepEqual([levelOf(tree, 'c'), levelOf(tree, 'e'), levelOf(tree, null)], [3, 1, 0])
})

test('A department cannot stand below itself, directly or by way of others, and may stand anywhere else', () => {
  const moves: [string, string | null, string | null][] = [
    ['a', 'a', 'circle'],
    ['a', 'c', 'circle'],
    ['b', 'c', 'circle'],
    ['c', 'e', null],
    ['a', 'e', null],
    ['b', null, null],
    ['d', 'c', null],
  ]

  assert.deepEqual(
    moves.map(([id, parent]) => placeProblem(tree, id, parent)),
    moves.map(([, , problem]) => problem),
  )
})

test('The tree is at most twenty levels deep, also when a whole branch moves', () => {
  const deep = [...chain(deepestLevel), { id: 'x', parent_id: null }, { id: 'y', parent_id: 'x' }]

  assert.equal(placeProblem(deep, null, `d${deepestLevel}`), 'too_deep')
  assert.equal(placeProblem(deep, null, `d${deepestLevel - 1}`), null)
  assert.equal(placeProblem(deep, 'x', `d${deepestLevel - 1}`), 'too_deep')
  assert.equal(placeProblem(deep, 'x', `d${deepestLevel - 2}`), null)
})

test('Names of siblings are compared without case, spaces around and ways to write a letter', () => {
  assert.equal(nameKey(' Продажі '), nameKey('ПРОДАЖІ'))
  assert.equal(nameKey('Café'), nameKey('Cafe\u0301'))
  assert.notEqual(nameKey('Cafe'), nameKey('Café'))
})

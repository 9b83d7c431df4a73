import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chanceOf } from './brute/random.ts'
import { contains, gaps, indexAt, intersect, normal, pushOverlapping, startsWithin, subtract } from './intervals.ts'
import type { Intervals } from './intervals.ts'

/** The integers of 0 to 59 that a list holds, by trying each. */
const members = (list: Intervals) => {
  const found: number[] = []
  for (let t = 0; t < 60; t++) if (list.some((from, i) => i % 2 === 0 && from <= t && t < list[i + 1]!)) found.push(t)
  return found
}
const isNormal = (list: Intervals) => list.every((value, i) => i === 0 || value > list[i - 1]!)

test('a normal list is sorted, its touching and overlapping intervals are one, empty ones are gone', () => {
  assert.deepEqual(normal([5, 9, 0, 5, 20, 20, 30, 25, 12, 14, 13, 18]), [0, 9, 12, 18])
  assert.deepEqual(normal([]), [])
  assert.deepEqual(normal([7, 7]), [])
})

test('a list that is normal already is not copied', () => {
  const list = [1, 2, 3, 4]

  assert.equal(normal(list), list)
})

test('intervals are half-open: the end is not in, the start is', () => {
  assert.deepEqual(
    [4, 5, 8, 9].map((t) => contains([5, 9], t)),
    [false, true, true, false],
  )
  assert.equal(indexAt([0, 5, 7, 9], 7), 2)
  assert.equal(indexAt([0, 5, 7, 9], 5), -1)
})

test('a start fits if its whole length does', () => {
  assert.deepEqual(startsWithin([0, 10, 20, 25], 6), [0, 5])
  assert.deepEqual(startsWithin([0, 6], 6), [0, 1])
})

test('what overlaps an interval is neither what ends where it begins nor what begins where it ends', () => {
  const starts: number[] = []

  pushOverlapping([100, 130, 200, 200, 120, 150, 40, 50], 10, 30, starts)

  assert.deepEqual(starts, [71, 160, 11, 60])
})

test('all operations agree with sets of integers, on random lists', () => {
  const chance = chanceOf(3)
  const list = () =>
    Array.from({ length: chance.int(0, 6) }, () => chance.int(0, 50)).flatMap((from) => [
      from,
      from + chance.int(-1, 12),
    ])
  for (let round = 0; round < 2000; round++) {
    const [rawA, rawB] = [list(), list()]
    const [a, b] = [normal(rawA), normal(rawB)]
    const [inA, inB] = [members(rawA), new Set(members(rawB))]
    const [from, to, length] = [chance.int(0, 30), chance.int(20, 59), chance.int(1, 9)]

    assert.deepEqual(members(a), inA)
    assert.deepEqual(
      members(subtract(a, b)),
      inA.filter((t) => !inB.has(t)),
    )
    assert.deepEqual(
      members(intersect(a, b)),
      inA.filter((t) => inB.has(t)),
    )
    const expectedGaps = Array.from({ length: 60 }, (_, t) => t).filter((t) => t >= from && t < to && !inB.has(t))
    assert.deepEqual(members(gaps(b, from, to)), expectedGaps)
    const fitting = inA.filter((t) => Array.from({ length }, (_, n) => t + n).every((m) => inA.includes(m)))
    assert.deepEqual(
      members(startsWithin(a, length)).filter((t) => t + length <= 60),
      fitting,
    )
    for (const result of [a, subtract(a, b), intersect(a, b), gaps(b, from, to), startsWithin(a, length)])
      assert.ok(isNormal(result), `${result.join(' ')} of ${rawA.join(' ')} and ${rawB.join(' ')}`)
    const hit = Array.from({ length: 60 }, (_, t) => t)
    assert.deepEqual(
      hit.map((t) => contains(a, t)),
      hit.map((t) => inA.includes(t)),
    )
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CompiledQuery } from 'kysely'
import { openHouse } from '../../../test/support.ts'
import { ownBytes } from '../bytes.ts'
import { RowCache } from './row-cache.ts'
import { readThrough } from './transaction.ts'

const house = await openHouse()
const ctx = house.ctx()

type Thing = { id: number; name: string | null; at: Temporal.Instant }

/** A cache, what it was asked to make, and how rows are read through it. */
function counted() {
  const made: Thing[] = []
  const cache = new RowCache((row: Thing) => {
    made.push(row)
    return { ...row }
  })
  const read = (text: string, values: unknown[] = [0]) =>
    readThrough(ctx, cache, CompiledQuery.raw(text, values) as CompiledQuery<Thing>)
  return { made, read }
}

const things = (names: string) =>
  `SELECT id, name, timestamptz '2026-01-15 10:00Z' + id * interval '1 hour' AS at FROM (VALUES ${names}) AS v(id, name) WHERE id > $1 ORDER BY id`

test('A row that comes as it came before is what was made of it then, in whatever statement it stands', async () => {
  const { made, read } = counted()
  const first = await read(things(`(1, 'one'), (2, NULL), (3, 'Київ')`))
  const again = await read(things(`(1, 'one'), (2, NULL), (3, 'Київ')`))
  const other = await read(things(`(3, 'Київ'), (4, 'four')`), [2])

  assert.deepEqual(
    first.map(({ id, name, at }) => [id, name, at.toString()]),
    [
      [1, 'one', '2026-01-15T11:00:00Z'],
      [2, null, '2026-01-15T12:00:00Z'],
      [3, 'Київ', '2026-01-15T13:00:00Z'],
    ],
  )
  assert.ok(again.every((thing, i) => thing === first[i]))
  assert.equal(other[0], first[2])
  assert.deepEqual(
    made.map(({ id }) => id),
    [1, 2, 3, 4],
  )
})

test('A row that has changed in anything is made anew, and what was made before stays what it was', async () => {
  const { made, read } = counted()
  const [before] = await read(things(`(1, 'one')`))
  const [longer] = await read(things(`(1, 'one.')`))
  const [none] = await read(things(`(1, NULL)`))
  const [back] = await read(things(`(1, 'one')`))

  assert.deepEqual([before!.name, longer!.name, none!.name, back!.name], ['one', 'one.', null, 'one'])
  assert.equal(made.length, 4)
})

test('The same bytes under other names or types are another row', async () => {
  const { made, read } = counted()
  await read(`SELECT 1 AS id, '7' AS name WHERE $1 = 0`)
  const [number] = await read(`SELECT 1 AS id, 7 AS name WHERE $1 = 0`)
  const [renamed] = await read(`SELECT 1 AS id, '7' AS label WHERE $1 = 0`)

  assert.deepEqual([number, renamed] as unknown, [
    { id: 1, name: 7 },
    { id: 1, label: '7' },
  ])
  assert.equal(made.length, 3)
})

/** Fifteen rows of 100 kB. */
const many = (from: number) =>
  `SELECT id, repeat('x', 100000) AS name, now() AS at FROM generate_series(${from}, ${from + 14}) AS id WHERE id > $1`

test('What was used since is remembered, what was not is forgotten when there is too much', async () => {
  const { made, read } = counted()
  const one = things(`(1, 'one'), (2, 'two')`)
  const [kept] = await read(one)
  for (let turn = 0; turn < 4; turn++) {
    await read(many(100 + 20 * turn))
    assert.equal((await read(things(`(1, 'one')`)))[0], kept)
  }
  made.length = 0
  const [still] = await read(one)

  assert.equal(still, kept)
  assert.deepEqual(
    made.map(({ id }) => id),
    [2],
  )
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test('What is remembered takes the memory of what is remembered, not of what was read and answered beside it', async () => {
  const cache = new RowCache(({ name }: Thing) => ({ json: ownBytes(JSON.stringify(name)) }))
  collect()
  const before = process.memoryUsage().arrayBuffers
  for (let id = 1; id <= 300; id++) {
    const text = `SELECT $1::int AS id, repeat('x', 700) AS name`
    await readThrough(ctx, cache, CompiledQuery.raw(text, [id]) as CompiledQuery<Thing>)
    for (let other = 0; other < 4; other++) Buffer.from('y'.repeat(16_000))
  }
  // What is garbage is given back by threads of their own, which a busy machine may keep waiting.
  let taken = Infinity
  for (let i = 0; i < 50 && taken >= 3_000_000; i++) {
    collect()
    await sleep(20)
    taken = process.memoryUsage().arrayBuffers - before
  }

  assert.ok(taken < 3_000_000, `${taken} bytes for 300 rows of 1.5 kB`)
})

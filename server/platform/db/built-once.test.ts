import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openHouse } from '../../../test/support.ts'
import { builtOnce } from './built-once.ts'

const house = await openHouse()
const { db } = house.ctx()

test('A statement is built once and asked with the values of each time', async () => {
  let builds = 0
  const found = builtOnce((from, { n, at, none }: { n: number; at: Temporal.Instant; none: string | null }) => {
    builds++
    return sql<object>`SELECT ${n}::int AS n, ${at}::timestamptz AS at, ${none}::text AS none, ${7}::int AS fixed, ${n}::int + 1 AS next`.compile(
      from,
    )
  })
  const at = Temporal.Instant.from('2026-01-15T10:00:00Z')
  const first = await db.executeQuery(found(db, { n: 1, at, none: null }))
  const second = await db.executeQuery(found(db, { n: 5, at: at.add({ hours: 1 }), none: 'x' }))

  assert.deepEqual(JSON.parse(JSON.stringify([...first.rows, ...second.rows])), [
    { n: 1, at: '2026-01-15T10:00:00Z', none: null, fixed: 7, next: 2 },
    { n: 5, at: '2026-01-15T11:00:00Z', none: 'x', fixed: 7, next: 6 },
  ])
  assert.equal(builds, 1)
})

test('Other names are another statement', () => {
  const made = builtOnce((from, row: { title?: string; body?: string }) =>
    from
      .insertInto('notifications')
      .values({ user_id: 1, kind: 'k', title: '', body: '', params: '{}', created_at: sql`now()`, ...row })
      .compile(),
  )
  const [title, body, again] = [made(db, { title: 'a' }), made(db, { body: 'b' }), made(db, { title: 'c' })]

  assert.deepEqual(
    [title, body, again].map(({ parameters }) => parameters),
    [
      [1, 'k', 'a', '', '{}'],
      [1, 'k', '', 'b', '{}'],
      [1, 'k', 'c', '', '{}'],
    ],
  )
})

test('What is undefined is not there, and another shape is another statement', async () => {
  let builds = 0
  const numbers = builtOnce(
    (
      from,
      { least, most }: { least?: number | undefined; most?: number | undefined },
      { descending }: { descending: boolean },
    ) => {
      builds++
      let rows = from.selectFrom(sql<{ n: number }>`generate_series(1, 5)`.as('n')).select(sql<number>`n`.as('n'))
      if (least !== undefined) rows = rows.where(sql<boolean>`n >= ${least}::int`)
      if (most !== undefined) rows = rows.where(sql<boolean>`n <= ${most}::int`)
      return rows.orderBy('n', descending ? 'desc' : 'asc').compile()
    },
  )
  const read = async (input: { least?: number | undefined; most?: number | undefined }, descending: boolean) =>
    (await db.executeQuery(numbers(db, input, { descending }))).rows.map(({ n }) => n)

  assert.deepEqual(await read({ least: 4, most: undefined }, false), [4, 5])
  assert.deepEqual(await read({ least: 3 }, false), [3, 4, 5])
  assert.deepEqual(await read({ least: 3 }, true), [5, 4, 3])
  assert.deepEqual(await read({ most: 2 }, true), [2, 1])
  assert.equal(builds, 3)
})

test('Who asks for many kinds of a statement does not have everybody else’s built each time', () => {
  const shapes: number[] = []
  const numbered = builtOnce((from, _: object, { n }: { n: number }) => {
    shapes.push(n)
    return sql<object>`SELECT ${sql.lit(n)}::int AS n`.compile(from)
  })
  for (let n = 1; n <= 300; n++) numbered(db, {}, { n })
  shapes.length = 0
  for (let again = 0; again < 10; again++) numbered(db, {}, { n: 1 })

  assert.deepEqual(shapes, [1])
})

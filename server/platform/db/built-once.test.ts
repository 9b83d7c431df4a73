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

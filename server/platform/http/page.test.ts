import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { databaseOf } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import { createDatabase, createPool } from '../db/database.ts'
import { pageOf } from './page.ts'

const house = await openHouse()

test('A list that is asked for in a hundred sizes takes only few of the names under which statements are prepared', async (t) => {
  const pool = createPool({ url: databaseOf(house), size: 1, log: house.house.log })
  t.after(() => pool.end())
  const ctx = { ...house.ctx(), db: createDatabase(pool) }
  const rows = ctx.db
    .selectFrom(sql<{ n: number }>`generate_series(1, 100)`.as('n'))
    .where('n', '>', 0 as never)
    .selectAll()

  for (let page_size = 1; page_size <= 100; page_size++) {
    const page = await pageOf(ctx, { page_size }, 'numbers', rows as never)
    assert.equal(page.results.length, page_size)
  }

  const { rows: named } =
    await sql`SELECT name FROM pg_prepared_statements WHERE statement LIKE ${'%generate_series%limit%'}`.execute(ctx.db)
  assert.ok(named.length < 10, `${named.length}`)
})

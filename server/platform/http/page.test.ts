import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { databaseOf } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import { createDatabase, createPool } from '../db/database.ts'
import { links, pageOf } from './page.ts'

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

const at = (url: string, page?: number) => links('https://b.example', url, page === undefined ? {} : { page }, 100)

test('The links of a page ask the same question of its neighbours', () => {
  assert.deepEqual(at('/api/v1/services/'), { next: 'https://b.example/api/v1/services/?page=2', previous: null })
  assert.deepEqual(at('/api/v1/services/?search=%D1%83%D1%80%D0%BE%D0%BA+5&my_page=9'), {
    next: 'https://b.example/api/v1/services/?search=%D1%83%D1%80%D0%BE%D0%BA+5&my_page=9&page=2',
    previous: null,
  })
  assert.deepEqual(at('/api/v1/services/?page=12&city=Kyiv%20$1', 2), {
    next: 'https://b.example/api/v1/services/?page=3&city=Kyiv%20$1',
    previous: 'https://b.example/api/v1/services/?page=1&city=Kyiv%20$1',
  })
  assert.deepEqual(at('http://evil.example/api/v1/services/?page=2', 2), {
    next: 'https://b.example/api/v1/services/?page=3',
    previous: 'https://b.example/api/v1/services/?page=1',
  })
  assert.deepEqual(at('//evil.example/?a=1&page=5', 5), {
    next: null,
    previous: 'https://b.example//evil.example/?a=1&page=4',
  })
})

test('The page is known however its name is written, and only where it is a name', async () => {
  const { token } = await house.person('customer')
  for (let i = 0; i < 3; i++) await house.call('POST', '/api/v1/calendars/', { token, json: { name: `Calendar ${i}` } })
  const asked = (query: string) => house.call('GET', `/api/v1/calendars/?${query}`, { token })

  const encoded = await asked('page_size=1&p%61ge=2&search=')
  const whole = await asked('%70%61%67%65=2&page_size=1')
  const within = at('/api/v1/services/?search=who?page=7&%=1&p%ge=3&subpage=4', 2)

  const { next, previous } = encoded.body['data']
  assert.deepEqual(
    [next, previous].map((link: string) => link.slice(link.indexOf('?'))),
    ['?page_size=1&page=3&search=', '?page_size=1&page=1&search='],
  )
  const followed = await asked(whole.body['data'].next.split('?')[1])
  assert.deepEqual([followed.status, followed.body['data'].previous?.split('?')[1]], [200, 'page=2&page_size=1'])
  assert.equal(within.next, 'https://b.example/api/v1/services/?search=who?page=7&%=1&p%ge=3&subpage=4&page=3')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CompiledQuery, sql } from 'kysely'
import type { Pool } from 'pg'
import type { Context } from '../../platform/context.ts'
import { createDatabase } from '../../platform/db/database.ts'
import type { Statements as Sent } from '../../platform/db/statement.ts'
import { openHouse } from '../../../test/support.ts'
import { getServiceForBooking, reindexCatalog } from './index.ts'
import { listProviders } from './service/providers.ts'
import { listServices } from './service/listings.ts'
import { getService } from './service/services.ts'

/** How the database does what the lists ask of it, at 20,000 services of 2,000 providers: by indexes, never by reading all of them. */

const house = await openHouse()
const ctx = house.ctx()
await sql`INSERT INTO users (email, email_key, role, first_name, last_name, created_at, updated_at)
  SELECT 'p' || i || '@example.com', 'p' || i || '@example.com', 'provider', 'First' || i, 'Last' || i % 97, ${ctx.now}, ${ctx.now} FROM generate_series(1, 2000) i`.execute(
  ctx.db,
)
await sql`INSERT INTO provider_profiles (user_id, city, languages, rating_sum, review_count)
  SELECT id, 'City' || id % 50, ARRAY['en'], 10 + id % 40, 10 FROM users`.execute(ctx.db)
await sql`INSERT INTO users (email, email_key, role, created_at, updated_at)
  SELECT 'c' || i || '@example.com', 'c' || i || '@example.com', 'customer', ${ctx.now}, ${ctx.now} FROM generate_series(1, 20000) i`.execute(
  ctx.db,
)
await sql`INSERT INTO services (provider_id, title, description, price_minor, currency, category, payment, created_at, updated_at)
  SELECT u.id, (ARRAY['Massage', 'Haircut', 'Yoga', 'Repair'])[1 + i % 4] || ' number ' || u.id || ' ' || i, repeat('words about it ' || md5((u.id * 10 + i)::text) || ' ', 5),
    u.id * 7919 % 100000, 'USD', 'Category' || u.id % 30, 'on_site', ${ctx.now}::timestamptz + u.id * interval '1 minute', ${ctx.now}
  FROM users u, generate_series(1, 10) i WHERE u.role = 'provider'`.execute(ctx.db)
await reindexCatalog(ctx)
await sql`VACUUM (ANALYZE) services`.execute(ctx.db)

type Statement = { text: string; plan: string }

/** What a piece of work asks of the database, each statement with the plan that its values get. */
async function statementsOf(work: (ctx: Context) => Promise<unknown>): Promise<Statement[]> {
  const asked: Sent['statements'][number][] = []
  const connect = async () => {
    const client = await house.house.pool.connect()
    const query = (sent: Sent): void => {
      asked.push(...sent.statements)
      client.query(sent)
    }
    return { query, release: () => client.release() }
  }
  await work({ ...ctx, db: createDatabase({ connect } as unknown as Pool) })
  const statements: Statement[] = []
  for (const { text, values } of asked) {
    const { rows } = await ctx.db.executeQuery<Record<string, string>>(
      CompiledQuery.raw(`EXPLAIN ${text}`, [...values]),
    )
    statements.push({ text, plan: rows.map((row) => Object.values(row)[0]).join('\n') })
  }
  return statements
}

/** Tables that are read whole. */
const readWhole = ({ plan }: Statement): string[] =>
  [...plan.matchAll(/Seq Scan on (services|users|provider_profiles|provider_listings)/g)].map((match) => match[1]!)

const asks = async (work: (ctx: Context) => Promise<unknown>): Promise<Statement> => {
  await work(ctx)
  const statements = await statementsOf(work)
  assert.equal(statements.length, 1, statements.map(({ text }) => text).join('\n\n'))
  return statements[0]!
}

for (const ordering of ['-created_at', 'created_at', 'price', '-price', '-rating', 'title'] as const) {
  test(`A page in the order of ${ordering}, the first or a deep one, is one statement along its index`, async () => {
    for (const page of [1, 50, 110, 900]) {
      const statement = await asks((inner) => listServices(inner, { page, ordering }))

      assert.deepEqual(readWhole(statement), [], statement.plan)
      assert.match(statement.plan, /Index (Only )?Scan (Backward )?using services_(newest|by_price|by_rating|by_title)/)
    }
  })
}

test('A deep page shows what counting off from the beginning would show', async () => {
  for (const ordering of ['-created_at', 'price', '-rating', 'title'] as const)
    for (const page of [101, 103, 126, 151, 1000]) {
      const { results } = await listServices(ctx, { page, ordering })
      const column = {
        '-created_at': 'created_at',
        price: 'price_rank',
        '-rating': 'rating_tenths',
        title: 'title_key',
      }
      const sign = ordering.startsWith('-') ? 'DESC' : 'ASC'
      const { rows } = await sql<{ id: number }>`SELECT id FROM services WHERE is_listed
        ORDER BY ${sql.ref(column[ordering])} ${sql.raw(sign)}, id ${sql.raw(sign)} LIMIT 20 OFFSET ${(page - 1) * 20}`.execute(
        ctx.db,
      )

      assert.deepEqual(
        results.map((service) => service.id),
        rows.map((row) => row.id),
        `${ordering} ${page}`,
      )
    }
})

test('A page past the end of a long list is NOT_FOUND', async () => {
  await assert.rejects(listServices(ctx, { page: 1001 }), { code: 'NOT_FOUND' })
  await assert.rejects(listServices(ctx, { page: 5000, ordering: 'price' }), { code: 'NOT_FOUND' })
})

test('A count above 1,000 says of when it is', async () => {
  const { count, countAsOf } = await listServices(ctx, { category: 'Category7' })
  const all = await listServices(ctx, {})

  assert.deepEqual([count, countAsOf], [670, undefined])
  assert.equal(all.count, 20_000)
  assert.ok(all.countAsOf)
})

test('A search for rare words reads their candidates from the trigram index and counts them in the same statement', async () => {
  const statement = await asks((inner) => listServices(inner, { search: 'number 777 YOGA' }))

  assert.deepEqual(readWhole(statement), [], statement.plan)
  assert.match(statement.plan, /Bitmap Index Scan on services_search/)
})

test('A search for common words, once they are known to be common, goes along the order and counts no more', async () => {
  const statement = await asks((inner) => listServices(inner, { search: 'yoga' }))

  assert.deepEqual(readWhole(statement), [], statement.plan)
  assert.match(statement.plan, /Index Scan Backward using services_newest/)
  assert.doesNotMatch(statement.plan, /services_search/)
})

test('Both ways to search find the same', async () => {
  const first = await listServices({ ...ctx, house: { ...ctx.house } }, { search: 'yoga number', ordering: 'price' })
  const again = await listServices(ctx, { search: 'yoga number', ordering: 'price' })
  const known = await listServices(ctx, { search: 'yoga number', ordering: 'price' })

  assert.deepEqual(known.results, first.results)
  assert.deepEqual(known.results, again.results)
  assert.deepEqual([first.count, known.count], [6000, 6000])
})

test('Filters by category, city and provider go by their indexes', async () => {
  const provider = (await listServices(ctx, {})).results[0]!.provider!.id
  for (const query of [{ category: 'category7' }, { city: 'city7' }, { provider }]) {
    const statements = await statementsOf((inner) => listServices(inner, query))

    assert.ok(statements.length <= 2)
    for (const statement of statements) assert.deepEqual(readWhole(statement), [], statement.plan)
  }
})

test('One service, for show and for booking, and one page of providers are one statement each by indexes', async () => {
  const { id } = (await listServices(ctx, {})).results[0]!
  for (const work of [
    (inner: Context) => getService(inner, id),
    (inner: Context) => getServiceForBooking(inner, id),
    (inner: Context) => listProviders(inner, {}),
    (inner: Context) => listProviders(inner, { page: 3, ordering: 'name' }),
  ]) {
    const statement = await asks(work)
    assert.deepEqual(readWhole(statement), [], statement.plan)
  }
})

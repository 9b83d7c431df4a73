import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { Context } from '../../platform/context.ts'
import { openHouse } from '../../../test/support.ts'
import { selectPaymentPage } from './payments/lists.ts'
import { listPayments } from './payments/read.ts'
import { openShop } from './support.fixture.ts'

/** What the lists of payments cost among many of others: a few pages of the database for whoever asks, also for one who has none or few and old ones. */
const many = 30_000

const house = await openHouse()
const { provider, customer, service } = await openShop(house)
const both = await house.person('provider')
const nobody = await house.person('customer')
const { db } = house.house
// The oldest five are paid to somebody who has made three of the others.
await sql`INSERT INTO payables (source_kind, source_id, title, payer_id, provider_id, amount_minor, currency, created_at)
  SELECT 'booking', ${service}::bigint * 1000000 + n, 'Massage', CASE WHEN n BETWEEN 6 AND 8 THEN ${both.id}::bigint ELSE ${customer.id}::bigint END,
    CASE WHEN n <= 5 THEN ${both.id}::bigint ELSE ${provider.id}::bigint END, 100, 'USD', ${house.ctx().now}::timestamptz FROM generate_series(1, ${many}::integer) n`.execute(
  db,
)
await sql`INSERT INTO payments (payable_id, payer_id, provider_id, amount_minor, fee_minor, currency, status, gateway, created_at, updated_at)
  SELECT id, payer_id, provider_id, amount_minor, 10, currency, 'succeeded', 'sandbox', created_at, created_at FROM payables ORDER BY id`.execute(
  db,
)
await sql`VACUUM ANALYZE payments, payables`.execute(db)

const contextOf = (userId: number): Context => ({
  ...house.ctx(),
  actor: {
    userId,
    email: 'a@example.com',
    role: 'provider',
    sessionId: 1,
    permissions: new Set(),
    locale: null,
    timeZone: 'UTC',
  },
})

async function pagesRead(userId: number, page: number): Promise<number> {
  const lists = [{ payer_id: userId }, { provider_id: userId }]
  const { rows } = await sql<{ 'QUERY PLAN': string }>`
    EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) ${selectPaymentPage(house.ctx(), lists, { page })}`.execute(db)
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  assert.doesNotMatch(plan, /Seq Scan/, plan)
  const buffers = /Buffers: shared([^\n]*)/.exec(plan.split('\nPlanning:')[0]!)?.[1] ?? ''
  return [...buffers.matchAll(/(?:hit|read)=(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0)
}

test('the first page of payments is read along their own index by who has many, few old ones or none', async () => {
  for (const [who, most] of [
    [customer, 150],
    [provider, 150],
    [both, 100],
    [nobody, 10],
  ] as const) {
    const pages = await pagesRead(who.id, 1)

    assert.ok(pages < most, `${pages} pages for the person ${who.id}`)
  }
})

test('a deep page costs what lies before it in the index, not in the table', async () => {
  const pages = await pagesRead(customer.id, 200)

  assert.ok(pages < 300, `${pages} pages`)
})

test('what one has paid and what one was paid come as one list, the newest first, whatever the pages', async () => {
  const ids = []
  for (const page of [1, 2, 3]) {
    const { results, count } = await listPayments(contextOf(both.id), { page, page_size: 3 })
    ids.push(...results.map(({ id }) => id))
    assert.equal(count, 8)
  }

  assert.deepEqual(
    ids,
    ids.toSorted((a, b) => b - a),
  )
  assert.equal(new Set(ids).size, 8)
  await assert.rejects(listPayments(contextOf(both.id), { page: 4, page_size: 3 }), { code: 'NOT_FOUND' })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CompiledQuery, sql, type QueryExecutor } from 'kysely'
import type { Context } from '../../platform/context.ts'
import { openHouse } from '../../../test/support.ts'
import {
  countCustomers,
  countUpcoming,
  listNext,
  listPopular,
  selectFacts,
  selectPeople,
  type Scope,
} from './queries.ts'
import { pointsOf, spanOf } from './rules.ts'

/** How the database does it at 60,000 bookings of 200 providers over ten years: by indexes, touching what lies within the span. */

const house = await openHouse()
const ctx = house.ctx()
const organizationId = '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d'
await ctx.db.transaction().execute(async (tx) => {
  await sql`SET LOCAL session_replication_role = replica`.execute(tx)
  await sql`INSERT INTO users (email, email_key, role, created_at, updated_at)
    SELECT 'p' || i, 'p' || i, 'provider', ${ctx.now}::timestamptz - i * interval '1 hour', ${ctx.now} FROM generate_series(1, 20000) i`.execute(
    tx,
  )
  await sql`INSERT INTO services (provider_id, title, description, price_minor, currency, category, payment, created_at, updated_at)
    SELECT id, 'Massage', 'An hour', 100, 'USD', 'SPA', 'on_site', ${ctx.now}, ${ctx.now} FROM users ORDER BY id LIMIT 200`.execute(
    tx,
  )
  await sql`INSERT INTO bookings (session_id, service_id, provider_id, organization_id, customer_id, starts_at, ends_at, seats, status, title, price_minor, currency,
      payment, requires_approval, cancellation_policy, location_type, created_at, updated_at)
    SELECT i, 1 + i % 200, 1 + i % 200, CASE WHEN i % 10 = 0 THEN ${organizationId}::uuid END, 1000 + i % 5000, at, at + interval '1 hour', 1, 'confirmed', 'Massage', 100,
      'USD', 'on_site', false, '[]', 'in_person', at, at
    FROM (SELECT i, ${ctx.now}::timestamptz + (i - 57000) * interval '90 minutes' AS at FROM generate_series(1, 60000) i) b`.execute(
    tx,
  )
})
await house.house.jobs.run('insights.fold')
await sql`SELECT insights_rebuild()`.execute(ctx.db)
for (const table of ['bookings', 'users', 'insight_quarters', 'insight_changes'])
  await sql`VACUUM (ANALYZE) ${sql.table(table)}`.execute(ctx.db)

type Node = {
  'Node Type': string
  'Relation Name'?: string
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: Node[]
}

/** The plans of everything that a piece of work asks, run once with its values. */
async function plansOf(work: (ctx: Context) => Promise<unknown>): Promise<Node[]> {
  const asked: CompiledQuery[] = []
  const listening = (executor: QueryExecutor): QueryExecutor =>
    new Proxy(executor, {
      get: (target, name) => {
        if (name === 'executeQuery')
          return (query: CompiledQuery) => {
            asked.push(query)
            return target.executeQuery(query)
          }
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
  const db = new Proxy(ctx.db, {
    get: (target, name) => {
      if (name === 'getExecutor') return () => listening(target.getExecutor())
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  await work({ ...ctx, db })
  const plans: Node[] = []
  for (const query of asked) {
    const { rows } = await ctx.db.executeQuery<{ 'QUERY PLAN': { Plan: Node }[] }>(
      CompiledQuery.raw(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${query.sql}`, [...query.parameters]),
    )
    plans.push(rows[0]!['QUERY PLAN'][0]!.Plan)
  }
  return plans
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

const span = spanOf(Temporal.PlainDate.from('2025-12-20'), Temporal.PlainDate.from('2026-01-10'), 'Europe/Kyiv')
const points = pointsOf(span, 'day')
const week = ctx.now.add({ hours: 168 })
const scopes: [Scope, number][] = [
  [{ kind: 'platform' }, 800],
  [{ kind: 'organization', organizationId }, 120],
  [{ kind: 'provider', userId: 7 }, 400],
  [{ kind: 'customer', userId: 1007 }, 120],
]

for (const [scope, pages] of scopes)
  for (const [name, work] of Object.entries({
    'its series': (inner: Context) => selectFacts(inner, scope, points),
    'its customers': (inner: Context) => countCustomers(inner, scope, span),
    'its services': (inner: Context) => listPopular(inner, scope, span),
    'what is to come': (inner: Context) => countUpcoming(inner, scope, ctx.now.add({ hours: 24 }), week),
    'its next bookings': (inner: Context) => listNext(inner, scope, 5),
  }))
    test(`Of 60,000 bookings over ten years ${name} (${scope.kind}) reads three weeks`, async () => {
      const plans = await plansOf(work)

      assert.equal(plans.length, 1)
      for (const plan of plans) {
        const whole = nodesOf(plan).filter(
          (node) =>
            node['Node Type'] === 'Seq Scan' &&
            ['bookings', 'insight_quarters', 'users'].includes(node['Relation Name'] ?? ''),
        )
        assert.deepEqual(whole, [])
        // Those of a customer's earlier bookings are looked up for each customer of the span: four pages of a tree each.
        const most = name === 'its customers' ? pages + 400 * 12 : pages
        assert.ok(plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] <= most, JSON.stringify(plan))
      }
    })

test('Who registered is read from its index', async () => {
  const [plan] = await plansOf((inner) => selectPeople(inner, points))

  assert.deepEqual(
    nodesOf(plan!).filter((node) => node['Node Type'] === 'Seq Scan'),
    [],
  )
})

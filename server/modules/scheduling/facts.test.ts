import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { peopleOf } from '../../../test/people.ts'
import { openHouse } from '../../../test/support.ts'
import { factsOf, resourcesFor } from './index.ts'
import { factsQuery } from './queries/facts.ts'

const house = await openHouse()

const start = Temporal.Instant.from('2026-02-01T00:00:00Z')
const end = Temporal.Instant.from('2026-03-03T00:00:00Z')
const [firstDate, lastDate] = [Temporal.PlainDate.from('2026-01-30'), Temporal.PlainDate.from('2026-03-05')]

/** Fills each resource with claims of 30 minutes, one every 3 hours, `count` of them from `from` on. */
const fill = (ids: readonly number[], from: string, count: number) =>
  sql`
    INSERT INTO claims (resource_id, during, exclusive, source_kind, source_id, created_at)
    SELECT id, tstzrange(at, at + interval '30 minutes'), true, 'booking_session', id || '-' || n || '-' || ${from}, at
    FROM unnest(${[...ids]}::bigint[]) AS resource (id), generate_series(0, ${count - 1}) AS n,
      LATERAL (SELECT ${from}::timestamptz + n * interval '3 hours' AS at) AS times`.execute(house.house.db)

type Plan = {
  'Node Type': string
  'Index Name'?: string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  Plans?: Plan[]
}

/** The nodes of the plan by which the claims of these resources are read. */
async function planOf(ids: readonly number[]): Promise<{ nodes: Plan[]; pages: number }> {
  const { rows } = await sql<{
    'QUERY PLAN': [{ Plan: Plan & { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }]
  }>`
    EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${factsQuery({ ids, now: house.ctx().now, from: start, to: end, firstDate, lastDate, except_kind: '', except_id: '' }, { bare: false })}`.execute(
    house.house.db,
  )
  const root = rows[0]!['QUERY PLAN'][0].Plan
  const all = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(all)]
  return { nodes: all(root), pages: root['Shared Hit Blocks'] + root['Shared Read Blocks'] }
}

test('the claims of fifty resources come by the index in one statement, and what lies outside the span costs nothing', async () => {
  const people = await peopleOf(house, 60)
  const ids = await resourcesFor(
    house.ctx(),
    people.map((userId) => ({ userId })),
  )
  const asked = ids.slice(0, 50)
  await fill(asked, '2026-02-02T00:00:00Z', 200)
  await sql`ANALYZE claims`.execute(house.house.db)
  const alone = await planOf(asked)
  await fill(asked, '2025-01-01T00:00:00Z', 600)
  await fill(ids.slice(50), '2026-02-02T00:00:00Z', 200)
  await sql`ANALYZE claims`.execute(house.house.db)

  const { nodes, pages } = await planOf(asked)

  const reads = nodes.filter((node) => node['Relation Name'] === 'claims' || node['Index Name']?.startsWith('claims'))
  assert.ok(
    reads.some((node) => node['Index Name'] === 'claims_during'),
    JSON.stringify(nodes),
  )
  assert.ok(!reads.some((node) => node['Node Type'] === 'Seq Scan'))
  const removed = reads.reduce(
    (sum, node) =>
      sum +
      ((node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) * node['Actual Loops'],
    0,
  )
  assert.equal(removed, 0)
  // Four times the claims: the tree is a little higher, and that is all.
  assert.ok(pages < alone.pages * 2, `${alone.pages} pages alone, ${pages} among others`)
  const facts = await factsOf(house.ctx(), asked, start, end)
  assert.ok([...facts.values()].every(({ busy, claims }) => busy.length === 400 && claims.length === 200))
  assert.equal(facts.size, 50)
})

test('facts of nobody are none, and a source is told as it was claimed', async () => {
  const [person] = await peopleOf(house, 1)
  const [id] = await resourcesFor(house.ctx(), [{ userId: person! }])
  await fill([id!], '2026-02-02T00:00:00Z', 2)

  const facts = await factsOf(house.ctx(), [id!, 999_999], start, end)

  assert.deepEqual([...facts.keys()], [id])
  const minute = Temporal.Instant.from('2026-02-02T00:00:00Z').epochMilliseconds / 60_000
  const { claims, busy, busyBesideSessions } = facts.get(id!)!
  assert.deepEqual(busy, [minute, minute + 30, minute + 180, minute + 210])
  assert.deepEqual(busyBesideSessions, [])
  assert.deepEqual(claims[1], {
    source_kind: 'booking_session',
    source_id: `${id}-1-2026-02-02T00:00:00Z`,
    from: minute + 180,
    to: minute + 210,
    exclusive: true,
  })
  assert.equal((await factsOf(house.ctx(), [], start, end)).size, 0)
})

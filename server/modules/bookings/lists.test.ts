import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { Context } from '../../platform/context.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { listBookingRows } from './queries/lists.ts'
import { book, offer, openHours, type Json } from './support.fixture.ts'

const house = await openHouse()
const [both, other, customer] = [await house.person('provider'), await house.person('provider'), await house.person()]
await openHours(house, both)
await openHours(house, other)
const [given, bought] = [await offer(house, both), await offer(house, other, { requires_approval: true })]

// By turns given and bought, each later made one earlier in the week.
const made: { id: number; date: string; status: string; role: string }[] = []
for (let i = 0; i < 12; i++) {
  const date = `2026-01-${30 - i}T${i % 2 === 0 ? '10' : '11'}:00:00Z`
  const answer = i % 2 === 0 ? await book(house, customer, given, date) : await book(house, both, bought, date)
  assert.equal(answer.status, 201, answer.text)
  const { id, status } = answer.body['data']
  made.push({ id, date, status, role: i % 2 === 0 ? 'provider' : 'customer' })
}

async function pages(person: Person, query: string, size: number): Promise<{ ids: number[]; counts: Set<number> }> {
  const ids: number[] = []
  const counts = new Set<number>()
  for (let page = 1; ; page++) {
    const answer = await house.call('GET', `/api/v1/bookings/?page=${page}&page_size=${size}${query}`, {
      token: person.token,
    })
    assert.equal(answer.status, 200, answer.text)
    const { results, count, next } = answer.body['data']
    ids.push(...results.map((row: Json) => row['id'] as number))
    counts.add(count)
    if (next === null) return { ids, counts }
  }
}

const expected = (keep: (one: (typeof made)[number]) => boolean, by: 'id' | 'date', descending: boolean): number[] => {
  const rows = made.filter(keep).toSorted((a, b) => (by === 'id' ? a.id - b.id : a.date < b.date ? -1 : 1))
  return (descending ? rows.toReversed() : rows).map(({ id }) => id)
}

test('what one buys and what one gives come as one list, whatever the pages and the order', async () => {
  for (const [ordering, by, descending] of [
    ['-created_at', 'id', true],
    ['created_at', 'id', false],
    ['-date', 'date', true],
    ['date', 'date', false],
  ] as const)
    for (const size of [1, 5, 12, 20]) {
      const found = await pages(both, `&ordering=${ordering}`, size)
      assert.deepEqual([found.ids, [...found.counts]], [expected(() => true, by, descending), [12]])
    }
})

test('filters hold for both sides, and each side can be asked for alone', async () => {
  const pending = await pages(both, '&status=pending', 4)
  const gives = await pages(both, '&role=provider', 4)
  const buys = await pages(both, `&role=customer&from=2026-01-23T00:00:00Z&to=2026-01-28T00:00:00Z`, 1)

  assert.deepEqual(
    pending.ids,
    expected(({ status }) => status === 'pending', 'id', true),
  )
  assert.deepEqual(
    gives.ids,
    expected(({ role }) => role === 'provider', 'id', true),
  )
  assert.deepEqual(
    buys.ids,
    expected(({ role, date }) => role === 'customer' && date >= '2026-01-23' && date < '2026-01-28', 'id', true),
  )
  assert.deepEqual([...buys.counts], [buys.ids.length])
})

/** Rows of bookings that this connection has read, with those of the transactions before that it has not told the statistics yet. */
async function readSoFar(ctx: Context): Promise<number> {
  const { rows } = await sql<{ read: number }>`
    SELECT (seq_tup_read + idx_tup_fetch)::integer AS read FROM pg_stat_xact_user_tables WHERE relname = 'bookings'`.execute(
    ctx.db,
  )
  return rows[0]!.read
}

test('whoever has few bookings or none reads no others, in a house where one provider gives nearly all', async () => {
  const { db } = house.house
  const same = sql.raw(
    'session_id, service_id, provider_id, customer_id, seats, status, title, price_minor, currency, payment, requires_approval, cancellation_policy, location_type, created_at, updated_at',
  )
  await sql`INSERT INTO bookings (${same}, starts_at, ends_at)
    SELECT ${same}, starts_at + n * interval '1 hour', ends_at + n * interval '1 hour' FROM bookings, generate_series(1, 20000) n WHERE id = ${made[0]!.id}`.execute(
    db,
  )
  await sql`VACUUM ANALYZE bookings`.execute(db)
  const nobody = await house.person('provider')

  for (const [person, most] of [
    [nobody.id, 10],
    [other.id, 30],
    [both.id, 120],
  ] as const)
    for (const by of ['id', 'starts_at'] as const)
      for (const descending of [true, false]) {
        const read = await inTransaction(house.ctx(), async (ctx) => {
          const lists = [{ customer_id: person }, { provider_id: person }]
          const before = await readSoFar(ctx)
          // From the sixth time on, the plan is one for everybody.
          for (let i = 0; i < 8; i++) await listBookingRows(ctx, lists, {}, { by, descending })
          return ((await readSoFar(ctx)) - before) / 8
        })
        assert.ok(read <= most, `${read} rows of bookings read for ${person} by ${by}`)
      }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openHouse } from '../../../test/support.ts'
import { selectReviewPage } from './queries/lists.ts'
import { visibleIds } from './queries/reviews.ts'
import { openShop, pastBooking } from './support.fixture.ts'

/** What lists cost among many reviews: a few pages of the database, along one index, on the first page and on deep ones. */
const many = 40_000

const house = await openHouse()
const provider = await house.person('provider')
const customer = await house.person('customer')
const service = await openShop(house, provider)
// Nine of ten reviews are of others.
const others = await house.person('provider')
const elsewhere = await openShop(house, others)
const booking = await pastBooking(house, customer, service, '2026-01-14T09:00:00Z')
const { db } = house.house
await sql`INSERT INTO bookings (session_id, service_id, provider_id, customer_id, starts_at, ends_at, seats, status, title, price_minor, currency, payment,
    requires_approval, cancellation_policy, location_type, created_at, updated_at)
  SELECT session_id, service_id, provider_id, customer_id, starts_at, ends_at, seats, status, title, price_minor, currency, payment, requires_approval,
    cancellation_policy, location_type, created_at, updated_at FROM bookings, generate_series(1, ${many}::integer) WHERE id = ${booking}`.execute(
  db,
)
await sql`INSERT INTO reviews (booking_id, provider_id, service_id, customer_id, rating, text, created_at)
  SELECT id, CASE WHEN id % 10 = 0 THEN provider_id ELSE ${others.id} END, CASE WHEN id % 10 = 0 THEN service_id ELSE ${elsewhere} END, customer_id,
    1 + id / 10 % 5, 'Calm hands, and on time', created_at FROM bookings WHERE id <> ${booking}`.execute(db)
await sql`VACUUM ANALYZE reviews, bookings`.execute(db)

const subjects = [
  { kind: 'provider', id: provider.id },
  { kind: 'service', id: service },
] as const

test('of many reviews a page is read along an index in every order, a deep one by index too', async () => {
  for (const subject of subjects)
    for (const ordering of ['-created_at', 'created_at', '-rating', 'rating'] as const)
      for (const rating of [undefined, 4])
        for (const offset of [0, 700]) {
          const { rows } = await sql<{ 'QUERY PLAN': string }>`
            EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) ${visibleIds(subject, { ordering, rating, offset, limit: 20 })}`.execute(
            db,
          )
          const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
          const buffers = /Buffers: shared([^\n]*)/.exec(plan.split('\nPlanning:')[0]!)?.[1] ?? ''
          const pages = [...buffers.matchAll(/(?:hit|read)=(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0)

          assert.match(plan, offset === 0 ? /Index (?:Only )?Scan/ : /Index/, plan)
          assert.doesNotMatch(plan, offset === 0 ? /Seq Scan|Sort/ : /Seq Scan/, plan)
          assert.ok(pages > 0 && pages < (offset === 0 ? 30 : 800), plan)
        }
})

test('the reviews of one who has few or none are found without reading those of others', async () => {
  const nobody = await house.person('customer')
  for (const ordering of ['-created_at', 'created_at', '-rating'] as const) {
    const lists = (['customer_id', 'provider_id'] as const).map((of) => ({ of, userId: nobody.id }))
    const { rows } = await sql<{ 'QUERY PLAN': string }>`
      EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) ${selectReviewPage(house.ctx(), lists, { ordering })}`.execute(
      db,
    )
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    const pages = [
      ...(/Buffers: shared([^\n]*)/.exec(plan.split('\nPlanning:')[0]!)?.[1] ?? '').matchAll(/(?:hit|read)=(\d+)/g),
    ].reduce((sum, [, n]) => sum + Number(n), 0)

    assert.ok(pages > 0 && pages < 20, plan)
  }
})

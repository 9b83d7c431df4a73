import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** SQL that proves what is kept of reviews, and puts it right. */

export type Difference = { what: string; key: string; kept: string; counted: string; sum: number; count: number }

/** The visible reviews by whose page they stand on. */
const counted = sql`
  SELECT kind, key, count(*) FILTER (WHERE rating = 1)::integer AS one, count(*) FILTER (WHERE rating = 2)::integer AS two,
    count(*) FILTER (WHERE rating = 3)::integer AS three, count(*) FILTER (WHERE rating = 4)::integer AS four,
    count(*) FILTER (WHERE rating = 5)::integer AS five, sum(rating)::bigint AS sum, count(*)::integer AS count
  FROM reviews, LATERAL (VALUES ('provider', provider_id::text), ('service', service_id::text), ('organization', organization_id::text)) AS page(kind, key)
  WHERE hidden_at IS NULL AND key IS NOT NULL GROUP BY kind, key`

/** Where totals, providers, organizations and bookings keep something else than the reviews say; `sum` and `count` are what is missing there. */
export async function listDifferences(ctx: Context): Promise<Difference[]> {
  const { rows } = await sql<Difference>`
    WITH counted AS MATERIALIZED (${counted}), rated AS (
      SELECT 'provider' AS kind, user_id::text AS key, rating_sum AS sum, review_count AS count FROM provider_profiles WHERE rating_sum <> 0 OR review_count <> 0
      UNION ALL SELECT 'organization', id::text, rating_sum, review_count FROM organizations WHERE rating_sum <> 0 OR review_count <> 0
    )
    SELECT 'totals of ' || COALESCE(t.kind, c.kind) AS what, COALESCE(t.key, c.key) AS key, concat_ws(' ', t.one, t.two, t.three, t.four, t.five) AS kept,
      concat_ws(' ', c.one, c.two, c.three, c.four, c.five) AS counted, 0 AS sum, 0 AS count
    FROM review_totals t FULL JOIN counted c ON c.kind = t.kind AND c.key = t.key
    WHERE (COALESCE(t.one, 0), COALESCE(t.two, 0), COALESCE(t.three, 0), COALESCE(t.four, 0), COALESCE(t.five, 0))
      IS DISTINCT FROM (COALESCE(c.one, 0), COALESCE(c.two, 0), COALESCE(c.three, 0), COALESCE(c.four, 0), COALESCE(c.five, 0))
    UNION ALL
    SELECT COALESCE(r.kind, c.kind), COALESCE(r.key, c.key), concat_ws(' / ', r.sum, r.count), concat_ws(' / ', c.sum, c.count),
      (COALESCE(c.sum, 0) - COALESCE(r.sum, 0))::bigint, COALESCE(c.count, 0) - COALESCE(r.count, 0)
    FROM rated r FULL JOIN (SELECT * FROM counted WHERE kind <> 'service') c ON c.kind = r.kind AND c.key = r.key
    WHERE (COALESCE(r.sum, 0), COALESCE(r.count, 0)) IS DISTINCT FROM (COALESCE(c.sum, 0), COALESCE(c.count, 0))
    UNION ALL
    SELECT 'booking', b.id::text, concat_ws(' / ', b.review_id, b.review_rating), concat_ws(' / ', r.id, r.rating), COALESCE(r.rating, 0), 0
    FROM (SELECT id, review_id, review_rating FROM bookings WHERE review_id IS NOT NULL) b FULL JOIN reviews r ON r.booking_id = b.id
    WHERE b.review_id IS DISTINCT FROM r.id OR b.review_rating IS DISTINCT FROM r.rating
    ORDER BY 1, 2`.execute(ctx.db)
  return rows
}

/** Keeps all writers of reviews waiting until the transaction ends. */
export async function lockReviews(ctx: Context): Promise<void> {
  await sql`LOCK TABLE reviews IN SHARE ROW EXCLUSIVE MODE`.execute(ctx.db)
}

/** Makes all totals anew. */
export async function replaceTotals(ctx: Context): Promise<void> {
  await sql`DELETE FROM review_totals`.execute(ctx.db)
  await sql`INSERT INTO review_totals (kind, key, one, two, three, four, five)
    SELECT kind, key, one, two, three, four, five FROM (${counted}) c ORDER BY kind, key`.execute(ctx.db)
}

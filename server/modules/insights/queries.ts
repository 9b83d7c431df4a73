import { sql, type RawBuilder } from 'kysely'
import type { Context } from '../../platform/context.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import type { Fact, Point, Span } from './rules.ts'

/** All SQL of the dashboards. It reads tables of modules to the left; what it keeps for itself is written by triggers and `insights_fold` (migration 0036). */

/** Whose figures: everybody's, an organization's, what a person gives, what a person has bought. */
export type Scope =
  | { kind: 'platform' }
  | { kind: 'organization'; organizationId: string }
  | { kind: 'provider'; userId: number }
  | { kind: 'customer'; userId: number }

const factColumns = sql`at, kind, currency, count, minutes, amount_minor, fee_minor`

/** What is counted beforehand, and what has changed since: together they are of this moment, since one statement sees either both sides of a fold or neither. */
const kept = (scope: string, { start, end }: Pick<Span, 'start' | 'end'>) => sql`
  SELECT ${factColumns} FROM insight_quarters WHERE scope = ${scope} AND at >= ${start} AND at < ${end}
  UNION ALL SELECT ${factColumns} FROM insight_changes WHERE (${scope} = '' OR scope = ${scope}) AND at >= ${start} AND at < ${end}`

/** A person's own bookings are few: they are counted as they are, by the triggers' own function. */
const counted = (owner: RawBuilder<unknown>, { start, end }: Pick<Span, 'start' | 'end'>) => sql`
  SELECT f.at, f.kind, f.currency, f.count, f.minutes, f.amount_minor, f.fee_minor FROM bookings b CROSS JOIN LATERAL insight_facts(b) f
    WHERE ${owner} AND b.starts_at >= ${start} AND b.starts_at < ${end} AND f.kind <> 'created'
  UNION ALL SELECT insight_quarter(b.created_at), 'created', b.currency, 1, 0, 0, 0 FROM bookings b
    WHERE ${owner} AND b.created_at >= ${start} AND b.created_at < ${end}`

/** Under which name figures are kept; of customers none are. */
function keptUnder(scope: Scope): string {
  if (scope.kind === 'platform') return ''
  return scope.kind === 'organization' ? `organization:${scope.organizationId}` : `provider:${scope.userId}`
}

function factsIn(scope: Scope, span: Pick<Span, 'start' | 'end'>): RawBuilder<unknown> {
  if (scope.kind === 'platform' || scope.kind === 'organization') return kept(keptUnder(scope), span)
  if (scope.kind === 'provider') return sql`${counted(ownedBy(scope), span)} UNION ALL ${kept(keptUnder(scope), span)}`
  return sql`${counted(ownedBy(scope), span)}
    UNION ALL SELECT f.at, f.kind, f.currency, f.count, f.minutes, f.amount_minor, f.fee_minor
    FROM payments p JOIN ledger_transactions t ON t.payment_id = p.id CROSS JOIN LATERAL insight_facts(t) f
    WHERE p.payer_id = ${scope.userId} AND t.at >= ${span.start} AND t.at < ${span.end}`
}

/** What is counted in each point, by kind and currency. One statement; the points adjoin each other. */
export async function selectFacts(ctx: Context, scope: Scope, points: readonly Point[]): Promise<Fact[]> {
  const span = { start: points[0]!.start, end: points.at(-1)!.end }
  const { rows } = await sql<Fact>`
    SELECT width_bucket(at, ${points.map(({ start }) => start.toString())}::timestamptz[]) - 1 AS point, kind, currency, sum(count)::bigint AS count,
      sum(minutes)::bigint AS minutes, sum(amount_minor)::bigint AS amount_minor, sum(fee_minor)::bigint AS fee_minor
    FROM (${factsIn(scope, span)}) facts GROUP BY 1, 2, 3`.execute(ctx.db)
  return rows
}

/** Accounts made in each point, by role. */
export async function selectPeople(ctx: Context, points: readonly Point[]) {
  const [start, end] = [points[0]!.start, points.at(-1)!.end]
  const { rows } = await sql<{ point: number; role: string; count: number }>`
    SELECT width_bucket(created_at, ${points.map((point) => point.start.toString())}::timestamptz[]) - 1 AS point, role, count(*) AS count
    FROM users WHERE created_at >= ${start} AND created_at < ${end} GROUP BY 1, 2`.execute(ctx.db)
  return rows
}

function ownedBy(scope: Scope): RawBuilder<unknown> {
  if (scope.kind === 'platform') return sql`true`
  if (scope.kind === 'organization') return sql`b.organization_id = ${scope.organizationId}::uuid`
  return scope.kind === 'provider' ? sql`b.provider_id = ${scope.userId}` : sql`b.customer_id = ${scope.userId}`
}

/** Customers with an account who have a booking in the span that was not cancelled, and how many of them had none before it. */
export async function countCustomers(ctx: Context, scope: Scope, { start, end }: Span) {
  const { rows } = await sql<{ total: number; new: number }>`
    SELECT count(*) AS total, count(*) FILTER (WHERE NOT EXISTS (
      SELECT FROM bookings b WHERE b.customer_id = seen.customer_id AND b.starts_at < ${start} AND b.status <> 'cancelled' AND ${ownedBy(scope)})) AS new
    FROM (SELECT DISTINCT b.customer_id FROM bookings b
      WHERE ${ownedBy(scope)} AND b.starts_at >= ${start} AND b.starts_at < ${end} AND b.status <> 'cancelled' AND b.customer_id IS NOT NULL) seen`.execute(
    ctx.db,
  )
  const { total, new: fresh } = rows[0]!
  return { total, new: fresh, returning: total - fresh }
}

/** The services booked most in the span, the first by id among equals; cancelled bookings do not count. */
export async function listPopular(ctx: Context, scope: Scope, { start, end }: Span) {
  const { rows } = await sql<{ id: number; title: string; bookings: number }>`
    SELECT s.id, s.title, popular.bookings FROM (
      SELECT b.service_id, count(*) AS bookings FROM bookings b
      WHERE ${ownedBy(scope)} AND b.starts_at >= ${start} AND b.starts_at < ${end} AND b.status <> 'cancelled'
      GROUP BY b.service_id ORDER BY 2 DESC, 1 LIMIT 5) popular
    JOIN services s ON s.id = popular.service_id ORDER BY popular.bookings DESC, s.id`.execute(ctx.db)
  return rows
}

/** What stands and is still to come: how many until each of two instants, how many of them wait for an answer. What has begun its quarter of an hour is counted singly. */
export async function countUpcoming(
  ctx: Context,
  scope: Scope,
  endOfDay: Temporal.Instant,
  endOfWeek: Temporal.Instant,
) {
  const quarter = ctx.now.round({ smallestUnit: 'minute', roundingIncrement: 15, roundingMode: 'ceil' })
  const isOwn = scope.kind === 'provider' || scope.kind === 'customer'
  const singly = sql`SELECT b.starts_at AS at, b.status AS kind, 1 AS count FROM bookings b
    WHERE ${ownedBy(scope)} AND b.starts_at >= ${ctx.now} AND b.starts_at < ${isOwn ? endOfWeek : quarter}`
  const coming = isOwn
    ? singly
    : sql`${singly} UNION ALL SELECT at, kind, count FROM (${kept(keptUnder(scope), { start: quarter, end: endOfWeek })}) k`
  const { rows } = await sql<{ today: number; week: number; awaiting: number }>`
    SELECT COALESCE(sum(count) FILTER (WHERE at < ${endOfDay}), 0)::bigint AS today, COALESCE(sum(count), 0)::bigint AS week,
      COALESCE(sum(count) FILTER (WHERE kind = 'pending'), 0)::bigint AS awaiting
    FROM (${coming}) coming WHERE kind IN ('pending', 'confirmed')`.execute(ctx.db)
  return rows[0]!
}

/** The next bookings of somebody, the soonest first. */
export async function listNext(ctx: Context, scope: Scope, limit: number) {
  const { rows } = await sql<{
    id: number
    title: string
    provider_name: string
    customer_name: string
    starts_at: Temporal.Instant
    ends_at: Temporal.Instant
    status: string
  }>`
    SELECT b.id, b.title, trim(p.first_name || ' ' || p.last_name) AS provider_name,
      COALESCE(b.guest_name, trim(c.first_name || ' ' || c.last_name), '') AS customer_name, b.starts_at, b.ends_at, b.status
    FROM bookings b JOIN users p ON p.id = b.provider_id LEFT JOIN users c ON c.id = b.customer_id
    WHERE ${ownedBy(scope)} AND b.starts_at >= ${ctx.now} AND b.status IN ('pending', 'confirmed') ORDER BY b.starts_at, b.id LIMIT ${limit}`.execute(
    ctx.db,
  )
  return rows
}

/** A provider's rating: the sum of the stars and how many gave them. */
export const findRating = (ctx: Context, userId: number) =>
  ctx.db
    .selectFrom('provider_profiles')
    .where('user_id', '=', userId)
    .select(['rating_sum', 'review_count'])
    .executeTakeFirst()

/** Who gives the services of an organization. */
export async function listMasters(ctx: Context, organizationId: string, limit: number): Promise<number[]> {
  const { rows } = await sql<{ user_id: number }>`
    SELECT DISTINCT t.user_id FROM services s JOIN service_staff t ON t.service_id = s.id
    WHERE s.organization_id = ${organizationId}::uuid AND s.archived_at IS NULL ORDER BY 1 LIMIT ${limit}`.execute(
    ctx.db,
  )
  return rows.map((row) => row.user_id)
}

/** The sessions of some providers that somebody comes to, in the span: `from, to` in epoch minutes. */
export async function listTaken(ctx: Context, userIds: readonly number[], { start, end }: Span) {
  const { rows } = await sql<{ provider_id: number; from: number; to: number }>`
    SELECT provider_id, floor(extract(epoch FROM starts_at) / 60)::bigint AS "from", ceil(extract(epoch FROM ends_at) / 60)::bigint AS "to"
    FROM booking_sessions WHERE provider_id = ANY(${[...userIds]}::bigint[]) AND seats_taken > 0
      AND starts_at >= ${start}::timestamptz - interval '1 day' AND starts_at < ${end} AND ends_at > ${start}`.execute(
    ctx.db,
  )
  return rows
}

export const findOrganization = (ctx: Context, id: string) =>
  ctx.db.selectFrom('organizations').where('id', '=', id).select(['id', 'time_zone']).executeTakeFirst()

/** Folds the oldest changes into what is counted; answers how many. */
export async function foldChanges(ctx: Context, most: number): Promise<number> {
  const { rows } = await sql<{ folded: number }>`SELECT insights_fold(${most}) AS folded`.execute(ctx.db)
  return rows[0]!.folded
}

/** Counts everything anew, however long it takes; answers the number of rows kept. */
export const rebuild = (ctx: Context): Promise<number> =>
  inTransaction(ctx, async ({ db }) => {
    await sql`SET LOCAL statement_timeout = 0`.execute(db)
    const { rows } = await sql<{ made: number }>`SELECT insights_rebuild() AS made`.execute(db)
    return rows[0]!.made
  })

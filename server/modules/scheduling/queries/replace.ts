import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import type { Clash, Source, Wanted } from './claims.ts'
import type { ResourceKind } from './resources.ts'

/** What some sources of one kind want, as one list. */
export type WantedBy = Wanted & { sourceId: string }

/** The wanted stretches as rows `(resource_id, during, exclusive, occurrence, source_id, n)`. */
function rowsOf(wanted: readonly WantedBy[]) {
  const list = (of: (one: WantedBy) => unknown, type: Parameters<typeof unseen>[1]) => unseen(wanted.map(of), type)
  return sql`
    SELECT resource_id, tstzrange(from_at, to_at) AS during, exclusive, occurrence, source_id, n
    FROM unnest(${list((one) => one.resourceId, 'bigint[]')}, ${list((one) => one.from.toString(), 'timestamptz[]')},
        ${list((one) => one.to.toString(), 'timestamptz[]')}, ${list((one) => one.exclusive, 'boolean[]')},
        ${list((one) => one.occurrence?.toString() ?? null, 'timestamptz[]')}, ${list((one) => one.sourceId, 'text[]')})
      WITH ORDINALITY AS asked (resource_id, from_at, to_at, exclusive, occurrence, source_id, n)`
}

/** Locks the resources that these sources have claimed and some more, ascending, in one statement; answers the ids that are locked now. */
export async function lockRowsOfSources(
  ctx: Context,
  kind: Source['kind'],
  sourceIds: readonly string[],
  more: readonly number[],
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM resources
    WHERE id IN (SELECT unnest(${unseen([...more], 'bigint[]')})
      UNION SELECT resource_id FROM claims WHERE source_kind = ${unseen(kind, 'text')} AND source_id = ANY(${unseen([...sourceIds], 'text[]')}::text[]))
    ORDER BY id FOR NO KEY UPDATE`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

/** Which of the exclusive ones stand in the way of somebody else than these sources. */
export async function selectClashesBeside(
  ctx: Context,
  kind: Source['kind'],
  sourceIds: readonly string[],
  wanted: readonly WantedBy[],
): Promise<Clash[]> {
  const { rows } = await sql<{ n: number; kind: ResourceKind }>`
    WITH wanted AS MATERIALIZED (${rowsOf(wanted)})
    SELECT wanted.n, resources.kind FROM wanted JOIN resources ON resources.id = wanted.resource_id
    WHERE wanted.exclusive AND EXISTS (
      SELECT FROM claims WHERE claims.resource_id = wanted.resource_id AND claims.during && wanted.during
        AND (claims.expires_at IS NULL OR claims.expires_at > ${ctx.now}) AND claims.exclusive
        AND NOT (claims.source_kind = ${unseen(kind, 'text')} AND claims.source_id = ANY(${unseen([...sourceIds], 'text[]')}::text[])))
    ORDER BY n`.execute(ctx.db)
  return rows.map((row) => ({ index: row.n - 1, kind: row.kind }))
}

/** A stretch of time that somebody or something had. */
export type Taken = { resource_id: number; from: Temporal.Instant; to: Temporal.Instant }

/** Takes away what these sources have that ends after `from`; answers whose time it was, and which. */
export async function deleteClaimsFrom(
  ctx: Context,
  kind: Source['kind'],
  sourceIds: readonly string[],
  from: Temporal.Instant,
): Promise<Taken[]> {
  const { rows } = await sql<Taken>`
    DELETE FROM claims
    WHERE source_kind = ${unseen(kind, 'text')} AND source_id = ANY(${unseen([...sourceIds], 'text[]')}::text[]) AND upper(during) > ${unseen(from, 'timestamptz')}
    RETURNING resource_id, lower(during) AS "from", upper(during) AS "to"`.execute(ctx.db)
  return rows
}

/** Writes what has been found free, under the lock. */
export async function insertWanted(ctx: Context, kind: Source['kind'], wanted: readonly WantedBy[]): Promise<void> {
  await sql`
    INSERT INTO claims (resource_id, during, exclusive, source_kind, source_id, occurrence, created_at)
    SELECT resource_id, during, exclusive, ${kind}, source_id, occurrence, ${ctx.now}::timestamptz
    FROM (${rowsOf(wanted)}) AS wanted ORDER BY n`.execute(ctx.db)
}

/** Which of the wanted stretches lie over a booking of the person, the earliest `limit` of them. */
export async function selectOverBookings(ctx: Context, wanted: readonly WantedBy[], limit: number): Promise<number[]> {
  const { rows } = await sql<{ n: number }>`
    WITH wanted AS MATERIALIZED (${rowsOf(wanted)})
    SELECT n FROM wanted WHERE EXISTS (
      SELECT FROM claims WHERE claims.resource_id = wanted.resource_id AND claims.during && wanted.during
        AND (claims.expires_at IS NULL OR claims.expires_at > ${ctx.now}) AND claims.source_kind = 'booking_session')
    ORDER BY lower(during), n LIMIT ${sql.lit(limit)}`.execute(ctx.db)
  return rows.map((row) => row.n - 1)
}

import { sql, type CompiledQuery, type Insertable, type RawBuilder } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { builtOnce } from '../../../platform/db/built-once.ts'
import type { Tables } from '../../../platform/db/tables.generated.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import type { ResourceKind } from './resources.ts'

/** What takes time: a session of bookings, a time blocked out, an event, busy time of another calendar. */
export type Source = { kind: 'booking_session' | 'block' | 'event' | 'import'; id: string }

/** One stretch of one resource that is to be taken, `[from, to)`. */
export type Wanted = {
  resourceId: number
  from: Temporal.Instant
  to: Temporal.Instant
  /** Nobody else may have it; without it, the resource is busy and may still be wanted by others. */
  exclusive: boolean
  occurrence?: Temporal.Instant | null | undefined
}

export type Clash = { index: number; kind: ResourceKind }

export type StandingClaim = {
  id: number
  resource_id: number
  expires_at: Temporal.Instant | null
}

/** The wanted stretches as rows `(resource_id, during, exclusive, occurrence, n)`. */
function rowsOf(wanted: readonly Wanted[]): RawBuilder<unknown> {
  const resources = wanted.map(({ resourceId }) => resourceId)
  const from = wanted.map((claim) => claim.from.toString())
  const to = wanted.map((claim) => claim.to.toString())
  const exclusive = wanted.map((claim) => claim.exclusive)
  const occurrences = wanted.map(({ occurrence }) => occurrence?.toString() ?? null)
  return sql`
    SELECT resource_id, tstzrange(from_at, to_at) AS during, exclusive, occurrence, n
    FROM unnest(${unseen(resources, 'bigint[]')}, ${unseen(from, 'timestamptz[]')}, ${unseen(to, 'timestamptz[]')},
        ${unseen(exclusive, 'boolean[]')}, ${unseen(occurrences, 'timestamptz[]')})
      WITH ORDINALITY AS asked (resource_id, from_at, to_at, exclusive, occurrence, n)`
}

/**
 * The wanted stretches that somebody else has: an exclusive claim stands in the way of an exclusive one, and busy time of a person in the way of a booking
 * (SPEC section 10: a meeting may be laid over a booking, never a booking over a meeting). What has expired stands in nobody's way.
 */
const clashes = (ctx: Context, source: Source): RawBuilder<unknown> => sql`
  SELECT wanted.n, resources.kind FROM wanted JOIN resources ON resources.id = wanted.resource_id
  WHERE wanted.exclusive AND EXISTS (
    SELECT FROM claims WHERE claims.resource_id = wanted.resource_id AND claims.during && wanted.during
      AND (claims.expires_at IS NULL OR claims.expires_at > ${ctx.now})
      AND NOT (claims.source_kind = ${source.kind} AND claims.source_id = ${source.id})
      AND (claims.exclusive OR (${source.kind} = 'booking_session' AND resources.kind = 'person')))`

const toClash = ({ n, kind }: { n: number; kind: ResourceKind }): Clash => ({ index: n - 1, kind })

/** Which of the wanted stretches others have. */
export async function selectClashes(ctx: Context, source: Source, wanted: readonly Wanted[]): Promise<Clash[]> {
  const { rows } = await sql<{ n: number; kind: ResourceKind }>`
    WITH wanted AS MATERIALIZED (${rowsOf(wanted)}) ${clashes(ctx, source)} ORDER BY n`.execute(ctx.db)
  return rows.map(toClash)
}

/** Writes all of the claims, or none and answers the clashes; under the lock, in one statement. */
export async function insertClaims(
  ctx: Context,
  source: Source,
  wanted: readonly Wanted[],
  expiresAt: Temporal.Instant | null,
): Promise<Clash[]> {
  const { rows } = await sql<{ n: number; kind: ResourceKind }>`
    WITH wanted AS MATERIALIZED (${rowsOf(wanted)}), clashes AS MATERIALIZED (${clashes(ctx, source)}), made AS (
      INSERT INTO claims (resource_id, during, exclusive, source_kind, source_id, occurrence, expires_at, created_at)
      SELECT resource_id, during, exclusive, ${source.kind}, ${source.id}, occurrence, ${expiresAt}::timestamptz, ${ctx.now}::timestamptz
      FROM wanted WHERE NOT EXISTS (SELECT FROM clashes) ORDER BY n
      RETURNING resource_id
    ), bumped AS (
      UPDATE resources SET version = version + 1 WHERE id IN (SELECT resource_id FROM made)
    )
    SELECT n, kind FROM clashes ORDER BY n`.execute(ctx.db)
  return rows.map(toClash)
}

type NewClaim = Omit<Insertable<Tables['claims']>, 'id' | 'during'> & {
  from: Temporal.Instant
  to: Temporal.Instant
}

const claimMade = builtOnce((db, { from, to, resource_id, ...claim }: NewClaim) =>
  db
    .with('bumped', (inner) =>
      inner
        .updateTable('resources')
        .set((eb) => ({ version: eb('version', '+', 1) }))
        .where('id', '=', resource_id),
    )
    .insertInto('claims')
    .values({ ...claim, resource_id, during: sql`tstzrange(${from}, ${to})` })
    .compile(),
)

/** The statement that takes one stretch as it is, and says so in the version of its resource. The exclusion constraint alone refuses it. */
export const claimStatement = (
  ctx: Context,
  source: Source,
  { resourceId, from, to, exclusive, occurrence }: Wanted,
  expiresAt: Temporal.Instant | null,
): CompiledQuery =>
  claimMade(ctx.db, {
    resource_id: resourceId,
    from,
    to,
    exclusive,
    source_kind: source.kind,
    source_id: source.id,
    occurrence: occurrence ?? null,
    expires_at: expiresAt,
    created_at: ctx.now,
  })

/** Moves a source's claims, one a resource, to the wanted stretches of the same resources; all of them, or none and answers the clashes. */
export async function updateClaims(ctx: Context, source: Source, wanted: readonly Wanted[]): Promise<Clash[]> {
  const { rows } = await sql<{ n: number; kind: ResourceKind }>`
    WITH wanted AS MATERIALIZED (${rowsOf(wanted)}), clashes AS MATERIALIZED (${clashes(ctx, source)}), moved AS (
      UPDATE claims SET during = wanted.during, exclusive = wanted.exclusive, occurrence = wanted.occurrence
      FROM wanted
      WHERE claims.source_kind = ${unseen(source.kind, 'text')} AND claims.source_id = ${unseen(source.id, 'text')} AND claims.resource_id = wanted.resource_id
        AND NOT EXISTS (SELECT FROM clashes)
      RETURNING claims.resource_id
    ), bumped AS (
      UPDATE resources SET version = version + 1 WHERE id IN (SELECT resource_id FROM moved)
    )
    SELECT n, kind FROM clashes ORDER BY n`.execute(ctx.db)
  return rows.map(toClash)
}

/** A source's claims, the expired ones included. */
export const claimsOf = (ctx: Context, source: Source): CompiledQuery<StandingClaim> =>
  ctx.db
    .selectFrom('claims')
    .select(['id', 'resource_id', 'expires_at'])
    .where('source_kind', '=', source.kind)
    .where('source_id', '=', source.id)
    .orderBy('id')
    .compile()

/**
 * Sets when a source's claims expire; those that have expired are left to whoever wants their time. Answers whose time stands taken. Versions change, also where
 * nothing does here: somebody may have joined or left a session that goes on, and where a hold was to end, whoever read at the moment of its end, while this
 * waited for its locks, has seen the time free.
 */
export const expiryOf = (
  ctx: Context,
  source: Source,
  expiresAt: Temporal.Instant | null,
): CompiledQuery<{ resource_id: number }> =>
  sql<{ resource_id: number }>`
    WITH standing AS MATERIALIZED (
      SELECT resource_id FROM claims
      WHERE source_kind = ${source.kind} AND source_id = ${source.id} AND (expires_at IS NULL OR expires_at > ${ctx.now})
    ), bumped AS (
      UPDATE resources SET version = version + 1 WHERE id IN (SELECT resource_id FROM standing)
    )
    UPDATE claims SET expires_at = ${expiresAt}::timestamptz
    WHERE source_kind = ${source.kind} AND source_id = ${source.id} AND (expires_at IS NULL OR expires_at > ${ctx.now})
    RETURNING resource_id`.compile(ctx.db)

/** Takes a source's claims away and answers whose time they were. */
export async function deleteClaimsOf(ctx: Context, source: Source): Promise<number[]> {
  const rows = await ctx.db
    .deleteFrom('claims')
    .where('source_kind', '=', source.kind)
    .where('source_id', '=', source.id)
    .returning('resource_id')
    .execute()
  return rows.map((row) => row.resource_id)
}

export type Freed = { source_kind: Source['kind']; source_id: string; resource_id: number }

/** Deletes the expired claims on these resources that overlap `[from, to)`, and all expired ones of `own`: it claims again. Expired rows are few, and found by `claims_expires_at`. */
export async function deleteExpired(
  ctx: Context,
  ids: readonly number[],
  from: Temporal.Instant,
  to: Temporal.Instant,
  own: Source | undefined,
): Promise<Freed[]> {
  const { rows } = await sql<Freed>`
    DELETE FROM claims
    WHERE expires_at <= ${unseen(ctx.now, 'timestamptz')} AND ((resource_id = ANY(${unseen([...ids], 'bigint[]')}::bigint[]) AND during && tstzrange(${unseen(from, 'timestamptz')}, ${unseen(to, 'timestamptz')}))
      OR (source_kind = ${own?.kind ?? ''} AND source_id = ${own?.id ?? ''}))
    RETURNING source_kind, source_id, resource_id`.execute(ctx.db)
  return rows
}

/** Some resources on which claims have expired. */
export async function selectResourcesWithExpired(ctx: Context, limit: number): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('claims')
    .select('resource_id')
    .where('expires_at', '<=', ctx.now)
    .orderBy('expires_at')
    .limit(limit)
    .execute()
  return [...new Set(rows.map((row) => row.resource_id))]
}

/** Deletes every expired claim on these resources. */
export async function deleteAllExpired(ctx: Context, ids: readonly number[]): Promise<Freed[]> {
  const { rows } = await sql<Freed>`
    DELETE FROM claims WHERE resource_id = ANY(${[...ids]}::bigint[]) AND expires_at <= ${ctx.now}
    RETURNING source_kind, source_id, resource_id`.execute(ctx.db)
  return rows
}

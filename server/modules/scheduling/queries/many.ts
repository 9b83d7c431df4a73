import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import type { Clash, Source, Wanted } from './claims.ts'
import type { Taken } from './replace.ts'
import type { ResourceKind } from './resources.ts'

/** What new sources of one kind want, each with its own hold. */
export type Held = Wanted & { sourceId: string; expiresAt: Temporal.Instant | null }

/** Writes the claims of several new sources of bookings, or none and answers the clashes; under the lock, in one statement. */
export async function insertHeld(ctx: Context, kind: Source['kind'], wanted: readonly Held[]): Promise<Clash[]> {
  const { rows } = await sql<{ n: number; kind: ResourceKind }>`
    WITH wanted AS MATERIALIZED (
      SELECT resource_id, tstzrange(from_at, to_at) AS during, exclusive, source_id, expires_at, n
      FROM unnest(${wanted.map((one) => one.resourceId)}::bigint[], ${wanted.map((one) => one.from.toString())}::timestamptz[],
          ${wanted.map((one) => one.to.toString())}::timestamptz[], ${wanted.map((one) => one.exclusive)}::boolean[],
          ${wanted.map((one) => one.sourceId)}::text[], ${wanted.map((one) => one.expiresAt?.toString() ?? null)}::timestamptz[])
        WITH ORDINALITY AS asked (resource_id, from_at, to_at, exclusive, source_id, expires_at, n)
    ), clashes AS MATERIALIZED (
      SELECT wanted.n, resources.kind FROM wanted JOIN resources ON resources.id = wanted.resource_id
      WHERE wanted.exclusive AND EXISTS (
        SELECT FROM claims WHERE claims.resource_id = wanted.resource_id AND claims.during && wanted.during
          AND (claims.expires_at IS NULL OR claims.expires_at > ${ctx.now})
          AND (claims.exclusive OR (${kind} = 'booking_session' AND resources.kind = 'person')))
    ), made AS (
      INSERT INTO claims (resource_id, during, exclusive, source_kind, source_id, expires_at, created_at)
      SELECT resource_id, during, exclusive, ${kind}, source_id, expires_at, ${ctx.now}::timestamptz
      FROM wanted WHERE NOT EXISTS (SELECT FROM clashes) ORDER BY n
      RETURNING resource_id
    ), bumped AS (
      UPDATE resources SET version = version + 1 WHERE id IN (SELECT resource_id FROM made)
    )
    SELECT n, kind FROM clashes ORDER BY n`.execute(ctx.db)
  return rows.map((row) => ({ index: row.n - 1, kind: row.kind }))
}

/** Takes away all that these sources have; answers whose time it was, and which. */
export async function deleteClaimsOfAll(
  ctx: Context,
  kind: Source['kind'],
  sourceIds: readonly string[],
): Promise<Taken[]> {
  const { rows } = await sql<Taken>`
    DELETE FROM claims WHERE source_kind = ${unseen(kind, 'text')} AND source_id = ANY(${unseen([...sourceIds], 'text[]')}::text[])
    RETURNING resource_id, lower(during) AS "from", upper(during) AS "to"`.execute(ctx.db)
  return rows
}

/** Sets when the claims of each of these sources expire, as `expiryOf` does for one; those that have expired are left to whoever wants their time. Answers whose time stands taken. */
export async function updateExpiries(
  ctx: Context,
  kind: Source['kind'],
  holds: readonly { sourceId: string; expiresAt: Temporal.Instant | null }[],
): Promise<number[]> {
  const { rows } = await sql<{ resource_id: number }>`
    WITH bumped AS (
      UPDATE resources SET version = version + 1 WHERE id IN (SELECT resource_id FROM claims
        WHERE source_kind = ${kind} AND source_id = ANY(${holds.map((hold) => hold.sourceId)}::text[]) AND (expires_at IS NULL OR expires_at > ${ctx.now}))
    )
    UPDATE claims SET expires_at = asked.until
    FROM unnest(${holds.map((hold) => hold.sourceId)}::text[], ${holds.map((hold) => hold.expiresAt?.toString() ?? null)}::timestamptz[]) AS asked (source_id, until)
    WHERE claims.source_kind = ${kind} AND claims.source_id = asked.source_id AND (claims.expires_at IS NULL OR claims.expires_at > ${ctx.now})
    RETURNING claims.resource_id`.execute(ctx.db)
  return rows.map((row) => row.resource_id)
}

import { sql, type CompiledQuery } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { builtOnce } from '../../../platform/db/built-once.ts'
import { later } from '../../../platform/db/transaction.ts'
import { unseen } from '../../../platform/db/unseen.ts'

/** Whose time can be taken: a person, or a room of an organization. */
export type ResourceRef = { userId: number } | { roomId: string; organizationId: string }

export type ResourceKind = 'person' | 'room'

export type Resource = {
  id: number
  kind: ResourceKind
  user_id: number | null
  room_id: string | null
  organization_id: string | null
  time_zone: string
}

/** The resources of these persons and rooms, those that have been made. */
export async function selectResources(ctx: Context, userIds: number[], roomIds: string[]): Promise<Resource[]> {
  const { rows } = await sql<Resource>`
    SELECT id, kind, user_id, room_id, organization_id, time_zone FROM resources WHERE user_id = ANY(${unseen(userIds, 'bigint[]')}::bigint[])
    UNION ALL
    SELECT id, kind, user_id, room_id, organization_id, time_zone FROM resources WHERE room_id = ANY(${unseen(roomIds, 'uuid[]')}::uuid[])`.execute(
    ctx.db,
  )
  return rows
}

/** Those of these resources whose time can be booked: rooms, and persons who have hours. */
export async function selectBookable(
  ctx: Context,
  ids: readonly number[],
): Promise<Pick<Resource, 'id' | 'user_id' | 'room_id'>[]> {
  const { rows } = await sql<Pick<Resource, 'id' | 'user_id' | 'room_id'>>`
    SELECT id, user_id, room_id FROM resources r
    WHERE id = ANY(${[...ids]}::bigint[]) AND (kind = 'room' OR EXISTS (SELECT FROM schedule_entries e WHERE e.resource_id = r.id))
    ORDER BY id`.execute(ctx.db)
  return rows
}

/** Makes the resources of these persons, in the zone of each; who has one already is passed over. In ascending order, so that two who make the same ones do not wait for each other in a ring. */
export async function insertPersons(ctx: Context, userIds: number[]): Promise<void> {
  await sql`
    INSERT INTO resources (kind, user_id, time_zone)
    SELECT 'person', id, time_zone FROM users WHERE id = ANY(${userIds}::bigint[]) ORDER BY id
    ON CONFLICT (user_id) DO NOTHING`.execute(ctx.db)
}

/** The same for rooms. Only their organization and zone are read of the table of rooms, which a resource refers to anyway. */
export async function insertRooms(ctx: Context, roomIds: string[]): Promise<void> {
  await sql`
    INSERT INTO resources (kind, room_id, organization_id, time_zone)
    SELECT 'room', id, organization_id, time_zone FROM rooms WHERE id = ANY(${roomIds}::uuid[]) ORDER BY id
    ON CONFLICT (room_id) DO NOTHING`.execute(ctx.db)
}

/**
 * Locks the rows in ascending order, in one statement: the sort on a column that never changes stands below the locks, so whoever takes several takes them in
 * the same order, and nobody waits in a ring (SPEC section 10: measured). FOR NO KEY UPDATE leaves the foreign keys of new claims alone.
 */
export const lockRows = (ctx: Context, ids: readonly number[]): CompiledQuery<{ id: number }> =>
  rowsLocked(ctx.db, { ids })

const rowsLocked = builtOnce((db, { ids }: { ids: readonly number[] }) =>
  sql<{
    id: number
  }>`SELECT id FROM resources WHERE id = ANY(${unseen(ids, 'bigint[]')}::bigint[]) ORDER BY id FOR NO KEY UPDATE`.compile(
    db,
  ),
)

/** The same for the resources that a source has claimed, and some more. Answers the ids that are locked now. */
export const lockOfSource = (
  ctx: Context,
  source: { kind: string; id: string },
  more: readonly number[],
): CompiledQuery<{ id: number }> =>
  sql<{ id: number }>`
    SELECT id FROM resources
    WHERE id IN (SELECT unnest(${unseen([...more], 'bigint[]')})
      UNION SELECT resource_id FROM claims WHERE source_kind = ${unseen(source.kind, 'text')} AND source_id = ${unseen(source.id, 'text')})
    ORDER BY id FOR NO KEY UPDATE`.compile(ctx.db)

/** The versions of these resources together, and when the first hold on them runs out; one that has run out by now has not been tidied up yet. */
export async function selectWatched(
  ctx: Context,
  ids: readonly number[],
): Promise<{ version: number; until: Temporal.Instant | null }> {
  const resources = unseen([...ids], 'bigint[]')
  const { rows } = await sql<{ version: number; until: Temporal.Instant | null }>`
    SELECT COALESCE(sum(version), 0)::bigint AS version,
      (SELECT min(expires_at) FROM claims WHERE resource_id = ANY(${resources}::bigint[]) AND expires_at IS NOT NULL) AS until
    FROM resources WHERE id = ANY(${resources}::bigint[])`.execute(ctx.db)
  return rows[0]!
}

/** The versions of these resources together, and whether a hold on them has run out since then: it frees their time without any write. */
export const timeStatement = (
  ctx: Context,
  ids: readonly number[],
  since: Temporal.Instant,
): CompiledQuery<{ version: number; lapsed: boolean }> => {
  const resources = unseen([...ids], 'bigint[]')
  return sql<{ version: number; lapsed: boolean }>`
    SELECT COALESCE(sum(version), 0)::bigint AS version, EXISTS (SELECT FROM claims WHERE resource_id = ANY(${resources}::bigint[])
      AND expires_at > ${unseen(since, 'timestamptz')} AND expires_at <= ${unseen(ctx.now, 'timestamptz')}) AS lapsed
    FROM resources WHERE id = ANY(${resources}::bigint[])`.compile(ctx.db)
}

/** Says in the rows themselves that entries or claims have changed. */
export async function bumpVersions(ctx: Context, ids: readonly number[]): Promise<void> {
  await later(ctx, versionsBumped(ctx.db, { ids }))
}

const versionsBumped = builtOnce((db, { ids }: { ids: readonly number[] }) =>
  sql`UPDATE resources SET version = version + 1 WHERE id = ANY(${ids}::bigint[])`.compile(db),
)

import { sql } from 'kysely'
import type { Context } from '../../platform/context.ts'
import type { Kind } from './rules.ts'

/** All SQL on the list of backups. */

export type Cause = 'schedule' | 'request' | 'console'
/** A place and what went wrong there; null where nothing did. */
export type PlaceOutcome = { place: string; error: string | null }

export const selectBackups = (ctx: Context) =>
  ctx.db
    .selectFrom('backups')
    .select([
      'id',
      'kind',
      'name',
      'cause',
      'status',
      'created_at',
      'started_at',
      'finished_at',
      'verified_at',
      'unverified_reason',
      'size_bytes',
      'sha256',
      'items',
      'new_bytes',
      'places',
      'deleted_at',
      'error',
    ])

export type BackupRow = Awaited<ReturnType<ReturnType<typeof selectBackups>['executeTakeFirstOrThrow']>>

export const findBackup = (ctx: Context, id: number) => selectBackups(ctx).where('id', '=', id).executeTakeFirst()

/** The advisory lock that whoever makes a backup holds: one number for all processes. */
export const lockOfBackups = 7_216_534

/** One that waits for its job or is being made. What is left of a process that was killed is none: nobody holds the lock of backups then. */
export const findOpenRequest = (ctx: Context, kind: Kind) =>
  selectBackups(ctx)
    .where('kind', '=', kind)
    .where((is) =>
      is.or([
        is.and([is('status', '=', 'waiting'), is('created_at', '>=', ctx.now.subtract({ hours: 24 }))]),
        is.and([is('status', '=', 'running'), isMade]),
      ]),
    )
    .executeTakeFirst()

const isMade = sql<boolean>`EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = ${sql.lit(lockOfBackups)}
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`

export async function insertBackup(
  ctx: Context,
  row: { kind: Kind; cause: Cause; status: 'waiting' | 'running'; requested_by: number | null },
): Promise<number> {
  const { id } = await ctx.db
    .insertInto('backups')
    .values({ ...row, created_at: ctx.now })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export type BackupChange = {
  name?: string
  status?: 'running' | 'done' | 'failed'
  started_at?: Temporal.Instant
  finished_at?: Temporal.Instant | null
  verified_at?: Temporal.Instant | null
  unverified_reason?: string | null
  size_bytes?: number
  sha256?: string
  items?: number
  new_bytes?: number
  places?: PlaceOutcome[]
  deleted_at?: Temporal.Instant
  error?: string | null
}

export async function updateBackup(ctx: Context, id: number, { places, ...change }: BackupChange): Promise<void> {
  const values = { ...change, ...(places ? { places: JSON.stringify(places) } : {}) }
  await ctx.db.updateTable('backups').set(values).where('id', '=', id).execute()
}

/**
 * Marks what was left running by processes that are no more, and what has waited for a day, whose job is no more; whoever calls holds the lock of backups.
 */
export async function failInterrupted(ctx: Context): Promise<void> {
  await ctx.db
    .updateTable('backups')
    .set({ status: 'failed', finished_at: ctx.now, error: 'the process ended before it was done' })
    .where((is) =>
      is.or([
        is('status', '=', 'running'),
        is.and([is('status', '=', 'waiting'), is('created_at', '<', ctx.now.subtract({ hours: 24 }))]),
      ]),
    )
    .execute()
}

/** Those of these names that are known to be good, and whether they were restored to prove it or (where no database can be made) only read back. */
export async function goodAmong(ctx: Context, names: string[]): Promise<Map<string, 'verified' | 'read back'>> {
  const rows = await ctx.db
    .selectFrom('backups')
    .select(['name', 'verified_at'])
    .where('status', '=', 'done')
    .where(sql<boolean>`name = ANY (${names}::text[])`)
    .execute()
  return new Map(
    rows.map(({ name, verified_at }) => [name ?? '', verified_at === null ? 'read back' : 'verified'] as const),
  )
}

export async function markDeleted(ctx: Context, names: string[]): Promise<void> {
  await ctx.db
    .updateTable('backups')
    .set({ deleted_at: ctx.now })
    .where('deleted_at', 'is', null)
    .where(sql<boolean>`name = ANY (${names}::text[])`)
    .execute()
}

/** When the last good backup of each kind was made and the last one failed; null where there was none. */
export async function lastOnes(ctx: Context) {
  const rows = await ctx.db
    .selectFrom('backups')
    .select((all) => [
      'kind',
      all.fn.max('finished_at').filterWhere('status', '=', 'done').as('good_at'),
      all.fn.max('verified_at').as('verified_at'),
      all.fn.max('finished_at').filterWhere('status', '=', 'failed').as('failed_at'),
    ])
    .groupBy('kind')
    .execute()
  return new Map(rows.map((row) => [row.kind as Kind, row]))
}

/** Who looks after the system: super admins and administrators with `system_settings`, at most fifty. */
export async function operators(ctx: Context): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT u.id FROM users u WHERE u.deleted_at IS NULL AND u.is_active AND u.role NOT IN ('customer', 'provider')
      AND (u.role = 'super_admin' OR EXISTS (SELECT FROM admin_permissions p
        WHERE p.user_id = u.id AND p.is_active AND p.permission = 'system_settings'))
    ORDER BY u.id LIMIT 50`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

/** How many backups of a kind have failed since then. */
export async function failuresSince(ctx: Context, kind: Kind, since: Temporal.Instant): Promise<number> {
  const { count } = await ctx.db
    .selectFrom('backups')
    .select(sql<number>`count(*)`.as('count'))
    .where('kind', '=', kind)
    .where('status', '=', 'failed')
    .where('finished_at', '>', since)
    .executeTakeFirstOrThrow()
  return count
}

/**
 * Writes into a restored database that the backup it came from was a good one: in the snapshot it was still being made. What else was under way or waited has
 * ended with the house it was in.
 */
export async function markRestored(ctx: Context, name: string): Promise<void> {
  await ctx.db
    .updateTable('backups')
    .set({ status: 'done', finished_at: ctx.now, verified_at: ctx.now, error: null })
    .where('name', '=', name)
    .execute()
  await ctx.db
    .updateTable('backups')
    .set({ status: 'failed', finished_at: ctx.now, error: 'the house was restored from an earlier backup' })
    .where('status', 'in', ['waiting', 'running'])
    .execute()
}

/** Of two requests at once the second sees the first. */
export async function lockRequests(ctx: Context): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(7216535)`.execute(ctx.db)
}

/** Since when this house can make backups; null where that is not known. */
export async function installedAt(ctx: Context): Promise<Temporal.Instant | null> {
  const row = await ctx.db
    .selectFrom('migrations')
    .select('applied_at')
    .where('name', '=', '0054_backups.sql')
    .executeTakeFirst()
  return row?.applied_at ?? null
}

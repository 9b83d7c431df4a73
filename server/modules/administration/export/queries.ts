import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** All SQL on exports. */

const columns = ['id', 'user_id', 'status', 'key', 'size', 'requested_at', 'finished_at', 'expires_at'] as const
export type ExportRow = NonNullable<Awaited<ReturnType<typeof findExport>>>

export const findExport = (ctx: Context, id: number) =>
  ctx.db.selectFrom('exports').where('id', '=', id).select(columns).executeTakeFirst()

/** The export that a person asked for last. */
export const findLatest = (ctx: Context, userId: number) =>
  ctx.db.selectFrom('exports').where('user_id', '=', userId).select(columns).orderBy('id', 'desc').executeTakeFirst()

/** Breaks `exports_one_at_a_time` while one is being made. */
export const insertExport = (ctx: Context, userId: number, key: string) =>
  ctx.db
    .insertInto('exports')
    .values({ user_id: userId, status: 'pending', key, requested_at: ctx.now })
    .returning(columns)
    .executeTakeFirstOrThrow()

/** Makes a pending export ready; answers whether it still was wanted. */
export async function setReady(ctx: Context, id: number, size: number, expiresAt: Temporal.Instant): Promise<boolean> {
  const { numUpdatedRows } = await ctx.db
    .updateTable('exports')
    .set({ status: 'ready', size, finished_at: ctx.now, expires_at: expiresAt })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Ends the exports of a person but this one; answers the places of their files. */
export async function removeOthers(ctx: Context, userId: number, but: number): Promise<string[]> {
  const rows = await ctx.db
    .updateTable('exports')
    .set({ status: 'removed' })
    .where('user_id', '=', userId)
    .where('status', '=', 'ready')
    .where('id', '<>', but)
    .returning('key')
    .execute()
  return rows.map(({ key }) => key)
}

/** Ends what a person's requests have made or are making; answers the places of the files. */
export async function removeCurrent(ctx: Context, userId: number): Promise<string[]> {
  const rows = await ctx.db
    .updateTable('exports')
    .set({ status: 'removed', finished_at: ctx.now })
    .where('user_id', '=', userId)
    .where('status', 'in', ['pending', 'ready'])
    .returning('key')
    .execute()
  return rows.map(({ key }) => key)
}

/** Ends what has expired; answers the places of the files. */
export async function removeExpired(ctx: Context): Promise<string[]> {
  const rows = await ctx.db
    .updateTable('exports')
    .set({ status: 'removed' })
    .where('status', '=', 'ready')
    .where('expires_at', '<=', ctx.now)
    .returning('key')
    .execute()
  return rows.map(({ key }) => key)
}

/** Gives up what was asked for before this and has not been made; answers whose it was. */
export const failOld = (ctx: Context, before: Temporal.Instant) =>
  ctx.db
    .updateTable('exports')
    .set({ status: 'failed', finished_at: ctx.now })
    .where('status', '=', 'pending')
    .where('requested_at', '<', before)
    .returning(['user_id', 'key'])
    .execute()

/** Forgets requests whose files are long gone. */
export async function deleteOld(ctx: Context, before: Temporal.Instant): Promise<void> {
  await ctx.db
    .deleteFrom('exports')
    .where('status', 'in', ['removed', 'failed'])
    .where('requested_at', '<', before)
    .execute()
}

/** Deletes all requests of a person; answers the places of their files. */
export async function deleteExportsOf(ctx: Context, userId: number): Promise<string[]> {
  const rows = await ctx.db.deleteFrom('exports').where('user_id', '=', userId).returning('key').execute()
  return rows.map(({ key }) => key)
}

/** Which of these places have a file that somebody waits for or may load. */
export async function wantedKeys(ctx: Context, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`
    SELECT key FROM exports WHERE key = ANY (${keys}) AND status IN ('pending', 'ready')`.execute(ctx.db)
  return new Set(rows.map(({ key }) => key))
}

/** Where a person is told of their export, if their e-mail is proved to be theirs. */
export const findProvedMailbox = (ctx: Context, userId: number) =>
  ctx.db
    .selectFrom('users')
    .where('id', '=', userId)
    .where('deleted_at', 'is', null)
    .where('email_confirmed_at', 'is not', null)
    .select(['email', 'locale'])
    .executeTakeFirst()

/** What somebody did as an administrator, and tried in vain. */
export const auditAfter = (ctx: Context, userId: number, after: number, limit: number) =>
  ctx.db
    .selectFrom('audit_log')
    .where('actor_id', '=', userId)
    .where('id', '>', after)
    .select(['id', 'at', 'action', 'outcome', 'target_kind', 'target_id', 'address', 'user_agent'])
    .orderBy('id')
    .limit(limit)
    .execute()

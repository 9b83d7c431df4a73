import { sql } from 'kysely'
import type { Context, Role } from '../../../platform/context.ts'
import type { Locale } from '../../../platform/i18n/index.ts'

/** The SQL on app passwords. */

export async function insertAppPassword(
  ctx: Context,
  row: { id: string; user_id: number; name: string; hash: string },
): Promise<void> {
  await ctx.db
    .insertInto('app_passwords')
    .values({ ...row, created_at: ctx.now })
    .execute()
}

export const selectAppPasswords = (ctx: Context, userId: number) =>
  ctx.db
    .selectFrom('app_passwords')
    .where('user_id', '=', userId)
    .select(['id', 'name', 'created_at', 'last_used_at', 'last_used_address'])
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')

export async function countAppPasswords(ctx: Context, userId: number): Promise<number> {
  const { count } = await ctx.db
    .selectFrom('app_passwords')
    .where('user_id', '=', userId)
    .select((row) => row.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Answers whether there was one. */
export async function deleteAppPassword(ctx: Context, userId: number, id: string): Promise<boolean> {
  const row = await ctx.db
    .deleteFrom('app_passwords')
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export async function deleteAppPasswords(ctx: Context, userId: number): Promise<void> {
  await ctx.db.deleteFrom('app_passwords').where('user_id', '=', userId).execute()
}

export type AppPasswordOwner = {
  id: string
  user_id: number
  email: string
  email_key: string
  role: Role
  locale: Locale | null
  time_zone: string
  last_used_at: Temporal.Instant | null
  has_second_factor: boolean
}

/** Whose password this is, of accounts that are open: one statement. */
export async function findByAppPassword(ctx: Context, hash: string): Promise<AppPasswordOwner | undefined> {
  const { rows } = await sql<AppPasswordOwner>`
    SELECT p.id, u.id AS user_id, u.email, u.email_key, u.role, u.locale, u.time_zone, p.last_used_at,
      EXISTS (SELECT FROM two_factor f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS has_second_factor
    FROM app_passwords p JOIN users u ON u.id = p.user_id
    WHERE p.hash = ${hash} AND u.is_active AND u.deleted_at IS NULL`.execute(ctx.db)
  return rows[0]
}

export async function noteUse(ctx: Context, id: string): Promise<void> {
  await ctx.db
    .updateTable('app_passwords')
    .set({ last_used_at: ctx.now, last_used_address: ctx.origin?.address ?? '' })
    .where('id', '=', id)
    .execute()
}

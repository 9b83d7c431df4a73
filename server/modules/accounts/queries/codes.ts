import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { emailKey } from '../rules.ts'

/** The SQL on codes and links. Codes are found by the e-mail that they prove, never by the account, so that an e-mail which nobody has is looked for in the same way. */

export type Purpose = 'email_confirmation' | 'password_reset' | 'email_change' | 'email_change_undo'

export type NewCode = {
  userId: number
  purpose: Purpose
  email: string
  nonce: string
  codeHash: string
  expiresAt: Temporal.Instant
}

export async function insertCode(ctx: Context, code: NewCode): Promise<number> {
  const { id } = await ctx.db
    .insertInto('codes')
    .values({
      user_id: code.userId,
      purpose: code.purpose,
      email: code.email,
      email_key: emailKey(code.email),
      nonce: code.nonce,
      code_hash: code.codeHash,
      created_at: ctx.now,
      expires_at: code.expiresAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** How many codes this account was given since then; links to undo bear none. */
export async function countCodes(ctx: Context, userId: number, since: Temporal.Instant): Promise<number> {
  const { count } = await ctx.db
    .selectFrom('codes')
    .where('user_id', '=', userId)
    .where('purpose', '<>', 'email_change_undo')
    .where('created_at', '>', since)
    .select((row) => row.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

const selectCodes = (ctx: Context) =>
  ctx.db
    .selectFrom('codes')
    .innerJoin('users', 'users.id', 'codes.user_id')
    .where('users.is_active', '=', true)
    .where('users.deleted_at', 'is', null)
    .select([
      'codes.id',
      'codes.user_id',
      'codes.purpose',
      'codes.email',
      'codes.email_key',
      'codes.nonce',
      'codes.code_hash',
      'codes.expires_at',
      'codes.used_at',
      'users.email as user_email',
      'users.email_key as user_email_key',
      'users.pending_email',
      'users.locale',
    ])

export type CodeRow = NonNullable<Awaited<ReturnType<typeof findCode>>>

export const findCode = (ctx: Context, id: number) => selectCodes(ctx).where('codes.id', '=', id).executeTakeFirst()

/** A code by its id, locked; read after the lock, since whoever held it may have changed the account that stands beside it. */
export async function lockCode(ctx: Context, id: number): Promise<CodeRow | undefined> {
  await ctx.db.selectFrom('codes').where('id', '=', id).select('id').forUpdate().execute()
  return findCode(ctx, id)
}

/**
 * The codes for an e-mail that may still be tried: the newest of each account and purpose, locked in the order of their ids, so that two tries at once take
 * their turns and both count.
 */
export const lockOpenCodes = (ctx: Context, email: string, purposes: readonly Purpose[], mostTries: number) =>
  selectCodes(ctx)
    .where(
      sql<boolean>`codes.id IN (SELECT max(c.id) FROM codes c WHERE c.email_key = ${emailKey(email)} AND c.purpose = ANY (${purposes}) GROUP BY c.user_id, c.purpose)`,
    )
    .where('codes.used_at', 'is', null)
    .where('codes.expires_at', '>', ctx.now)
    .where('codes.tries', '<', mostTries)
    .orderBy('codes.id')
    .forUpdate('codes')
    .execute()

/** Counts a wrong try. It need not be on the disk before the answer: waiting for that would tell by timing that there is a code. */
export async function countTry(ctx: Context, ids: readonly number[]): Promise<void> {
  await sql`SET LOCAL synchronous_commit = off`.execute(ctx.db)
  await sql`UPDATE codes SET tries = tries + 1 WHERE id = ANY (${ids})`.execute(ctx.db)
}

export async function markUsed(ctx: Context, id: number): Promise<void> {
  await ctx.db.updateTable('codes').set({ used_at: ctx.now }).where('id', '=', id).execute()
}

/** Ends every open code and link of an account for these purposes. */
export async function endCodes(ctx: Context, userId: number, purposes: readonly Purpose[]): Promise<void> {
  await ctx.db
    .updateTable('codes')
    .set({ used_at: ctx.now })
    .where('user_id', '=', userId)
    .where(sql<boolean>`purpose = ANY (${purposes})`)
    .where('used_at', 'is', null)
    .execute()
}

export async function deleteCodes(ctx: Context, userId: number): Promise<void> {
  await ctx.db.deleteFrom('codes').where('user_id', '=', userId).execute()
}

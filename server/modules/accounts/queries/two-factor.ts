import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** The SQL of the second factor: its secret, recovery codes, and the sign-ins that wait for it. */

const columns = ['user_id', 'secret', 'created_at', 'confirmed_at', 'last_step', 'failures', 'failures_since'] as const

export type Factor = NonNullable<Awaited<ReturnType<typeof lockFactor>>>

/** The second factor of somebody, begun or on, locked: of two who give the same code at once, the second finds its step used. */
export const lockFactor = (ctx: Context, userId: number) =>
  ctx.db.selectFrom('two_factor').where('user_id', '=', userId).select(columns).forUpdate().executeTakeFirst()

/** Since when it is on, and how many recovery codes are left; undefined where it is off. */
export const findFactor = (ctx: Context, userId: number) =>
  ctx.db
    .selectFrom('two_factor')
    .where('two_factor.user_id', '=', userId)
    .where('confirmed_at', 'is not', null)
    .select(['confirmed_at'])
    .select((row) =>
      row
        .selectFrom('recovery_codes')
        .whereRef('recovery_codes.user_id', '=', 'two_factor.user_id')
        .where('used_at', 'is', null)
        .select((code) => code.fn.countAll<number>().as('left'))
        .as('left'),
    )
    .executeTakeFirst()

/** Writes the secret of one that is begun, in place of one begun before. */
export async function beginFactor(ctx: Context, userId: number, secret: string): Promise<void> {
  const begun = { secret, created_at: ctx.now, last_step: -1, failures: 0, failures_since: ctx.now }
  await ctx.db
    .insertInto('two_factor')
    .values({ user_id: userId, ...begun })
    .onConflict((on) => on.column('user_id').doUpdateSet(begun).where('two_factor.confirmed_at', 'is', null))
    .execute()
}

export async function confirmFactor(ctx: Context, userId: number): Promise<void> {
  await ctx.db.updateTable('two_factor').set({ confirmed_at: ctx.now }).where('user_id', '=', userId).execute()
}

/** Takes a code: it and those before are never taken again, and what was guessed before is forgotten. */
export async function useStep(ctx: Context, userId: number, step: number): Promise<void> {
  await ctx.db.updateTable('two_factor').set({ last_step: step, failures: 0 }).where('user_id', '=', userId).execute()
}

export async function writeFailures(
  ctx: Context,
  userId: number,
  failures: number,
  since: Temporal.Instant,
): Promise<void> {
  await ctx.db
    .updateTable('two_factor')
    .set({ failures, failures_since: since })
    .where('user_id', '=', userId)
    .execute()
}

export async function forgetFailures(ctx: Context, userId: number): Promise<void> {
  await ctx.db.updateTable('two_factor').set({ failures: 0 }).where('user_id', '=', userId).execute()
}

/** Removes it with its recovery codes; answers whether it was on. */
export async function deleteFactor(ctx: Context, userId: number): Promise<boolean> {
  const row = await ctx.db
    .deleteFrom('two_factor')
    .where('user_id', '=', userId)
    .returning('confirmed_at')
    .executeTakeFirst()
  return row !== undefined && row.confirmed_at !== null
}

/** Puts new recovery codes in the place of all that there are. */
export async function replaceRecoveryCodes(ctx: Context, userId: number, hashes: readonly string[]): Promise<void> {
  await ctx.db.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
  await ctx.db
    .insertInto('recovery_codes')
    .values(hashes.map((code_hash) => ({ user_id: userId, code_hash })))
    .execute()
}

/** Uses a recovery code up; answers how many are left, or null where it is none or was used. */
export async function useRecoveryCode(ctx: Context, userId: number, hash: string): Promise<number | null> {
  const used = await ctx.db
    .updateTable('recovery_codes')
    .set({ used_at: ctx.now })
    .where('user_id', '=', userId)
    .where('code_hash', '=', hash)
    .where('used_at', 'is', null)
    .returning('user_id')
    .executeTakeFirst()
  return used ? ((await findFactor(ctx, userId))?.left ?? 0) : null
}

export async function insertChallenge(
  ctx: Context,
  hash: string,
  userId: number,
  expiresAt: Temporal.Instant,
): Promise<void> {
  await ctx.db
    .insertInto('sign_in_challenges')
    .values({ token_hash: hash, user_id: userId, expires_at: expiresAt })
    .execute()
}

const selectChallenge = (ctx: Context, hash: string, mostTries: number) =>
  ctx.db
    .selectFrom('sign_in_challenges')
    .where('token_hash', '=', hash)
    .where('used_at', 'is', null)
    .where('tries', '<', mostTries)
    .where('expires_at', '>', ctx.now)

/** Whose sign-in waits under this token; undefined where none does any more. */
export const findChallenge = (ctx: Context, hash: string, mostTries: number) =>
  selectChallenge(ctx, hash, mostTries)
    .innerJoin('users', 'users.id', 'sign_in_challenges.user_id')
    .select(['user_id', 'email'])
    .executeTakeFirst()

export const lockChallenge = (ctx: Context, hash: string, mostTries: number) =>
  selectChallenge(ctx, hash, mostTries).select(['user_id', 'tries']).forUpdate().executeTakeFirst()

export async function useChallenge(ctx: Context, hash: string): Promise<void> {
  await ctx.db.updateTable('sign_in_challenges').set({ used_at: ctx.now }).where('token_hash', '=', hash).execute()
}

export async function countChallengeTry(ctx: Context, hash: string): Promise<void> {
  await ctx.db
    .updateTable('sign_in_challenges')
    .set((row) => ({ tries: row('tries', '+', 1) }))
    .where('token_hash', '=', hash)
    .execute()
}

/** Ends the sign-ins of somebody that wait: their password or their second factor is another now. */
export async function endChallenges(ctx: Context, userId: number): Promise<void> {
  await ctx.db.deleteFrom('sign_in_challenges').where('user_id', '=', userId).execute()
}

/** Locks an account for a sign-in whose password proved right before; answers whether it may still sign in. Whoever closes it waits. */
export async function keepAccount(ctx: Context, userId: number): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('users')
    .where('id', '=', userId)
    .where('deleted_at', 'is', null)
    .where('is_active', '=', true)
    .select('id')
    .forShare()
    .executeTakeFirst()
  return row !== undefined
}

export async function markSessionProved(ctx: Context, sessionId: number): Promise<void> {
  await ctx.db.updateTable('sessions').set({ second_factor_at: ctx.now }).where('id', '=', sessionId).execute()
}

/** The nightly part: challenges that are over, and what was begun before then and never confirmed. */
export async function cleanTwoFactor(ctx: Context, begunBefore: Temporal.Instant): Promise<void> {
  await ctx.db.deleteFrom('sign_in_challenges').where('expires_at', '<', ctx.now).execute()
  await ctx.db
    .deleteFrom('two_factor')
    .where('confirmed_at', 'is', null)
    .where('created_at', '<', begunBefore)
    .execute()
}

/** Every secret, in pages by user id. */
export const selectSecretsAfter = (ctx: Context, userId: number, most: number) =>
  ctx.db
    .selectFrom('two_factor')
    .where('user_id', '>', userId)
    .select(['user_id', 'secret'])
    .orderBy('user_id')
    .limit(most)
    .execute()

/** Writes a secret sealed anew, unless it has become another meanwhile. */
export async function resealSecret(ctx: Context, userId: number, before: string, after: string): Promise<void> {
  await sql`UPDATE two_factor SET secret = ${after} WHERE user_id = ${userId} AND secret = ${before}`.execute(ctx.db)
}

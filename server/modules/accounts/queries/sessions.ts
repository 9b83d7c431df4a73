import type { Context } from '../../../platform/context.ts'

/** The SQL on sessions, their refresh tokens and the addresses that signed in. */

export async function insertSession(
  ctx: Context,
  userId: number,
  expiresAt: Temporal.Instant,
  provedSecondFactor: boolean,
): Promise<number> {
  const { id } = await ctx.db
    .insertInto('sessions')
    .values({
      user_id: userId,
      created_at: ctx.now,
      last_used_at: ctx.now,
      authenticated_at: ctx.now,
      second_factor_at: provedSecondFactor ? ctx.now : null,
      expires_at: expiresAt,
      address: ctx.origin?.address ?? '',
      user_agent: ctx.origin?.userAgent ?? '',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function insertRefreshToken(
  ctx: Context,
  sessionId: number,
  hash: string,
  expiresAt: Temporal.Instant,
): Promise<void> {
  await ctx.db
    .insertInto('refresh_tokens')
    .values({ token_hash: hash, session_id: sessionId, created_at: ctx.now, expires_at: expiresAt })
    .execute()
}

/** The session of a refresh token, locked: two exchanges of one token take their turns, and the second finds it used. */
export async function lockRefreshToken(ctx: Context, hash: string) {
  return ctx.db
    .selectFrom('refresh_tokens')
    .innerJoin('sessions', 'sessions.id', 'refresh_tokens.session_id')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .where('token_hash', '=', hash)
    .select([
      'session_id',
      'sessions.user_id',
      'used_at',
      'refresh_tokens.expires_at',
      'ended_at',
      'users.is_active',
      'users.deleted_at',
    ])
    .forUpdate(['refresh_tokens', 'sessions'])
    .executeTakeFirst()
}

export async function useRefreshToken(
  ctx: Context,
  hash: string,
  sessionId: number,
  expiresAt: Temporal.Instant,
): Promise<void> {
  await ctx.db.updateTable('refresh_tokens').set({ used_at: ctx.now }).where('token_hash', '=', hash).execute()
  await ctx.db
    .updateTable('sessions')
    .set({ last_used_at: ctx.now, expires_at: expiresAt })
    .where('id', '=', sessionId)
    .execute()
}

/** Ends sessions of a person, all but one where it is named, or only the one named; answers which were ended. */
export async function endSessionRows(
  ctx: Context,
  userId: number,
  which: { only?: number; except?: number } = {},
): Promise<number[]> {
  let query = ctx.db
    .updateTable('sessions')
    .set({ ended_at: ctx.now })
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
  if (which.only !== undefined) query = query.where('id', '=', which.only)
  if (which.except !== undefined) query = query.where('id', '<>', which.except)
  return (await query.returning('id').execute()).map(({ id }) => id)
}

/** Ends every session there is; answers how many. */
export async function endAllRows(ctx: Context): Promise<number> {
  const { numUpdatedRows } = await ctx.db
    .updateTable('sessions')
    .set({ ended_at: ctx.now })
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}

export const selectSessions = (ctx: Context, userId: number) =>
  ctx.db
    .selectFrom('sessions')
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', ctx.now)
    .select(['id', 'created_at', 'last_used_at', 'expires_at', 'address', 'user_agent'])
    .orderBy('id', 'desc')

export async function rememberAddress(ctx: Context, userId: number): Promise<void> {
  if (!ctx.origin) return
  await ctx.db
    .insertInto('known_addresses')
    .values({ user_id: userId, address: ctx.origin.address, last_signed_in_at: ctx.now })
    .onConflict((on) => on.columns(['user_id', 'address']).doUpdateSet({ last_signed_in_at: ctx.now }))
    .execute()
}

/** Has this address signed in to the account within 90 days? */
export async function isKnownAddress(ctx: Context, userId: number): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('known_addresses')
    .where('user_id', '=', userId)
    .where('address', '=', ctx.origin?.address ?? '')
    .where('last_signed_in_at', '>', ctx.now.subtract({ hours: 90 * 24 }))
    .select('user_id')
    .executeTakeFirst()
  return row !== undefined
}

/** Has nobody ended this session yet? */
export async function isSessionOpen(ctx: Context, sessionId: number): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('sessions')
    .where('id', '=', sessionId)
    .where('ended_at', 'is', null)
    .select('id')
    .executeTakeFirst()
  return row !== undefined
}

/** What proves that it is still the same person who signed in with this session. */
export const findProof = (ctx: Context, userId: number, sessionId: number) =>
  ctx.db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .where('sessions.id', '=', sessionId)
    .where('sessions.user_id', '=', userId)
    .select(['users.password_hash', 'users.email', 'sessions.authenticated_at'])
    .executeTakeFirst()

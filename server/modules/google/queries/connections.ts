import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** SQL on connected calendars and on consents that were begun. */

export type ConnectionState = 'active' | 'revoked' | 'ending'

export type ConnectionRow = {
  id: number
  user_id: number
  account: string | null
  calendar_id: string
  refresh_token: string | null
  state: ConnectionState
  consent: number
  sync_token: string | null
  sync_turn: number
  full_sync_at: Temporal.Instant | null
  synced_at: Temporal.Instant | null
  created_at: Temporal.Instant
}

const columns = [
  'id',
  'user_id',
  'account',
  'calendar_id',
  'refresh_token',
  'state',
  'consent',
  'sync_token',
  'sync_turn',
  'full_sync_at',
  'synced_at',
  'created_at',
] as const

const selectConnections = (ctx: Context) => ctx.db.selectFrom('google_connections').select(columns)

/** A person's connection, also one whose consent is gone; not what is being ended. */
export const findConnectionOf = (ctx: Context, userId: number): Promise<ConnectionRow | undefined> =>
  selectConnections(ctx).where('user_id', '=', userId).where('state', '<>', 'ending').executeTakeFirst() as Promise<
    ConnectionRow | undefined
  >

/** The same, and nobody else changes it until the transaction ends. */
export const lockConnectionOf = (ctx: Context, userId: number): Promise<ConnectionRow | undefined> =>
  selectConnections(ctx)
    .where('user_id', '=', userId)
    .where('state', '<>', 'ending')
    .forUpdate()
    .executeTakeFirst() as Promise<ConnectionRow | undefined>

export const findConnection = (ctx: Context, id: number): Promise<ConnectionRow | undefined> =>
  selectConnections(ctx).where('id', '=', id).executeTakeFirst() as Promise<ConnectionRow | undefined>

export const lockConnection = (ctx: Context, id: number): Promise<ConnectionRow | undefined> =>
  selectConnections(ctx).where('id', '=', id).forUpdate().executeTakeFirst() as Promise<ConnectionRow | undefined>

/** All of a person's, those that are being ended included. */
export const listConnectionsOf = (ctx: Context, userId: number): Promise<ConnectionRow[]> =>
  selectConnections(ctx).where('user_id', '=', userId).orderBy('id').execute() as Promise<ConnectionRow[]>

/** Is the person there? Nobody erases their account until the transaction ends. */
export async function lockPerson(ctx: Context, userId: number): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('users')
    .where('id', '=', userId)
    .where('deleted_at', 'is', null)
    .select('id')
    .forShare()
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Has somebody the same Google account connected besides? Google gives one consent to a house and an account, so giving one back takes it from all of them.
 * Of an account that Google has not named only its person can tell.
 */
export async function isShared(ctx: Context, { id, user_id, account }: ConnectionRow): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('google_connections')
    .where('id', '<>', id)
    .where('state', '=', 'active')
    .where((eb) =>
      account === null ? eb.and([eb('account', 'is', null), eb('user_id', '=', user_id)]) : eb('account', '=', account),
    )
    .select('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Writes a connection whose token is sealed in `seal`, which needs its id. */
export async function insertConnection(
  ctx: Context,
  userId: number,
  account: string | null,
  seal: (id: number) => string,
): Promise<number> {
  const { rows } = await sql<{
    id: number
  }>`SELECT nextval(pg_get_serial_sequence('google_connections', 'id')) AS id`.execute(ctx.db)
  const { id } = rows[0]!
  await sql`
    INSERT INTO google_connections (id, user_id, account, calendar_id, refresh_token, state, created_at, updated_at)
    OVERRIDING SYSTEM VALUE VALUES (${id}, ${userId}, ${account}, 'primary', ${seal(id)}, 'active', ${ctx.now}::timestamptz, ${ctx.now}::timestamptz)`.execute(
    ctx.db,
  )
  return id
}

type ConnectionSet = {
  account?: string | null
  refresh_token?: string | null
  state?: ConnectionState
  consent?: number
  sync_token?: string | null
  sync_turn?: number
  full_sync_at?: Temporal.Instant | null
  synced_at?: Temporal.Instant
  sync_wanted_at?: Temporal.Instant | null
}

export async function updateConnection(ctx: Context, id: number, set: ConnectionSet): Promise<void> {
  await ctx.db
    .updateTable('google_connections')
    .set({ ...set, updated_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

/** Every token, as it is kept. */
export async function listTokens(ctx: Context): Promise<{ id: number; refresh_token: string }[]> {
  const rows = await ctx.db
    .selectFrom('google_connections')
    .where('refresh_token', 'is not', null)
    .select(['id', 'refresh_token'])
    .orderBy('id')
    .execute()
  return rows.flatMap(({ id, refresh_token }) => (refresh_token === null ? [] : [{ id, refresh_token }]))
}

/** Keeps the same token in another way, unless another one was kept meanwhile. */
export async function replaceToken(ctx: Context, id: number, before: string, after: string): Promise<void> {
  await ctx.db
    .updateTable('google_connections')
    .set({ refresh_token: after })
    .where('id', '=', id)
    .where('refresh_token', '=', before)
    .execute()
}

export async function deleteConnection(ctx: Context, id: number): Promise<void> {
  await ctx.db.deleteFrom('google_connections').where('id', '=', id).execute()
}

/**
 * Notes that these connections are to be synced and answers those of which it was not noted: of many notices at once one makes a job. One that was noted long
 * ago was lost.
 */
export async function wantSync(ctx: Context, ids: readonly number[] | null): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    UPDATE google_connections SET sync_wanted_at = ${ctx.now}::timestamptz
    WHERE state = 'active' AND (sync_wanted_at IS NULL OR sync_wanted_at < ${ctx.now.subtract({ hours: 1 })})
      AND (${ids === null}::boolean OR id = ANY(${[...(ids ?? [])]}::bigint[]))
    RETURNING id`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

/** A sync that failed waits to be tried again. */
export async function noteWanted(ctx: Context, id: number): Promise<void> {
  await ctx.db
    .updateTable('google_connections')
    .set({ sync_wanted_at: ctx.house.clock() })
    .where('id', '=', id)
    .where('state', '=', 'active')
    .execute()
}

/** A sync begins: what is told from now on asks for another. Answers the connection as it is then. */
export async function beginSync(ctx: Context, id: number): Promise<ConnectionRow | undefined> {
  await ctx.db
    .updateTable('google_connections')
    .set({ sync_wanted_at: null })
    .where('id', '=', id)
    .where('state', '=', 'active')
    .execute()
  return findConnection(ctx, id)
}

/** Connections that have been ending for so long that their jobs must have been lost. */
export async function listEnding(ctx: Context, since: Temporal.Instant): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('google_connections')
    .where('state', '=', 'ending')
    .where('updated_at', '<', since)
    .select('id')
    .execute()
  return rows.map(({ id }) => id)
}

export type ConsentRow = { user_id: number; verifier: string; expires_at: Temporal.Instant }

/** Begins a consent; the one begun before by the same person is void. */
export async function insertConsent(ctx: Context, hash: string, consent: ConsentRow): Promise<void> {
  await ctx.db.deleteFrom('google_consents').where('user_id', '=', consent.user_id).execute()
  await ctx.db
    .insertInto('google_consents')
    .values({ state_hash: hash, ...consent })
    .execute()
}

/** Takes a consent that was begun by this very person; it serves once. */
export const takeConsent = (ctx: Context, hash: string, userId: number): Promise<ConsentRow | undefined> =>
  ctx.db
    .deleteFrom('google_consents')
    .where('state_hash', '=', hash)
    .where('user_id', '=', userId)
    .returning(['user_id', 'verifier', 'expires_at'])
    .executeTakeFirst()

export async function deleteConsentsOf(ctx: Context, userId: number): Promise<void> {
  await ctx.db.deleteFrom('google_consents').where('user_id', '=', userId).execute()
}

export async function deleteOldConsents(ctx: Context): Promise<void> {
  await ctx.db.deleteFrom('google_consents').where('expires_at', '<', ctx.now).execute()
}

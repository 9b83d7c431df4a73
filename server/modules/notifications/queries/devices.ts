import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** The SQL on devices. One is alive as long as the session that registered it: signing out, on whatever node, silences it in the same transaction. */

export type DeviceRow = {
  id: number
  session_id: number
  platform: string
  name: string
  created_at: Temporal.Instant
  registered_at: Temporal.Instant
}
export type NewDevice = { userId: number; sessionId: number; token: string; platform: string; name: string }

const columns = ['devices.id', 'session_id', 'platform', 'name', 'devices.created_at', 'registered_at'] as const
const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

const alive = (ctx: Context) =>
  ctx.db
    .selectFrom('devices')
    .innerJoin('sessions', 'sessions.id', 'devices.session_id')
    .where('sessions.ended_at', 'is', null)
    .where('sessions.expires_at', '>', ctx.now)

/** Registers a token, or moves it here from whichever account had it: a device is somebody's who is signed in on it now. */
export async function upsertDevice(
  ctx: Context,
  { userId, sessionId, token, platform, name }: NewDevice,
): Promise<DeviceRow> {
  return ctx.db
    .insertInto('devices')
    .values({
      user_id: userId,
      session_id: sessionId,
      token,
      token_hash: hashOf(token),
      platform,
      name,
      created_at: ctx.now,
      registered_at: ctx.now,
    })
    .onConflict((on) =>
      on.constraint('devices_token_once').doUpdateSet({
        user_id: userId,
        session_id: sessionId,
        platform,
        name,
        registered_at: ctx.now,
        created_at: sql`CASE WHEN devices.user_id = ${userId} THEN devices.created_at ELSE ${ctx.now}::timestamptz END`,
      }),
    )
    .returning(['id', 'session_id', 'platform', 'name', 'created_at', 'registered_at'])
    .executeTakeFirstOrThrow()
}

/** Forgets a person's devices whose sessions have ended, and all but the newest so many. Their row is locked, so that two at once do not both stay below. */
export async function trimDevices(ctx: Context, userId: number, most: number): Promise<void> {
  await sql`
    WITH kept AS (
      SELECT d.id FROM devices d JOIN sessions s ON s.id = d.session_id
      WHERE d.user_id = ${userId} AND s.ended_at IS NULL AND s.expires_at > ${ctx.now}
      ORDER BY d.registered_at DESC, d.id DESC LIMIT ${most}
    )
    DELETE FROM devices WHERE user_id = ${userId} AND id NOT IN (SELECT id FROM kept)`.execute(ctx.db)
}

/** Makes those who register devices of one person wait for each other; answers whether there still is such a person, whose sessions go with them. */
export async function lockOwner(ctx: Context, userId: number): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('users')
    .where('id', '=', userId)
    .where('deleted_at', 'is', null)
    .select('id')
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/** A person's devices, the last registered first. */
export const selectDevices = (ctx: Context, userId: number) =>
  alive(ctx)
    .where('devices.user_id', '=', userId)
    .select(columns)
    .orderBy('registered_at', 'desc')
    .orderBy('devices.id', 'desc')

/** Forgets one of a person's devices, by its id or its token; answers whether there was one. */
export async function deleteDevice(ctx: Context, userId: number, which: { id: number } | { token: string }) {
  const own = ctx.db.deleteFrom('devices').where('user_id', '=', userId)
  const { numDeletedRows } = await (
    'id' in which ? own.where('id', '=', which.id) : own.where('token_hash', '=', hashOf(which.token))
  ).executeTakeFirst()
  return numDeletedRows > 0n
}

/** Forgets a device whose token is dead, unless it has been registered anew with another token. */
export async function deleteDead(ctx: Context, id: number, token: string): Promise<void> {
  await ctx.db.deleteFrom('devices').where('id', '=', id).where('token_hash', '=', hashOf(token)).execute()
}

/** Where a person's device is reached, if it is still theirs and alive. */
export const findToken = (ctx: Context, userId: number, id: number): Promise<{ token: string } | undefined> =>
  alive(ctx)
    .where('devices.id', '=', id)
    .where('devices.user_id', '=', userId)
    .select('devices.token')
    .executeTakeFirst()

export async function deleteDevicesOf(ctx: Context, userId: number): Promise<void> {
  await ctx.db.deleteFrom('devices').where('user_id', '=', userId).execute()
}

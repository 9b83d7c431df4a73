import { sql } from 'kysely'
import type { Context } from '../../platform/context.ts'

/** All SQL on attachments and on what people upload a day. */

export type Scan = 'unscanned' | 'pending' | 'clean'
export type AttachmentRow = {
  id: number
  owner_id: number
  key: string
  name: string
  content_type: string
  size: number
  scan: string
  target_kind: string | null
  target_id: string | null
  created_at: Temporal.Instant
}
export type NewAttachment = {
  owner_id: number
  key: string
  name: string
  content_type: string
  size: number
  sha256: string
  scan: Scan
}
export type Target = { kind: string; id: string }

const columns = [
  'id',
  'owner_id',
  'key',
  'name',
  'content_type',
  'size',
  'scan',
  'target_kind',
  'target_id',
  'created_at',
] as const

export const insertAttachment = (
  ctx: Context,
  attachment: NewAttachment,
  target: Target | undefined,
): Promise<AttachmentRow> =>
  ctx.db
    .insertInto('attachments')
    .values({
      ...attachment,
      created_at: ctx.now,
      ...(target ? { target_kind: target.kind, target_id: target.id, taken_at: ctx.now } : {}),
    })
    .returning(columns)
    .executeTakeFirstOrThrow()

/** A person's own upload. */
export const findOwnAttachment = (ctx: Context, ownerId: number, id: number): Promise<AttachmentRow | undefined> =>
  ctx.db
    .selectFrom('attachments')
    .where('owner_id', '=', ownerId)
    .where('id', '=', id)
    .select(columns)
    .executeTakeFirst()

/** Any file by its id: for links that were signed for it, and for the scanner. */
export const findAttachment = (ctx: Context, id: number): Promise<AttachmentRow | undefined> =>
  ctx.db.selectFrom('attachments').where('id', '=', id).select(columns).executeTakeFirst()

/** A person's uploads that belong to nothing, newest first. */
export const selectUnused = (ctx: Context, ownerId: number) =>
  ctx.db
    .selectFrom('attachments')
    .where('owner_id', '=', ownerId)
    .where('target_kind', 'is', null)
    .select(columns)
    .orderBy('id', 'desc')

/** All that a person has uploaded and that still is there, in pieces by id: for the export. */
export const selectAllOf = (ctx: Context, ownerId: number, after: number, limit: number): Promise<AttachmentRow[]> =>
  ctx.db
    .selectFrom('attachments')
    .where('owner_id', '=', ownerId)
    .where('id', '>', after)
    .select(columns)
    .orderBy('id')
    .limit(limit)
    .execute()

/** Locks a person's own uploads, in the order of their ids, so that of two who take the same only one finds it unused. */
export async function lockOwn(ctx: Context, ownerId: number, ids: readonly number[]): Promise<AttachmentRow[]> {
  const { rows } = await sql<AttachmentRow>`
    SELECT id, owner_id, key, name, content_type, size, scan, target_kind, target_id, created_at FROM attachments
    WHERE id = ANY (${ids}) AND owner_id = ${ownerId} ORDER BY id FOR UPDATE`.execute(ctx.db)
  return rows
}

export async function setTarget(ctx: Context, ids: readonly number[], { kind, id }: Target): Promise<void> {
  await sql`UPDATE attachments SET target_kind = ${kind}, target_id = ${id}, taken_at = ${ctx.now} WHERE id = ANY (${ids})`.execute(
    ctx.db,
  )
}

/** The files of several things of one kind, in the order in which they were uploaded. */
export async function attachmentsOfTargets(
  ctx: Context,
  kind: string,
  ids: readonly string[],
): Promise<AttachmentRow[]> {
  const { rows } = await sql<AttachmentRow>`
    SELECT id, owner_id, key, name, content_type, size, scan, target_kind, target_id, created_at FROM attachments
    WHERE target_kind = ${kind} AND target_id = ANY (${ids}) ORDER BY id`.execute(ctx.db)
  return rows
}

/** Deletes the files of things; answers the keys of their bytes. */
export async function deleteOfTargets(ctx: Context, kind: string, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    DELETE FROM attachments WHERE target_kind = ${kind} AND target_id = ANY (${ids}) RETURNING key`.execute(ctx.db)
  return rows.map(({ key }) => key)
}

/** Deletes a person's uploads that belong to nothing: all of them, or one; answers the keys of their bytes. */
export async function deleteUnusedOf(ctx: Context, ownerId: number, id?: number): Promise<string[]> {
  const unused = ctx.db.deleteFrom('attachments').where('owner_id', '=', ownerId).where('target_kind', 'is', null)
  const rows = await (id === undefined ? unused : unused.where('id', '=', id)).returning('key').execute()
  return rows.map(({ key }) => key)
}

export async function deleteAttachment(ctx: Context, id: number): Promise<AttachmentRow | undefined> {
  return ctx.db.deleteFrom('attachments').where('id', '=', id).returning(columns).executeTakeFirst()
}

/** What waits for the scanner, by id. */
export const pendingAfter = (ctx: Context, after: number, limit: number): Promise<AttachmentRow[]> =>
  ctx.db
    .selectFrom('attachments')
    .where('scan', '=', 'pending')
    .where('id', '>', after)
    .select(columns)
    .orderBy('id')
    .limit(limit)
    .execute()

/** Ends the waiting of a file; answers it, unless it waits no more. */
export const setScan = (ctx: Context, id: number, scan: Scan): Promise<AttachmentRow | undefined> =>
  ctx.db
    .updateTable('attachments')
    .set({ scan })
    .where('id', '=', id)
    .where('scan', '=', 'pending')
    .returning(columns)
    .executeTakeFirst()

/** Deletes what has been unused for too long, so many at a time; answers the keys of their bytes. What somebody is taking right now is passed by. */
export async function deleteUnusedBefore(ctx: Context, before: Temporal.Instant, limit: number): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    DELETE FROM attachments WHERE id IN (
      SELECT id FROM attachments WHERE target_kind IS NULL AND created_at < ${before}
      ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING key`.execute(ctx.db)
  return rows.map(({ key }) => key)
}

export async function existingAttachments(ctx: Context, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`SELECT key FROM attachments WHERE key = ANY (${keys})`.execute(ctx.db)
  return new Set(rows.map(({ key }) => key))
}

/** Adds to what a person has uploaded today; answers the sum of the day. */
export async function addToDay(ctx: Context, userId: number, bytes: number): Promise<number> {
  const day = ctx.now.toZonedDateTimeISO('UTC').toPlainDate()
  const { bytes: sum } = await ctx.db
    .insertInto('uploads_of_days')
    .values({ user_id: userId, day, bytes })
    .onConflict((on) =>
      on.columns(['user_id', 'day']).doUpdateSet((row) => ({ bytes: row('uploads_of_days.bytes', '+', bytes) })),
    )
    .returning('bytes')
    .executeTakeFirstOrThrow()
  return sum
}

/** The bytes that a person has uploaded today, and of all that is kept for them. */
export async function usageOf(ctx: Context, userId: number): Promise<{ today: number; kept: number; unused: number }> {
  const day = ctx.now.toZonedDateTimeISO('UTC').toPlainDate()
  const { rows } = await sql<{ today: number; kept: number; unused: number }>`
    SELECT COALESCE((SELECT bytes FROM uploads_of_days WHERE user_id = ${userId} AND day = ${day}), 0)::bigint AS today,
      COALESCE(sum(size), 0)::bigint AS kept, count(*) FILTER (WHERE target_kind IS NULL) AS unused
    FROM attachments WHERE owner_id = ${userId}`.execute(ctx.db)
  return rows[0]!
}

export async function forgetDays(ctx: Context): Promise<void> {
  await ctx.db
    .deleteFrom('uploads_of_days')
    .where('day', '<', ctx.now.toZonedDateTimeISO('UTC').toPlainDate().subtract({ days: 2 }))
    .execute()
}

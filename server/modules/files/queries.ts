import { sql } from 'kysely'
import type { Context } from '../../platform/context.ts'

/** All SQL on photos. */

export type PhotoRow = { key: string; width: number; height: number }

export async function insertPhoto(ctx: Context, photo: PhotoRow): Promise<void> {
  await ctx.db
    .insertInto('photos')
    .values({ ...photo, created_at: ctx.now })
    .execute()
}

export const findPhoto = (ctx: Context, key: string): Promise<PhotoRow | undefined> =>
  ctx.db.selectFrom('photos').where('key', '=', key).select(['key', 'width', 'height']).executeTakeFirst()

export async function deletePhoto(ctx: Context, key: string): Promise<void> {
  await ctx.db.deleteFrom('photos').where('key', '=', key).execute()
}

/** Which of these keys are photos in use. */
export async function existingPhotos(ctx: Context, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`SELECT key FROM photos WHERE key = ANY (${keys})`.execute(ctx.db)
  return new Set(rows.map(({ key }) => key))
}

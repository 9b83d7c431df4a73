import { sql } from 'kysely'
import type { Context } from '../../platform/context.ts'

/** All SQL on the properties of calendars that clients set for their person alone. */

/** The properties that a person's clients have set on these calendars: by calendar, by name, as XML. */
export async function propertiesSet(
  ctx: Context,
  userId: number,
  calendarIds: readonly string[],
): Promise<Map<string, Map<string, string>>> {
  const { rows } = await sql<{ calendar_id: string; name: string; value: string }>`
    SELECT calendar_id, name, value FROM dav_properties WHERE user_id = ${userId} AND calendar_id = ANY(${[...calendarIds]}::uuid[])
    ORDER BY name`.execute(ctx.db)
  const found = new Map<string, Map<string, string>>()
  for (const { calendar_id: id, name, value } of rows) found.getOrInsert(id, new Map()).set(name, value)
  return found
}

/** Sets properties of a calendar for a person; null takes one away. */
export async function setProperties(
  ctx: Context,
  userId: number,
  calendarId: string,
  values: ReadonlyMap<string, string | null>,
): Promise<void> {
  for (const [name, value] of values) {
    if (value === null)
      await ctx.db
        .deleteFrom('dav_properties')
        .where('user_id', '=', userId)
        .where('calendar_id', '=', calendarId)
        .where('name', '=', name)
        .execute()
    else
      await ctx.db
        .insertInto('dav_properties')
        .values({ user_id: userId, calendar_id: calendarId, name, value })
        .onConflict((on) => on.columns(['user_id', 'calendar_id', 'name']).doUpdateSet({ value }))
        .execute()
  }
}

export async function forgetProperties(ctx: Context, userId: number): Promise<void> {
  await ctx.db.deleteFrom('dav_properties').where('user_id', '=', userId).execute()
}

export const selectProperties = (ctx: Context, userId: number) =>
  ctx.db
    .selectFrom('dav_properties')
    .where('user_id', '=', userId)
    .select(['calendar_id', 'name', 'value'])
    .orderBy('calendar_id')
    .orderBy('name')

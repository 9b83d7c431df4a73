import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import type { QuietHours } from '../quiet.ts'
import type { Channel, Choices, TopicName } from '../topics.ts'

/** The SQL on what people have chosen: preferences and quiet hours. */

export type Choice = { topic: string; channel: Channel; enabled: boolean }

/** How somebody is reached about a topic. */
export type Reach = {
  email: string
  locale: string | null
  timeZone: string
  quiet: QuietHours | null
  choices: Choices
  /** The ids of the devices of their open sessions. */
  devices: number[]
}

/** How somebody is reached, in one statement; undefined where the account is erased or may not be used. */
export async function findReach(ctx: Context, userId: number, topic: TopicName): Promise<Reach | undefined> {
  const { rows } = await sql<
    Omit<Reach, 'choices' | 'devices'> & { choices: Choices | null; devices: number[] | null }
  >`
    SELECT u.email, u.locale, u.time_zone AS "timeZone",
      (SELECT json_build_object('starts', q.starts, 'ends', q.ends) FROM quiet_hours q WHERE q.user_id = u.id) AS quiet,
      (SELECT json_object_agg(p.channel, p.enabled) FROM notification_preferences p WHERE p.user_id = u.id AND p.topic = ${topic}) AS choices,
      (SELECT json_agg(d.id ORDER BY d.id) FROM devices d JOIN sessions s ON s.id = d.session_id
        WHERE d.user_id = u.id AND s.ended_at IS NULL AND s.expires_at > ${ctx.now}) AS devices
    FROM users u WHERE u.id = ${userId} AND u.deleted_at IS NULL AND u.is_active`.execute(ctx.db)
  const row = rows[0]
  return row && { ...row, choices: row.choices ?? {}, devices: row.devices ?? [] }
}

export const selectChoices = (ctx: Context, userId: number): Promise<Choice[]> =>
  ctx.db
    .selectFrom('notification_preferences')
    .where('user_id', '=', userId)
    .select(['topic', sql<Channel>`channel`.as('channel'), 'enabled'])
    .execute()

export async function upsertChoices(ctx: Context, userId: number, choices: readonly Choice[]): Promise<void> {
  if (choices.length === 0) return
  await ctx.db
    .insertInto('notification_preferences')
    .values(choices.map((choice) => ({ user_id: userId, ...choice })))
    .onConflict((on) =>
      on.columns(['user_id', 'topic', 'channel']).doUpdateSet((eb) => ({ enabled: eb.ref('excluded.enabled') })),
    )
    .execute()
}

export const findQuietHours = (ctx: Context, userId: number): Promise<QuietHours | undefined> =>
  ctx.db.selectFrom('quiet_hours').where('user_id', '=', userId).select(['starts', 'ends']).executeTakeFirst()

/** Sets somebody's quiet hours, or with null takes them away. */
export async function putQuietHours(ctx: Context, userId: number, quiet: QuietHours | null): Promise<void> {
  if (quiet === null) {
    await ctx.db.deleteFrom('quiet_hours').where('user_id', '=', userId).execute()
    return
  }
  await ctx.db
    .insertInto('quiet_hours')
    .values({ user_id: userId, ...quiet })
    .onConflict((on) => on.column('user_id').doUpdateSet(quiet))
    .execute()
}

export async function deletePreferencesOf(ctx: Context, userId: number): Promise<void> {
  await ctx.db.deleteFrom('notification_preferences').where('user_id', '=', userId).execute()
  await ctx.db.deleteFrom('quiet_hours').where('user_id', '=', userId).execute()
}

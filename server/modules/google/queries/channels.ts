import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** SQL on the channels by which Google tells of changes. */

export type ChannelRow = { id: string; connection_id: number; resource_id: string | null }

export async function insertChannel(ctx: Context, id: string, connectionId: number): Promise<void> {
  await ctx.db.insertInto('google_channels').values({ id, connection_id: connectionId, created_at: ctx.now }).execute()
}

/** Google has opened the channel: those before it are not wanted any more. */
export async function settleChannel(
  ctx: Context,
  { id, connection_id, resource_id }: ChannelRow,
  expiresAt: Temporal.Instant,
): Promise<void> {
  await ctx.db.updateTable('google_channels').set({ resource_id, expires_at: expiresAt }).where('id', '=', id).execute()
  await ctx.db
    .updateTable('google_channels')
    .set({ is_ending: true })
    .where('connection_id', '=', connection_id)
    .where('id', '<>', id)
    .execute()
}

export const findChannel = (ctx: Context, id: string) =>
  ctx.db
    .selectFrom('google_channels')
    .innerJoin('google_connections', 'google_connections.id', 'google_channels.connection_id')
    .where('google_channels.id', '=', id)
    .where('google_channels.is_ending', '=', false)
    .where('google_connections.state', '=', 'active')
    .select(['google_channels.connection_id', 'google_channels.resource_id'])
    .executeTakeFirst()

/** Is a channel open, and will it be at an instant? */
export async function hasChannel(ctx: Context, connectionId: number, until: Temporal.Instant): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('google_channels')
    .where('connection_id', '=', connectionId)
    .where('is_ending', '=', false)
    .where('expires_at', '>', until)
    .select('id')
    .executeTakeFirst()
  return row !== undefined
}

/** The channels of a connection that are to be stopped; with `all` every one. */
export async function listToStop(ctx: Context, connectionId: number, all: boolean): Promise<ChannelRow[]> {
  let query = ctx.db
    .selectFrom('google_channels')
    .where('connection_id', '=', connectionId)
    .select(['id', 'connection_id', 'resource_id'])
  if (!all) query = query.where('is_ending', '=', true)
  return query.execute()
}

export async function deleteChannel(ctx: Context, id: string): Promise<void> {
  await ctx.db.deleteFrom('google_channels').where('id', '=', id).execute()
}

export async function deleteChannelsOf(ctx: Context, connectionId: number): Promise<void> {
  await ctx.db.deleteFrom('google_channels').where('connection_id', '=', connectionId).execute()
}

/** Takes away what Google has let run out, and what was begun and never answered. */
export async function deleteOldChannels(ctx: Context): Promise<void> {
  await sql`
    DELETE FROM google_channels
    WHERE expires_at <= ${ctx.now} OR (resource_id IS NULL AND created_at < ${ctx.now.subtract({ hours: 1 })})`.execute(
    ctx.db,
  )
}

/** Connections whose channel ends before an instant, or who have none, or one to stop. */
export async function listToRenew(ctx: Context, until: Temporal.Instant): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT c.id FROM google_connections c
    WHERE c.state = 'active' AND (
      NOT EXISTS (SELECT FROM google_channels h WHERE h.connection_id = c.id AND NOT h.is_ending AND h.expires_at > ${until})
      OR EXISTS (SELECT FROM google_channels h WHERE h.connection_id = c.id AND h.is_ending))
    ORDER BY c.id`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

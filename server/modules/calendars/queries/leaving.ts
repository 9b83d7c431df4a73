import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** Calendars of an organization that a person leaves are theirs alone from then on. Answers which. */
export async function leaveOrganization(ctx: Context, ownerId: number, organizationId: string): Promise<string[]> {
  const rows = await ctx.db
    .updateTable('calendars')
    .set({ organization_id: null, is_public: false, updated_at: ctx.now })
    .where('owner_id', '=', ownerId)
    .where('organization_id', '=', organizationId)
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Ends all shares with an organization; answers of which calendars. */
export async function deleteSharesWith(ctx: Context, organizationId: string): Promise<string[]> {
  const rows = await ctx.db
    .deleteFrom('calendar_shares')
    .where('organization_id', '=', organizationId)
    .returning('calendar_id')
    .execute()
  return [...new Set(rows.map((row) => row.calendar_id))]
}

/** Everybody who belongs to an organization, or did when it was archived. */
export async function listMemberIds(ctx: Context, organizationId: string): Promise<number[]> {
  const query = ctx.db.selectFrom('memberships').where('organization_id', '=', organizationId)
  const rows = await query.select('user_id').orderBy('user_id').execute()
  return rows.map((row) => row.user_id)
}

export async function shareAnOrganization(ctx: Context, a: number, b: number): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM memberships mine JOIN memberships theirs ON theirs.organization_id = mine.organization_id AND theirs.user_id = ${b}
    JOIN organizations ON organizations.id = mine.organization_id AND organizations.archived_at IS NULL
    WHERE mine.user_id = ${a} LIMIT 1`.execute(ctx.db)
  return rows.length > 0
}

/** Events that a person has organized in calendars of others, with the owners of these. */
export const listOrganizedElsewhere = (ctx: Context, userId: number) =>
  ctx.db
    .selectFrom('events')
    .innerJoin('calendars', 'calendars.id', 'events.calendar_id')
    .where('events.organizer_id', '=', userId)
    .where('calendars.owner_id', '<>', userId)
    .select(['events.id', 'calendars.owner_id'])
    .orderBy('events.id')
    .execute()

/** Gives an event another organizer. */
export async function setOrganizer(ctx: Context, id: string, userId: number): Promise<void> {
  await ctx.db.updateTable('events').set({ organizer_id: userId }).where('id', '=', id).execute()
}

/** Events in a person's calendars that are in rooms of an organization, some occurrences at least. */
export async function listEventsInRoomsOf(
  ctx: Context,
  organizationId: string,
  ownerId: number,
): Promise<{ id: string }[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT events.id FROM events JOIN calendars ON calendars.id = events.calendar_id
    WHERE calendars.owner_id = ${ownerId} AND EXISTS (
      SELECT FROM rooms WHERE rooms.organization_id = ${organizationId} AND (rooms.id = events.room_id
        OR rooms.id IN (SELECT room_id FROM event_overrides WHERE event_overrides.event_id = events.id)))
    ORDER BY events.id`.execute(ctx.db)
  return rows
}

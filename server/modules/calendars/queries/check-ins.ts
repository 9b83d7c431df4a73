import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** All SQL on who has come. */

export async function insertCheckIn(ctx: Context, eventId: string, point: number, userId: number): Promise<void> {
  await ctx.db
    .insertInto('event_check_ins')
    .values({ event_id: eventId, point, checked_in_by: userId, checked_in_at: ctx.now })
    .onConflict((on) => on.doNothing())
    .execute()
}

/**
 * Occurrences under way in rooms that want a check-in and had none in time; counted from when the room was taken, where that was later than the beginning.
 * At most so many, the earliest first; of one event, where one is named.
 */
export async function listUnattended(
  ctx: Context,
  limit: number,
  eventId: string | null = null,
): Promise<{ event_id: string; point: number }[]> {
  const only = eventId === null ? sql`` : sql`AND claims.source_id = ${eventId}`
  const { rows } = await sql<{ event_id: string; point: number }>`
    SELECT events.id AS event_id, extract(epoch FROM claims.occurrence)::bigint AS point
    FROM rooms JOIN resources ON resources.room_id = rooms.id
    JOIN claims ON claims.resource_id = resources.id AND claims.during @> ${ctx.now}::timestamptz AND claims.source_kind = 'event'
    JOIN events ON events.id = claims.source_id::uuid
    WHERE rooms.check_in_minutes IS NOT NULL ${only}
      AND greatest(lower(claims.during), claims.created_at) <= ${ctx.now}::timestamptz - rooms.check_in_minutes * interval '1 minute'
      AND NOT EXISTS (SELECT FROM event_check_ins done
        WHERE done.event_id = events.id AND done.point = extract(epoch FROM claims.occurrence)::bigint)
    ORDER BY lower(claims.during), claims.id LIMIT ${limit}`.execute(ctx.db)
  return rows
}

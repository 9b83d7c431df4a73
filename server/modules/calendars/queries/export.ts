import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { inUuidPieces, type ExportOf } from '../../../platform/export.ts'

type Read = (ctx: Context, userId: number, after: string, limit: number) => Promise<{ id: string }[]>

const calendarsAfter: Read = (ctx, userId, after, limit) =>
  ctx.db
    .selectFrom('calendars')
    .where('owner_id', '=', userId)
    .where('id', '>', after)
    .select([
      'id',
      'organization_id',
      'name',
      'description',
      'color',
      'is_public',
      'time_zone',
      'created_at',
      'updated_at',
    ])
    .orderBy('id')
    .limit(limit)
    .execute()

/** Events of one's calendars, and those that one organizes. `dtstart` is the wall clock of `time_zone`. */
const eventsAfter: Read = async (ctx, userId, after, limit) => {
  const { rows } = await sql<{ id: string }>`
    SELECT e.id, e.calendar_id, e.uid, e.title, e.description, e.location, e.kind, e.time_zone, e.dtstart, e.duration_seconds, e.recurrence_rule,
      e.rdates, e.exdates, e.status, e.visibility, e.room_id, e.reminders, e.created_at, e.updated_at
    FROM (SELECT * FROM events WHERE organizer_id = ${userId} AND id > ${after}
          UNION SELECT e.* FROM events e JOIN calendars c ON c.id = e.calendar_id WHERE c.owner_id = ${userId} AND e.id > ${after}) e
    ORDER BY e.id LIMIT ${limit}`.execute(ctx.db)
  return rows
}

/** What one is invited to, as the invitation says it. */
const invitationsAfter: Read = (ctx, userId, after, limit) =>
  ctx.db
    .selectFrom('event_participants')
    .innerJoin('events', 'events.id', 'event_participants.event_id')
    .where('event_participants.user_id', '=', userId)
    .where('event_participants.id', '>', after)
    .select([
      'event_participants.id',
      'event_participants.event_id',
      'events.title',
      'events.dtstart',
      'events.time_zone',
    ])
    .select(['events.recurrence_rule', 'events.location'])
    .select(['event_participants.role', 'event_participants.status', 'event_participants.responded_at'])
    .orderBy('event_participants.id')
    .limit(limit)
    .execute()

const commentsAfter: Read = (ctx, userId, after, limit) =>
  ctx.db
    .selectFrom('event_comments')
    .where('author_id', '=', userId)
    .where('id', '>', after)
    .select(['id', 'event_id', 'text', 'created_at'])
    .orderBy('id')
    .limit(limit)
    .execute()

/** A person's calendars and events, what they are invited to, and what they said of events. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  const all = { calendars: calendarsAfter, events: eventsAfter, invitations: invitationsAfter, comments: commentsAfter }
  for (const [name, read] of Object.entries(all))
    yield { name: `calendars/${name}.json`, rows: inUuidPieces((after, limit) => read(ctx, userId, after, limit)) }
}

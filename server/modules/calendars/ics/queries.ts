import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import {
  eventColumns,
  spanText,
  type EventFields,
  type EventRow,
  type OverrideRow,
  type Span,
} from '../queries/events.ts'
import type { NewParticipant } from '../queries/participants.ts'
import type { AnswerStatus } from '../queries/participants.ts'

/** SQL for many events at once, as files bring and take them. */

/** Whoever imports into the same calendar at once takes turns. */
export async function lockImport(ctx: Context, calendarId: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`calendars.import:${calendarId}`}, 0))`.execute(ctx.db)
}

/** The events of these UIDs in a calendar, by UID; their rows are locked until the transaction ends. */
export async function lockByUid(
  ctx: Context,
  calendarId: string,
  uids: readonly string[],
): Promise<Map<string, EventRow>> {
  const { rows } = await sql<EventRow>`
    SELECT ${eventColumns} FROM events WHERE calendar_id = ${calendarId} AND uid = ANY(${[...uids]}::text[])
    ORDER BY id FOR NO KEY UPDATE`.execute(ctx.db)
  return new Map(rows.map((row) => [row.uid, row]))
}

export type NewEvent = { id: string; fields: EventFields; span: Span }

/** Adds events; answers the ids of those that were added: another's UID that came meanwhile keeps its place. */
export async function insertEvents(ctx: Context, events: readonly NewEvent[]): Promise<Set<string>> {
  if (events.length === 0) return new Set()
  const rows = events.map(({ id, fields, span }) => ({ ...fields, id, span: spanText(span) }))
  const { rows: made } = await sql<{ id: string }>`
    INSERT INTO events (id, calendar_id, uid, sequence, organizer_id, title, description, location, kind, time_zone, dtstart, duration_seconds, recurrence_rule,
      rdates, exdates, span, status, transparency, visibility, room_id, reminders, raw, created_at, updated_at)
    SELECT id, calendar_id, uid, sequence, organizer_id, title, description, location, kind, time_zone, dtstart, duration_seconds, recurrence_rule,
      rdates, exdates, span, status, transparency, visibility, room_id, reminders, nullif(raw, 'null'::jsonb), ${ctx.now}, ${ctx.now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS given (id uuid, calendar_id uuid, uid text, sequence integer, organizer_id bigint, title text,
      description text, location text, kind text, time_zone text, dtstart text, duration_seconds bigint, recurrence_rule text, rdates text[], exdates text[],
      span tstzrange, status text, transparency text, visibility text, room_id uuid, reminders integer[], raw jsonb)
    ON CONFLICT ON CONSTRAINT events_uid_once DO NOTHING RETURNING id`.execute(ctx.db)
  return new Set(made.map((row) => row.id))
}

export async function insertOverrides(ctx: Context, overrides: readonly OverrideRow[]): Promise<void> {
  if (overrides.length === 0) return
  await sql`
    INSERT INTO event_overrides (event_id, point, recurrence_id, start_point, start_text, duration_seconds, changes, has_own_room, room_id, sequence, raw, updated_at)
    SELECT event_id, point, recurrence_id, start_point, start_text, duration_seconds, changes, has_own_room, room_id, sequence, nullif(raw, 'null'::jsonb), ${ctx.now}
    FROM jsonb_to_recordset(${JSON.stringify(overrides)}::jsonb) AS given (event_id uuid, point bigint, recurrence_id text, start_point bigint, start_text text,
      duration_seconds bigint, changes jsonb, has_own_room boolean, room_id uuid, sequence integer, raw jsonb)`.execute(
    ctx.db,
  )
}

export type ImportedParticipant = NewParticipant & { event_id: string; status: AnswerStatus }

export async function insertParticipantsOfMany(ctx: Context, all: readonly ImportedParticipant[]): Promise<void> {
  if (all.length === 0) return
  await sql`
    INSERT INTO event_participants (id, event_id, user_id, email, email_key, name, role, status, created_at)
    SELECT id, event_id, user_id, email, email_key, name, role, status, ${ctx.now}
    FROM jsonb_to_recordset(${JSON.stringify(all)}::jsonb) AS given (id uuid, event_id uuid, user_id bigint, email text, email_key text, name text, role text,
      status text)
    ON CONFLICT DO NOTHING`.execute(ctx.db)
}

export type ImportedAnswer = { participant_id: string; point: number; recurrence_id: string; status: AnswerStatus }

export async function insertAnswers(ctx: Context, answers: readonly ImportedAnswer[]): Promise<void> {
  if (answers.length === 0) return
  await sql`
    INSERT INTO event_answers (participant_id, point, recurrence_id, status, responded_at)
    SELECT participant_id, point, recurrence_id, status, ${ctx.now}
    FROM jsonb_to_recordset(${JSON.stringify(answers)}::jsonb) AS given (participant_id uuid, point bigint, recurrence_id text, status text)
    ON CONFLICT (participant_id, point) DO UPDATE SET status = excluded.status`.execute(ctx.db)
}

/** How far the claims of these events go; null: everything has them. */
export async function setClaimedUntilOf(
  ctx: Context,
  ids: readonly string[],
  until: Temporal.Instant | null,
): Promise<void> {
  if (ids.length === 0) return
  await sql`UPDATE events SET claimed_until = ${until} WHERE id = ANY(${[...ids]}::uuid[])`.execute(ctx.db)
}

export async function setChangeOf(ctx: Context, ids: readonly string[], change: number): Promise<void> {
  await sql`UPDATE events SET change = ${change} WHERE id = ANY(${[...ids]}::uuid[])`.execute(ctx.db)
}

/** The events of a calendar by UID, from after one on, that have not ended before `since`. */
export async function selectForFile(
  ctx: Context,
  calendarId: string,
  { after, since, limit }: { after: string | null; since: Temporal.Instant | null; limit: number },
): Promise<EventRow[]> {
  const { rows } = await sql<EventRow>`
    SELECT ${eventColumns} FROM events WHERE calendar_id = ${calendarId}
      AND (${after}::text IS NULL OR uid COLLATE "C" > ${after}::text COLLATE "C")
      AND (${since}::timestamptz IS NULL OR span && tstzrange(${since}::timestamptz, NULL))
    ORDER BY uid COLLATE "C" LIMIT ${limit}`.execute(ctx.db)
  return rows
}

export type FeedRow = { id: string; owner_id: number; name: string; description: string; time_zone: string }

/** The calendar of a feed, as long as its owner is there. */
export async function findFeed(ctx: Context, hash: string): Promise<FeedRow | undefined> {
  const { rows } = await sql<FeedRow>`
    SELECT calendars.id, calendars.owner_id, calendars.name, calendars.description, calendars.time_zone
    FROM calendars JOIN users ON users.id = calendars.owner_id
    WHERE calendars.feed_hash = ${hash} AND users.deleted_at IS NULL AND users.is_active`.execute(ctx.db)
  return rows[0]
}

export async function setFeed(ctx: Context, calendarId: string, hash: string | null): Promise<void> {
  await ctx.db
    .updateTable('calendars')
    .set({ feed_hash: hash, updated_at: ctx.now })
    .where('id', '=', calendarId)
    .execute()
}

/** Names and addresses of these people, for those who may see them. */
export async function contactsOf(
  ctx: Context,
  userIds: readonly number[],
): Promise<Map<number, { name: string; email: string }>> {
  const { rows } = await sql<{ id: number; name: string; email: string }>`
    SELECT id, trim(first_name || ' ' || last_name) AS name, email FROM users WHERE id = ANY(${[...userIds]}::bigint[]) AND deleted_at IS NULL`.execute(
    ctx.db,
  )
  return new Map(rows.map(({ id, name, email }) => [id, { name, email }]))
}

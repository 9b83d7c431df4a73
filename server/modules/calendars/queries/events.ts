import { sql, type CompiledQuery } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import type { Kind } from '../../../time/recurrence/index.ts'
import { instantText } from '../rules/moments.ts'
import type { OverrideFacts } from '../rules/occurrences.ts'

/** All SQL on events and their overrides. Who may see them is decided by the services: these read what they are told to. */

export type Status = 'confirmed' | 'tentative' | 'cancelled'
export type Transparency = 'opaque' | 'transparent'

/** What is kept of an event and may change. */
export type EventFields = {
  calendar_id: string
  uid: string
  sequence: number
  organizer_id: number
  title: string
  description: string
  location: string
  kind: Kind
  time_zone: string | null
  dtstart: string
  duration_seconds: number
  recurrence_rule: string | null
  rdates: string[]
  exdates: string[]
  status: Status
  transparency: Transparency | null
  visibility: 'public' | 'private'
  room_id: string | null
  reminders: number[]
  raw: unknown
}

export type EventRow = EventFields & {
  id: string
  /** The last part of its address for CalDAV, where a client named it; null: its id. */
  href: string | null
  claimed_until: Temporal.Instant | null
  change: number
  version: number
  created_at: Temporal.Instant
  updated_at: Temporal.Instant
}

/** The fields in which one occurrence may differ, besides its times and its room. */
export type OverrideChanges = {
  title?: string
  description?: string
  location?: string
  status?: Status
  transparency?: Transparency
}

export type OverrideRow = OverrideFacts & {
  event_id: string
  start_point: number | null
  changes: OverrideChanges
  has_own_room: boolean
  room_id: string | null
  sequence: number
  raw: unknown
}

const columnsText = (names: string) =>
  sql.raw(
    names
      .split(' ')
      .map((column) => `events.${column}`)
      .join(', '),
  )
export const eventColumns = columnsText(
  'id href calendar_id uid sequence organizer_id title description location kind time_zone dtstart duration_seconds recurrence_rule rdates exdates status transparency visibility room_id reminders raw claimed_until change version created_at updated_at',
)

/** 9999-01-01: what lies beyond ends never, since no text of ours has a year of five digits. */
const latest = 253_370_764_800

export const spanText = ({ from, to }: Span): string =>
  `[${instantText(from)},${to === null || to > latest ? '' : instantText(to)})`

/** Epoch seconds; `to` null: endless. */
export type Span = { from: number; to: number | null }

export async function findEvent(ctx: Context, id: string): Promise<EventRow | undefined> {
  const { rows } = await sql<EventRow>`SELECT ${eventColumns} FROM events WHERE id = ${id}`.execute(ctx.db)
  return rows[0]
}

export const findUid = (ctx: Context, calendarId: string, uid: string) =>
  ctx.db
    .selectFrom('events')
    .where('calendar_id', '=', calendarId)
    .where('uid', '=', uid)
    .select('id')
    .executeTakeFirst()

/** The same, its row locked until the transaction ends: whoever changes an event or its claims takes their turn here. */
export async function lockEvent(ctx: Context, id: string): Promise<EventRow | undefined> {
  const { rows } = await sql<EventRow>`
    SELECT ${eventColumns} FROM events WHERE id = ${id} FOR NO KEY UPDATE`.execute(ctx.db)
  return rows[0]
}

/** What must be known of an event to find its occurrences and to say who may see them: of thousands of candidates few are shown. */
export type Candidate = Pick<
  EventRow,
  | 'id'
  | 'calendar_id'
  | 'organizer_id'
  | 'kind'
  | 'time_zone'
  | 'dtstart'
  | 'duration_seconds'
  | 'recurrence_rule'
  | 'rdates'
  | 'exdates'
  | 'status'
  | 'transparency'
  | 'visibility'
  | 'room_id'
  | 'version'
>
const candidateColumns = columnsText(
  'id calendar_id organizer_id kind time_zone dtstart duration_seconds recurrence_rule rdates exdates status transparency visibility room_id version',
)

/** Events by their ids, to be run together with others. */
export const eventsById = (ctx: Context, ids: readonly string[]): CompiledQuery<EventRow> =>
  sql<EventRow>`SELECT ${eventColumns} FROM events WHERE id = ANY(${unseen([...ids], 'uuid[]')}::uuid[])`.compile(
    ctx.db,
  )

/** Events of these calendars, and those in which the person takes part, that may have an occurrence in the span. */
export async function selectEventsInSpan(
  ctx: Context,
  wanted: { calendarIds: readonly string[]; participantId: number | null; span: Span },
): Promise<Candidate[]> {
  const calendars = sql`${unseen([...wanted.calendarIds], 'uuid[]')}::uuid[]`
  const span = unseen(spanText(wanted.span), 'tstzrange')
  const { rows } = await sql<Candidate>`
    SELECT ${candidateColumns} FROM events WHERE calendar_id = ANY(${calendars}) AND span && ${span}
    UNION ALL
    SELECT ${candidateColumns} FROM event_participants JOIN events ON events.id = event_participants.event_id
    WHERE event_participants.user_id = ${unseen(wanted.participantId, 'bigint')} AND events.span && ${span}
      AND NOT events.calendar_id = ANY(${calendars})`.execute(ctx.db)
  return rows
}

/** The overrides of these events, by event. */
export async function overridesOf(ctx: Context, eventIds: readonly string[]): Promise<Map<string, OverrideRow[]>> {
  if (eventIds.length === 0) return new Map()
  const { rows } = await ctx.db.executeQuery(overridesQuery(ctx, eventIds))
  return Map.groupBy(rows, (row) => row.event_id)
}

/** The same, to be run together with others. */
export const overridesQuery = (ctx: Context, eventIds: readonly string[]): CompiledQuery<OverrideRow> =>
  sql<OverrideRow>`
    SELECT event_id, point, recurrence_id, start_point, start_text, duration_seconds, changes, has_own_room, room_id, sequence, raw
    FROM event_overrides WHERE event_id = ANY(${unseen([...eventIds], 'uuid[]')}::uuid[]) ORDER BY event_id, point`.compile(
    ctx.db,
  )

export async function insertEvent(ctx: Context, id: string, fields: EventFields, span: Span): Promise<void> {
  await ctx.db
    .insertInto('events')
    .values({ ...columnsOf(fields), id, span: spanText(span), created_at: ctx.now, updated_at: ctx.now })
    .execute()
}

export async function updateEvent(ctx: Context, id: string, fields: EventFields, span: Span): Promise<void> {
  await ctx.db
    .updateTable('events')
    .set((eb) => ({
      ...columnsOf(fields),
      span: spanText(span),
      updated_at: ctx.now,
      version: eb('version', '+', 1),
    }))
    .where('id', '=', id)
    .execute()
}

const columnsOf = (fields: EventFields) => ({
  ...fields,
  raw: fields.raw === null || fields.raw === undefined ? null : JSON.stringify(fields.raw),
})

export async function updateEventRoom(ctx: Context, id: string, roomId: string | null): Promise<void> {
  await ctx.db.updateTable('events').set({ room_id: roomId }).where('id', '=', id).execute()
}

/** An event whose surroundings have changed (participants, answers): clients read it again. */
export async function touchEvent(ctx: Context, id: string): Promise<void> {
  await ctx.db
    .updateTable('events')
    .set((eb) => ({ version: eb('version', '+', 1), updated_at: ctx.now }))
    .where('id', '=', id)
    .execute()
}

export async function setChange(ctx: Context, id: string, change: number): Promise<void> {
  await ctx.db.updateTable('events').set({ change }).where('id', '=', id).execute()
}

export async function setClaimedUntil(ctx: Context, id: string, until: Temporal.Instant | null): Promise<void> {
  await ctx.db.updateTable('events').set({ claimed_until: until }).where('id', '=', id).execute()
}

export async function deleteEventRow(ctx: Context, event: EventRow, change: number): Promise<void> {
  await ctx.db.deleteFrom('events').where('id', '=', event.id).execute()
  await insertTombstone(ctx, event, change)
}

/** Remembers that an event is no longer in its calendar, for clients that synchronize. */
export async function insertTombstone(ctx: Context, event: EventRow, change: number): Promise<void> {
  const { calendar_id, id: event_id, uid, href } = event
  const values = { uid, href, change, deleted_at: ctx.now }
  await ctx.db
    .insertInto('event_tombstones')
    .values({ ...values, calendar_id, event_id })
    .onConflict((on) => on.columns(['calendar_id', 'event_id']).doUpdateSet(values))
    .execute()
}

/** The name by which clients know an event; null: by its id. */
export async function setHref(ctx: Context, id: string, href: string | null): Promise<void> {
  await ctx.db.updateTable('events').set({ href }).where('id', '=', id).execute()
}

/** Writes one override in the place of an earlier one of the same occurrence. */
export async function upsertOverride(ctx: Context, override: OverrideRow): Promise<void> {
  const { event_id, point, ...rest } = override
  const values = {
    ...rest,
    changes: JSON.stringify(rest.changes),
    raw: rest.raw === null || rest.raw === undefined ? null : JSON.stringify(rest.raw),
    updated_at: ctx.now,
  }
  await ctx.db
    .insertInto('event_overrides')
    .values({ ...values, event_id, point })
    .onConflict((on) => on.columns(['event_id', 'point']).doUpdateSet(values))
    .execute()
}

export async function deleteOverrides(ctx: Context, eventId: string, points: readonly number[]): Promise<void> {
  await sql`DELETE FROM event_overrides WHERE event_id = ${eventId} AND point = ANY(${[...points]}::bigint[])`.execute(
    ctx.db,
  )
}

/** The overrides of the second half of a series that was split. */
export async function moveOverrides(ctx: Context, from: string, to: string, firstPoint: number): Promise<void> {
  await sql`UPDATE event_overrides SET event_id = ${to} WHERE event_id = ${from} AND point >= ${firstPoint}`.execute(
    ctx.db,
  )
}

/** Ids of the events of a calendar, for what goes through all of them. */
export const listEventIdsOfCalendar = (ctx: Context, calendarId: string) =>
  ctx.db.selectFrom('events').where('calendar_id', '=', calendarId).select('id').orderBy('id').execute()

/** The next event that needs claims up to this horizon, in the order of creation; those that were passed over are left out. */
export async function nextToExtend(
  ctx: Context,
  until: Temporal.Instant,
  after: { created_at: Temporal.Instant; id: string } | null,
): Promise<{ id: string; created_at: Temporal.Instant } | undefined> {
  let query = ctx.db
    .selectFrom('events')
    .where('claimed_until', 'is not', null)
    .where('claimed_until', '<', until)
    .select(['id', 'created_at'])
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
  if (after) query = query.where(sql<boolean>`(created_at, id) > (${after.created_at}, ${after.id}::uuid)`)
  return query.executeTakeFirst()
}

import { sql, type RawBuilder } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import { changesPayload } from '../../../platform/socket/topic.ts'

/** All SQL on calendars and their shares. What is read is read through the access of who asks, so that a stranger finds nothing. */

export const levels = ['none', 'free_busy', 'read', 'write', 'owner'] as const
export type Level = (typeof levels)[number]

export type CalendarRow = {
  id: string
  owner_id: number
  owner_name: string
  organization_id: string | null
  name: string
  description: string
  color: string
  is_public: boolean
  is_first: boolean
  time_zone: string
  has_feed: boolean
  /** The last part of its address for CalDAV, where a client named it; null: its id. */
  href: string | null
  /** How often what stands in it has changed, and up to which change nobody remembers what was deleted. */
  change: number
  forgotten: number
  created_at: Temporal.Instant
  updated_at: Temporal.Instant
  /** Of who asks, as an index of `levels`. */
  level: number
}

/** The memberships of people that hold, and the departments that these are in, with all above them: what is shared with a department is for those below it too. */
const mine = (userIds: readonly number[]) => sql`
  mine AS MATERIALIZED (
    SELECT memberships.user_id AS whose, memberships.organization_id, memberships.department_id FROM memberships
    JOIN organizations ON organizations.id = memberships.organization_id AND organizations.archived_at IS NULL
    WHERE memberships.user_id = ANY(${unseen([...userIds], 'bigint[]')}::bigint[])),
  above AS (
    SELECT mine.whose, departments.id, departments.parent_id FROM departments JOIN mine ON mine.department_id = departments.id
    UNION SELECT above.whose, departments.id, departments.parent_id FROM departments JOIN above ON above.parent_id = departments.id)`

/** A share that reaches the person: both sides still belong to the organization through which it was given. */
const reaches = (who: RawBuilder<unknown>) => sql`
  shares.organization_id IN (SELECT organization_id FROM mine WHERE whose = ${who})
  AND (shares.user_id = ${who} OR shares.department_id IN (SELECT id FROM above WHERE whose = ${who})
    OR (shares.user_id IS NULL AND shares.department_id IS NULL))
  AND EXISTS (SELECT FROM memberships owners WHERE owners.organization_id = shares.organization_id AND owners.user_id = calendars.owner_id)`

/** What the person may do with a calendar, as an index of `levels`; null or 0 for nothing. */
const levelFor = (who: RawBuilder<unknown>) => sql`
  CASE WHEN calendars.owner_id = ${who} THEN 4 ELSE greatest(
    CASE WHEN calendars.is_public AND (calendars.organization_id IS NULL
      OR calendars.organization_id IN (SELECT organization_id FROM mine WHERE whose = ${who})) THEN 2 ELSE 0 END,
    (SELECT max(CASE shares.access WHEN 'write' THEN 3 WHEN 'read' THEN 2 ELSE 1 END) FROM calendar_shares shares
      WHERE shares.calendar_id = calendars.id AND ${reaches(who)})) END`

const columns = (userId: number) => sql`
  calendars.id, calendars.owner_id, trim(users.first_name || ' ' || users.last_name) AS owner_name, calendars.organization_id, calendars.name,
  calendars.description, calendars.color, calendars.is_public, calendars.is_first, calendars.time_zone, calendars.feed_hash IS NOT NULL AS has_feed, calendars.href, calendars.change, calendars.forgotten,
  calendars.created_at, calendars.updated_at, ${levelFor(unseen(userId, 'bigint'))} AS level`

/** Those of these calendars that the person may know of. */
export async function selectCalendars(ctx: Context, userId: number, ids: readonly string[]): Promise<CalendarRow[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<CalendarRow>`
    WITH RECURSIVE ${mine([userId])}, found AS (
      SELECT ${columns(userId)} FROM calendars JOIN users ON users.id = calendars.owner_id
      WHERE calendars.id = ANY(${unseen([...ids], 'uuid[]')}::uuid[]) AND users.deleted_at IS NULL)
    SELECT * FROM found WHERE level > 0`.execute(ctx.db)
  return rows
}

/** The calendars that a person has in view: their own, those shared with them, and the public ones of their organizations; their own first, then by name. */
export async function listCalendarRows(ctx: Context, userId: number): Promise<CalendarRow[]> {
  const { rows } = await sql<CalendarRow>`
    WITH RECURSIVE ${mine([userId])}, candidates AS (
      SELECT id FROM calendars WHERE owner_id = ${userId}
      UNION SELECT id FROM calendars WHERE is_public AND organization_id IN (SELECT organization_id FROM mine)
      UNION SELECT calendar_id FROM calendar_shares WHERE user_id = ${userId}
      UNION SELECT calendar_id FROM calendar_shares WHERE department_id IN (SELECT id FROM above)
      UNION SELECT calendar_id FROM calendar_shares WHERE organization_id IN (SELECT organization_id FROM mine) AND user_id IS NULL AND department_id IS NULL),
    found AS (
      SELECT ${columns(userId)} FROM calendars JOIN candidates ON candidates.id = calendars.id JOIN users ON users.id = calendars.owner_id
      WHERE users.deleted_at IS NULL)
    SELECT * FROM found WHERE level > 0
    ORDER BY owner_id <> ${userId}, NOT is_first, name, id`.execute(ctx.db)
  return rows
}

/** How far a calendar has changed, who of these people may know of it, and through which organizations it is reached; nothing for one that is gone. */
export async function findWatched(
  ctx: Context,
  id: string,
  userIds: readonly number[],
): Promise<{ id: string; change: number; watchers: number[]; organizations: string[] } | undefined> {
  const { rows } = await sql<{ id: string; change: number; watchers: number[]; organizations: string[] }>`
    WITH RECURSIVE ${mine(userIds)}
    SELECT calendars.id, calendars.change,
      (SELECT COALESCE(json_agg(who.id), '[]') FROM unnest(${[...userIds]}::bigint[]) AS who (id) WHERE ${levelFor(sql`who.id`)} > 0) AS watchers,
      ARRAY(SELECT calendars.organization_id WHERE calendars.organization_id IS NOT NULL
        UNION SELECT shares.organization_id FROM calendar_shares shares WHERE shares.calendar_id = calendars.id) AS organizations
    FROM calendars JOIN users ON users.id = calendars.owner_id AND users.deleted_at IS NULL
    WHERE calendars.id = ${id}::uuid`.execute(ctx.db)
  return rows[0]
}

/** By which name those who watch a calendar hear that it, or who may see it, has changed. */
export const calendarKey = (id: string): string => `calendar:${id}`

export type CalendarFields = {
  name: string
  description: string
  color: string
  is_public: boolean
  organization_id: string | null
  time_zone: string
  href?: string | null
}

export async function insertCalendar(
  ctx: Context,
  id: string,
  ownerId: number,
  fields: CalendarFields,
  isFirst = false,
): Promise<void> {
  const insert = ctx.db
    .insertInto('calendars')
    .values({ ...fields, id, owner_id: ownerId, is_first: isFirst, created_at: ctx.now, updated_at: ctx.now })
  // A first calendar may be there already; that another has the same name in its address is for the caller to hear.
  await (isFirst ? insert.onConflict((on) => on.doNothing()) : insert).execute()
}

export const findFirstCalendar = (ctx: Context, ownerId: number) =>
  ctx.db
    .selectFrom('calendars')
    .where('owner_id', '=', ownerId)
    .where('is_first', '=', true)
    .select('id')
    .executeTakeFirst()

export async function updateCalendarRow(ctx: Context, id: string, fields: Partial<CalendarFields>): Promise<void> {
  await ctx.db
    .updateTable('calendars')
    .set({ ...fields, updated_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

export async function deleteCalendarRow(ctx: Context, id: string): Promise<void> {
  await ctx.db.deleteFrom('calendars').where('id', '=', id).execute()
}

/** Keeps a calendar from being deleted until the transaction ends, or (alone) anything from being put into it; answers whether it is there. */
export async function holdCalendar(ctx: Context, id: string, alone = false): Promise<boolean> {
  const query = ctx.db.selectFrom('calendars').where('id', '=', id).select('id')
  return (await (alone ? query.forUpdate() : query.forKeyShare()).executeTakeFirst()) !== undefined
}

/** Counts a change of what stands in a calendar, the last thing that a transaction does: whoever changes it next waits until then. */
export async function nextChange(ctx: Context, calendarId: string): Promise<number> {
  const { channel, publish } = ctx.house.realtime
  const payload = changesPayload([calendarKey(calendarId)])
  // Those who watch it are told by the same statement: of many changes in one transaction, once.
  const { rows } = await sql<{ change: number }>`
    UPDATE calendars SET change = change + 1 WHERE id = ${calendarId}
    RETURNING change, CASE WHEN ${channel}::text IS NOT NULL THEN pg_notify(${channel}::text, ${payload}::text)::text END`.execute(
    ctx.db,
  )
  const [row] = rows
  if (!row) throw new Error(`there is no calendar ${calendarId} to change`)
  if (channel === null) await publish(ctx, payload)
  return row.change
}

export const listOwnCalendarIds = (ctx: Context, ownerId: number) =>
  ctx.db.selectFrom('calendars').where('owner_id', '=', ownerId).select('id').orderBy('id').execute()

export type ShareRow = {
  id: string
  organization_id: string
  user_id: number | null
  user_name: string | null
  department_id: string | null
  department_name: string | null
  access: string
  created_at: Temporal.Instant
}

/** With whom a calendar is shared, the oldest first. */
export async function listShareRows(ctx: Context, calendarId: string): Promise<ShareRow[]> {
  const { rows } = await sql<ShareRow>`
    SELECT shares.id, shares.organization_id, shares.user_id, trim(users.first_name || ' ' || users.last_name) AS user_name, shares.department_id,
      departments.name AS department_name, shares.access, shares.created_at
    FROM calendar_shares shares LEFT JOIN users ON users.id = shares.user_id LEFT JOIN departments ON departments.id = shares.department_id
    WHERE shares.calendar_id = ${calendarId} ORDER BY shares.created_at, shares.id`.execute(ctx.db)
  return rows
}

export type NewShare = {
  organization_id: string
  user_id: number | null
  department_id: string | null
  access: 'free_busy' | 'read' | 'write'
}

/** Shares a calendar; with whom it is shared already gets the new access. Answers the id of the share. */
export async function upsertShare(ctx: Context, id: string, calendarId: string, share: NewShare): Promise<string> {
  const row = await ctx.db
    .insertInto('calendar_shares')
    .values({ ...share, id, calendar_id: calendarId, created_at: ctx.now })
    .onConflict((on) => on.constraint('calendar_shares_once').doUpdateSet({ access: share.access }))
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

/** Answers whether there was one. */
export async function deleteShareRow(ctx: Context, calendarId: string, id: string): Promise<boolean> {
  const row = await ctx.db
    .deleteFrom('calendar_shares')
    .where('calendar_id', '=', calendarId)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** The organization of a department, where the person belongs to it. */
export async function organizationOfDepartment(
  ctx: Context,
  userId: number,
  departmentId: string,
): Promise<string | undefined> {
  const row = await ctx.db
    .selectFrom('departments')
    .innerJoin('memberships', 'memberships.organization_id', 'departments.organization_id')
    .innerJoin('organizations', 'organizations.id', 'departments.organization_id')
    .where('departments.id', '=', departmentId)
    .where('memberships.user_id', '=', userId)
    .where('organizations.archived_at', 'is', null)
    .select('departments.organization_id')
    .executeTakeFirst()
  return row?.organization_id
}

export type ColleagueFacts = {
  id: number
  email: string
  email_key: string
  name: string
  time_zone: string
  organization_id: string
}

/** Those of these people, by id or e-mail, that share an organization with the person; each with the oldest such organization, and the person themselves. */
export async function selectColleagueFacts(
  ctx: Context,
  userId: number,
  wanted: { ids?: readonly number[]; emails?: readonly string[] },
): Promise<ColleagueFacts[]> {
  const { rows } = await sql<ColleagueFacts>`
    SELECT DISTINCT ON (users.id) users.id, users.email, users.email_key, trim(users.first_name || ' ' || users.last_name) AS name, users.time_zone,
      theirs.organization_id
    FROM users
    LEFT JOIN (memberships theirs
      JOIN organizations ON organizations.id = theirs.organization_id AND organizations.archived_at IS NULL
      JOIN memberships mine ON mine.organization_id = theirs.organization_id AND mine.user_id = ${userId}) ON theirs.user_id = users.id
    WHERE users.deleted_at IS NULL AND (users.id = ANY(${unseen([...(wanted.ids ?? [])], 'bigint[]')}::bigint[]) OR users.email_key = ANY(${unseen([...(wanted.emails ?? [])], 'text[]')}::text[]))
      AND (theirs.id IS NOT NULL OR users.id = ${userId})
    ORDER BY users.id, theirs.id`.execute(ctx.db)
  return rows
}

import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'

/** All SQL on notifications. Whatever is read or changed is named with its owner, so that another's is never found. */

export type NewNotification = {
  user_id: number
  kind: string
  title: string
  body: string
  params: Record<string, string | number>
  target: { kind: string; id: string | number } | null
}

/** A param is null where it was the name of somebody who has been erased since. */
export type NotificationRow = Omit<NewNotification, 'params'> & {
  params: Record<string, string | number | null>
  id: number
  created_at: Temporal.Instant
  read_at: Temporal.Instant | null
}

const columns = ['id', 'user_id', 'kind', 'title', 'body', 'created_at', 'read_at'] as const
const params = sql<NotificationRow['params']>`params`.as('params')
const target = sql<NewNotification['target']>`target`.as('target')

/**
 * Keeps a notification and answers its id; in the same statement it is looked whether the person wants it in their list, where that is theirs to choose (`wish`:
 * the topic, and what holds for who has chosen nothing). Null where they do not.
 */
export async function insertNotification(
  ctx: Context,
  { user_id, kind, title, body, ...about }: NewNotification & { people: { user_id: number; param: string }[] },
  wish: { topic: string; otherwise: boolean } | null,
): Promise<number | null> {
  const { rows } = await sql<{ id: number }>`
    WITH made AS (INSERT INTO notifications (user_id, kind, title, body, params, target, created_at)
    SELECT ${user_id}, ${kind}, ${title}, ${body}, ${JSON.stringify(about.params)}::jsonb, ${about.target && JSON.stringify(about.target)}::jsonb, ${ctx.now}::timestamptz
    WHERE ${wish === null}::boolean OR COALESCE(
      (SELECT enabled FROM notification_preferences WHERE user_id = ${user_id} AND topic = ${wish?.topic ?? ''}::text AND channel = 'in_app'), ${wish?.otherwise ?? true}::boolean)
    RETURNING id), named AS (INSERT INTO notification_people (notification_id, user_id, param)
    SELECT DISTINCT made.id, p.user_id, p.param FROM made, jsonb_to_recordset(${JSON.stringify(about.people)}::jsonb) AS p (user_id bigint, param text))
    SELECT id FROM made`.execute(ctx.db)
  return rows[0]?.id ?? null
}

/** A notification, held until the transaction ends so that nobody deletes it meanwhile. */
export const holdNotification = (ctx: Context, userId: number, id: number): Promise<NotificationRow | undefined> =>
  ctx.db
    .selectFrom('notifications')
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .select([...columns, params, target])
    .forShare()
    .executeTakeFirst()

/** What fills the sentences of a notification now, if it still is there. */
export async function findParams(ctx: Context, id: number): Promise<NotificationRow['params'] | undefined> {
  const row = await ctx.db.selectFrom('notifications').where('id', '=', id).select(params).executeTakeFirst()
  return row?.params
}

/** Is it still there, and unread? */
export async function isUnread(ctx: Context, userId: number, id: number): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('notifications')
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .where('read_at', 'is', null)
    .select('id')
    .executeTakeFirst()
  return row !== undefined
}

/** How many a person has not read; 1,000 stands for as many or more. */
export async function countUnread(ctx: Context, userId: number): Promise<number> {
  const unread = ctx.db
    .selectFrom('notifications')
    .where('user_id', '=', userId)
    .where('read_at', 'is', null)
    .select('id')
    .limit(sql.lit(1000))
    .as('unread')
  const { count } = await ctx.db
    .selectFrom(unread)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** A person's notifications, newest first; with `before` those that are older than the one with this id. */
export function selectNotifications(ctx: Context, userId: number, unread: boolean | undefined, before?: number) {
  const own = ctx.db
    .selectFrom('notifications')
    .where('user_id', '=', userId)
    .select([...columns, params, target])
    .orderBy('id', 'desc')
  const all = before === undefined ? own : own.where('id', '<', before)
  return unread === undefined ? all : all.where('read_at', unread ? 'is' : 'is not', null)
}

/** Marks one as read, keeping the first time where it was read before. */
export const markRead = (ctx: Context, userId: number, id: number): Promise<NotificationRow | undefined> =>
  ctx.db
    .updateTable('notifications')
    .set({ read_at: sql`COALESCE(read_at, ${ctx.now})` })
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .returning([...columns, params, target])
    .executeTakeFirst()

/** What a notification is about: what it leads to, and the kinds that count. */
export type About = { kinds: readonly string[]; target: { kind: string; id: string | number } }

/** Marks what these people have not read about one thing; answers whose and which. */
export async function markReadAbout(
  ctx: Context,
  userIds: readonly number[],
  { kinds, target: about }: About,
): Promise<{ user_id: number; id: number }[]> {
  const { rows } = await sql<{ user_id: number; id: number }>`
    UPDATE notifications SET read_at = ${ctx.now}
    WHERE user_id = ANY(${unseen([...userIds], 'bigint[]')}::bigint[]) AND read_at IS NULL AND kind = ANY(${unseen([...kinds], 'text[]')}::text[])
      AND target = ${unseen(JSON.stringify(about), 'jsonb')}
    RETURNING user_id, id`.execute(ctx.db)
  return rows
}

export type Withdrawn = { user_id: number; id: number; params: NotificationRow['params'] }

/** Deletes what these people were told about one thing since an instant, the oldest first: all of it or, where any of it has been read, nothing. */
export async function deleteUnreadAbout(
  ctx: Context,
  userIds: readonly number[],
  { kinds, target: about }: About,
  since: Temporal.Instant,
): Promise<Withdrawn[]> {
  const { rows } = await sql<Withdrawn>`
    WITH told AS MATERIALIZED (
      SELECT id, read_at FROM notifications
      WHERE user_id = ANY(${[...userIds]}::bigint[]) AND created_at > ${since} AND kind = ANY(${[...kinds]}::text[])
        AND target = ${JSON.stringify(about)}::jsonb
      ORDER BY id FOR UPDATE
    ), gone AS (
      DELETE FROM notifications WHERE id IN (SELECT id FROM told) AND NOT EXISTS (SELECT FROM told WHERE read_at IS NOT NULL)
      RETURNING user_id, id, params
    )
    SELECT * FROM gone ORDER BY id`.execute(ctx.db)
  return rows
}

/** Has a person been told of one of these kinds about the same thing after this notification? */
export async function isOutdated(ctx: Context, userId: number, id: number, kinds: readonly string[]): Promise<boolean> {
  if (kinds.length === 0) return false
  const { rows } = await sql`
    SELECT FROM notifications newer JOIN notifications own ON own.user_id = newer.user_id AND own.target = newer.target
    WHERE own.id = ${id} AND own.user_id = ${userId} AND newer.id > ${id} AND newer.kind = ANY(${[...kinds]}::text[])
    LIMIT 1`.execute(ctx.db)
  return rows.length > 0
}

export async function markAllRead(ctx: Context, userId: number): Promise<number> {
  const { numUpdatedRows } = await ctx.db
    .updateTable('notifications')
    .set({ read_at: ctx.now })
    .where(sql<boolean>`user_id = ${unseen(userId, 'bigint')}`)
    .where('read_at', 'is', null)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Deletes a person's notifications, or the one that is named; answers how many. */
export async function deleteNotifications(ctx: Context, userId: number, id?: number): Promise<number> {
  const all = ctx.db.deleteFrom('notifications').where('user_id', '=', userId)
  const { numDeletedRows } = await (id === undefined ? all : all.where('id', '=', id)).executeTakeFirst()
  return Number(numDeletedRows)
}

/** Deletes what was made before an instant, everybody's; in portions, so that no statement runs long. */
export async function deleteBefore(ctx: Context, before: Temporal.Instant, onlyRead: boolean): Promise<void> {
  for (;;) {
    const old = ctx.db.selectFrom('notifications').where('created_at', '<', before).select('id').limit(5000)
    const { numDeletedRows } = await ctx.db
      .deleteFrom('notifications')
      .where('id', 'in', onlyRead ? old.where('read_at', 'is not', null) : old)
      .executeTakeFirst()
    if (Number(numDeletedRows) < 5000) return
  }
}

/** The first name of somebody who has not been erased. */
export const findFirstName = (ctx: Context, userId: number) =>
  ctx.db
    .selectFrom('users')
    .where('id', '=', userId)
    .where('deleted_at', 'is', null)
    .select('first_name')
    .executeTakeFirst()

/** Deletes all that a person was told. */
export async function deleteOf(ctx: Context, userId: number): Promise<void> {
  await ctx.db.deleteFrom('notifications').where('user_id', '=', userId).execute()
}

export type Blanked = NotificationRow & { locale: string | null; time_zone: string }

/** Takes names and words of others out of what a person was told about these things; answers those notifications, with how they read. */
export async function blankAbout(
  ctx: Context,
  userId: number,
  { kind, ids, names }: { kind: string; ids: readonly number[]; names: readonly string[] },
): Promise<Blanked[]> {
  const { rows } = await sql<Blanked>`
    WITH about AS MATERIALIZED (
      SELECT id FROM notifications WHERE user_id = ${userId} AND target ->> 'kind' = ${kind} AND target ->> 'id' = ANY (${ids.map(String)}::text[])
    ), named AS (
      DELETE FROM notification_people WHERE notification_id IN (SELECT id FROM about) AND param = ANY (${[...names]}::text[])
    )
    UPDATE notifications n SET params = n.params || (SELECT jsonb_object_agg(key, NULL::text) FROM jsonb_object_keys(n.params) AS key WHERE key = ANY (${[...names]}::text[]))
    FROM users reader
    WHERE n.id IN (SELECT id FROM about) AND n.params ?| ${[...names]}::text[] AND reader.id = n.user_id
    RETURNING n.*, reader.locale, reader.time_zone`.execute(ctx.db)
  return rows
}

/** Takes a person's name out of so many of the notifications in which it stands; answers those, with how their readers read. */
export async function blankName(ctx: Context, userId: number, limit: number): Promise<Blanked[]> {
  const { rows } = await sql<Blanked>`
    WITH named AS (
      DELETE FROM notification_people WHERE user_id = ${userId} AND notification_id IN
        (SELECT notification_id FROM notification_people WHERE user_id = ${userId} ORDER BY notification_id LIMIT ${limit})
      RETURNING notification_id, param
    ), blank AS (
      SELECT notification_id, jsonb_object_agg(param, NULL::text) AS params FROM named GROUP BY notification_id
    )
    UPDATE notifications n SET params = n.params || blank.params FROM blank, users reader
    WHERE n.id = blank.notification_id AND reader.id = n.user_id
    RETURNING n.*, reader.locale, reader.time_zone`.execute(ctx.db)
  return rows
}

import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import type { Entry, EntryValues } from '../rules/entries.ts'
import type { EntryKind } from '../rules/schedule.ts'
import type { Standing } from '../rules/stranded.ts'

const columns = [
  'schedule_entries.id',
  'kind',
  'weekday',
  'start_minute',
  'end_minute',
  'date',
  'intervals',
  'starts_at',
  'ends_at',
  'reason',
  'created_at',
  'updated_at',
] as const

export type EntryRow = Entry & { created_at: Temporal.Instant; updated_at: Temporal.Instant }
export type OwnedEntryRow = EntryRow & {
  resource_id: number
  user_id: number | null
  room_id: string | null
  organization_id: string | null
  time_zone: string
}

const owned = (ctx: Context) =>
  ctx.db
    .selectFrom('schedule_entries')
    .innerJoin('resources', 'resources.id', 'schedule_entries.resource_id')
    .select(columns.map((name) => (name === 'kind' ? ('schedule_entries.kind' as const) : name)))
    .select(['resource_id', 'user_id', 'room_id', 'organization_id', 'time_zone'])
    .$castTo<OwnedEntryRow>()

/** One entry and whose it is. */
export async function findEntry(ctx: Context, id: number): Promise<OwnedEntryRow | undefined> {
  return owned(ctx).where('schedule_entries.id', '=', id).executeTakeFirst()
}

export type EntryFilter = { kind?: EntryKind; from?: string; to?: string }

/** The entries of a person or a room: the week first, then what is dated, by date. A span leaves weekly hours in: they hold on all its days. */
export function selectOwnedEntries(
  ctx: Context,
  owner: { userId: number } | { roomId: string },
  { kind, from, to }: EntryFilter,
) {
  let query =
    'userId' in owner
      ? owned(ctx).where('resources.user_id', '=', owner.userId)
      : owned(ctx).where('resources.room_id', '=', owner.roomId)
  if (kind) query = query.where('schedule_entries.kind', '=', kind)
  if (from)
    query = query.where(
      sql<boolean>`(schedule_entries.kind = 'weekly' OR date >= ${from}::date OR ends_at > ${from}::date)`,
    )
  if (to)
    query = query.where(
      sql<boolean>`(schedule_entries.kind = 'weekly' OR date <= ${to}::date OR starts_at < ${to}::date + 1)`,
    )
  return query
    .orderBy(sql`coalesce(date, starts_at::date) NULLS FIRST`)
    .orderBy('weekday')
    .orderBy(sql`coalesce(start_minute, date_part('epoch', starts_at::time) / 60)`)
    .orderBy('schedule_entries.id')
}

/** All entries of a resource; under the lock, so that what is checked against them holds. */
export async function selectEntries(ctx: Context, resourceId: number): Promise<EntryRow[]> {
  const rows = await ctx.db
    .selectFrom('schedule_entries')
    .select(columns)
    .where('resource_id', '=', resourceId)
    .orderBy('id')
    .execute()
  return rows as EntryRow[]
}

export async function insertEntry(ctx: Context, resourceId: number, values: EntryValues): Promise<EntryRow> {
  const row = await ctx.db
    .insertInto('schedule_entries')
    .values({
      ...values,
      resource_id: resourceId,
      created_by: ctx.actor?.userId ?? null,
      created_at: ctx.now,
      updated_at: ctx.now,
    })
    .returning(columns)
    .executeTakeFirstOrThrow()
  return row as EntryRow
}

export async function updateEntry(ctx: Context, id: number, values: EntryValues): Promise<EntryRow> {
  const row = await ctx.db
    .updateTable('schedule_entries')
    .set({ ...values, updated_at: ctx.now })
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirstOrThrow()
  return row as EntryRow
}

export async function deleteEntryRow(ctx: Context, id: number): Promise<void> {
  await ctx.db.deleteFrom('schedule_entries').where('id', '=', id).execute()
}

/** The zone in which all entries of a resource are read. */
export async function updateZone(ctx: Context, resourceId: number, timeZone: string): Promise<void> {
  await ctx.db.updateTable('resources').set({ time_zone: timeZone }).where('id', '=', resourceId).execute()
}

export async function selectZone(ctx: Context, resourceId: number): Promise<string> {
  const { time_zone } = await ctx.db
    .selectFrom('resources')
    .select('time_zone')
    .where('id', '=', resourceId)
    .executeTakeFirstOrThrow()
  return time_zone
}

/** The sessions of bookings that take this resource now or later, in epoch minutes. */
export async function selectFutureSessions(ctx: Context, resourceId: number): Promise<Standing[]> {
  const { rows } = await sql<Standing>`
    SELECT floor(date_part('epoch', lower(during)) / 60)::bigint AS from, ceil(date_part('epoch', upper(during)) / 60)::bigint AS to,
      source_id AS "sourceId"
    FROM claims
    WHERE resource_id = ${resourceId} AND during && tstzrange(${ctx.now}, NULL) AND source_kind = 'booking_session'
      AND (expires_at IS NULL OR expires_at > ${ctx.now})
    ORDER BY lower(during)`.execute(ctx.db)
  return rows
}

import { sql } from 'kysely'
import type { Context } from '../../platform/context.ts'
import { unseen } from '../../platform/db/unseen.ts'
import { fold, searchPatterns } from '../../platform/fold.ts'

/** All SQL on rooms. What is shown is read through the membership of who asks, so that an outsider finds nothing. */

export const roomColumns = [
  'rooms.id',
  'rooms.organization_id',
  'rooms.name',
  'rooms.description',
  'rooms.capacity',
  'rooms.location',
  'rooms.equipment',
  'rooms.time_zone',
  'rooms.is_active',
  'rooms.check_in_minutes',
  'rooms.created_at',
  'rooms.updated_at',
] as const

export type RoomFilter = {
  organizationId?: string | undefined
  search?: string | undefined
  capacity?: number | undefined
  equipment?: readonly string[] | undefined
  isActive?: boolean | undefined
}

/** The rooms of a person's organizations, the archived ones left out. */
export function selectRooms(ctx: Context, userId: number, filter: RoomFilter = {}) {
  let query = ctx.db
    .selectFrom('rooms')
    .innerJoin('memberships', 'memberships.organization_id', 'rooms.organization_id')
    .innerJoin('organizations', 'organizations.id', 'rooms.organization_id')
    .where('memberships.user_id', '=', userId)
    .where('organizations.archived_at', 'is', null)
    .where('rooms.archived_at', 'is', null)
    .select(roomColumns)
  if (filter.organizationId !== undefined) query = query.where('rooms.organization_id', '=', filter.organizationId)
  if (filter.capacity !== undefined) query = query.where('rooms.capacity', '>=', filter.capacity)
  if (filter.isActive !== undefined) query = query.where('rooms.is_active', '=', filter.isActive)
  if (filter.equipment !== undefined)
    query = query.where(sql<boolean>`rooms.equipment_keys @> ${[...filter.equipment]}::text[]`)
  for (const pattern of searchPatterns(filter.search ?? '')) query = query.where('rooms.search_text', 'like', pattern)
  return query
}

export type WatchedRoom = { id: string; organization_id: string; state: string; watchers: number[] }

/** A room that is not archived, and who of these people belong to it while it stands. */
export async function findWatchedRoom(
  ctx: Context,
  id: string,
  userIds: readonly number[],
): Promise<WatchedRoom | undefined> {
  const { rows } = await sql<WatchedRoom>`
    SELECT rooms.id, rooms.organization_id, md5(rooms::text) AS state,
      (SELECT COALESCE(json_agg(user_id), '[]') FROM memberships
        WHERE organization_id = rooms.organization_id AND user_id = ANY(${[...userIds]}::bigint[])) AS watchers
    FROM rooms JOIN organizations ON organizations.id = rooms.organization_id AND organizations.archived_at IS NULL
    WHERE rooms.id = ${id}::uuid AND rooms.archived_at IS NULL`.execute(ctx.db)
  return rows[0]
}

export type RoomRow = NonNullable<Awaited<ReturnType<typeof findRoom>>>

export const findRoom = (ctx: Context, userId: number, id: string) =>
  selectRooms(ctx, userId).where('rooms.id', '=', id).executeTakeFirst()

export type RoomFields = {
  name: string
  description: string
  capacity: number
  location: string
  equipment: string[]
  time_zone: string
  is_active: boolean
  check_in_minutes: number | null
}

const keysOf = (fields: RoomFields) => ({
  search_text: fold([fields.name, fields.location, fields.description, ...fields.equipment].join('\n')),
  equipment_keys: fields.equipment.map(fold),
})

export async function insertRoom(ctx: Context, id: string, organizationId: string, fields: RoomFields): Promise<void> {
  await ctx.db
    .insertInto('rooms')
    .values({
      ...fields,
      ...keysOf(fields),
      id,
      organization_id: organizationId,
      created_at: ctx.now,
      updated_at: ctx.now,
    })
    .execute()
}

export async function updateRoomRow(ctx: Context, id: string, fields: RoomFields): Promise<void> {
  await ctx.db
    .updateTable('rooms')
    .set({ ...fields, ...keysOf(fields), updated_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

/** Locks a room's row until the transaction ends, so that two changes take their turns; answers whether it is there and not archived. */
export async function lockRoom(ctx: Context, id: string): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('rooms')
    .where('id', '=', id)
    .where('archived_at', 'is', null)
    .select('id')
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row !== undefined
}

export async function archiveRoomRow(ctx: Context, id: string): Promise<void> {
  await ctx.db.updateTable('rooms').set({ archived_at: ctx.now, updated_at: ctx.now }).where('id', '=', id).execute()
}

/** Rooms by id that are not archived, whoever asks: for the modules to the right, which have decided that already. */
export const listRoomsById = (ctx: Context, ids: readonly string[]) =>
  ctx.db
    .selectFrom('rooms')
    .where(sql<boolean>`id = ANY(${unseen([...ids], 'uuid[]')}::uuid[])`)
    .where('archived_at', 'is', null)
    .select(['id', 'name', 'organization_id', 'is_active', 'capacity', 'location', 'time_zone'])
    .orderBy('id')
    .execute()

/** Every room of an organization that is not archived. */
export const listRoomIds = (ctx: Context, organizationId: string) =>
  ctx.db
    .selectFrom('rooms')
    .where('organization_id', '=', organizationId)
    .where('archived_at', 'is', null)
    .select(['id', 'organization_id'])
    .orderBy('id')
    .execute()

/** Every room of an organization that takes something new and has this equipment, for the modules to the right. */
export const listActiveRooms = (
  ctx: Context,
  organizationId: string,
  capacity: number,
  equipment: readonly string[] = [],
) =>
  ctx.db
    .selectFrom('rooms')
    .where('organization_id', '=', organizationId)
    .where('archived_at', 'is', null)
    .where('is_active', '=', true)
    .where('capacity', '>=', capacity)
    .where(sql<boolean>`equipment_keys @> ${[...equipment]}::text[]`)
    .select(['id', 'name', 'organization_id', 'is_active', 'capacity', 'location', 'time_zone'])
    .orderBy('id')
    .execute()

/** Names by id, of archived rooms too: old bookings still say where they were. */
export const listNames = (ctx: Context, ids: readonly string[]) =>
  ctx.db
    .selectFrom('rooms')
    .where(sql<boolean>`id = ANY(${unseen([...ids], 'uuid[]')}::uuid[])`)
    .select(['id', 'name'])
    .execute()

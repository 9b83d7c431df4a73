import { actorOf, type Context } from '../../platform/context.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { conflict, invalid, notFound } from '../../platform/errors.ts'
import { limitOf, offsetOf, pageOf, type Page } from '../../platform/http/page.ts'
import { iso } from '../../platform/http/shapes.ts'
import { uuid7 } from '../../platform/uuid.ts'
import { sayChanged, type Sight } from '../../platform/socket/topic.ts'
import { chooseOrganization, getOrganization, organizationKey, requireOrgRole } from '../organizations/index.ts'
import {
  claim,
  factsOf,
  findResources,
  lockResources,
  resourcesFor,
  tellRoomBack,
  watchTime,
  type Facts,
} from '../scheduling/index.ts'
import {
  archiveRoomRow,
  findRoom,
  findWatchedRoom,
  insertRoom,
  listActiveRooms,
  listNames,
  listRoomIds,
  listRoomsById,
  lockRoom,
  selectRooms,
  updateRoomRow,
  type RoomRow,
} from './queries.ts'
import { isOpenThroughout, longestSpanDays, minutesOf, roomKey, tidyEquipment, wantedEquipment } from './rules.ts'
import type { AvailableQuery, RoomChange, RoomInput, RoomQuery, RoomView } from './schema.ts'

const keepers = ['admin', 'it'] as const
/** Claims further ahead than this are nobody's (SPEC section 5: a horizon of 18 months; services open at most ten years ahead). */
const farthestDays = 11 * 366
/** At most this many claims are named in a refusal. */
const mostNamed = 100

const view = (row: RoomRow): RoomView => ({
  ...row,
  created_at: iso(row.created_at),
  updated_at: iso(row.updated_at),
})

const equipmentOf = (filter: string | string[] | undefined): string[] | undefined =>
  filter === undefined ? undefined : wantedEquipment(filter)

/** The rooms of one's organizations, by name. Of an organization that is not one's own there are none. */
export async function listRooms(ctx: Context, query: RoomQuery): Promise<Page<RoomView>> {
  const { userId } = actorOf(ctx)
  const { organization_id: organizationId, search, capacity, is_active: isActive } = query
  const filter = { organizationId, search, capacity, isActive, equipment: equipmentOf(query.equipment) }
  const rows = selectRooms(ctx, userId, filter).orderBy('rooms.name').orderBy('rooms.id')
  const page = await pageOf(ctx, query, `rooms of ${userId} ${JSON.stringify(filter)}`, rows)
  return { ...page, results: page.results.map(view) }
}

/** A room of one of one's organizations. @throws NOT_FOUND for outsiders. */
export async function getRoom(ctx: Context, id: string): Promise<RoomView> {
  return view(await getRow(ctx, id))
}

/** The time of a room as those who watch it on the socket are shown it, and who of these people belong to its organization still; what the room itself is counts, too. */
export async function watchRoom(ctx: Context, id: string, userIds: readonly number[]): Promise<Sight | null> {
  const room = await findWatchedRoom(ctx, id, userIds)
  if (!room) return null
  const { id: roomId, organization_id: organizationId, state, watchers } = room
  // Whoever is no member makes no resource of it either.
  if (watchers.length === 0) return null
  const { version, keys, until } = await watchTime(ctx, [{ roomId, organizationId }])
  return {
    version,
    until,
    mark: state,
    keys: [...keys, roomKey(roomId), organizationKey(organizationId)],
    watchers: new Set(watchers),
  }
}

async function getRow(ctx: Context, id: string): Promise<RoomRow> {
  const row = await findRoom(ctx, actorOf(ctx).userId, id)
  if (!row) throw notFound('room')
  return row
}

/**
 * Makes a room; for an organization's admins and its IT (SPEC section 5). Without a time zone it takes the organization's.
 * @throws NOT_FOUND for outsiders, PERMISSION_DENIED for other members, VALIDATION_ERROR when it is not clear which organization is meant
 */
export async function createRoom(ctx: Context, input: RoomInput): Promise<RoomView> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = await chooseOrganization(tx, input.organization_id)
    await requireOrgRole(tx, organizationId, keepers)
    const id = uuid7(tx.now)
    await insertRoom(tx, id, organizationId, {
      name: input.name,
      description: input.description ?? '',
      capacity: input.capacity,
      location: input.location ?? '',
      equipment: tidyEquipment(input.equipment ?? []),
      time_zone: input.time_zone ?? (await getOrganization(tx, organizationId)).time_zone,
      is_active: input.is_active ?? true,
      check_in_minutes: input.check_in_minutes ?? null,
    })
    return getRoom(tx, id)
  })
}

/** Changes a room; for its organization's admins and IT. What is left out stays. One that is not active keeps its bookings and takes no new ones. */
export async function updateRoom(ctx: Context, id: string, change: RoomChange): Promise<RoomView> {
  return inTransaction(ctx, async (tx) => {
    await requireKeeper(tx, id)
    if (!(await lockRoom(tx, id))) throw notFound('room')
    const before = await getRow(tx, id)
    await updateRoomRow(tx, id, {
      name: change.name ?? before.name,
      description: change.description === undefined ? before.description : (change.description ?? ''),
      capacity: change.capacity ?? before.capacity,
      location: change.location === undefined ? before.location : (change.location ?? ''),
      equipment: change.equipment === undefined ? before.equipment : tidyEquipment(change.equipment ?? []),
      time_zone: change.time_zone ?? before.time_zone,
      is_active: change.is_active ?? before.is_active,
      check_in_minutes: change.check_in_minutes === undefined ? before.check_in_minutes : change.check_in_minutes,
    })
    await sayChanged(tx, [roomKey(id)])
    if (change.is_active && !before.is_active) await tellRoomBack(tx, id)
    return getRoom(tx, id)
  })
}

/**
 * Archives a room; for its organization's admins and IT. Its past bookings stand. The resource is locked before its claims are read, and from then on the room is
 * blocked for good: whoever has read of it before and waits for the lock is refused by the claims themselves.
 * @throws CONFLICT with a detail for each claim that still lies ahead (SPEC section 10)
 */
export async function archiveRoom(ctx: Context, id: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const { organization_id: organizationId } = await requireKeeper(tx, id)
    const [resource] = await resourcesFor(tx, [{ roomId: id, organizationId }])
    await lockResources(tx, [resource!])
    if (!(await lockRoom(tx, id))) throw notFound('room')
    const until = tx.now.add({ hours: farthestDays * 24 })
    await refuseIfAhead(tx, [resource!], until)
    const forever = { resourceId: resource!, from: tx.now, to: until, exclusive: true }
    await claim(tx, { source: { kind: 'block', id: `archived:${id}` }, claims: [forever], expiresAt: null })
    await archiveRoomRow(tx, id)
  })
}

/**
 * Refuses while a room of the organization is taken at times to come, by whatever, and lets nobody take one until the transaction ends.
 * @throws CONFLICT naming the times
 */
export async function refuseIfTaken(ctx: Context, organizationId: string): Promise<void> {
  const rooms = await listRoomIds(ctx, organizationId)
  const refs = rooms.map(({ id }) => ({ roomId: id, organizationId }))
  const resources = (await findResources(ctx, refs)).filter((id) => id !== null)
  await lockResources(ctx, resources)
  await refuseIfAhead(ctx, resources, ctx.now.add({ hours: farthestDays * 24 }))
}

async function refuseIfAhead(ctx: Context, resources: readonly number[], until: Temporal.Instant): Promise<void> {
  const facts = await factsOf(ctx, resources, ctx.now, until)
  const ahead = resources.flatMap((id) => facts.get(id)?.claims ?? [])
  if (ahead.length === 0) return
  throw conflict('This room is still taken at times to come', {
    details: ahead.slice(0, mostNamed).map(({ source_kind, from, to }) => ({
      rule: 'taken',
      message: 'This room is taken at this time',
      params: { kind: source_kind, from: instantOf(from), to: instantOf(to) },
    })),
  })
}

const instantOf = (minute: number): string => Temporal.Instant.fromEpochMilliseconds(minute * 60_000).toString()

async function requireKeeper(ctx: Context, id: string): Promise<RoomRow> {
  const row = await getRow(ctx, id)
  await requireOrgRole(ctx, row.organization_id, keepers)
  return row
}

/**
 * The active rooms of one's organizations that are open and free from `from` to `to`, the smallest that fits first. A hold that has run out counts as free;
 * a room that has never been claimed nor given hours is free always.
 * @throws VALIDATION_ERROR for a span that ends before it begins, or is longer than 31 days
 */
export async function listAvailableRooms(ctx: Context, query: AvailableQuery): Promise<Page<RoomView>> {
  const from = Temporal.Instant.from(query.from)
  const to = Temporal.Instant.from(query.to)
  if (Temporal.Instant.compare(from, to) >= 0)
    throw invalid('to', 'This must be after the beginning of the span', 'span_order')
  if (to.epochMilliseconds - from.epochMilliseconds > longestSpanDays * 86_400_000)
    throw invalid('to', 'The span must be at most {days} days long', 'span_length', { days: longestSpanDays })
  const rows = await selectRooms(ctx, actorOf(ctx).userId, {
    organizationId: query.organization_id,
    capacity: query.capacity,
    equipment: equipmentOf(query.equipment),
    isActive: true,
  })
    .orderBy('rooms.capacity')
    .orderBy('rooms.name')
    .orderBy('rooms.id')
    .execute()
  const refs = rows.map((row) => ({ roomId: row.id, organizationId: row.organization_id }))
  const resources = await findResources(ctx, refs)
  const known = resources.filter((id) => id !== null)
  const facts = await factsOf(ctx, known, from, to)
  const free = rows.filter((_, i) => isFree(resources[i], facts, from, to))
  const offset = offsetOf(query)
  if (offset > 0 && offset >= free.length) throw notFound('page')
  return { results: free.slice(offset, offset + limitOf(query)).map(view), count: free.length }
}

function isFree(
  resource: number | null | undefined,
  facts: Map<number, Facts>,
  from: Temporal.Instant,
  to: Temporal.Instant,
): boolean {
  const known = typeof resource === 'number' ? facts.get(resource) : undefined
  return !known || (known.busy.length === 0 && isOpenThroughout(known.schedule, minutesOf(from, to)))
}

export type RoomForBooking = {
  id: string
  name: string
  organizationId: string
  isActive: boolean
  capacity: number
  location: string
  timeZone: string
}

type BookableRow = Awaited<ReturnType<typeof listRoomsById>>[number]
const forBooking = ({
  organization_id: organizationId,
  is_active: isActive,
  time_zone: timeZone,
  ...room
}: BookableRow): RoomForBooking => ({ ...room, organizationId, isActive, timeZone })

/** These rooms, for a booking or an event that has decided already who may see them; the archived ones are left out. */
export async function getRoomsForBooking(ctx: Context, ids: readonly string[]): Promise<RoomForBooking[]> {
  if (ids.length === 0) return []
  return (await listRoomsById(ctx, ids)).map(forBooking)
}

/** The active rooms of an organization for at least so many people, with all of this equipment, by id; for whoever looks for a room on behalf of a member. */
export async function getRoomsOfOrganization(
  ctx: Context,
  organizationId: string,
  capacity: number,
  equipment?: string | string[],
): Promise<RoomForBooking[]> {
  return (await listActiveRooms(ctx, organizationId, capacity, equipmentOf(equipment) ?? [])).map(forBooking)
}

/** The names of these rooms, of archived ones too. */
export async function roomNames(ctx: Context, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  return new Map((await listNames(ctx, ids)).map(({ id, name }) => [id, name]))
}

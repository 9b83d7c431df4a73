import type { Context } from '../../../platform/context.ts'
import { isOpenThroughout, minutesOf, type RoomForBooking } from '../../rooms/index.ts'
import { factsOf } from '../../scheduling/index.ts'
import { upsertOverride, updateEventRoom, type OverrideRow } from '../queries/events.ts'
import { toInstant } from '../rules/moments.ts'
import { isRecurring, nameOf } from '../rules/occurrences.ts'
import { roomsOf, type Wants, type Whole } from '../rules/wanted.ts'
import type { Reach, Refusal } from './claims.ts'

/** What happens to occurrences whose room cannot be had: all is refused, they go without, or they take the nearest free one. */
export const roomPolicies = ['refuse', 'skip', 'move'] as const
export type RoomPolicy = (typeof roomPolicies)[number]

/** What has become of one occurrence: another room, or none. */
export type RoomChange = { eventId: string; occurrence: string; start: Temporal.Instant; roomId: string | null }

/** The stretches at which a room is closed by its hours, or which want a room that is not there any more. */
export async function closedStretches(ctx: Context, whole: Whole, wants: Wants, reach: Reach): Promise<Refusal[]> {
  const refusals: Refusal[] = []
  const eventId = whole.event.id
  for (const roomId of roomsOf(whole)) {
    const found = reach.rooms.get(roomId)
    const stretches = wants.rooms.get(roomId) ?? []
    // Whoever names a room that is archived is refused before; a series may meet it at its horizon.
    if (!found) continue
    const [first, last] = [stretches[0], stretches.at(-1)]
    if (!first || !last) continue
    const facts = await factsOf(ctx, [found.resourceId], toInstant(first.from), toInstant(last.to))
    const schedule = facts.get(found.resourceId)?.schedule ?? null
    if (schedule === null) continue
    for (const stretch of stretches)
      if (!isOpenThroughout(schedule, minutesOf(toInstant(stretch.from), toInstant(stretch.to))))
        refusals.push({ ...stretch, eventId, roomId, rule: 'room_closed' })
  }
  return refusals
}

/**
 * Gives the refused occurrences another room, or none where none is free: in the database and in the wholes. The resources of the candidates are locked, so
 * that what is found free stays free.
 */
export async function giveRooms(
  ctx: Context,
  wholes: readonly Whole[],
  refusals: readonly Refusal[],
  { policy, candidates, reach }: { policy: RoomPolicy; candidates: readonly string[]; reach: Reach },
): Promise<RoomChange[]> {
  const changes: RoomChange[] = []
  for (const refusal of refusals) {
    const whole = wholes.find(({ event }) => event.id === refusal.eventId)!
    const roomId = policy === 'move' ? await nearestFree(ctx, refusal, candidates, reach) : null
    await setRoom(ctx, whole, refusal.point, roomId)
    const occurrence = nameOf(whole.event.kind, refusal.point)
    changes.push({ eventId: refusal.eventId, occurrence, start: toInstant(refusal.from), roomId })
  }
  return changes
}

/** Puts one occurrence into a room, or none. A single event has no occurrence but itself. */
export async function setRoom(ctx: Context, whole: Whole, point: number, roomId: string | null): Promise<void> {
  const { event } = whole
  if (!isRecurring(event)) {
    event.room_id = roomId
    await updateEventRoom(ctx, event.id, roomId)
    return
  }
  const before = whole.overrides.find((one) => one.point === point)
  const override: OverrideRow = {
    event_id: event.id,
    point,
    recurrence_id: nameOf(event.kind, point),
    start_point: null,
    start_text: null,
    duration_seconds: null,
    changes: {},
    sequence: event.sequence,
    raw: null,
    ...before,
    has_own_room: true,
    room_id: roomId,
  }
  await upsertOverride(ctx, override)
  whole.overrides = [...whole.overrides.filter((one) => one !== before), override].toSorted((a, b) => a.point - b.point)
}

/** The free and open room most like the one that cannot be had: in the same place, then of the nearest size, then by id; null where none is. */
async function nearestFree(
  ctx: Context,
  refusal: Refusal,
  candidates: readonly string[],
  reach: Reach,
): Promise<string | null> {
  const wanted = reach.rooms.get(refusal.roomId)?.room
  const others = candidates.flatMap((id) => (id === refusal.roomId ? [] : (reach.rooms.get(id) ?? [])))
  const [from, to] = [toInstant(refusal.from), toInstant(refusal.to)]
  const ids = others.map(({ resourceId }) => resourceId)
  const facts = await factsOf(ctx, ids, from, to, { except: { kind: 'event', id: refusal.eventId } })
  const minutes = minutesOf(from, to)
  const free = others.filter(({ resourceId, room }) => {
    if (room.organizationId !== wanted?.organizationId) return false
    const known = facts.get(resourceId)
    return !known || (!known.claims.some((one) => one.exclusive) && isOpenThroughout(known.schedule, minutes))
  })
  const far = (room: RoomForBooking): number =>
    (room.location === wanted?.location ? 0 : 1_000_000) + Math.abs(room.capacity - (wanted?.capacity ?? 0))
  const [nearest] = free.toSorted((a, b) => far(a.room) - far(b.room) || (a.room.id < b.room.id ? -1 : 1))
  return nearest?.room.id ?? null
}

/** Rooms of an event that were archived since: it goes without them. Answers them. */
export async function forgetLostRooms(ctx: Context, whole: Whole, reach: Reach): Promise<string[]> {
  const lost = roomsOf(whole).filter((id) => !reach.rooms.has(id))
  await leaveRooms(ctx, whole, lost)
  return lost
}

/** Takes an event and its occurrences out of these rooms, in the database and in the whole. */
export async function leaveRooms(ctx: Context, whole: Whole, roomIds: readonly string[]): Promise<void> {
  const { event } = whole
  for (const override of whole.overrides)
    if (override.room_id !== null && roomIds.includes(override.room_id)) {
      override.room_id = null
      await upsertOverride(ctx, override)
    }
  if (event.room_id !== null && roomIds.includes(event.room_id)) {
    event.room_id = null
    await updateEventRoom(ctx, event.id, null)
  }
}

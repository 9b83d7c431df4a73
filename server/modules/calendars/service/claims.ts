import type { Context } from '../../../platform/context.ts'
import { conflict, invalid, type Detail } from '../../../platform/errors.ts'
import { zoneOf, type Zone } from '../../../time/zones.ts'
import { getRoomsForBooking, getRoomsOfOrganization, type RoomForBooking } from '../../rooms/index.ts'
import { lockSources, overBookings, replaceClaims, resourcesFor, type Wanted } from '../../scheduling/index.ts'
import { setClaimedUntil } from '../queries/events.ts'
import { readHorizon } from '../queries/horizon.ts'
import { zonesOfPersons } from '../queries/participants.ts'
import { horizonOf } from '../rules/horizon.ts'
import { toInstant, toSecond } from '../rules/moments.ts'
import { goesOnAfter, isRecurring, nameOf } from '../rules/occurrences.ts'
import { mostOccurrences, peopleOf, roomsOf, wantsOf, type Stretch, type Whole } from '../rules/wanted.ts'
import { closedStretches, giveRooms, type RoomChange, type RoomPolicy } from './rooms.ts'

/** Taking the time of an event: persons busy, the room for itself, for every occurrence up to the horizon. All within the caller's transaction. */

/** A stretch of a room that cannot be had, and why. */
export type Refusal = Stretch & { eventId: string; roomId: string; rule: 'room_taken' | 'room_closed' }

export type Taken = {
  roomChanges: RoomChange[]
  overBookings: { userId: number; from: Temporal.Instant; to: Temporal.Instant }[]
  /** Rooms with fewer places than people who may come: told, not refused, since some may stand and some stay away. */
  smallRooms: { roomId: string; capacity: number; people: number }[]
}

/** Resources and zones of everybody and every room that some events have to do with. */
export type Reach = {
  persons: Map<number, number>
  rooms: Map<string, { resourceId: number; room: RoomForBooking; zone: Zone }>
  zoneOfPerson: Map<number, Zone>
  zoneOfRoom: Map<string, Zone>
}

/** Until when events claim time: asked first in every transaction that changes them, before any row is locked. */
export const horizon = (ctx: Context): Promise<Temporal.Instant> => readHorizon(ctx, horizonOf(ctx.now))

/** Whom and what these events reach, with these rooms besides. */
export async function reachOf(ctx: Context, wholes: readonly Whole[], more: readonly string[] = []): Promise<Reach> {
  const userIds = [...new Set(wholes.flatMap(peopleOf))]
  const rooms = await getRoomsForBooking(ctx, [...new Set([...wholes.flatMap(roomsOf), ...more])])
  const zones = await zonesOfPersons(ctx, userIds)
  const persons = userIds.filter((id) => zones.has(id))
  const ids = await resourcesFor(ctx, [
    ...persons.map((userId) => ({ userId })),
    ...rooms.map(({ id: roomId, organizationId }) => ({ roomId, organizationId })),
  ])
  const reach: Reach = { persons: new Map(), rooms: new Map(), zoneOfPerson: new Map(), zoneOfRoom: new Map() }
  for (const [i, userId] of persons.entries()) {
    reach.persons.set(userId, ids[i]!)
    reach.zoneOfPerson.set(userId, zoneOf(zones.get(userId)!))
  }
  for (const [i, room] of rooms.entries()) {
    const zone = zoneOf(room.timeZone)
    reach.rooms.set(room.id, { resourceId: ids[persons.length + i]!, room, zone })
    reach.zoneOfRoom.set(room.id, zone)
  }
  return reach
}

/**
 * Takes the time of these events (one; or both halves of a series that is split, the second first) in the place of all that they have from now on. Their rows are locked by the
 * caller. What a policy changes of an event's room is written and noted in the wholes as well. With `keepsRoom` the hours of its room are not asked again: neither
 * times nor room have changed, and what was agreed stands though the hours may be others by now.
 * @throws CONFLICT with a detail for each occurrence whose room cannot be had; VALIDATION_ERROR for a series with a room that has too many occurrences
 */
export async function takeTime(
  ctx: Context,
  wholes: readonly Whole[],
  {
    until,
    policy = 'refuse',
    keepsRoom = false,
  }: { until: Temporal.Instant; policy?: RoomPolicy; keepsRoom?: boolean },
): Promise<Taken> {
  const candidates = policy === 'move' ? await candidatesFor(ctx, wholes) : []
  const reach = await reachOf(ctx, wholes, candidates)
  const resources = [...reach.persons.values(), ...[...reach.rooms.values()].map((one) => one.resourceId)]
  const sourceIds = wholes.map(({ event }) => event.id)
  await lockSources(ctx, 'event', sourceIds, resources)
  const roomChanges: RoomChange[] = []
  const span = { from: toSecond(ctx.now), to: toSecond(until) }
  for (;;) {
    const wants = wholes.map((whole) => ({ whole, wants: wantsOf(whole, { ...span, ...reach }) }))
    for (const { whole, wants: found } of wants)
      if (found.until !== null && roomsOf(whole).length > 0)
        throw invalid(
          'recurrence_rule',
          'An event with a room has at most {count} occurrences within 18 months',
          'too_many',
          {
            count: mostOccurrences,
          },
        )
    const refusals: Refusal[] = betweenHalves(wants)
    if (!keepsRoom)
      for (const { whole, wants: found } of wants) refusals.push(...(await closedStretches(ctx, whole, found, reach)))
    if (refusals.length === 0) {
      const refused = await replaceClaims(
        ctx,
        'event',
        wants.map(({ whole, wants: found }) => ({ sourceId: whole.event.id, claims: claimsOf(found, reach) })),
        ctx.now,
      )
      refusals.push(...refused.map(({ sourceId, claim }) => refusalOf(sourceId, claim, wants, reach)))
    }
    if (refusals.length === 0) {
      const laid: Taken['overBookings'] = []
      for (const { whole, wants: found } of wants) {
        await setClaimedUntil(ctx, whole.event.id, claimedUntil(whole, found.until, until))
        laid.push(...(await overBookingsOf(ctx, found, reach)))
      }
      return { roomChanges, overBookings: laid, smallRooms: wholes.flatMap((whole) => smallRoomsOf(whole, reach)) }
    }
    if (policy === 'refuse') throw clash(wholes, refusals)
    roomChanges.push(...(await giveRooms(ctx, wholes, refusals, { policy, candidates, reach })))
  }
}

type Wants = ReturnType<typeof wantsOf>

/** Where the second half of a series that was split wants a room while the first one is still in it. */
function betweenHalves([second, first]: readonly { whole: Whole; wants: Wants }[]): Refusal[] {
  const refusals: Refusal[] = []
  if (!first || !second) return refusals
  for (const [roomId, stretches] of second.wants.rooms) {
    const taken = first.wants.rooms.get(roomId) ?? []
    for (const stretch of stretches)
      if (taken.some((one) => one.from < stretch.to && stretch.from < one.to))
        refusals.push({ ...stretch, eventId: second.whole.event.id, roomId, rule: 'room_taken' })
  }
  return refusals
}

/** Where the claims of an event end although it goes on: at the horizon, or at the bound of its claims; null: everything has its claims. */
export function claimedUntil(whole: Whole, bound: number | null, until: Temporal.Instant): Temporal.Instant | null {
  if (bound !== null) return toInstant(bound)
  if (whole.event.status === 'cancelled') return null
  return goesOnAfter(whole.event, whole.overrides, toSecond(until)) ? until : null
}

/** Wants as claims: persons are busy, a room is taken. */
export function claimsOf(wants: Wants, reach: Reach): Wanted[] {
  const claims: Wanted[] = []
  const add = (resourceId: number | undefined, stretches: readonly Stretch[], exclusive: boolean): void => {
    if (resourceId === undefined) return
    for (const { point, from, to } of stretches)
      claims.push({ resourceId, from: toInstant(from), to: toInstant(to), exclusive, occurrence: toInstant(point) })
  }
  for (const [userId, stretches] of wants.persons) add(reach.persons.get(userId), stretches, false)
  for (const [roomId, stretches] of wants.rooms) add(reach.rooms.get(roomId)?.resourceId, stretches, true)
  return claims
}

function refusalOf(
  sourceId: string,
  claim: Wanted,
  wants: readonly { whole: Whole; wants: Wants }[],
  reach: Reach,
): Refusal {
  const [roomId] = [...reach.rooms].find(([, { resourceId }]) => resourceId === claim.resourceId)!
  const found = wants.find(({ whole }) => whole.event.id === sourceId)!.wants
  const point = toSecond(claim.occurrence!)
  const stretch = found.rooms.get(roomId)!.find((one) => one.point === point)!
  return { ...stretch, eventId: sourceId, roomId, rule: 'room_taken' }
}

const sentences = {
  room_taken: 'The room is taken at this time',
  room_closed: 'The room is closed at this time',
}
/** At most this many occurrences are named in a refusal. */
const mostNamed = 200

function clash(wholes: readonly Whole[], refusals: readonly Refusal[]) {
  const details = refusals.slice(0, mostNamed).map((refusal): Detail => {
    const { event } = wholes.find((whole) => whole.event.id === refusal.eventId)!
    const params = {
      occurrence: isRecurring(event) ? nameOf(event.kind, refusal.point) : null,
      start_time: toInstant(refusal.from).toString(),
      end_time: toInstant(refusal.to).toString(),
      room_id: refusal.roomId,
    }
    return { field: 'room_id', rule: refusal.rule, message: sentences[refusal.rule], params }
  })
  return conflict('The room cannot be had for {count} of the occurrences', {
    params: { count: refusals.length },
    details,
  })
}

function smallRoomsOf(whole: Whole, reach: Reach): Taken['smallRooms'] {
  const coming = whole.participants.filter(
    (one) => one.status !== 'declined' && one.user_id !== whole.event.organizer_id,
  )
  const people = coming.length + 1
  return roomsOf(whole).flatMap((roomId) => {
    const capacity = reach.rooms.get(roomId)?.room.capacity ?? people
    return capacity < people ? [{ roomId, capacity, people }] : []
  })
}

async function overBookingsOf(ctx: Context, wants: Wants, reach: Reach): Promise<Taken['overBookings']> {
  const userOf = new Map([...reach.persons].map(([userId, resourceId]) => [resourceId, userId]))
  const persons = claimsOf({ ...wants, rooms: new Map() }, reach)
  const laid = await overBookings(ctx, persons)
  return laid.map(({ resourceId, from, to }) => ({ userId: userOf.get(resourceId)!, from, to }))
}

/** Rooms that may be taken instead: of the same organizations, and large enough for everybody who is invited. */
async function candidatesFor(ctx: Context, wholes: readonly Whole[]): Promise<string[]> {
  const ids: string[] = []
  for (const whole of wholes) {
    const rooms = await getRoomsForBooking(ctx, roomsOf(whole))
    for (const organizationId of new Set(rooms.map((room) => room.organizationId)))
      ids.push(
        ...(await getRoomsOfOrganization(ctx, organizationId, whole.participants.length + 1)).map(({ id }) => id),
      )
  }
  return [...new Set(ids)]
}

import { findMembership } from '../../organizations/index.ts'
import { actorOf, type Context } from '../../../platform/context.ts'
import { denied, invalid, notFound } from '../../../platform/errors.ts'
import { canKeepRooms, canKeepSchedule, canPublishSlots, type Standing } from '../policy.ts'
import { findOwner, findRoom, isAdminOver, type OwnerRow } from '../queries/owners.ts'
import type { EntryKind } from '../rules/schedule.ts'

/** Whose schedule is meant, and the zone that it has before its first entry. */
export type Owner =
  | { userId: number; timeZone: string; standing: Standing }
  | { roomId: string; organizationId: string; timeZone: string }

/**
 * The schedule that a request means: one's own, that of a master of one's organization (`user_id`, for its admins), or that of a room (`room_id`, for admins
 * and it).
 * @throws PERMISSION_DENIED for who keeps no schedules at all; NOT_FOUND for what is not theirs to know of
 */
export async function ownerOf(ctx: Context, asked: { user_id?: number; room_id?: string }): Promise<Owner> {
  const { userId } = actorOf(ctx)
  if (asked.user_id !== undefined && asked.room_id !== undefined)
    throw invalid('room_id', 'Name a person or a room, not both')
  const own = await findOwner(ctx, userId)
  if (!own || !canKeepSchedule(standingOf(own)))
    throw denied('Schedules are kept by providers and members of organizations')
  if (asked.room_id !== undefined) {
    const room = await findRoom(ctx, asked.room_id)
    const membership = room && (await findMembership(ctx, room.organization_id))
    if (!room || !membership) throw notFound('room')
    if (!canKeepRooms(membership.role)) throw denied('Your role in this organization does not allow this')
    return { roomId: asked.room_id, organizationId: room.organization_id, timeZone: room.time_zone }
  }
  if (asked.user_id === undefined || asked.user_id === userId)
    return { userId, timeZone: own.time_zone, standing: standingOf(own) }
  const person = await findOwner(ctx, asked.user_id)
  if (!person || !(await isAdminOver(ctx, userId, asked.user_id))) throw notFound('user')
  return { userId: asked.user_id, timeZone: person.time_zone, standing: standingOf(person) }
}

/** The same for an entry that is there. @throws NOT_FOUND('schedule') for another's entry */
export async function ownerOfEntry(
  ctx: Context,
  entry: { user_id: number | null; room_id: string | null } | undefined,
): Promise<Owner> {
  // Who keeps no schedules is told so, whatever entry is named.
  const own = await ownerOf(ctx, {})
  if (!entry) throw notFound('schedule')
  const asked = entry.room_id === null ? { user_id: entry.user_id! } : { room_id: entry.room_id }
  if ('userId' in own && asked.user_id === own.userId) return own
  try {
    return await ownerOf(ctx, asked)
  } catch (error) {
    throw error instanceof Error && 'code' in error && error.code === 'NOT_FOUND' ? notFound('schedule') : error
  }
}

/** @throws VALIDATION_ERROR for a slot of a room, PERMISSION_DENIED where the membership does not allow slots */
export function requireKind(owner: Owner, kind: EntryKind): void {
  if (kind !== 'slot') return
  if (!('userId' in owner)) throw invalid('kind', 'Slots are published for people, not for rooms')
  if (!canPublishSlots(owner.standing)) throw denied('This membership does not allow publishing slots')
}

const standingOf = (row: OwnerRow): Standing => ({
  role: row.role,
  isMember: row.is_member,
  mayPublishSlots: row.may_publish_slots,
})

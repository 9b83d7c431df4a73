import type { Context } from '../../../platform/context.ts'
import { peopleOf, type Outgoing } from '../../../platform/outgoing.ts'
import { standingOf } from '../policy.ts'
import { audiencesOf } from '../queries/audiences.ts'
import { findEvent } from '../queries/events.ts'
import { participantsOf } from '../queries/participants.ts'
import type { EventView } from '../schema/events.ts'
import { viewEvent, zoneToShow } from '../view.ts'
import { wholeOf } from './whole.ts'

/**
 * An event as each of those sees it who may be sent it: the owner of its calendar, and every organization whose members all may know of the calendar, as any of
 * them does. Where they may only know that the time is taken, they are sent no more than that.
 */
export async function eventToSend(ctx: Context, id: string): Promise<Outgoing<EventView>[]> {
  const event = await findEvent(ctx, id)
  if (!event) return []
  const whole = await wholeOf(ctx, event)
  const participants = (await participantsOf(ctx, [id])).get(id) ?? []
  const people = peopleOf(event.organizer_id, ...participants.map(({ user_id }) => user_id))
  const sent: Outgoing<EventView>[] = []
  for (const { organizationId, ownerId, level, timeZone } of await audiencesOf(ctx, event.calendar_id)) {
    const userId = ownerId ?? 0
    const standing = standingOf(event, { userId, level, isParticipant: false })
    if (standing === 'none') continue
    const zone = zoneToShow(event, undefined, timeZone)
    const data = await viewEvent(ctx, whole, { standing, zone, userId })
    sent.push({ data, organizationId, providerId: ownerId, people })
  }
  return sent
}

/** To whom it is told that an event is gone, which says nothing but its id. */
export async function goneEventToSend(
  ctx: Context,
  gone: { event_id: string; calendar_id: string },
): Promise<Outgoing<{ id: string; calendar_id: string }>[]> {
  const audiences = await audiencesOf(ctx, gone.calendar_id)
  return audiences.map(({ organizationId, ownerId }) => ({
    data: { id: gone.event_id, calendar_id: gone.calendar_id },
    organizationId,
    providerId: ownerId,
    people: [],
  }))
}

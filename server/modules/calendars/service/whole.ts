import { actorOf, type Context } from '../../../platform/context.ts'
import { together } from '../../../platform/db/transaction.ts'
import { overridesQuery, type EventRow } from '../queries/events.ts'
import { answersQuery, participantsQuery } from '../queries/participants.ts'
import type { Whole } from '../rules/wanted.ts'
import type { EventView } from '../schema/events.ts'
import { viewEvent, zoneToShow, type Outcome } from '../view.ts'
import { isGuest, seeEvent } from './access.ts'

/** An event with its overrides, participants and answers. */
export async function wholeOf(ctx: Context, event: EventRow): Promise<Whole> {
  const ids = [event.id]
  const [overrides, participants, answers] = await together(
    ctx,
    overridesQuery(ctx, ids),
    participantsQuery(ctx, ids),
    answersQuery(ctx, ids),
  )
  return { event, overrides, participants, answers }
}

/** One event as who asks may see it. @throws NOT_FOUND for a stranger */
export async function getEvent(
  ctx: Context,
  id: string,
  query: { time_zone?: string | undefined } = {},
  outcome: Outcome = {},
): Promise<EventView> {
  const seen = await seeEvent(ctx, id, 'busy')
  const { event, standing } = seen
  const { userId, timeZone } = actorOf(ctx)
  const zone = zoneToShow(event, query.time_zone, timeZone)
  const [overrides, answers] = await together(ctx, overridesQuery(ctx, [id]), answersQuery(ctx, [id]))
  const whole = { event, overrides, participants: seen.participants, answers }
  const shown = (await isGuest(ctx, seen)) ? { ...whole, participants: [], answers: [] } : whole
  return viewEvent(ctx, shown, { standing, zone, userId }, outcome)
}

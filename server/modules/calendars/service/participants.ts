import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied, notFound } from '../../../platform/errors.ts'
import { limitOf, offsetOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { nextChange } from '../queries/calendars.ts'
import { findEvent, setChange, touchEvent, type EventRow } from '../queries/events.ts'
import {
  deleteParticipants,
  insertParticipants,
  personNames,
  setAnswer,
  setOccurrenceAnswer,
} from '../queries/participants.ts'
import { nameOf } from '../rules/occurrences.ts'
import type { Whole } from '../rules/wanted.ts'
import type { AnswerInput, EventView, ParticipantInput, ParticipantView } from '../schema/events.ts'
import { viewParticipants } from '../view.ts'
import { seeAmong, seeEvent } from './access.ts'
import { horizon, takeTime, type Taken } from './claims.ts'
import { participantsFrom } from './invited.ts'
import { notices, tell } from './notices.ts'
import { scopeOf } from './occurrence.ts'
import { getEvent, wholeOf } from './whole.ts'

/** Who is invited, in the order of the invitations. @throws NOT_FOUND for a stranger */
export async function listParticipants(ctx: Context, id: string, request: PageRequest): Promise<Page<ParticipantView>> {
  const { event } = await seeAmong(ctx, id)
  const all = viewParticipants(await wholeOf(ctx, event))
  const offset = offsetOf(request)
  if (offset > 0 && offset >= all.length) throw notFound('page')
  return { results: all.slice(offset, offset + limitOf(request)), count: all.length }
}

/**
 * Invites one more: a colleague by id or address, who is busy then until they decline; or anybody by an address.
 * @throws NOT_FOUND, PERMISSION_DENIED, VALIDATION_ERROR; CONFLICT for who is invited already
 */
export async function addParticipant(ctx: Context, id: string, input: ParticipantInput): Promise<ParticipantView> {
  return inTransaction(ctx, async (tx) => {
    const until = await horizon(tx)
    const { event } = await seeEvent(tx, id, 'edit', true)
    const [wanted] = await participantsFrom(tx, [input])
    const [added] = await insertParticipants(tx, id, [wanted!])
    if (added === undefined) throw conflict('This person is invited already')
    const { whole } = await reclaim(tx, event, until)
    const { userId } = actorOf(tx)
    const organizer = (await personNames(tx, [userId])).get(userId) ?? ''
    await tell(tx, whole, notices.invited, [wanted!.user_id], { organizer })
    return viewParticipants(whole).find((one) => one.id === added)!
  })
}

/** Takes an invitation back; the person is free again and told. Whoever was invited may leave by themselves. @throws NOT_FOUND, PERMISSION_DENIED */
export async function removeParticipant(ctx: Context, id: string, participantId: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const until = await horizon(tx)
    const { event, standing } = await seeEvent(tx, id, 'read', true)
    const before = await wholeOf(tx, event)
    const gone = before.participants.find((one) => one.id === participantId)
    if (!gone) throw notFound('participant')
    if (standing !== 'edit' && gone.user_id !== actorOf(tx).userId)
      throw denied('Only its organizer and who may write in its calendar change an event')
    await deleteParticipants(tx, [participantId])
    const { whole } = await reclaim(tx, event, until)
    await tell(tx, whole, notices.cancelled, [gone.user_id])
  })
}

/**
 * Answers an invitation, to all of an event or to one occurrence. Who declines is free again.
 * @throws NOT_FOUND for a stranger and an occurrence that is none; PERMISSION_DENIED for who sees it without being invited
 */
export async function respond(ctx: Context, id: string, { status, occurrence }: AnswerInput): Promise<EventView> {
  return inTransaction(ctx, async (tx) => {
    const until = await horizon(tx)
    const { event } = await seeEvent(tx, id, 'read', true)
    const whole = await wholeOf(tx, event)
    const { userId } = actorOf(tx)
    const mine = whole.participants.find((one) => one.user_id === userId)
    if (!mine) throw denied('Only who is invited answers')
    const { point } = scopeOf(tx, whole, occurrence === undefined ? {} : { scope: 'this', occurrence })
    if (point === null) await setAnswer(tx, mine.id, status)
    else
      await setOccurrenceAnswer(tx, { participantId: mine.id, point, recurrenceId: nameOf(event.kind, point), status })
    const { whole: now, taken } = await reclaim(tx, event, until)
    if (status !== 'needs_action')
      await tell(tx, now, notices[status], [event.organizer_id], {
        person: mine.name,
        ...(point === null || event.kind === 'floating' || event.kind === 'date'
          ? {}
          : { at: nameOf(event.kind, point) }),
      })
    return getEvent(tx, id, {}, { overBookings: taken.overBookings.filter((one) => one.userId === userId) })
  })
}

/** Claims the time of an event anew after its people have changed, and counts the change. */
async function reclaim(
  ctx: Context,
  event: EventRow,
  until: Temporal.Instant,
): Promise<{ whole: Whole; taken: Taken }> {
  await touchEvent(ctx, event.id)
  const whole = await wholeOf(ctx, (await findEvent(ctx, event.id))!)
  const taken = await takeTime(ctx, [whole], { until, keepsRoom: true })
  await setChange(ctx, event.id, await nextChange(ctx, event.calendar_id))
  await ctx.house.jobs.publish(ctx, 'event.changed', { event_id: event.id, calendar_id: event.calendar_id })
  return { whole, taken }
}

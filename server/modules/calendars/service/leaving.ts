import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import type { Listener } from '../../../platform/jobs/jobs.ts'
import { deleteCalendarRow, holdCalendar, listOwnCalendarIds, nextChange } from '../queries/calendars.ts'
import { listEventIdsOfCalendar, lockEvent, setChange, touchEvent, type EventRow } from '../queries/events.ts'
import {
  deleteSharesWith,
  leaveOrganization,
  listEventsInRoomsOf,
  listMemberIds,
  listOrganizedElsewhere,
  setOrganizer,
  shareAnOrganization,
} from '../queries/leaving.ts'
import { deleteParticipants, listInvitedBy, listParticipations } from '../queries/participants.ts'
import { toSecond } from '../rules/moments.ts'
import { goesOnAfter } from '../rules/occurrences.ts'
import { roomsOf, type Whole } from '../rules/wanted.ts'
import { getRoomsForBooking } from '../../rooms/index.ts'
import { horizon, takeTime } from './claims.ts'
import { notices, tell } from './notices.ts'
import { dropEvent } from './remove.ts'
import { leaveRooms } from './rooms.ts'
import { sayAccessChanged } from './watch.ts'
import { wholeOf } from './whole.ts'

/** Hears that an account was erased: its calendars go with their events, its invitations end, and what it organized in calendars of others is their owners'. */
export async function accountDeleted(ctx: Context, { user_id }: { user_id: number }): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const until = await horizon(tx)
    for (const { id, owner_id } of await listOrganizedElsewhere(tx, user_id)) {
      await setOrganizer(tx, id, owner_id)
      await again(tx, id, until)
    }
    for (const { id } of await listOwnCalendarIds(tx, user_id)) {
      await holdCalendar(tx, id, true)
      for (const { id: eventId } of await listEventIdsOfCalendar(tx, id)) {
        const event = await lockEvent(tx, eventId)
        if (event) await dropEvent(tx, event)
      }
      await deleteCalendarRow(tx, id)
      await sayAccessChanged(tx, id)
    }
    for (const { id, event_id } of await listParticipations(tx, user_id)) {
      await deleteParticipants(tx, [id])
      await again(tx, event_id, until)
    }
  })
}

/**
 * Hears that a membership ended: calendars of the organization are their owner's alone, their events leave its rooms, and what ties people together who share no
 * organization any more ends: invitations on both sides, and events that one has organized in a calendar of the other.
 */
export async function membershipEnded(
  ctx: Context,
  { organization_id, user_id }: { organization_id: string; user_id: number },
): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const until = await horizon(tx)
    await sayAccessChanged(tx, ...(await leaveOrganization(tx, user_id, organization_id)))
    for (const { id, owner_id } of await listOrganizedElsewhere(tx, user_id)) {
      if (await shareAnOrganization(tx, user_id, owner_id)) continue
      await setOrganizer(tx, id, owner_id)
      await again(tx, id, until)
    }
    for (const { id } of await listEventsInRoomsOf(tx, organization_id, user_id))
      await again(tx, id, until, async (whole) => {
        const rooms = await getRoomsForBooking(tx, roomsOf(whole))
        const theirs = rooms.filter((room) => room.organizationId === organization_id).map((room) => room.id)
        await leaveRooms(tx, whole, theirs)
      })
    for (const { id, event_id, organizer_id } of await listParticipations(tx, user_id)) {
      if (organizer_id === user_id || (await shareAnOrganization(tx, user_id, organizer_id))) continue
      await deleteParticipants(tx, [id])
      await again(tx, event_id, until)
    }
    await letGuestsGo(tx, user_id, until)
  })
}

/** Hears that an organization was archived. It may have thousands of members: a job sees to them. */
export const organizationArchived: Listener<'organization.archived'> = (ctx, { organization_id }) =>
  ctx.house.jobs.enqueue(ctx, 'calendars.leave_archived', { organization_id })

/**
 * An archived organization is left by all of its members: its shares and public calendars end, no series keeps one of its rooms, and who shared nothing but it is in
 * nobody's meetings any more. Each member is a transaction of their own, and repeating one changes nothing.
 */
export async function leaveArchived(ctx: Context, { organization_id }: { organization_id: string }): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await sayAccessChanged(tx, ...(await deleteSharesWith(tx, organization_id)))
  })
  for (const user_id of await listMemberIds(ctx, organization_id))
    await membershipEnded(ctx, { organization_id, user_id })
}

/** Takes those out of a person's events who share no organization with them any more: nobody is made busy by strangers. Whoever still had it before them is told. */
async function letGuestsGo(ctx: Context, organizerId: number, until: Temporal.Instant): Promise<void> {
  const invited = Map.groupBy(await listInvitedBy(ctx, organizerId), (one) => one.event_id)
  const people = new Set([...invited.values()].flatMap((list) => list.map((one) => one.user_id)))
  const gone = new Set<number>()
  for (const userId of people) if (!(await shareAnOrganization(ctx, organizerId, userId))) gone.add(userId)
  for (const [eventId, list] of invited) {
    const leaving = list.filter((one) => gone.has(one.user_id))
    if (leaving.length === 0) continue
    await again(ctx, eventId, until, async (whole) => {
      const ids = new Set(leaving.map((one) => one.id))
      await deleteParticipants(ctx, [...ids])
      whole.participants = whole.participants.filter((one) => !ids.has(one.id))
      whole.answers = whole.answers.filter((one) => !ids.has(one.participant_id))
      if (whole.event.status === 'cancelled' || !goesOnAfter(whole.event, whole.overrides, toSecond(ctx.now))) return
      await tell(
        ctx,
        whole,
        notices.cancelled,
        leaving.map((one) => one.user_id),
      )
    })
  }
}

/** Claims an event's time anew after a change, and counts it. */
async function again(
  ctx: Context,
  id: string,
  until: Temporal.Instant,
  change: (whole: Whole) => Promise<void> = async () => {},
): Promise<void> {
  const event: EventRow | undefined = await lockEvent(ctx, id)
  if (!event) return
  const whole = await wholeOf(ctx, event)
  await change(whole)
  await touchEvent(ctx, id)
  await takeTime(ctx, [whole], { until, policy: 'skip', keepsRoom: true })
  await setChange(ctx, id, await nextChange(ctx, event.calendar_id))
  await ctx.house.jobs.publish(ctx, 'event.changed', { event_id: id, calendar_id: event.calendar_id })
}

import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied } from '../../../platform/errors.ts'
import { zoneOf } from '../../../time/zones.ts'
import { insertCheckIn, listUnattended } from '../queries/check-ins.ts'
import { nextChange } from '../queries/calendars.ts'
import { lockEvent, setChange, touchEvent } from '../queries/events.ts'
import { toInstant, toSecond } from '../rules/moments.ts'
import { occurrencesIn } from '../rules/occurrences.ts'
import { peopleOf, roomOf, type Whole } from '../rules/wanted.ts'
import type { CheckInInput, EventView } from '../schema/events.ts'
import { seeEvent } from './access.ts'
import { horizon, takeTime } from './claims.ts'
import { notices, tell } from './notices.ts'
import { pointNamed } from './occurrence.ts'
import { setRoom } from './rooms.ts'
import { getEvent, wholeOf } from './whole.ts'

/** Somebody may check in so long before the beginning, in seconds. */
const opensBefore = 15 * 60
const portion = 50

/** The occurrence that is under way or about to begin, in a room. */
function underWay(ctx: Context, whole: Whole, named: number | null): number | null {
  const { event, overrides } = whole
  const now = toSecond(ctx.now)
  // Rooms are taken by the clock of where they are; what floats is in nobody's room but by the clock of who asks.
  const zone = zoneOf(event.time_zone ?? actorOf(ctx).timeZone)
  const { occurring } = occurrencesIn(event, overrides, { from: now, to: now + opensBefore + 1, zone, limit: 100 })
  const found = occurring.find(
    ({ point, override }) =>
      (named === null || point === named) &&
      roomOf(event, override) !== null &&
      (override?.changes.status ?? event.status) !== 'cancelled',
  )
  return found?.point ?? null
}

/**
 * Says that the meeting takes place in its room, which is kept for it then; from a quarter of an hour before its beginning until its end. Can be repeated.
 * @throws NOT_FOUND for a stranger, PERMISSION_DENIED for who takes no part in it, CONFLICT when it is not the time or there is no room
 */
export async function checkIn(ctx: Context, id: string, { occurrence }: CheckInInput): Promise<EventView> {
  return inTransaction(ctx, async (tx) => {
    // Behind the lock of the event, so that a check-in in the last second and the release of the room take their turns.
    const { event, standing } = await seeEvent(tx, id, 'read', true)
    const whole = await wholeOf(tx, event)
    const { userId } = actorOf(tx)
    if (standing !== 'edit' && !peopleOf(whole).includes(userId)) throw denied('Only who takes part checks in')
    const point = underWay(tx, whole, occurrence ? pointNamed(tx, whole, occurrence) : null)
    if (point === null) throw conflict('There is no room to check in to at this time')
    await insertCheckIn(tx, id, point, userId)
    return getEvent(tx, id)
  })
}

/** Gives away the rooms to which nobody has come in time: the meeting stands without one, its organizer is told. A job of every minute. */
export async function releaseUnattended(ctx: Context): Promise<void> {
  for (;;) {
    const found = await listUnattended(ctx, portion)
    for (const { event_id, point } of found) await inTransaction(ctx, (tx) => release(tx, event_id, point))
    if (found.length < portion) return
  }
}

async function release(ctx: Context, eventId: string, point: number): Promise<void> {
  const until = await horizon(ctx)
  const event = await lockEvent(ctx, eventId)
  if (!event) return
  // Somebody may have come, or moved it, or another process have given its room away, while we waited for it.
  const unattended = await listUnattended(ctx, portion, eventId)
  if (!unattended.some((one) => one.point === point)) return
  const whole = await wholeOf(ctx, event)
  await setRoom(ctx, whole, point, null)
  await takeTime(ctx, [whole], { until, keepsRoom: true })
  await touchEvent(ctx, eventId)
  await setChange(ctx, eventId, await nextChange(ctx, event.calendar_id))
  await ctx.house.jobs.publish(ctx, 'event.changed', { event_id: eventId, calendar_id: event.calendar_id })
  await tell(ctx, whole, notices.roomReleased, [event.organizer_id], { at: toInstant(point).toString() })
}

import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import type { Listener } from '../../../platform/jobs/jobs.ts'
import { zoneOf, type Zone } from '../../../time/zones.ts'
import { roomNames } from '../../rooms/index.ts'
import { findEvent } from '../queries/events.ts'
import { zonesOfPersons } from '../queries/participants.ts'
import { findReminding, keepReminding, lockDueReminding, setReminded } from '../queries/reminders.ts'
import { toInstant, toSecond } from '../rules/moments.ts'
import { nextReminder, remindersIn, type Reminder } from '../rules/reminders.ts'
import { peopleOf, roomOf, type Whole } from '../rules/wanted.ts'
import { notices, tell } from './notices.ts'
import { wholeOf } from './whole.ts'

const portion = 50

/** Notes when the next reminder of an event comes, whenever it was made or changed. One whose moment had passed by then is not told. */
export const planReminders: Listener<'event.created' | 'event.changed'> = async (ctx, { event_id }) => {
  const known = await findReminding(ctx, event_id)
  const event = await findEvent(ctx, event_id)
  if (!event || (!known && event.reminders.length === 0)) return
  const whole = await wholeOf(ctx, event)
  const from = known?.told_until ?? event.updated_at
  const next = nextReminder(whole, await zonesOf(ctx, whole), toSecond(from))
  await keepReminding(ctx, event_id, { from, next: next === null ? null : toInstant(next) })
}

const zonesOf = async (ctx: Context, whole: Whole): Promise<Map<number, Zone>> =>
  new Map([...(await zonesOfPersons(ctx, peopleOf(whole)))].map(([id, zone]) => [id, zoneOf(zone)]))

/** Reminds of events, each person of each occurrence once, whatever the number of processes (SPEC section 6). A job of every five minutes. */
export async function remindOfEvents(ctx: Context): Promise<void> {
  for (;;) {
    const done = await inTransaction(ctx, async (tx) => {
      const due = await lockDueReminding(tx, portion)
      for (const { event_id, told_until } of due) await remindOf(tx, event_id, told_until)
      return due.length
    })
    if (done < portion) return
  }
}

async function remindOf(ctx: Context, eventId: string, toldUntil: Temporal.Instant): Promise<void> {
  const event = await findEvent(ctx, eventId)
  if (!event) return
  const whole = await wholeOf(ctx, event)
  const zones = await zonesOf(ctx, whole)
  const until = toSecond(ctx.now)
  if (event.reminders.length > 0)
    for (const reminder of remindersIn(whole, zones, { after: toSecond(toldUntil), until }))
      await tellOne(ctx, whole, reminder)
  const next = nextReminder(whole, zones, until)
  await setReminded(ctx, eventId, next === null ? null : toInstant(next))
}

async function tellOne(ctx: Context, whole: Whole, { userId, point, start }: Reminder): Promise<void> {
  const { event } = whole
  const override = whole.overrides.find((one) => one.point === point) ?? null
  const roomId = roomOf(event, override)
  const room = roomId === null ? undefined : (await roomNames(ctx, [roomId])).get(roomId)
  const place = room ?? override?.changes.location ?? event.location
  const notice = place === '' ? notices.reminder : notices.reminderAt
  await tell(ctx, whole, notice, [userId], {
    event: override?.changes.title ?? event.title,
    at: toInstant(start).toString(),
    ...(place === '' ? {} : { place }),
  })
}

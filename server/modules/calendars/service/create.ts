import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { notFound } from '../../../platform/errors.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import { holdCalendar, nextChange } from '../queries/calendars.ts'
import { findEvent, findUid, insertEvent, setChange, upsertOverride, type EventFields } from '../queries/events.ts'
import { insertParticipants, personNames } from '../queries/participants.ts'
import { spanOf } from '../rules/occurrences.ts'
import type { EventInput, EventView } from '../schema/events.ts'
import { requireCalendar } from './access.ts'
import { ensureFirstCalendar } from './calendars.ts'
import { horizon, takeTime } from './claims.ts'
import {
  checkSeries,
  ofOneUid,
  overridesFrom,
  reading,
  requireRoom,
  requireTitle,
  seriesFields,
  timesOf,
  uidTaken,
} from './fields.ts'
import { notices, tell } from './notices.ts'
import { participantsFrom } from './invited.ts'
import { getEvent, wholeOf } from './whole.ts'

/**
 * Makes an event: its organizer is who asks, its time is claimed at once. Without a calendar it stands in the first one.
 * @throws VALIDATION_ERROR naming the field, also for a part of the rule; NOT_FOUND for a calendar or room of others; PERMISSION_DENIED for a calendar that one
 * only reads; CONFLICT with a detail for each occurrence whose room cannot be had
 */
export async function createEvent(ctx: Context, input: EventInput): Promise<EventView> {
  return inTransaction(ctx, async (tx) => {
    const until = await horizon(tx)
    const calendarId = input.calendar_id ?? (await ensureFirstCalendar(tx))
    await requireCalendar(tx, calendarId, 'write')
    if (!(await holdCalendar(tx, calendarId))) throw notFound('calendar')
    const id = uuid7(tx.now)
    const { userId } = actorOf(tx)
    requireTitle(input.title)
    const times = timesOf(tx, input)
    const fields: EventFields = {
      calendar_id: calendarId,
      uid: input.uid ?? `${id}@banister`,
      sequence: 0,
      organizer_id: userId,
      title: input.title,
      description: input.description ?? '',
      location: input.location ?? '',
      ...times,
      ...seriesFields(tx, input, times),
      status: input.status ?? 'confirmed',
      transparency: input.transparency ?? null,
      visibility: input.visibility ?? 'public',
      room_id: input.room_id ?? null,
      reminders: [...new Set(input.reminders ?? [])],
      raw: null,
    }
    checkSeries(fields, [])
    const { overrides, exdates } = overridesFrom(tx, id, fields, input.overrides ?? [])
    fields.exdates = [...new Set([...fields.exdates, ...exdates])]
    checkSeries(fields, overrides)
    for (const roomId of new Set([fields.room_id, ...overrides.map((one) => one.room_id)]))
      await requireRoom(tx, roomId)
    const participants = await participantsFrom(tx, input.participants ?? [])
    if (input.uid !== undefined && (await findUid(tx, calendarId, input.uid))) throw uidTaken()
    const span = reading(() => spanOf(fields, overrides))
    await ofOneUid(insertEvent(tx, id, fields, span))
    for (const override of overrides) await upsertOverride(tx, override)
    await insertParticipants(tx, id, participants)
    const whole = await wholeOf(tx, (await findEvent(tx, id))!)
    const taken = await takeTime(tx, [whole], { until, policy: input.on_room_clash ?? 'refuse' })
    await setChange(tx, id, await nextChange(tx, calendarId))
    const organizer = (await personNames(tx, [userId])).get(userId) ?? ''
    await tell(
      tx,
      whole,
      notices.invited,
      whole.participants.map((one) => one.user_id),
      { organizer },
    )
    await tx.house.jobs.publish(tx, 'event.created', { event_id: id, calendar_id: calendarId })
    return getEvent(tx, id, {}, taken)
  })
}

import type { Context } from '../../../platform/context.ts'
import { notFound } from '../../../platform/errors.ts'
import { occursAt, pointOf } from '../../../time/recurrence/index.ts'
import { holdCalendar, nextChange } from '../queries/calendars.ts'
import {
  deleteOverrides,
  findUid,
  insertTombstone,
  setChange,
  setHref,
  updateEvent,
  upsertOverride,
  type EventFields,
  type EventRow,
  type OverrideRow,
} from '../queries/events.ts'
import { deleteParticipants, forgetAnswers, insertParticipants, participantsOf } from '../queries/participants.ts'
import { shiftSeries, shiftStart, wallOfPoint, wallOfStart } from '../rules/changes.ts'
import { instantText, readMoment, wallText, type Times } from '../rules/moments.ts'
import { seriesOf, spanOf } from '../rules/occurrences.ts'
import type { Whole } from '../rules/wanted.ts'
import type { EventChange } from '../schema/events.ts'
import { requireCalendar } from './access.ts'
import { checkSeries, ofOneUid, reading, requireRoom, seriesFields, timesOf, uidTaken } from './fields.ts'
import { participantsFrom } from './invited.ts'

/** What a change has done to an event, for whoever claims its time and tells its people. */
export type Applied = { timesChanged: boolean; claimsChanged: boolean; added: number[]; removed: number[] }

/**
 * Changes all of an event, whose row is locked; its claims are the caller's. With a point, the times given are those of that occurrence, and the whole series
 * moves as far as it does.
 */
export async function applyToAll(
  ctx: Context,
  whole: Whole,
  change: EventChange,
  point: number | null,
): Promise<Applied> {
  const { event } = whole
  const times = timesAfter(ctx, event, change, point)
  const shift = wallOfStart(times.dtstart) - wallOfStart(event.dtstart)
  const shifted = shift === 0 ? event : { ...event, ...reading(() => shiftSeries(event, shift)) }
  const series = seriesFields(
    ctx,
    {
      is_recurring: change.is_recurring,
      recurrence_rule: change.recurrence_rule === undefined ? shifted.recurrence_rule : change.recurrence_rule,
      rdates: change.rdates ?? keptFor(times, shifted.rdates),
      exdates: change.exdates ?? keptFor(times, shifted.exdates),
    },
    times,
  )
  if (change.room_id !== event.room_id) await requireRoom(ctx, change.room_id)
  if (change.calendar_id !== undefined && change.calendar_id !== event.calendar_id) {
    await requireCalendar(ctx, change.calendar_id, 'write')
    if (!(await holdCalendar(ctx, change.calendar_id))) throw notFound('calendar')
    if (await findUid(ctx, change.calendar_id, event.uid)) throw uidTaken()
    // The name that a client gave it may be another's there; whoever synchronizes the calendar that it leaves is told by `countChanges`.
    await setHref(ctx, event.id, null)
  }
  const fields: EventFields = {
    ...fieldsOf(event),
    calendar_id: change.calendar_id ?? event.calendar_id,
    title: change.title ?? event.title,
    description: change.description === undefined ? event.description : (change.description ?? ''),
    location: change.location === undefined ? event.location : (change.location ?? ''),
    ...times,
    ...series,
    status: change.status ?? event.status,
    transparency: change.transparency === undefined ? event.transparency : change.transparency,
    visibility: change.visibility ?? event.visibility,
    room_id: change.room_id === undefined ? event.room_id : change.room_id,
    reminders: change.reminders ? [...new Set(change.reminders)] : event.reminders,
  }
  checkSeries(fields, [])
  const timesChanged = !same(timing(fields), timing(event))
  const claimsChanged = timesChanged || !same(claiming(fields), claiming(event))
  const overrides = overridesAfter(whole, fields, shift, change.room_id !== undefined)
  if (
    timesChanged ||
    fields.status !== event.status ||
    fields.location !== event.location ||
    fields.room_id !== event.room_id
  )
    fields.sequence = event.sequence + 1
  if (overrides !== whole.overrides) {
    await deleteOverrides(
      ctx,
      event.id,
      whole.overrides.map((one) => one.point),
    )
    for (const override of overrides) await upsertOverride(ctx, override)
  }
  await saveEvent(ctx, event, fields, overrides)
  if (timesChanged) await forgetAnswers(ctx, event.id)
  return {
    timesChanged,
    claimsChanged: claimsChanged || change.room_id !== undefined,
    ...(await changeParticipants(ctx, whole, change)),
  }
}

/** Writes an event; `countChanges` is for the end of the transaction. */
export async function saveEvent(
  ctx: Context,
  before: EventRow,
  fields: EventFields,
  overrides: readonly OverrideRow[],
): Promise<void> {
  const span = reading(() => spanOf(fields, overrides))
  await ofOneUid(updateEvent(ctx, before.id, fields, span))
}

/**
 * Counts the change of these events in their calendars, and in the one that they have left (`before`: as it was there), where it is remembered. To be called after their time is taken: whoever makes an event locks
 * resources first and its calendar last, and two who did it the other way round would wait for each other.
 */
export async function countChanges(ctx: Context, before: EventRow, events: readonly EventRow[]): Promise<void> {
  for (const calendarId of [...new Set([before.calendar_id, ...events.map((one) => one.calendar_id)])].toSorted()) {
    const there = events.filter((one) => one.calendar_id === calendarId)
    if (there.length === 0) await insertTombstone(ctx, before, await nextChange(ctx, calendarId))
    for (const { id } of there) await setChange(ctx, id, await nextChange(ctx, calendarId))
  }
}

/** What is kept of an event and may change. */
export function fieldsOf(event: EventRow): EventFields {
  const {
    id: _id,
    href: _href,
    claimed_until: _until,
    change: _change,
    version: _version,
    created_at: _made,
    updated_at: _touched,
    ...fields
  } = event
  return fields
}

/** Instants of an event that becomes floating: what they read. */
const keptFor = ({ kind }: Times, texts: readonly string[]): readonly string[] =>
  kind === 'floating' ? texts.map((text) => text.replace(/Z$/, '')) : texts

const timing = (event: EventFields) => [
  event.kind,
  event.time_zone,
  event.dtstart,
  event.duration_seconds,
  event.recurrence_rule,
  event.rdates,
  event.exdates,
]
const claiming = (event: EventFields) => [event.status, event.transparency, event.room_id]
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The times of an event after a change; what is left out stays, an instant being kept where only the zone changes. */
function timesAfter(ctx: Context, event: EventRow, change: EventChange, point: number | null): Times {
  const { kind, time_zone, dtstart, duration_seconds } = event
  const { start_time, end_time, time_zone: zone, is_all_day, is_floating } = change
  if (
    [start_time, end_time, zone, is_all_day, is_floating].every((given) => given === undefined || given === null) &&
    zone !== null
  )
    return { kind, time_zone, dtstart, duration_seconds }
  const series = reading(() => seriesOf(event, []))
  const from = point ?? pointOf(series, dtstart)
  const isDate = start_time !== undefined && readMoment(start_time)?.form === 'date'
  const nextZone = zone === undefined ? (kind === 'utc' ? 'UTC' : time_zone) : zone
  const isLocal = start_time === undefined || readMoment(start_time)?.form === 'local'
  const times = timesOf(ctx, {
    start_time: start_time ?? startText(event, from),
    end_time,
    time_zone: nextZone,
    is_all_day: is_all_day ?? (isDate || kind === 'date'),
    is_floating: is_floating ?? (kind === 'floating' && nextZone === null && isLocal),
  })
  const sameLength = (end_time === undefined || end_time === null) && (kind === 'date') === (times.kind === 'date')
  const duration = sameLength ? duration_seconds : times.duration_seconds
  if (point === null) return { ...times, duration_seconds: duration }
  const shift = wallOfStart(times.dtstart) - wallOfPoint(event, point)
  return { ...times, dtstart: shiftStart(dtstart, shift, times.kind), duration_seconds: duration }
}

/** A point as a client writes it: an instant, a local time, or a date. */
function startText(event: Pick<EventRow, 'kind'>, point: number): string {
  if (event.kind === 'date') return wallText(point).slice(0, 10)
  return event.kind === 'floating' ? wallText(point) : instantText(point)
}

/**
 * The overrides that still have their occurrence: they follow the series by name, and stay at the times to which they were moved. A room given to all is theirs, too.
 */
function overridesAfter(whole: Whole, fields: EventFields, shift: number, roomGiven: boolean): OverrideRow[] {
  const { event, overrides } = whole
  if (overrides.length === 0 || (same(timing(fields), timing(event)) && !roomGiven)) return overrides
  if (fields.kind !== event.kind) return []
  const series = reading(() => seriesOf(fields, []))
  return overrides.flatMap((one) => {
    const wall = wallOfPoint(event, one.point) + shift
    const text = fields.kind === 'date' ? wallText(wall).slice(0, 10) : wallText(wall)
    const point = pointOf(series, text)
    if (!occursAt(series, point)) return []
    const room = roomGiven ? { has_own_room: false, room_id: null } : {}
    const isPlain = one.start_text === null && one.duration_seconds === null && Object.keys(one.changes).length === 0
    if (isPlain && (roomGiven || !one.has_own_room)) return []
    return [{ ...one, point, recurrence_id: text, ...room }]
  })
}

const keyOf = (one: { user_id: number | null; email: string | null }): string =>
  String(one.user_id ?? one.email?.toLowerCase())

async function changeParticipants(
  ctx: Context,
  whole: Whole,
  change: EventChange,
): Promise<Pick<Applied, 'added' | 'removed'>> {
  if (change.participants === undefined) return { added: [], removed: [] }
  const wanted = await participantsFrom(ctx, change.participants)
  const keys = new Set(wanted.map(keyOf))
  const gone = whole.participants.filter((one) => !keys.has(keyOf(one)))
  await deleteParticipants(
    ctx,
    gone.map((one) => one.id),
  )
  const ids = new Set(await insertParticipants(ctx, whole.event.id, wanted))
  const now = (await participantsOf(ctx, [whole.event.id])).get(whole.event.id) ?? []
  return {
    added: now.flatMap((one) => (ids.has(one.id) ? (one.user_id ?? []) : [])),
    removed: gone.flatMap((one) => one.user_id ?? []),
  }
}

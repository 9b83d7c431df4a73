import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { invalid } from '../../../platform/errors.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import { splitSeries } from '../../../time/recurrence/index.ts'
import {
  findEvent,
  insertEvent,
  moveOverrides,
  upsertOverride,
  type EventFields,
  type OverrideRow,
} from '../queries/events.ts'
import { copyParticipants, personNames } from '../queries/participants.ts'
import { columnsOf } from '../rules/changes.ts'
import { isRecurring, nameOf, seriesText, spanOf } from '../rules/occurrences.ts'
import type { Whole } from '../rules/wanted.ts'
import type { EventChange, EventView, ScopeQuery } from '../schema/events.ts'
import { seeEvent } from './access.ts'
import { applyToAll, countChanges, fieldsOf, saveEvent, type Applied } from './apply.ts'
import { horizon, takeTime, type Taken } from './claims.ts'
import { overrideRow, reading, requireRoom, requireTitle } from './fields.ts'
import { notices, tell } from './notices.ts'
import { scopeOf } from './occurrence.ts'
import { getEvent, wholeOf } from './whole.ts'

const nothingTaken: Taken = { roomChanges: [], overBookings: [], smallRooms: [] }

/**
 * Changes an event: all of it, one occurrence, or one and all that follow, which splits the series; then the new event is answered. Its claims move in the same
 * transaction, behind the locks of its people and rooms. What is left out stays.
 * @throws VALIDATION_ERROR, NOT_FOUND, PERMISSION_DENIED; CONFLICT as `createEvent` does
 */
export async function changeEvent(
  ctx: Context,
  id: string,
  query: ScopeQuery,
  change: EventChange,
): Promise<EventView> {
  requireTitle(change.title)
  return inTransaction(ctx, async (tx) => {
    const until = await horizon(tx)
    const { event } = await seeEvent(tx, id, 'edit', true)
    const whole = await wholeOf(tx, event)
    const { scope, point } = scopeOf(tx, whole, query)
    const policy = change.on_room_clash ?? 'refuse'
    if (scope === 'this' && point !== null) return changeOne(tx, whole, change, { point, until, policy })
    const halves = scope === 'this_and_following' && point !== null ? await split(tx, whole, point) : null
    const changed = halves ? halves.after : whole
    const applied = await applyToAll(tx, changed, change, point)
    const wholes = [await fresh(tx, changed), ...(halves ? [await fresh(tx, halves.before)] : [])]
    const claims = applied.claimsChanged || applied.added.length + applied.removed.length > 0 || halves !== null
    const keepsRoom = !applied.timesChanged && change.room_id === undefined
    const taken = claims ? await takeTime(tx, wholes, { until, policy, keepsRoom }) : nothingTaken
    await countChanges(
      tx,
      event,
      wholes.map((one) => one.event),
    )
    await announce(tx, wholes[0]!, applied, change)
    for (const one of wholes)
      await tx.house.jobs.publish(tx, 'event.changed', { event_id: one.event.id, calendar_id: one.event.calendar_id })
    return getEvent(tx, changed.event.id, query, taken)
  })
}

type How = { point: number; until: Temporal.Instant; policy: NonNullable<EventChange['on_room_clash']> }

/** Changes one occurrence: an override of its series. */
async function changeOne(
  ctx: Context,
  whole: Whole,
  change: EventChange,
  { point, until, policy }: How,
): Promise<EventView> {
  const { event } = whole
  refuseOfAll(whole, change)
  const before = whole.overrides.find((one) => one.point === point)
  if (change.room_id !== undefined && change.room_id !== (before?.has_own_room ? before.room_id : event.room_id))
    await requireRoom(ctx, change.room_id)
  const recurrenceId = before?.recurrence_id ?? nameOf(event.kind, point)
  const { start_time = before?.start_text ?? undefined, end_time, status, transparency } = change
  const given = overrideRow(ctx, event.id, event, {
    point,
    recurrenceId,
    start_time,
    end_time: end_time ?? undefined,
    title: change.title,
    description: change.description,
    location: change.location,
    status,
    transparency: transparency ?? undefined,
    room_id: change.room_id,
  })
  const timesChanged = change.start_time !== undefined || (end_time !== undefined && end_time !== null)
  const override: OverrideRow = {
    ...given,
    duration_seconds: end_time ? given.duration_seconds : (before?.duration_seconds ?? null),
    changes: { ...before?.changes, ...given.changes },
    ...(change.room_id === undefined
      ? { has_own_room: before?.has_own_room ?? false, room_id: before?.room_id ?? null }
      : {}),
    sequence: Math.max(event.sequence, before?.sequence ?? 0) + (timesChanged || status !== undefined ? 1 : 0),
    raw: before?.raw ?? null,
  }
  await upsertOverride(ctx, override)
  const overrides = [...whole.overrides.filter((one) => one.point !== point), override]
  await saveEvent(ctx, event, fieldsOf(event), overrides)
  const now = await fresh(ctx, whole)
  const keepsRoom = !timesChanged && change.room_id === undefined
  const taken = await takeTime(ctx, [now], { until, policy, keepsRoom })
  await countChanges(ctx, event, [event])
  await announce(ctx, now, { timesChanged, claimsChanged: true, added: [], removed: [] }, change)
  await ctx.house.jobs.publish(ctx, 'event.changed', { event_id: event.id, calendar_id: event.calendar_id })
  return getEvent(ctx, event.id, {}, taken)
}

/** @throws VALIDATION_ERROR for what only all occurrences have together, where it would change */
function refuseOfAll({ event }: Whole, change: EventChange): void {
  const message = 'This can be changed for all occurrences only'
  const differs = (field: 'calendar_id' | 'visibility' | 'recurrence_rule' | 'time_zone'): boolean =>
    change[field] !== undefined && change[field] !== null && change[field] !== event[field]
  for (const field of ['calendar_id', 'visibility', 'recurrence_rule', 'time_zone'] as const)
    if (differs(field)) throw invalid(field, message, 'all_only')
  for (const field of ['rdates', 'exdates', 'participants', 'reminders'] as const)
    if (change[field] !== undefined) throw invalid(field, message, 'all_only')
  if (change.is_all_day !== undefined && change.is_all_day !== (event.kind === 'date'))
    throw invalid('is_all_day', message, 'all_only')
  if (change.is_recurring !== undefined && change.is_recurring !== isRecurring(event))
    throw invalid('is_recurring', message, 'all_only')
}

/** Splits a series before an occurrence: the event ends there, a new one goes on with its participants and their answers. Null where nothing lies before it. */
export async function split(
  ctx: Context,
  whole: Whole,
  point: number,
): Promise<{ before: Whole; after: Whole } | null> {
  const { event, overrides } = whole
  const halves = reading(() => splitSeries(seriesText(event, overrides), nameOf(event.kind, point)), 'occurrence')
  if (!halves.before) return null
  const id = uuid7(ctx.now)
  const later = overrides.filter((one) => one.point >= point)
  const second: EventFields = { ...fieldsOf(event), ...columnsOf(halves.after), uid: `${id}@banister`, sequence: 0 }
  await insertEvent(
    ctx,
    id,
    second,
    reading(() => spanOf(second, later)),
  )
  await moveOverrides(ctx, event.id, id, point)
  await copyParticipants(ctx, event.id, id, whole.participants.map(() => uuid7(ctx.now)).toSorted(), point)
  const first: EventFields = { ...fieldsOf(event), ...columnsOf(halves.before), sequence: event.sequence + 1 }
  await saveEvent(
    ctx,
    event,
    first,
    overrides.filter((one) => one.point < point),
  )
  return { before: await fresh(ctx, whole), after: await wholeOf(ctx, (await findEvent(ctx, id))!) }
}

const fresh = async (ctx: Context, { event }: Whole): Promise<Whole> => wholeOf(ctx, (await findEvent(ctx, event.id))!)

async function announce(ctx: Context, whole: Whole, applied: Applied, change: EventChange): Promise<void> {
  const { userId } = actorOf(ctx)
  const organizer = (await personNames(ctx, [userId])).get(userId) ?? ''
  await tell(ctx, whole, notices.invited, applied.added, { organizer })
  await tell(ctx, whole, notices.cancelled, applied.removed)
  const others = whole.participants
    .map((one) => one.user_id)
    .filter((one) => one !== null && !applied.added.includes(one))
  if (change.status === 'cancelled') await tell(ctx, whole, notices.cancelled, others)
  else if (applied.timesChanged || change.location !== undefined || change.room_id !== undefined)
    await tell(ctx, whole, notices.changed, others)
}

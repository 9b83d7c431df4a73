import { actorOf, type Context } from '../../../platform/context.ts'
import { LooksDisagree } from '../../../platform/db/transaction.ts'
import { AppError, notFound } from '../../../platform/errors.ts'
import type { Draft } from '../ics/draft.ts'
import { peopleIn } from '../ics/import.ts'
import { insertAnswers, insertOverrides } from '../ics/queries.ts'
import { isSame } from '../ics/same.ts'
import { holdCalendar, nextChange } from '../queries/calendars.ts'
import { deleteOverrides, findEvent, findUid, insertEvent, setChange, setHref, updateEvent } from '../queries/events.ts'
import { deleteParticipants, forgetAnswers, insertParticipants, personNames } from '../queries/participants.ts'
import type { Whole } from '../rules/wanted.ts'
import { countChanges, fieldsOf } from '../service/apply.ts'
import { takeTime } from '../service/claims.ts'
import { notices, tell } from '../service/notices.ts'
import { wholeOf } from '../service/whole.ts'
import { nameOfHead, namesFor, type Collection } from './objects.ts'
import { placeObject, type PlacedObject } from './place.ts'
import { updateParticipant } from './queries.ts'

/** What a file makes of an event, new or there already: its claims, its people and their notices, in the caller's transaction. */

export const uidConflict = (name?: string): AppError => {
  const message = 'Another event of the calendar has the same identifier'
  return new AppError('PERMISSION_DENIED', message, {
    details: [{ message, rule: 'dav:no-uid-conflict', ...(name === undefined ? {} : { params: { name } }) }],
  })
}

/** @throws NOT_FOUND, PERMISSION_DENIED with `dav:no-uid-conflict`, CONFLICT; LooksDisagree where the name was free a moment ago, or the UID is again */
export async function createObject(
  ctx: Context,
  collection: Exclude<Collection, 'invitations'>,
  name: string,
  draft: Draft,
  until: Temporal.Instant,
): Promise<void> {
  const calendarId = collection.id
  if (!(await holdCalendar(ctx, calendarId))) throw notFound('calendar')
  const taken = await findUid(ctx, calendarId, draft.fields.uid)
  if (taken) {
    const event = await findEvent(ctx, taken.id)
    const other = event && nameOfHead(collection, event)
    if (other === undefined || other === name) throw new LooksDisagree()
    throw uidConflict(other)
  }
  const people = await peopleIn(ctx, [draft])
  const names = { people: new Map(), rooms: new Map() }
  const placed = placeObject(ctx, draft, { calendarId, people, names, before: undefined })
  const { id, fields } = placed
  await insertEvent(ctx, id, fields, draft.span)
  await setHref(ctx, id, name)
  await insertOverrides(ctx, placed.overrides)
  await insertParticipants(ctx, id, placed.participants.map(withoutEvent))
  await insertAnswers(ctx, placed.answers)
  const whole = await wholeOf(ctx, (await findEvent(ctx, id))!)
  await takeTime(ctx, [whole], { until })
  await setChange(ctx, id, await nextChange(ctx, calendarId))
  if (fields.status !== 'cancelled')
    await tellInvited(
      ctx,
      whole,
      whole.participants.map((one) => one.user_id),
    )
  await ctx.house.jobs.publish(ctx, 'event.created', { event_id: id, calendar_id: calendarId })
}

const withoutEvent = ({ event_id: _event, ...rest }: PlacedObject['participants'][number]) => rest

/** Where and how long its occurrences are. */
const timesOf = ({ event, overrides }: Whole): unknown => [
  event.dtstart,
  event.time_zone,
  event.duration_seconds,
  event.recurrence_rule,
  event.rdates,
  overrides.map(({ point, start_point, duration_seconds }) => [point, start_point, duration_seconds]),
]

/** What those who take part have to know of. */
const placeAndTime = (whole: Whole): unknown => [
  timesOf(whole),
  whole.event.exdates,
  whole.event.location,
  whole.overrides.map(({ changes }) => [changes.location, changes.status]),
]

/** @throws CONFLICT */
export async function changeObject(ctx: Context, before: Whole, draft: Draft, until: Temporal.Instant): Promise<void> {
  const { event } = before
  const people = await peopleIn(ctx, [draft])
  const names = await namesFor(ctx, [before])
  const placed = placeObject(ctx, draft, { calendarId: event.calendar_id, people, names, before })
  // A client that says again what stands here changes nothing, not even the tag.
  if (isSame(placed, before)) return
  await updateEvent(ctx, event.id, { ...fieldsOf(event), ...placed.fields }, draft.span)
  await deleteOverrides(
    ctx,
    event.id,
    before.overrides.map((one) => one.point),
  )
  await insertOverrides(ctx, placed.overrides)
  const changes = await changeParticipants(ctx, before, placed)
  const whole = await wholeOf(ctx, (await findEvent(ctx, event.id))!)
  const isRetimed = JSON.stringify(timesOf(whole)) !== JSON.stringify(timesOf(before))
  await takeTime(ctx, [whole], { until, keepsRoom: !isRetimed })
  await countChanges(ctx, event, [event])
  if (!placed.isForeign) await announce(ctx, before, whole, changes)
  await ctx.house.jobs.publish(ctx, 'event.changed', { event_id: event.id, calendar_id: event.calendar_id })
}

type PeopleChanged = { added: number[]; removed: number[] }

async function changeParticipants(ctx: Context, before: Whole, placed: PlacedObject): Promise<PeopleChanged> {
  const wanted = new Map(placed.participants.map((one) => [one.id, one]))
  const gone = before.participants.filter((one) => !wanted.has(one.id))
  await deleteParticipants(
    ctx,
    gone.map((one) => one.id),
  )
  if (placed.isMoved) await forgetAnswers(ctx, placed.id)
  for (const one of before.participants) {
    const now = wanted.get(one.id)
    if (!now) continue
    const status = placed.isMoved ? 'needs_action' : one.status
    if (now.role !== one.role || now.status !== status) await updateParticipant(ctx, one.id, now)
  }
  const known = new Set(before.participants.map((one) => one.id))
  const added = placed.participants.filter((one) => !known.has(one.id))
  await insertParticipants(ctx, placed.id, added.map(withoutEvent))
  await insertAnswers(ctx, placed.answers)
  return { added: added.flatMap((one) => one.user_id ?? []), removed: gone.flatMap((one) => one.user_id ?? []) }
}

async function tellInvited(ctx: Context, whole: Whole, userIds: readonly (number | null)[]): Promise<void> {
  const { userId } = actorOf(ctx)
  const organizer = (await personNames(ctx, [userId])).get(userId) ?? ''
  await tell(ctx, whole, notices.invited, userIds, { organizer })
}

/** Tells those who take part of what was changed for them, as a change through the API does. */
async function announce(ctx: Context, before: Whole, whole: Whole, { added, removed }: PeopleChanged): Promise<void> {
  await tellInvited(ctx, whole, added)
  await tell(ctx, whole, notices.cancelled, removed)
  const others = whole.participants.map((one) => one.user_id).filter((one) => one !== null && !added.includes(one))
  const { status } = whole.event
  if (status === 'cancelled' && before.event.status !== status) await tell(ctx, whole, notices.cancelled, others)
  else if (JSON.stringify(placeAndTime(whole)) !== JSON.stringify(placeAndTime(before)))
    await tell(ctx, whole, notices.changed, others)
}

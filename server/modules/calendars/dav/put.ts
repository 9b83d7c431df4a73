import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction, violates } from '../../../platform/db/transaction.ts'
import { AppError, denied, notFound } from '../../../platform/errors.ts'
import type { Draft } from '../ics/draft.ts'
import { peopleIn } from '../ics/import.ts'
import { insertAnswers, insertOverrides } from '../ics/queries.ts'
import { isSame } from '../ics/same.ts'
import { holdCalendar, nextChange } from '../queries/calendars.ts'
import {
  deleteOverrides,
  findEvent,
  findUid,
  insertEvent,
  lockEvent,
  setChange,
  setHref,
  updateEvent,
} from '../queries/events.ts'
import { deleteParticipants, forgetAnswers, insertParticipants, personNames } from '../queries/participants.ts'
import type { Whole } from '../rules/wanted.ts'
import { countChanges, fieldsOf } from '../service/apply.ts'
import { horizon, takeTime } from '../service/claims.ts'
import { notices, tell } from '../service/notices.ts'
import { dropEvent } from '../service/remove.ts'
import { wholeOf } from '../service/whole.ts'
import { answerByFile, declineAll } from './answer.ts'
import { readObjectFile } from './object-file.ts'
import { findCollection, findObjects, nameOfHead, namesFor, type Collection, type Head } from './objects.ts'
import { placeObject, type PlacedObject } from './place.ts'
import { updateParticipant } from './queries.ts'

/** Putting and deleting objects: a file in the place of an event, through the same doors as the API: claims, rooms, notices, all in one transaction. */

/** If-Match and If-None-Match as they came (RFC 9110 13.1). */
export type Conditions = { ifMatch?: string | undefined; ifNoneMatch?: string | undefined }

const changedMeanwhile = (): AppError => new AppError('PRECONDITION_FAILED', 'It has changed meanwhile')

const includes = (header: string, etag: string): boolean =>
  header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)

/** @throws PRECONDITION_FAILED */
export function requireConditions({ ifMatch, ifNoneMatch }: Conditions, head: Head | undefined): void {
  if (ifMatch !== undefined && !(head && includes(ifMatch, head.etag))) throw changedMeanwhile()
  if (ifNoneMatch !== undefined && head && includes(ifNoneMatch, head.etag)) throw changedMeanwhile()
}

const uidConflict = (name?: string): AppError => {
  const message = 'Another event of the calendar has the same identifier'
  return new AppError('PERMISSION_DENIED', message, {
    details: [{ message, rule: 'dav:no-uid-conflict', ...(name === undefined ? {} : { params: { name } }) }],
  })
}

async function collectionOf(ctx: Context, name: string | null): Promise<Collection> {
  return name === null ? 'invitations' : findCollection(ctx, name)
}

/** The object of this name as it is now, its row locked until the transaction ends. */
async function lockObject(ctx: Context, collection: Collection, name: string): Promise<Head | undefined> {
  const [known] = await findObjects(ctx, collection, [name])
  if (!known) return undefined
  await lockEvent(ctx, known.id)
  // It may have been changed, moved or deleted while we waited.
  const [head] = await findObjects(ctx, collection, [name])
  return head
}

/**
 * Puts an event under a name: a new one, or in the place of the one that is there. Who is only invited changes nothing by it but their own answer.
 * @param calendar the name of the calendar; null: the invitations
 * @throws NOT_FOUND for a calendar of others; PERMISSION_DENIED for one that is only read, and with a rule `dav:…` for what cannot be kept;
 * PRECONDITION_FAILED; CONFLICT with a detail for each occurrence whose room cannot be had
 */
export async function putObject(
  ctx: Context,
  calendar: string | null,
  name: string,
  bytes: Buffer,
  conditions: Conditions,
): Promise<{ isNew: boolean }> {
  const draft = await readObjectFile(bytes)
  try {
    return await putOnce(ctx, calendar, name, draft, conditions)
  } catch (error) {
    // Another device was a moment earlier: now that its event is there, it is looked at.
    if (!isTaken(error)) throw error
  }
  try {
    return await putOnce(ctx, calendar, name, draft, conditions)
  } catch (error) {
    throw isTaken(error) ? changedMeanwhile() : error
  }
}

const isTaken = (error: unknown): boolean => violates(error, 'events_href_once') || violates(error, 'events_uid_once')

async function putOnce(
  ctx: Context,
  calendar: string | null,
  name: string,
  draft: Draft,
  conditions: Conditions,
): Promise<{ isNew: boolean }> {
  return inTransaction(ctx, async (tx) => {
    const until = await horizon(tx)
    const collection = await collectionOf(tx, calendar)
    const head = await lockObject(tx, collection, name)
    requireConditions(conditions, head)
    const mayWrite = collection !== 'invitations' && collection.level >= 3
    if (!head) {
      if (!mayWrite) throw denied('Your access to this calendar does not allow this')
      await createObject(tx, collection, name, draft, until)
      return { isNew: true }
    }
    const event = (await findEvent(tx, head.id))!
    if (draft.fields.uid !== event.uid) throw uidConflict()
    const whole = await wholeOf(tx, event)
    if (mayWrite || event.organizer_id === actorOf(tx).userId) await changeObject(tx, whole, draft, until)
    else await answerByFile(tx, whole, draft)
    return { isNew: false }
  })
}

async function createObject(
  ctx: Context,
  collection: Exclude<Collection, 'invitations'>,
  name: string,
  draft: Draft,
  until: Temporal.Instant,
): Promise<void> {
  const calendarId = collection.id
  if (!(await holdCalendar(ctx, calendarId))) throw notFound('calendar')
  const taken = await findUid(ctx, calendarId, draft.fields.uid)
  if (taken) throw uidConflict(nameOfHead(collection, (await findEvent(ctx, taken.id))!))
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

async function changeObject(ctx: Context, before: Whole, draft: Draft, until: Temporal.Instant): Promise<void> {
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

/**
 * Deletes the event of this name; of the invitations it declines. @throws NOT_FOUND, PERMISSION_DENIED for who only reads, PRECONDITION_FAILED
 */
export async function deleteObject(
  ctx: Context,
  calendar: string | null,
  name: string,
  conditions: Conditions,
): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await horizon(tx)
    const collection = await collectionOf(tx, calendar)
    const head = await lockObject(tx, collection, name)
    if (!head) throw notFound('event')
    requireConditions(conditions, head)
    const event = (await findEvent(tx, head.id))!
    if (collection === 'invitations') return declineAll(tx, event)
    const mayWrite = collection.level >= 3 || event.organizer_id === actorOf(tx).userId
    if (!mayWrite) throw denied('Your access to this calendar does not allow this')
    await dropEvent(tx, event)
  })
}

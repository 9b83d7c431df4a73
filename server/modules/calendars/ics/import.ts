import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { translate } from '../../../platform/i18n/index.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import { nextChange, selectColleagueFacts } from '../queries/calendars.ts'
import {
  deleteOverrides,
  overridesOf,
  updateEvent,
  type EventFields,
  type EventRow,
  type OverrideRow,
} from '../queries/events.ts'
import { answersOf, deleteParticipants, participantsOf } from '../queries/participants.ts'
import { toSecond } from '../rules/moments.ts'
import type { Whole } from '../rules/wanted.ts'
import { requireCalendar } from '../service/access.ts'
import { fieldsOf } from '../service/apply.ts'
import { horizon, takeTime } from '../service/claims.ts'
import type { Draft } from './draft.ts'
import { isSame } from './same.ts'
import {
  insertAnswers,
  insertEvents,
  insertOverrides,
  insertParticipantsOfMany,
  lockByUid,
  lockImport,
  setChangeOf,
  type ImportedAnswer,
  type ImportedParticipant,
  type NewEvent,
} from './queries.ts'
import { readFile, type Skipped } from './file.ts'
import { emailOf } from './read.ts'
import { claimsLeft, takeTimeOfMany } from './time.ts'

export type Imported = {
  imported: number
  updated: number
  unchanged: number
  skipped: Skipped[]
  notes: Skipped[]
  not_listed: number
}

/** More remarks than these are read by nobody; the rest is counted. */
const mostRemarks = 500
/** Events that are written at once. */
const portion = 200

/**
 * Imports a file into a calendar: what is new is added, what stands there already is changed where the file has the same SEQUENCE or a higher one, nothing is
 * deleted. Who asks is the organizer; nobody is told. One transaction: all that can be kept, or, where the database fails, nothing.
 * @throws NOT_FOUND for a stranger, PERMISSION_DENIED for who may not write in it
 */
export async function importFile(ctx: Context, calendarId: string, bytes: Buffer): Promise<Imported> {
  await requireCalendar(ctx, calendarId, 'write')
  const { drafts, skipped, notes } = await readFile(bytes)
  const inWords = ({ uid, component, reason, params }: Skipped): Skipped => ({
    uid,
    component,
    reason: translate(ctx.locale, reason, params),
  })
  const counts = await inTransaction(ctx, async (tx) => {
    const until = await horizon(tx)
    await requireCalendar(tx, calendarId, 'write')
    await lockImport(tx, calendarId)
    return writeDrafts(tx, calendarId, drafts, until)
  })
  const later = Math.max(0, skipped.length - mostRemarks) + Math.max(0, notes.length - mostRemarks)
  return {
    ...counts,
    skipped: skipped.slice(0, mostRemarks).map(inWords),
    notes: notes.slice(0, mostRemarks).map(inWords),
    not_listed: later,
  }
}

type Counts = Pick<Imported, 'imported' | 'updated' | 'unchanged'>

async function writeDrafts(
  ctx: Context,
  calendarId: string,
  drafts: readonly Draft[],
  until: Temporal.Instant,
): Promise<Counts> {
  const counts: Counts = { imported: 0, updated: 0, unchanged: 0 }
  const people = await peopleIn(ctx, drafts)
  const budget = claimsLeft()
  const written: string[] = []
  const known = await lockByUid(
    ctx,
    calendarId,
    drafts.map(({ fields }) => fields.uid),
  )
  for (let from = 0; from < drafts.length; from += portion) {
    const some = drafts.slice(from, from + portion)
    const before = await wholesOf(
      ctx,
      some.flatMap(({ fields }) => known.get(fields.uid) ?? []),
    )
    const fresh: Placed[] = []
    const changed: Placed[] = []
    for (const draft of some) {
      const whole = before.get(draft.fields.uid)
      const placed = place(ctx, calendarId, draft, people, whole)
      if (!whole) fresh.push(placed)
      else if (draft.fields.sequence < whole.event.sequence || isSame(placed, whole)) counts.unchanged++
      else changed.push(placed)
    }
    const made = await insertEvents(
      ctx,
      fresh.map(({ id, fields, draft }): NewEvent => ({ id, fields, span: draft.span })),
    )
    const added = fresh.filter(({ id }) => made.has(id))
    counts.imported += added.length
    counts.unchanged += fresh.length - added.length
    for (const one of changed) await overwrite(ctx, one)
    counts.updated += changed.length
    const all = [...added, ...changed]
    await insertOverrides(
      ctx,
      all.flatMap(({ overrides }) => overrides),
    )
    await insertParticipantsOfMany(
      ctx,
      all.flatMap(({ participants }) => participants),
    )
    await insertAnswers(
      ctx,
      all.flatMap(({ answers }) => answers),
    )
    const now = await lockByUid(
      ctx,
      calendarId,
      all.map(({ fields }) => fields.uid),
    )
    const wholes = [...(await wholesOf(ctx, [...now.values()])).values()]
    // With a room it is not the file that decides what can be had.
    const withRoom = wholes.filter(
      ({ event, overrides }) => event.room_id !== null || overrides.some((one) => one.room_id),
    )
    await takeTimeOfMany(
      ctx,
      wholes.filter((whole) => !withRoom.includes(whole)),
      until,
      budget,
    )
    for (const whole of withRoom) await takeTime(ctx, [whole], { until, policy: 'skip' })
    const ends = new Map(all.map(({ id, draft }) => [id, draft.span.to]))
    for (const { event } of wholes) {
      // Who listens plans its reminders; what is over has none to come.
      const end = ends.get(event.id) ?? null
      if (event.reminders.length === 0 || (end !== null && end < toSecond(ctx.now))) continue
      await ctx.house.jobs.publish(ctx, made.has(event.id) ? 'event.created' : 'event.changed', {
        event_id: event.id,
        calendar_id: calendarId,
      })
    }
    written.push(...all.map(({ id }) => id))
  }
  if (written.length > 0) await setChangeOf(ctx, written, await nextChange(ctx, calendarId))
  return counts
}

/** A draft with the people and the event that it means here. */
export type Placed = {
  id: string
  draft: Draft
  before: Whole | undefined
  fields: EventFields
  overrides: OverrideRow[]
  participants: ImportedParticipant[]
  answers: ImportedAnswer[]
}

export type People = Map<string, { id: number }>

/** Colleagues among the attendees, and who asks, by e-mail: everybody else stays an address. */
export async function peopleIn(ctx: Context, drafts: readonly Draft[]): Promise<People> {
  const emails = [...new Set(drafts.flatMap(({ attendees }) => attendees.map((one) => one.email.toLowerCase())))]
  const found: People = new Map()
  for (let from = 0; from < emails.length; from += 5000)
    for (const one of await selectColleagueFacts(ctx, actorOf(ctx).userId, { emails: emails.slice(from, from + 5000) }))
      found.set(one.email_key, { id: one.id })
  return found
}

function place(ctx: Context, calendarId: string, draft: Draft, people: People, before: Whole | undefined): Placed {
  const actor = actorOf(ctx)
  const id = before?.event.id ?? uuid7(ctx.now)
  const { organizer } = draft
  const isOwn = organizer === null || emailOf(organizer)?.toLowerCase() === actor.email.toLowerCase()
  const lines = [...(draft.fields.raw?.lines ?? []), ...(isOwn ? [] : [organizer.line])]
  const alarms = draft.fields.raw?.alarms ?? []
  const fields: EventFields = {
    ...draft.fields,
    calendar_id: calendarId,
    organizer_id: before?.event.organizer_id ?? actor.userId,
    room_id: before?.event.room_id ?? null,
    raw: lines.length + alarms.length > 0 ? { lines, alarms } : null,
  }
  const rooms = new Map(before?.overrides.map((one) => [one.point, one]))
  const overrides = draft.overrides.map((one): OverrideRow => {
    const { has_own_room = false, room_id = null } = rooms.get(one.point) ?? {}
    return { ...one, event_id: id, has_own_room, room_id }
  })
  const participants = draft.attendees.map(({ email, name, role, status }): ImportedParticipant => {
    const colleague = people.get(email.toLowerCase())
    const key = email.toLowerCase()
    const who = colleague
      ? { user_id: colleague.id, email: null, email_key: null, name: '' }
      : { user_id: null, email, email_key: key, name }
    const same = before?.participants.find(
      (one) => one.user_id === who.user_id && (colleague || one.email.toLowerCase() === key),
    )
    // What a colleague has answered here is not for a file to take back.
    const answered = same?.user_id && same.responded_at ? same.status : status
    return { ...who, id: same?.id ?? uuid7(ctx.now), event_id: id, role, status: answered }
  })
  const byEmail = new Map(draft.attendees.map(({ email }, i) => [email.toLowerCase(), participants[i]!.id]))
  const answers = draft.answers.map(({ email, ...answer }) => ({
    ...answer,
    participant_id: byEmail.get(email.toLowerCase())!,
  }))
  return { id, draft, before, fields, overrides, participants, answers }
}

/** Puts what the file has in the place of an event that stands: its participants and overrides are written anew. */
async function overwrite(ctx: Context, { id, fields, draft, before, participants }: Placed): Promise<void> {
  if (!before) return
  await updateEvent(ctx, id, { ...fieldsOf(before.event), ...fields }, draft.span)
  await deleteOverrides(
    ctx,
    id,
    before.overrides.map((one) => one.point),
  )
  const kept = new Set(participants.map((one) => one.id))
  const same = (one: Whole['participants'][number]): boolean => {
    const now = participants.find((participant) => participant.id === one.id)
    return now !== undefined && now.status === one.status && now.role === one.role
  }
  await deleteParticipants(
    ctx,
    before.participants.filter((one) => !kept.has(one.id) || !same(one)).map((one) => one.id),
  )
}

async function wholesOf(ctx: Context, events: readonly EventRow[]): Promise<Map<string, Whole>> {
  const ids = events.map((event) => event.id)
  const [overrides, participants, answers] = [
    await overridesOf(ctx, ids),
    await participantsOf(ctx, ids),
    await answersOf(ctx, ids),
  ]
  return new Map(
    events.map((event) => [
      event.uid,
      {
        event,
        overrides: overrides.get(event.id) ?? [],
        participants: participants.get(event.id) ?? [],
        answers: answers.get(event.id) ?? [],
      },
    ]),
  )
}

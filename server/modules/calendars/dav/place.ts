import { actorOf, type Context } from '../../../platform/context.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import type { Draft } from '../ics/draft.ts'
import type { People, Placed } from '../ics/import.ts'
import type { ImportedParticipant } from '../ics/queries.ts'
import { emailOf } from '../ics/read.ts'
import { timing } from '../ics/same.ts'
import type { Names } from '../ics/write.ts'
import type { EventFields, EventRow, OverrideRow } from '../queries/events.ts'
import type { Whole } from '../rules/wanted.ts'

/** What a client has put, as it is to stand here: beside what stands already, and beside what is not a client's to say. */
export type PlacedObject = Placed & {
  /** Its organizer is somebody elsewhere: who takes part is theirs to say, and nobody here is told or made busy but whose event it is. */
  isForeign: boolean
  /** The series itself was moved, so that everybody is asked anew; dates that were only taken out of it move nobody. */
  isMoved: boolean
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
const key = (email: string): string => email.toLowerCase()

export function placeObject(
  ctx: Context,
  draft: Draft,
  {
    calendarId,
    people,
    names,
    before,
  }: { calendarId: string; people: People; names: Names; before: Whole | undefined },
): PlacedObject {
  const { userId, email } = actorOf(ctx)
  const id = before?.event.id ?? uuid7(ctx.now)
  const own = before ? (names.people.get(before.event.organizer_id)?.email ?? email) : email
  const said = draft.organizer ? emailOf(draft.organizer) : null
  // Whom we have invited stays invited: a program may still know the organizer by a former e-mail.
  const isOurs = [key(own), key(email)].includes(key(said ?? '')) || (before?.participants.length ?? 0) > 0
  const isForeign = draft.organizer !== null && !isOurs
  const { raw } = draft.fields
  const foreign = isForeign ? [draft.organizer!.line, ...draft.attendees.map(({ line }) => line)] : []
  const lines = [...(raw?.lines ?? []), ...foreign]
  const alarms = raw?.alarms ?? []
  const fields: EventFields = {
    ...draft.fields,
    calendar_id: calendarId,
    organizer_id: before?.event.organizer_id ?? userId,
    room_id: before?.event.room_id ?? null,
    raw: lines.length + alarms.length > 0 ? { lines, alarms } : null,
  }
  if (before) keepRoomText(fields, before.event, names)
  const isMoved = before !== undefined && !same(timing(fields).series, timing(before.event).series)
  const participants = isForeign ? [] : participantsOf(ctx, draft, { eventId: id, people, before, isMoved })
  const byEmail = new Map(draft.attendees.map((one, i) => [key(one.email), participants[i]]))
  const answers = draft.answers.flatMap(({ email: whose, ...answer }) => {
    const participant = byEmail.get(key(whose))
    // What a colleague answers is theirs to say.
    return !participant || isOthers(participant, userId) ? [] : [{ ...answer, participant_id: participant.id }]
  })
  const overrides = overridesOf(draft, { id, fields, before, names })
  const placed = { id, draft, before, fields, overrides, participants, answers, isForeign, isMoved }
  if (before) fields.sequence = sequenceAfter(placed, before.event)
  return placed
}

const isOthers = (one: { user_id: number | null }, userId: number): boolean =>
  one.user_id !== null && one.user_id !== userId

function participantsOf(
  ctx: Context,
  draft: Draft,
  known: { eventId: string; people: People; before: Whole | undefined; isMoved: boolean },
): ImportedParticipant[] {
  const { userId } = actorOf(ctx)
  const { before } = known
  return draft.attendees.map(({ email, name, role, status }): ImportedParticipant => {
    const colleague = known.people.get(key(email))
    // Whoever takes part already stays who they are, though they may be a colleague no longer.
    const there = before?.participants.find((one) =>
      colleague ? one.user_id === colleague.id : key(one.email) === key(email),
    )
    const id = colleague?.id ?? there?.user_id ?? null
    const who =
      id === null
        ? { user_id: null, email, email_key: key(email), name }
        : { user_id: id, email: null, email_key: null, name: '' }
    const answered = known.isMoved ? 'needs_action' : (there?.status ?? 'needs_action')
    return {
      ...who,
      id: there?.id ?? uuid7(ctx.now),
      event_id: known.eventId,
      role,
      status: isOthers(who, userId) ? answered : status,
    }
  })
}

/** The name of its room is written where an event says no place of its own; it comes back as one. */
function keepRoomText(fields: EventFields, before: EventRow, names: Names): void {
  const room = before.room_id === null ? undefined : names.rooms.get(before.room_id)
  if (before.location === '' && fields.location !== '' && fields.location === room) fields.location = ''
}

function overridesOf(
  draft: Draft,
  { id, fields, before, names }: { id: string; fields: EventFields; before: Whole | undefined; names: Names },
): OverrideRow[] {
  const known = new Map(before?.overrides.map((one) => [one.point, one]))
  return draft.overrides.flatMap((one): OverrideRow[] => {
    const there = known.get(one.point)
    const { has_own_room = false, room_id = null } = there ?? {}
    const { location, ...changes } = one.changes
    const room = (has_own_room ? room_id : fields.room_id) ?? ''
    const isRoomText = location !== undefined && location === names.rooms.get(room) && !there?.changes.location
    const isMaster = location === undefined || location === fields.location || isRoomText
    const isPlain =
      one.start_text === null && one.duration_seconds === null && one.raw === null && Object.keys(changes).length === 0
    // It only tells an answer, which stands elsewhere.
    if (isPlain && isMaster && !there && fields.recurrence_rule !== null) return []
    return [
      {
        ...one,
        changes: isMaster ? changes : { ...changes, location },
        event_id: id,
        has_own_room,
        room_id,
      },
    ]
  })
}

/** SEQUENCE never goes back, and goes on with every change of time, place and status, also where a client forgets it. */
function sequenceAfter({ fields }: PlacedObject, before: EventRow): number {
  const isSignificant =
    !same(timing(fields), timing(before)) || fields.status !== before.status || fields.location !== before.location
  return Math.max(fields.sequence, before.sequence + (isSignificant ? 1 : 0))
}

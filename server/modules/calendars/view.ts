import type { Context } from '../../platform/context.ts'
import { translate } from '../../platform/i18n/index.ts'
import { iso } from '../../platform/http/shapes.ts'
import { pointOf } from '../../time/recurrence/index.ts'
import { zoneOf, type Zone } from '../../time/zones.ts'
import type { Standing } from './policy.ts'
import { roomNames } from '../rooms/index.ts'
import type { EventRow, OverrideRow } from './queries/events.ts'
import { personNames, type AnswerStatus } from './queries/participants.ts'
import { instantText, localText, secondOfPoint, wallText } from './rules/moments.ts'
import { isRecurring, nameOf, seriesOf, type Occurring } from './rules/occurrences.ts'
import { isOpaque, roomOf, roomsOf, type Whole } from './rules/wanted.ts'
import type { EventView, OccurrenceView, ParticipantView } from './schema/events.ts'
import type { RoomChange } from './service/rooms.ts'

/** Rows as the API shows them. */

/** Names that rows need: people by id, rooms by id. */
export type Names = { people: Map<number, string>; rooms: Map<string, string> }

export async function namesOf(ctx: Context, userIds: readonly number[], roomIds: readonly string[]): Promise<Names> {
  return { people: await personNames(ctx, [...new Set(userIds)]), rooms: await roomNames(ctx, [...new Set(roomIds)]) }
}

/** Times of one occurrence as they are shown. */
function timesOf(event: Pick<EventRow, 'kind'>, start: number, end: number, zone: Zone) {
  if (event.kind === 'date') {
    const [from, to] = [wallText(start).slice(0, 10), wallText(end).slice(0, 10)]
    return { start_time: from, end_time: to, start_local: from, end_local: to }
  }
  const from = secondOfPoint(event.kind, start, zone)
  const to = secondOfPoint(event.kind, end, zone)
  return {
    start_time: instantText(from),
    end_time: instantText(to),
    start_local: localText(from, zone),
    end_local: localText(to, zone),
  }
}

type Shown = {
  standing: Standing
  zone: Zone
  names: Names
  myStatus: AnswerStatus | null
}

const busyTitle = 'Busy'

function common(event: EventRow, override: OverrideRow | null, start: number, end: number, shown: Shown) {
  const { standing, names } = shown
  const all = standing !== 'busy'
  const changes = override?.changes ?? {}
  const roomId = all ? roomOf(event, override) : null
  return {
    calendar_id: event.calendar_id,
    organizer_id: all ? event.organizer_id : null,
    organizer_name: all ? (names.people.get(event.organizer_id) ?? '') : '',
    title: all ? (changes.title ?? event.title) : busyTitle,
    description: all ? (changes.description ?? event.description) : '',
    location: all ? (changes.location ?? event.location) : '',
    ...timesOf(event, start, end, shown.zone),
    time_zone: event.kind === 'utc' ? 'UTC' : event.time_zone,
    is_all_day: event.kind === 'date',
    is_floating: event.kind === 'floating',
    is_recurring: isRecurring(event),
    recurrence_rule: all ? event.recurrence_rule : null,
    status: changes.status ?? event.status,
    transparency: isOpaque(event, override) ? ('opaque' as const) : ('transparent' as const),
    visibility: event.visibility,
    room_id: roomId,
    room_name: roomId === null ? null : (names.rooms.get(roomId) ?? null),
    my_status: shown.myStatus,
    can_edit: standing === 'edit',
    is_busy_only: !all,
    created_at: iso(event.created_at),
    updated_at: iso(event.updated_at),
  }
}

export function viewOccurrence(event: EventRow, occurring: Occurring<OverrideRow>, shown: Shown): OccurrenceView {
  const { point, start, end, override } = occurring
  const recurrenceId = isRecurring(event) ? nameOf(event.kind, point) : null
  return {
    id: event.id,
    event_id: event.id,
    occurrence_id: recurrenceId === null ? event.id : `${event.id}_${recurrenceId.replaceAll(/[-:]/g, '')}`,
    recurrence_id: recurrenceId,
    is_override: override !== null,
    ...common(event, override, start, end, shown),
  }
}

export function viewParticipants({ participants, answers }: Whole): ParticipantView[] {
  const single = Map.groupBy(answers, (answer) => answer.participant_id)
  return participants.map(({ id, user_id, email, name, role, status }) => ({
    id,
    user_id,
    email,
    name,
    role,
    status,
    occurrences: (single.get(id) ?? []).map(({ recurrence_id, status: answered }) => ({
      recurrence_id,
      status: answered,
    })),
  }))
}

export type Outcome = {
  roomChanges?: readonly RoomChange[]
  overBookings?: readonly { userId: number; from: Temporal.Instant; to: Temporal.Instant }[]
  smallRooms?: readonly { roomId: string; capacity: number; people: number }[]
}

/** One event whole: its series as it begins, with what differs from it. */
export async function viewEvent(
  ctx: Context,
  whole: Whole,
  shown: { standing: Standing; zone: string; userId: number },
  { roomChanges = [], overBookings = [], smallRooms = [] }: Outcome = {},
): Promise<EventView> {
  const { event, overrides } = whole
  const all = shown.standing !== 'busy'
  const zone = zoneOf(shown.zone)
  const changedRooms = roomChanges.flatMap((change) => change.roomId ?? [])
  const names = await namesOf(ctx, [event.organizer_id], [...roomsOf(whole), ...changedRooms])
  const series = seriesOf(event, [])
  const start = pointOf(series, event.dtstart)
  const mine = whole.participants.find((one) => one.user_id === shown.userId)?.status ?? null
  return {
    id: event.id,
    // Written by whoever made it: it may say what it is about, or where it comes from.
    uid: all ? event.uid : event.id,
    sequence: event.sequence,
    version: event.version,
    ...common(event, null, start, start + event.duration_seconds, { ...shown, zone, names, myStatus: mine }),
    rdates: all ? event.rdates.map((text) => nameOf(event.kind, pointOf(series, text))) : [],
    exdates: all ? event.exdates.map((text) => nameOf(event.kind, pointOf(series, text))) : [],
    overrides: all
      ? overrides.map((one) => {
          const from = one.start_point ?? one.point
          const times = timesOf(event, from, from + (one.duration_seconds ?? event.duration_seconds), zone)
          return {
            recurrence_id: nameOf(event.kind, one.point),
            start_time: times.start_time,
            end_time: times.end_time,
            title: one.changes.title ?? event.title,
            description: one.changes.description ?? event.description,
            location: one.changes.location ?? event.location,
            status: one.changes.status ?? event.status,
            transparency: isOpaque(event, one) ? ('opaque' as const) : ('transparent' as const),
            room_id: roomOf(event, one),
          }
        })
      : [],
    reminders: all ? event.reminders : [],
    room_claimed_until: all && roomsOf(whole).length > 0 ? (event.claimed_until?.toString() ?? null) : null,
    participants: all ? viewParticipants(whole) : [],
    warnings: [
      ...overBookings.map(({ userId, from, to }) => ({
        rule: 'over_booking',
        message: translate(ctx.locale, 'This person has a booking at this time'),
        params: { user_id: userId, start_time: from.toString(), end_time: to.toString() },
      })),
      ...smallRooms.map(({ roomId, capacity, people }) => ({
        rule: 'room_too_small',
        message: translate(ctx.locale, 'The room has fewer places than people are invited'),
        params: { room_id: roomId, capacity, people },
      })),
    ],
    room_changes: roomChanges
      .filter((change) => change.eventId === event.id)
      .map(({ occurrence, start: at, roomId }) => ({
        occurrence,
        start_time: at.toString(),
        room_id: roomId,
        room_name: roomId === null ? null : (names.rooms.get(roomId) ?? null),
      })),
  }
}

/** The zone in which an event is shown where nobody asks for another: its own, else that of who looks. */
export const zoneToShow = (
  event: Pick<EventRow, 'time_zone' | 'kind'>,
  asked: string | undefined,
  home: string,
): string => asked ?? event.time_zone ?? home

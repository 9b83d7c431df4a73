import type { Zone } from '../../../time/zones.ts'
import type { AnswerRow, ParticipantRow } from '../queries/participants.ts'
import type { EventRow, OverrideRow } from '../queries/events.ts'
import { occurrencesIn, seriesOf, type Occurring } from './occurrences.ts'

/** Which time an event takes of whom, and of which room. Pure: rows in, stretches out. */

/** An event with all that decides about its time. */
export type Whole = {
  event: EventRow
  overrides: OverrideRow[]
  participants: ParticipantRow[]
  answers: AnswerRow[]
}

/** A stretch that an occurrence takes, epoch seconds. */
export type Stretch = { point: number; start: number; from: number; to: number }
export type Wants = {
  persons: Map<number, Stretch[]>
  /** Of one room an occurrence that runs into the next of its own series ends where that begins. */
  rooms: Map<string, Stretch[]>
  /** Stretches of occurrences that start before this were all found; null: all of the span. */
  until: number | null
}

/** The most occurrences that are claimed of one series at a time. */
export const mostOccurrences = 4000
/** The most claims of persons that one event has at a time. */
export const mostClaims = 60_000

export type Bounds = {
  from: number
  to: number
  zoneOfPerson: ReadonlyMap<number, Zone>
  zoneOfRoom: ReadonlyMap<string, Zone>
}

/** Does an occurrence take the time of its people? All-day events do not, unless it is said. */
export const isOpaque = (event: Pick<EventRow, 'transparency' | 'kind'>, override: OverrideRow | null): boolean =>
  (override?.changes.transparency ?? event.transparency ?? (event.kind === 'date' ? 'transparent' : 'opaque')) ===
  'opaque'

const isOff = (event: EventRow, override: OverrideRow | null): boolean =>
  event.status === 'cancelled' || override?.changes.status === 'cancelled'

/** The room of an occurrence. */
export const roomOf = (event: Pick<EventRow, 'room_id'>, override: OverrideRow | null): string | null =>
  override?.has_own_room ? override.room_id : event.room_id

/** Everybody with an account who has to do with it: the organizer and the participants. */
export const peopleOf = ({ event, participants }: Whole): number[] => [
  ...new Set([event.organizer_id, ...participants.flatMap((one) => one.user_id ?? [])]),
]

/** All rooms that its occurrences are in. */
export const roomsOf = ({ event, overrides }: Whole): string[] => [
  ...new Set([event.room_id, ...overrides.map((one) => roomOf(event, one))].filter((id) => id !== null)),
]

/** What the occurrences that start before `to` and end after `from` take, in the order of their starts. */
export function wantsOf(whole: Whole, bounds: Bounds): Wants {
  const { event, overrides } = whole
  const persons = new Map<number, Stretch[]>()
  const rooms = new Map<string, Stretch[]>()
  if (event.status === 'cancelled') return { persons, rooms, until: null }
  const people = peopleOf(whole)
  const limit = Math.min(mostOccurrences, Math.max(1, Math.floor(mostClaims / people.length)))
  const series = seriesOf(event, overrides)
  const byZone = new Map<Zone, Occurring<OverrideRow>[]>()
  let until: number | null = null
  const read = (zone: Zone): Occurring<OverrideRow>[] => {
    const known = byZone.get(zone)
    if (known) return known
    const { occurring, truncated } = occurrencesIn(event, overrides, { ...bounds, zone, limit, series })
    byZone.set(zone, occurring)
    if (truncated) until = Math.min(until ?? bounds.to, (occurring.at(-1)?.from ?? bounds.to - 1) + 1)
    return occurring
  }
  const answered = Map.groupBy(whole.answers, (answer) => answer.user_id)
  for (const userId of people) {
    const zone = bounds.zoneOfPerson.get(userId)
    if (!zone) continue
    const general = whole.participants.find((one) => one.user_id === userId)
    const single = new Map((answered.get(userId) ?? []).map((answer) => [answer.point, answer.status]))
    const isOrganizer = userId === event.organizer_id
    const stretches: Stretch[] = []
    for (const { point, start, from, to, override } of read(zone)) {
      if (from === to || isOff(event, override) || !isOpaque(event, override)) continue
      const status = single.get(point) ?? general?.status
      if (!isOrganizer && status === 'declined') continue
      stretches.push({ point, start, from, to })
    }
    if (stretches.length > 0) persons.set(userId, stretches)
  }
  for (const roomId of roomsOf(whole)) {
    const zone = bounds.zoneOfRoom.get(roomId)
    if (!zone) continue
    const stretches: Stretch[] = []
    let end = Number.NEGATIVE_INFINITY
    for (const { point, start, from, to, override } of read(zone)) {
      if (isOff(event, override) || roomOf(event, override) !== roomId) continue
      if (Math.max(from, end) < to) stretches.push({ point, start, from: Math.max(from, end), to })
      end = Math.max(end, to)
    }
    if (stretches.length > 0) rooms.set(roomId, stretches)
  }
  if (until === null) return { persons, rooms, until }
  return { persons: before(persons, until), rooms: before(rooms, until), until }
}

function before<K>(all: Map<K, Stretch[]>, until: number): Map<K, Stretch[]> {
  return new Map([...all].map(([key, stretches]) => [key, stretches.filter(({ from }) => from < until)]))
}

import { layOut } from './hours.ts'
import type { Layout } from './hours.ts'
import { contains, intersect, normal, pushOverlapping, startsWithin, subtract } from './intervals.ts'
import type { Intervals } from './intervals.ts'
import type { Booking, Id, Offer, Provider, Question, Room, Service, SlotQuery } from './question.ts'
import { dayAt, pushReadings, startOfDate } from './zones.ts'

const DAY = 1440
const NONE: Intervals = []

/** One provider's side of a question, laid out on instants. The lists are normal lists of *starts*. */
export interface Lane {
  readonly provider: Provider
  readonly layout: Layout
  /** The starts that D5–D10 allow, those that join included; only the grid and the room are still to be asked. */
  readonly allowed: Intervals
  /** D10: the allowed starts at which a session has seats left, with what it offers; null: none. */
  readonly joinable: ReadonlyMap<number, Offer> | null
  /** What a new session offers: one object for all starts of a lane. */
  readonly offer: Offer
}

/** One allowed room's side of a question. */
export interface RoomLane {
  readonly room: Room
  /** The starts of which its hours cover the whole length. */
  readonly open: Intervals
  /** D11: those at which it is free as well. */
  readonly free: Intervals
}

/** A question laid out for the starts of `[from, to)`: what listing, accepting and explaining all read. */
export interface Plan {
  readonly question: Question
  readonly from: number
  readonly to: number
  /** Sorted by the provider's id. */
  readonly lanes: readonly Lane[]
  /** Sorted by id; null when the service needs no room. */
  readonly rooms: readonly RoomLane[] | null
}

/** A session of the service that is asked for: the bookings of one provider at one start (D10). */
export interface Session {
  readonly seats: number
  readonly roomId: Id | null
}

/** Lays a question out for the starts of `[from, to)`, `from < to`: D5–D11 as lists of starts. */
export function planOf(question: Question, from: number, to: number): Plan {
  const { service, providers } = question
  const asked = askedOf(question, from, to)
  const lanes = providers.toSorted(byId).map((provider) => laneOf(question, provider, asked, from, to))
  return { question, from, to, lanes, rooms: service.roomIds?.length ? roomLanesOf(question, from, to) : null }
}

/** D5: the epoch minutes of the dates asked for, `from <= start < to`. */
export function spanOf({ zone, days }: Pick<SlotQuery, 'zone' | 'days'>): { from: number; to: number } {
  return { from: startOfDate(zone, days.from), to: startOfDate(zone, days.to + 1) }
}

/** D6: the first minute that the notice allows. */
export function earliestOf({ now, service }: Question): number {
  return Math.ceil(now + service.minNoticeMinutes)
}

/** D7: the last date, in the provider's zone, that the booking window allows; Infinity without one. */
export function lastDayOf({ now, service }: Question, { schedule }: Provider): number {
  if (service.maxAdvanceDays === null) return Number.POSITIVE_INFINITY
  return dayAt(schedule.zone, Math.floor(now)) + service.maxAdvanceDays
}

/** D9: what a booking blocks, with its own buffers: `from, to`. */
export function blockedBy({ start, durationMinutes, bufferBefore, bufferAfter }: Booking): [from: number, to: number] {
  return [start - bufferBefore, start + durationMinutes + bufferAfter]
}

/** D10: a provider's sessions of the service that is asked for, by start. Seats add up, the first booking has the room. */
export function sessionsOf({ bookings }: Provider): Map<number, Session> {
  const sessions = new Map<number, Session>()
  for (const { start, sameService, seats, roomId } of bookings) {
    if (!sameService) continue
    const before = sessions.get(start)
    sessions.set(start, before ? { seats: before.seats + seats, roomId: before.roomId } : { seats, roomId })
  }
  return sessions
}

/**
 * D4: the starts on the grid within `starts`, ascending, each once. `grid` are the pieces of a layout: of several
 * grids that meet, any will do.
 */
export function onGrid(grid: Layout['grid'], starts: Intervals, step: number): number[] {
  const found: number[] = []
  let last = Number.NEGATIVE_INFINITY
  let ascending = true
  for (let i = 0, j = 0; i < grid.length; i += 3) {
    const from = grid[i]!
    const to = grid[i + 1]!
    const anchor = grid[i + 2]!
    while (j < starts.length && starts[j + 1]! <= from) j += 2
    for (let k = j; k < starts.length && starts[k]! < to; k += 2) {
      const first = Math.max(from, starts[k]!)
      const after = Math.min(to, starts[k + 1]!)
      for (let start = anchor + Math.ceil((first - anchor) / step) * step; start < after; start += step) {
        if (start <= last) ascending = false
        last = start
        found.push(start)
      }
    }
  }
  return ascending ? found : [...new Set(found)].toSorted((a, b) => a - b)
}

function askedOf(question: Question, from: number, to: number): Intervals {
  let first = Math.max(from, earliestOf(question))
  let after = to
  if (question.days) {
    const span = spanOf({ zone: question.zone, days: question.days })
    first = Math.max(first, span.from)
    after = Math.min(after, span.to)
  }
  return first < after ? [first, after] : NONE
}

function laneOf(question: Question, provider: Provider, asked: Intervals, from: number, to: number): Lane {
  const { service, seats } = question
  const layout = layOut(provider.schedule, from, to + service.durationMinutes)
  const fits = intersect(windowOf(question, provider, asked), startsWithin(layout.open, service.durationMinutes))
  const offer = { id: provider.id, seatsLeft: service.capacity, joins: false, roomId: null }

  const sessions = sessionsOf(provider)
  const withSeats: Booking[] = []
  const forbidding: number[] = []
  pushForbidden(service, provider.busy, forbidding)
  for (const booking of provider.bookings)
    if (booking.sameService && sessions.get(booking.start)!.seats + seats <= service.capacity) withSeats.push(booking)
    else pushForbidden(service, blockedBy(booking), forbidding)
  let forbidden = normal(forbidding)

  // A session with seats left forbids what overlaps it, but not the start that joins it.
  const joinable = new Map<number, Offer>()
  for (const { start } of withSeats) {
    if (!contains(fits, start) || contains(forbidden, start)) continue
    if (withSeats.some((other) => other.start !== start && forbids(service, other, start))) continue
    const { seats: taken, roomId } = sessions.get(start)!
    joinable.set(start, { id: provider.id, seatsLeft: service.capacity - taken, joins: true, roomId })
  }
  if (withSeats.length > 0) {
    for (const booking of withSeats) pushForbidden(service, blockedBy(booking), forbidding)
    forbidden = normal(forbidding)
  }

  const free = seats <= service.capacity ? subtract(fits, forbidden) : NONE
  if (joinable.size === 0) return { provider, layout, allowed: free, joinable: null, offer }
  const joins = [...joinable.keys()].flatMap((start) => [start, start + 1])
  return { provider, layout, allowed: normal([...free, ...joins]), joinable, offer }
}

/** D5–D7 for one provider: a list, because clocks that go back over midnight show an allowed date again. */
function windowOf(question: Question, provider: Provider, asked: Intervals): Intervals {
  const last = lastDayOf(question, provider)
  if (last === Number.POSITIVE_INFINITY || asked.length === 0) return asked
  const { zone } = provider.schedule
  const pieces: number[] = []
  // Clipped to what is asked (two days are wider than any offset), lest a wide window ask for far transitions.
  const wallTo = Math.min((last + 1) * DAY, asked[1]! + 2 * DAY)
  const wallFrom = Math.min(asked[0]! - 2 * DAY, wallTo)
  pushReadings(zone, wallFrom, wallTo, pieces)
  const shown: number[] = []
  for (let i = 0; i < pieces.length; i += 3) shown.push(pieces[i]!, pieces[i + 1]!)
  return intersect(asked, normal(shown))
}

/** D11: the allowed rooms that there are, with the starts that each is free for. */
function roomLanesOf({ service, providers, rooms }: Question, from: number, to: number): RoomLane[] {
  const allowed = rooms.filter(({ id }) => service.roomIds?.includes(id)).toSorted(byId)
  return allowed.map((room) => {
    const open = room.schedule
      ? startsWithin(layOut(room.schedule, from, to + service.durationMinutes).open, service.durationMinutes)
      : [from, to]
    const forbidding: number[] = []
    pushForbidden(service, room.busy, forbidding)
    for (const { bookings } of providers)
      for (const booking of bookings)
        if (booking.roomId === room.id) pushForbidden(service, blockedBy(booking), forbidding)
    return { room, open, free: subtract(open, normal(forbidding)) }
  })
}

/** D9: whether the blocked interval of a start overlaps that of a booking. Asked for pairs of sessions: no list. */
function forbids(service: Service, booking: Booking, start: number): boolean {
  const from = booking.start - booking.bufferBefore
  const to = booking.start + booking.durationMinutes + booking.bufferAfter
  return from < to && start - service.bufferBefore < to && start + service.durationMinutes + service.bufferAfter > from
}

/** D9: appends the starts whose blocked interval, buffers included, overlaps one of these. */
function pushForbidden(service: Service, blocked: Intervals, into: number[]): void {
  pushOverlapping(blocked, service.bufferBefore, service.durationMinutes + service.bufferAfter, into)
}

function byId(a: { readonly id: Id }, b: { readonly id: Id }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

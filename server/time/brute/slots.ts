/**
 * TIME.md D1–D12 read aloud, one minute after the other, with Temporal asked for every minute: slow, and without any
 * of the code it is compared with. It takes what slots.ts takes, and says for every minute who offers it or which rule
 * refuses it.
 */
import type { Hours, Schedule } from '../hours.ts'
import type { Booking, Id, Offer, Provider, Room, Slot, SlotQuery } from '../question.ts'

const DAY = 1440

interface Verdict {
  readonly offer: Offer | null
  /** The first rule that refuses, in the order that explain.ts documents. */
  readonly rule: string | null
}

interface Brute {
  /** What this provider says to this minute. */
  verdict(provider: Provider, t: number): Verdict
  isGrid(provider: Provider, t: number): boolean
  slots(): Slot[]
  readonly from: number
  readonly to: number
}

/** The minutes that the dates of the query cover, and what to say to each. */
export function bruteOf(query: SlotQuery): Brute {
  const { now, zone, seats, days, service } = query
  const walls = new Map<string, Map<number, number>>()

  /** What clocks read at t. */
  function wall(id: string, t: number): number {
    let known = walls.get(id)
    if (!known) walls.set(id, (known = new Map()))
    let read = known.get(t)
    if (read === undefined) {
      const at = Temporal.Instant.fromEpochMilliseconds(t * 60_000).toZonedDateTimeISO(id)
      known.set(t, (read = t + Math.floor(at.offsetNanoseconds / 6e10)))
    }
    return read
  }

  function dateAt(id: string, t: number): number {
    return Math.floor(wall(id, t) / DAY)
  }

  function startOfDay(day: number): number {
    const date = Temporal.PlainDate.from('1970-01-01').add({ days: day })
    return Math.ceil(date.toZonedDateTime(zone.id).epochMilliseconds / 60_000)
  }

  const hoursByDay = new Map<Schedule, Map<number, readonly Hours[]>>()
  function hoursAt(schedule: Schedule, day: number): readonly Hours[] {
    let known = hoursByDay.get(schedule)
    if (!known) hoursByDay.set(schedule, (known = new Map()))
    let hours = known.get(day)
    if (!hours) known.set(day, (hours = hoursOf(schedule, day)))
    return hours
  }

  /** D2: the wall minute at which each interval begins that covers t. */
  function covering(schedule: Schedule, t: number): number[] {
    const w = wall(schedule.zone.id, t)
    const today = Math.floor(w / DAY)
    return [today - 1, today].flatMap((day) =>
      hoursAt(schedule, day)
        .filter(({ from, to }) => day * DAY + from <= w && w < day * DAY + to + (to <= from ? DAY : 0))
        .map(({ from }) => day * DAY + from),
    )
  }

  const covered = new Map<Schedule, Map<number, boolean>>()
  function inHours(schedule: Schedule, t: number): boolean {
    let known = covered.get(schedule)
    if (!known) covered.set(schedule, (known = new Map()))
    let is = known.get(t)
    if (is === undefined) {
      const w = wall(schedule.zone.id, t)
      is = covering(schedule, t).length > 0 || (schedule.slots ?? []).some(({ from, to }) => from <= w && w < to)
      known.set(t, is)
    }
    return is
  }

  function isOpen(schedule: Schedule, t: number): boolean {
    const w = wall(schedule.zone.id, t)
    return inHours(schedule, t) && !schedule.timeOff.some(({ from, to }) => from <= w && w < to)
  }

  function isGrid({ schedule }: Provider, t: number): boolean {
    const w = wall(schedule.zone.id, t)
    if ((schedule.slots ?? []).some(({ from }) => from === w)) return true
    return covering(schedule, t).some((from) => (w - from) % service.stepMinutes === 0)
  }

  function openThroughout(schedule: Schedule, t: number): boolean {
    for (let m = t; m < t + service.durationMinutes; m++) if (!isOpen(schedule, m)) return false
    return true
  }

  /** Whether a minute of the start's blocked interval is a minute of `[from, to)`. */
  function meets(t: number, from: number, to: number): boolean {
    for (let m = t - service.bufferBefore; m < t + service.durationMinutes + service.bufferAfter; m++)
      if (from <= m && m < to) return true
    return false
  }

  function meetsBusy(t: number, busy: readonly number[]): boolean {
    return busy.some((from, i) => i % 2 === 0 && meets(t, from, busy[i + 1]!))
  }

  function meetsBooking(t: number, booking: Booking): boolean {
    const { start, durationMinutes, bufferBefore, bufferAfter } = booking
    return meets(t, start - bufferBefore, start + durationMinutes + bufferAfter)
  }

  function isFree(room: Room, t: number): boolean {
    if (room.schedule && !openThroughout(room.schedule, t)) return false
    if (meetsBusy(t, room.busy)) return false
    const bookings = query.providers.flatMap((provider) => provider.bookings)
    return !bookings.some((booking) => booking.roomId === room.id && meetsBooking(t, booking))
  }

  function freeRooms(t: number): Id[] {
    const rooms = query.rooms.filter((room) => service.roomIds?.includes(room.id) && isFree(room, t))
    return rooms.map(({ id }) => id).toSorted((a, b) => (a < b ? -1 : 1))
  }

  const from = startOfDay(days.from)
  const to = startOfDay(days.to + 1)
  const needsRoom = service.roomIds !== null && service.roomIds.length > 0

  function verdict(provider: Provider, t: number): Verdict {
    const { id, schedule, bookings } = provider
    if (t < from || t >= to) return refused('D5')
    if (t * 60 < Math.round(now * 60) + service.minNoticeMinutes * 60) return refused('D6')
    const today = dateAt(schedule.zone.id, Math.floor(now))
    if (service.maxAdvanceDays !== null && dateAt(schedule.zone.id, t) > today + service.maxAdvanceDays)
      return refused('D7')
    if (!inHours(schedule, t)) return refused('D2')
    if (!isOpen(schedule, t)) return refused('D3')
    if (!isGrid(provider, t)) return refused('D4')
    if (!openThroughout(schedule, t)) return refused('D8')
    // Where one at a time is served nothing is joined: the booking blocks like any other.
    const joinable = service.capacity > 1
    const same = bookings.filter((booking) => joinable && booking.sameService && booking.start === t)
    if (meetsBusy(t, provider.busy)) return refused('D9')
    if (bookings.some((booking) => !same.includes(booking) && meetsBooking(t, booking))) return refused('D9')
    const taken = same.reduce((sum, booking) => sum + booking.seats, 0)
    if (taken + seats > service.capacity) return refused('D10')
    if (same.length === 0 && needsRoom && freeRooms(t).length === 0) return refused('D11')
    const roomId = same.length > 0 ? same[0]!.roomId : null
    return { offer: { id, seatsLeft: service.capacity - taken, joins: same.length > 0, roomId }, rule: null }
  }

  function slots(): Slot[] {
    const found: Slot[] = []
    for (let t = from; t < to; t++) {
      const providers = query.providers
        .map((provider) => verdict(provider, t).offer)
        .filter((offer) => offer !== null)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      const begins = providers.some(({ joins }) => !joins)
      const rooms = needsRoom && begins ? freeRooms(t) : []
      if (providers.length > 0) found.push({ start: t, offset: wall(zone.id, t) - t, providers, rooms })
    }
    return found
  }

  return { verdict, isGrid, slots, from, to }
}

function hoursOf(schedule: Schedule, day: number): readonly Hours[] {
  const overrides = schedule.overrides.filter((override) => override.day === day)
  if (overrides.length > 0) return overrides.flatMap(({ intervals }) => intervals)
  const weekday = Temporal.PlainDate.from('1970-01-01').add({ days: day }).dayOfWeek
  return schedule.weekly.filter((hours) => hours.weekday === weekday)
}

function refused(rule: string): Verdict {
  return { offer: null, rule }
}

/** Random questions about slots near a given instant: everything that D1–D12 speak of, each now and then. */
import type { Hours, Schedule, WallSpan } from '../hours.ts'
import type { Booking, Provider, Room, SlotQuery } from '../question.ts'
import { dayAt, wallOf } from '../zones.ts'
import type { Zone } from '../zones.ts'

const DAY = 1440

interface Chance {
  /** An integer of `[from, to]`. */
  readonly int: (from: number, to: number) => number
  /** True once in n. */
  readonly once: (n: number) => boolean
  readonly pick: <T>(list: readonly T[]) => T
}

/** A seeded generator (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return { int, once: (n) => next() < 1 / n, pick: (list) => list[int(0, list.length - 1)]! }
}

/** A question about up to three dates around `at`, an epoch minute; providers mostly in the first of the zones. */
export function questionNear(at: number, zones: readonly [Zone, ...Zone[]], chance: Chance): SlotQuery {
  const { int, once, pick } = chance
  const zone = once(2) ? zones[0] : pick(zones)
  const day = dayAt(zone, at) - int(0, 1)
  const capacity = once(2) ? 1 : int(2, 6)
  const roomIds = once(3) ? ['r2', 'r1', 'r9'].slice(0, int(1, 3)) : once(9) ? [] : null
  const service = {
    durationMinutes: pick([5, 15, 30, 45, 60, 60, 90, 120, 240, int(1, 200)]),
    bufferBefore: once(3) ? int(1, 30) : 0,
    bufferAfter: once(3) ? int(1, 30) : 0,
    stepMinutes: pick([5, 10, 15, 20, 30, 40, 45, 60, 90, int(1, 120)]),
    minNoticeMinutes: once(3) ? int(1, 3000) : 0,
    maxAdvanceDays: once(4) ? int(0, 4) : null,
    capacity,
    roomIds,
  }
  const count = pick([1, 1, 1, 2, 3])
  const providers: Provider[] = []
  for (let i = 0; i < count; i++) {
    const schedule = scheduleNear(at, once(4) ? pick(zones) : zones[0], chance)
    const bookings = listOf(int(0, 5), () => bookingNear(at, schedule, service, chance))
    providers.unshift({ id: `p${i}`, schedule, busy: busyNear(at, chance), bookings })
  }
  const rooms = ['r1', 'r2', 'r3'].map((id): Room => {
    const schedule = once(2) ? null : scheduleNear(at, zones[0], chance)
    return { id, schedule, busy: busyNear(at, chance) }
  })
  return {
    now: at - pick([int(0, 8 * DAY), int(-DAY, DAY), 4 * DAY]) + (once(2) ? int(0, 59) / 60 : 0),
    zone,
    seats: once(3) ? int(1, capacity + (once(4) ? 1 : 0)) : 1,
    days: { from: day, to: day + int(0, 2) },
    service,
    providers,
    rooms,
  }
}

function scheduleNear(at: number, zone: Zone, { int, once, pick }: Chance): Schedule {
  const today = dayAt(zone, at)
  const grain = pick([1, 5, 15, 15, 30, 60])
  const hours = (): Hours => {
    const from = once(6) ? 0 : int(0, Math.floor(1439 / grain)) * grain
    const to = once(6) ? DAY : int(0, Math.floor(1440 / grain)) * grain
    if (from === to) return { from: 0, to: DAY }
    // Mostly by day: a night in every entry would leave nothing closed.
    return to < from && !once(4) ? { from: to, to: from } : { from, to }
  }
  const wallSpan = (): WallSpan => {
    const from = wallOf(zone, at) + int(-2 * DAY, 2 * DAY)
    return { from, to: from + pick([0, int(1, 200), int(1, 2000), DAY]) }
  }
  const weekly = [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) =>
    listOf(pick([0, 1, 1, 2, 3]), () => ({ weekday, ...hours() })),
  )
  // Intervals that touch, now and then: a service may span their seam.
  const seams = weekly.filter(({ from, to }) => to < DAY && from < to && once(4))
  for (const { weekday, to } of seams) weekly.push({ weekday, from: to, to: Math.min(DAY, to + grain * int(1, 8)) })
  return {
    zone,
    weekly,
    overrides: listOf(int(0, 2), () => ({ day: today + int(-2, 2), intervals: listOf(int(0, 2), hours) })),
    timeOff: listOf(pick([0, 0, 1, 2]), wallSpan),
    ...(once(3) ? { slots: listOf(int(1, 3), wallSpan).filter(({ from, to }) => from < to) } : {}),
  }
}

function busyNear(at: number, { int, pick }: Chance): number[] {
  return listOf(pick([0, 1, 3, 8]), () => {
    const from = at + int(-2 * DAY, 2 * DAY)
    return [from, from + pick([0, int(1, 60), int(1, 300)])]
  }).flat()
}

function bookingNear(at: number, schedule: Schedule, service: SlotQuery['service'], chance: Chance): Booking {
  const { int, once, pick } = chance
  // Where sessions are: on the grid of an entry, seen with the offset at hand; now and then anywhere.
  const offset = wallOf(schedule.zone, at) - at
  const day = dayAt(schedule.zone, at) + int(-1, 2)
  const { from } = pick([...schedule.weekly, { from: int(0, DAY - 1) }])
  const onGrid = day * DAY + from + int(0, 8) * service.stepMinutes - offset
  return {
    start: once(5) ? at + int(-DAY, DAY) : onGrid,
    durationMinutes: once(2) ? service.durationMinutes : int(1, 120),
    bufferBefore: once(3) ? int(0, 30) : service.bufferBefore,
    bufferAfter: once(3) ? int(0, 30) : service.bufferAfter,
    sameService: !once(4),
    seats: int(1, 2),
    roomId: once(3) ? null : pick(['r1', 'r2', 'r3']),
  }
}

function listOf<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}

import { layOut, type Schedule } from '../../../time/hours.ts'
import { contains, gaps, intersect, normal, startsWithin, type Intervals } from '../../../time/intervals.ts'
import { dayAt, startOfDate, zoneOf, type Zone } from '../../../time/zones.ts'

/** All in epoch minutes. */
export type Span = { from: number; to: number }

/** Monday to Friday, nine to five: of people who have said no hours of their own. */
const officeHours = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: 9 * 60, to: 17 * 60 }))

/** When a person works: their weekly hours, by default those of an office, with their overrides and without their time off. Published single slots are no working hours. */
export function workingHours(schedule: Schedule | null, timeZone: string, { from, to }: Span): Intervals {
  const own = schedule ?? { zone: zoneOf(timeZone), weekly: [], overrides: [], timeOff: [] }
  const weekly = own.weekly.length === 0 ? officeHours : own.weekly
  return intersect(layOut({ ...own, weekly, slots: [] }, from, to).open, [from, to])
}

/** What is taken within the span, overlaps and neighbours made one. */
export const takenWithin = (busy: readonly number[], { from, to }: Span): Intervals =>
  intersect(normal(busy), [from, to])

export type Diary = { userId: number; optional: boolean; busy: Intervals; working: Intervals }
/** `open` null: around the clock. */
export type RoomDiary = { roomId: string; busy: Intervals; open: Intervals | null }

export type Wish = Span & {
  minutes: number
  /** Starts stand every so many minutes from the beginning of each date of this zone. */
  step: number
  zone: Zone
  /** Only within everybody's working hours; else those within them come first. */
  withinHours: boolean
  /** So many of the required may be missing. */
  mayMiss: number
}

export type Meeting = {
  start: number
  /** Who is required and cannot. */
  missing: number[]
  optionalMissing: number[]
  /** For whom it lies outside the working hours. */
  outsideHours: number[]
  roomIds: string[]
}

function startsOf({ from, to, minutes, step, zone }: Wish): number[] {
  const starts: number[] = []
  for (let day = dayAt(zone, from); startOfDate(zone, day) < to; day++) {
    const midnight = startOfDate(zone, day)
    const next = startOfDate(zone, day + 1)
    for (let start = midnight; start < next && start + minutes <= to; start += step)
      if (start >= from) starts.push(start)
  }
  return starts
}

/**
 * When these people can meet in one of these rooms (`null`: no room is needed), best first: with the fewest of the required missing, then of the optional, then
 * within the most people's working hours, then the earliest. Each with the rooms that are free then, in the order given.
 */
export function findMeetings(wish: Wish, diaries: readonly Diary[], rooms: readonly RoomDiary[] | null): Meeting[] {
  const { from, to, minutes } = wish
  const people = diaries.map(({ userId, optional, busy, working }) => {
    const free = startsWithin(gaps(busy, from, to), minutes)
    const within = startsWithin(working, minutes)
    return { userId, optional, within, can: wish.withinHours ? intersect(free, within) : free }
  })
  const places = rooms?.map(({ roomId, busy, open }) => {
    const free = startsWithin(gaps(busy, from, to), minutes)
    return { roomId, can: open === null ? free : intersect(free, startsWithin(open, minutes)) }
  })
  const meetings: Meeting[] = []
  for (const start of startsOf(wish)) {
    const absent = people.filter(({ can }) => !contains(can, start))
    const missing = absent.filter(({ optional }) => !optional).map(({ userId }) => userId)
    if (missing.length > wish.mayMiss) continue
    const roomIds = places?.filter(({ can }) => contains(can, start)).map(({ roomId }) => roomId) ?? []
    if (places && roomIds.length === 0) continue
    meetings.push({
      start,
      missing,
      optionalMissing: absent.filter(({ optional }) => optional).map(({ userId }) => userId),
      outsideHours: people.filter(({ within }) => !contains(within, start)).map(({ userId }) => userId),
      roomIds,
    })
  }
  return meetings.toSorted(
    (a, b) =>
      a.missing.length - b.missing.length ||
      a.optionalMissing.length - b.optionalMissing.length ||
      a.outsideHours.length - b.outsideHours.length ||
      a.start - b.start,
  )
}

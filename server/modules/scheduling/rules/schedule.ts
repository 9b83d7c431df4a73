import type { Hours, Schedule, WallSpan } from '../../../time/hours.ts'
import { zoneOf } from '../../../time/zones.ts'
import type { ResourceKind } from '../queries/resources.ts'

export const kinds = ['weekly', 'override', 'time_off', 'slot'] as const
export type EntryKind = (typeof kinds)[number]

/** An entry as the database tells it in numbers: kind, weekday, start and end minute, day number, intervals, start and end wall minute. */
export type EntryFacts = [
  kind: EntryKind,
  weekday: number | null,
  startMinute: number | null,
  endMinute: number | null,
  day: number | null,
  intervals: number[] | null,
  startWall: number | null,
  endWall: number | null,
]

const aroundTheClock = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, from: 0, to: 1440 }))

/** `start, end, start, end ...` as hours. */
export function hoursOf(intervals: readonly number[]): Hours[] {
  const hours: Hours[] = []
  for (let i = 0; i < intervals.length; i += 2) hours.push({ from: intervals[i]!, to: intervals[i + 1]! })
  return hours
}

/**
 * Entries as the schedule that `server/time` reads. A person without entries is never open. A room is open around the clock unless weekly hours say otherwise:
 * a renovation or a holiday alone must not close it for ever; null = it has no entries, and is always open.
 */
export function scheduleOf(kind: ResourceKind, timeZone: string, entries: readonly EntryFacts[]): Schedule | null {
  if (kind === 'room' && entries.length === 0) return null
  const weekly: (Hours & { weekday: number })[] = []
  const overrides: { day: number; intervals: Hours[] }[] = []
  const timeOff: WallSpan[] = []
  const slots: WallSpan[] = []
  for (const [entry, weekday, from, to, day, intervals, startWall, endWall] of entries)
    if (entry === 'weekly') weekly.push({ weekday: weekday!, from: from!, to: to! })
    else if (entry === 'override') overrides.push({ day: day!, intervals: hoursOf(intervals!) })
    else (entry === 'slot' ? slots : timeOff).push({ from: startWall!, to: endWall! })
  const always = kind === 'room' && weekly.length === 0
  return { zone: zoneOf(timeZone), weekly: always ? aroundTheClock : weekly, overrides, timeOff, slots }
}

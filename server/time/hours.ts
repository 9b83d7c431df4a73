import { normal, subtract } from './intervals.ts'
import type { Intervals } from './intervals.ts'
import { datesIn, isoWeekday, pushReadings } from './zones.ts'
import type { Zone } from './zones.ts'

const DAY = 1440

/**
 * An interval of a date's wall clock, in minutes since 00:00: `from` 0 to 1439, `to` 0 to 1440 (24:00, the end of the
 * date). With `to <= from` it is overnight and ends on the next date; `from === to` is invalid (TIME.md D2).
 */
export interface Hours {
  readonly from: number
  readonly to: number
}

/** A stretch of wall clock: wall minutes as in zones.ts (dates included). It covers what clocks read in `[from, to)`. */
export interface WallSpan {
  readonly from: number
  readonly to: number
}

/** When a person or a room is open; every time in it is read on the wall clock of `zone`. */
export interface Schedule {
  readonly zone: Zone
  /** `weekday` is ISO: 1 = Monday … 7 = Sunday. */
  readonly weekly: readonly (Hours & { readonly weekday: number })[]
  /** A date (day number) with hours of its own, or none: closed. Several entries of one date add up. */
  readonly overrides: readonly { readonly day: number; readonly intervals: readonly Hours[] }[]
  readonly timeOff: readonly WallSpan[]
  /** Published single slots (SPEC section 10): open although no hours say so, with one start of the grid, `from`. */
  readonly slots?: readonly WallSpan[]
}

/** A schedule laid out on instants (epoch minutes) over some whole dates. All lists but `grid` are normal. */
export interface Layout {
  /** D2: the hours, before time off closes some of them. */
  readonly hours: Intervals
  /** D3: `hours` without time off. */
  readonly open: Intervals
  /**
   * D4: `from, to, anchor` of every piece of an interval, ascending by `from`, perhaps overlapping: its starts are the
   * instants of `[from, to)` that are a multiple of the step away from `anchor`, the instant of k = 0. In another
   * offset than that of `from` the anchor is where k = 0 would have been: the grid follows the wall clock.
   */
  readonly grid: readonly number[]
}

/**
 * Lays a schedule out over the dates of its zone that `[from, to)` (epoch minutes) touches: exact on all of them, the
 * tail of the night before included; what lies around them may be missing.
 * Throws RangeError for hours that are none (D2).
 */
export function layOut(schedule: Schedule, from: number, to: number): Layout {
  const { zone } = schedule
  const [first, last] = datesIn(zone, from, to)
  const byWeekday = weekdaysOf(schedule)
  const overrides = overridesOf(schedule)
  const hours: number[] = []
  const grid: number[] = []
  // The day before the first: its night may end on the first.
  for (let day = first - 1; day <= last; day++) {
    const midnight = day * DAY
    for (const { from: opens, to: closes } of overrides?.get(day) ?? byWeekday[isoWeekday(day) - 1]!)
      lay(zone, midnight + opens, midnight + closes + (closes <= opens ? DAY : 0), hours, grid)
  }
  const near = { from: (first - 1) * DAY, to: (last + 2) * DAY }
  for (const slot of schedule.slots ?? []) {
    if (slot.from >= slot.to) throw new RangeError('A published slot must end after it begins')
    if (!meets(slot, near)) continue
    lay(zone, slot.from, slot.from + 1, hours, grid)
    lay(zone, slot.from, slot.to, hours, [])
  }

  const merged = normal(hours)
  const closed = timeOffOf(schedule, near)
  return { hours: merged, open: subtract(merged, closed), grid: ascending(grid) }
}

/** The time off of a schedule whose wall clock touches `near`, as a normal list of epoch minutes, clipped to `near`. */
function timeOffOf({ zone, timeOff }: Schedule, near: WallSpan): Intervals {
  const closed: number[] = []
  const pieces: number[] = []
  for (const span of timeOff)
    // Clipped, so that a time off "for ever" does not ask for the transitions of thousands of years.
    if (meets(span, near)) pushReadings(zone, Math.max(span.from, near.from), Math.min(span.to, near.to), pieces)
  for (let i = 0; i < pieces.length; i += 3) closed.push(pieces[i]!, pieces[i + 1]!)
  return normal(closed)
}

/** Appends the instants at which clocks read `[wallFrom, wallTo)` to `hours` and, with their anchors, to `grid`. */
function lay(zone: Zone, wallFrom: number, wallTo: number, hours: number[], grid: number[]): void {
  let i = grid.length
  pushReadings(zone, wallFrom, wallTo, grid)
  for (; i < grid.length; i += 3) {
    hours.push(grid[i]!, grid[i + 1]!)
    grid[i + 2] = wallFrom - grid[i + 2]!
  }
}

function weekdaysOf({ weekly }: Schedule): readonly (readonly Hours[])[] {
  const byWeekday: Hours[][] = [[], [], [], [], [], [], []]
  for (const hours of weekly) {
    const entries = byWeekday[hours.weekday - 1]
    if (!entries) throw new RangeError(`A weekday is 1 to 7, not ${hours.weekday}`)
    check(hours)
    entries.push(hours)
  }
  return byWeekday
}

function overridesOf({ overrides }: Schedule): Map<number, readonly Hours[]> | undefined {
  if (overrides.length === 0) return undefined
  const byDay = new Map<number, readonly Hours[]>()
  for (const { day, intervals } of overrides) {
    for (const hours of intervals) check(hours)
    const before = byDay.get(day)
    byDay.set(day, before ? [...before, ...intervals] : intervals)
  }
  return byDay
}

function check({ from, to }: Hours): void {
  if (!(from >= 0 && from < DAY && to >= 0 && to <= DAY && from !== to))
    throw new RangeError(`Hours from minute ${from} to minute ${to} of a day are none`)
}

function meets(span: WallSpan, near: WallSpan): boolean {
  return span.from < near.to && span.to > near.from && span.from < span.to
}

/** Pieces `from, to, anchor` in ascending order of `from`: entries of a weekday come in any order. */
function ascending(pieces: number[]): readonly number[] {
  for (let i = 3; i < pieces.length; i += 3) {
    if (pieces[i]! >= pieces[i - 3]!) continue
    const triples: number[][] = []
    for (let j = 0; j < pieces.length; j += 3) triples.push(pieces.slice(j, j + 3))
    return triples.toSorted((a, b) => a[0]! - b[0]!).flat()
  }
  return pieces
}

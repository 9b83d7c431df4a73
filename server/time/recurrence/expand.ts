/**
 * The recurrence set of RFC 5545 3.8.5.3 in a window, in the order of TIME.md section 2:
 * RRULE (COUNT, then UNTIL) with DTSTART always first → RDATE → EXDATE → RECURRENCE-ID overrides.
 */

import { endOfCount, makesDtstart } from './count.ts'
import { instantsOfRun, LONGEST_GAP, seamsIn, wallsOfSpan } from './points.ts'
import { RuleError } from './rule.ts'
import { pointOfWall } from './series.ts'
import type { Series } from './series.ts'
import { HORIZON } from './text.ts'
import { newWalk } from './walk.ts'
import type { Plan, Walk } from './walk.ts'

/** How many occurrences an expansion answers when it is not told. */
export const DEFAULT_LIMIT = 10_000

const HOUR = 3600

/** One instance of a series. Times are points of the series (series.ts). */
export interface Occurrence {
  start: number
  /** The start that the series gives it: its name, RECURRENCE-ID. */
  recurrenceId: number
  overridden: boolean
}

/** What a window holds. */
export interface Expansion {
  /** Ascending, without repetitions. */
  starts: number[]
  /** Ascending by start, then by recurrenceId. */
  occurrences: Occurrence[]
  /** Whether there may be more in the window than is here: `limit` reached, or the bounded work spent. */
  truncated: boolean
  /** Steps taken (walk.ts); never much more than MAX_STEPS. */
  steps: number
}

/**
 * The occurrences that start in `[from, to)`, points of the series (epoch seconds for zoned and UTC series, wall-clock
 * seconds for the rest; `pointOf` makes them of text). At most `limit`, the earliest ones.
 * It costs the same wherever the window lies, and never more than some milliseconds: see `truncated`.
 *
 * An override enters whatever the rule makes of its RECURRENCE-ID: who is invited to one occurrence knows no other.
 */
export function expand(series: Series, from: number, to: number, { limit = DEFAULT_LIMIT } = {}): Expansion {
  if (!(limit >= 1)) throw new RangeError('An expansion needs a limit of at least 1')
  const walk = newWalk(0)
  const { overrides } = series
  const originals = originalStarts(series, from, to, limit + overrides.size + 1, walk)
  const occurrences: Occurrence[] = []
  for (const start of originals)
    if (!overrides.has(start)) occurrences.push({ start, recurrenceId: start, overridden: false })
  if (overrides.size > 0) {
    for (const [recurrenceId, start] of overrides)
      if (start !== null && start >= from && start < to) occurrences.push({ start, recurrenceId, overridden: true })
    occurrences.sort((a, b) => a.start - b.start || a.recurrenceId - b.recurrenceId)
  }
  const truncated = walk.spent || occurrences.length > limit
  if (occurrences.length > limit) occurrences.length = limit
  const starts: number[] = []
  for (const { start } of occurrences) if (start !== starts.at(-1)) starts.push(start)
  return { starts, occurrences, truncated, steps: walk.steps }
}

/**
 * The first occurrence that starts after a point; null when there is none.
 * Throws RuleError when bounded work does not tell, which takes a rule made for that.
 */
export function next(series: Series, after: number): Occurrence | null {
  const { occurrences, truncated } = expand(series, after + 1, Number.POSITIVE_INFINITY, { limit: 1 })
  if (occurrences.length === 0 && truncated)
    throw new RuleError(
      'RRULE',
      'The rule takes too long to follow: its occurrences are too rare, or its COUNT too large',
    )
  return occurrences[0] ?? null
}

/**
 * The occurrence that a RECURRENCE-ID (a point) names: as the series gives it or as it was moved.
 * Null when the series has no such instance, or it was cancelled.
 */
export function occursAt(series: Series, recurrenceId: number): Occurrence | null {
  const start = series.overrides.get(recurrenceId)
  if (start !== undefined) return start === null ? null : { start, recurrenceId, overridden: true }
  return isOriginal(series, recurrenceId) ? { start: recurrenceId, recurrenceId, overridden: false } : null
}

/** Whether RRULE, DTSTART, RDATE and EXDATE make an instance at this point, overridden or not. */
export function isOriginal(series: Series, point: number): boolean {
  return originalStarts(series, point, point + 1, 1, newWalk(0)).length > 0
}

/**
 * The last start of a series that ends; null for one that goes on for ever (a rule without COUNT and UNTIL), whose
 * COUNT is too large to be followed to its end, or of which nothing is left.
 */
export function lastStart(series: Series): number | null {
  const end = endOfRule(series)
  if (end === null) return null
  let latest = Math.max(end, series.rdates.at(-1) ?? end)
  for (const start of series.overrides.values()) if (start !== null) latest = Math.max(latest, start)
  const earliest = Math.min(
    pointOfWall(series.zone, series.dtstart) - LONGEST_GAP,
    series.rdates[0] ?? latest,
    ...[...series.overrides.values()].filter((start) => start !== null),
  )
  // Backwards in windows that grow: what is last is rarely far from the end.
  for (let length = HOUR, to = latest + 1; to > earliest; to -= length, length *= 2) {
    const window = expand(series, Math.max(to - length, earliest), to, { limit: Number.MAX_SAFE_INTEGER })
    if (window.truncated) return null
    if (window.starts.length > 0) return window.starts.at(-1)!
  }
  return null
}

/** A point that no instance of RRULE and DTSTART comes after; null when there is no such point. */
function endOfRule({ plan, zone, dtstart, until }: Series): number | null {
  const start = pointOfWall(zone, dtstart)
  if (!plan) return start
  if (plan.rule.count === null) return until === Number.POSITIVE_INFINITY ? null : Math.max(until, start)
  const walk = newWalk(0)
  const end = endOfCount(plan, zone, HORIZON, walk)
  if (walk.spent) return null
  const hasGap = zone !== null && seamsIn(zone, end - LONGEST_GAP, end).some(({ isGap }) => isGap)
  return pointOfWall(zone, end - 1) + (hasGap ? LONGEST_GAP : 0)
}

/** RRULE and DTSTART, plus RDATE, minus EXDATE, in `[from, to)`: ascending points; the earliest `room` at least. */
export function originalStarts(series: Series, from: number, to: number, room: number, walk: Walk): number[] {
  const { rdates, exdates } = series
  let points = ruleStarts(series, from, to, room + exdates.size, walk)
  if (rdates.length > 0) {
    const merged = new Set(points)
    for (const point of rdates) if (point >= from && point < to) merged.add(point)
    if (merged.size > points.length) points = [...merged].toSorted((a, b) => a - b)
  }
  return exdates.size > 0 ? points.filter((point) => !exdates.has(point)) : points
}

/** RRULE with its COUNT and UNTIL, and DTSTART, which "defines the first instance in the recurrence set". */
function ruleStarts(series: Series, from: number, to: number, room: number, walk: Walk): number[] {
  const { zone, plan, dtstart, until } = series
  const first = pointOfWall(zone, dtstart)
  const points = plan
    ? planStarts(plan, zone, Math.max(from, first - LONGEST_GAP), Math.min(to, until + 1), room, walk)
    : []
  if (first >= from && first < to && !(plan && first <= until && makesDtstart(plan))) {
    points.unshift(first)
    if (points.length > 1 && points[1]! <= first) return distinct(points)
  }
  return points
}

/** The rule's own instances with COUNT, in `[from, to)`: ascending points; the earliest `room` at least. */
function planStarts(plan: Plan, zone: Series['zone'], from: number, to: number, room: number, walk: Walk): number[] {
  if (from >= to) return []
  const high = Math.min(to, HORIZON)
  const [low, end] = zone ? wallsOfSpan(zone, from, high) : [from, high]
  let points: number[] = []
  // No more than COUNT are worth a walk.
  for (let at = low, ask = Math.min(room, plan.rule.count ?? room); ; ask *= 2) {
    const walls = wallsOf(plan, zone, at, Math.min(end, HORIZON), ask, walk)
    const run = zone ? instantsOfRun(zone, walls.found) : { instants: walls.found, ordered: true }
    for (const point of run.instants) if (point >= from && point < to) points.push(point)
    if (!run.ordered) points = distinct(points)
    if (walls.ended || walk.spent || points.length >= room) break
    at = walls.found.at(-1)! + 1
  }
  return points
}

/** The next wall seconds of a rule up to its COUNT; as many as asked for, and then to the end of a gap's shadow. */
function wallsOf(
  plan: Plan,
  zone: Series['zone'],
  from: number,
  to: number,
  ask: number,
  walk: Walk,
): { found: number[]; ended: boolean } {
  const run = newWalk(ask, walk.steps)
  plan.walk(run, from, to)
  const seen = run.found.at(-1) ?? Number.NEGATIVE_INFINITY
  let end = countEnd(plan, zone, seen, run)
  if (zone && end > seen + 1 && run.found.length === ask) {
    // A time in a gap moves behind later ones: the earliest are known only where its shadow ends.
    for (const seam of seamsIn(zone, seen - LONGEST_GAP, seen + 1)) {
      const shadow = seam.to + (seam.to - seam.from)
      if (!seam.isGap || shadow <= seen) continue
      run.room = ask + (plan.rule.count ?? Number.POSITIVE_INFINITY)
      plan.walk(run, seen + 1, Math.min(shadow, to))
    }
  }
  const last = run.found.at(-1) ?? seen
  if (last > seen) end = countEnd(plan, zone, last, run)
  walk.steps = run.steps
  walk.spent ||= run.spent
  const isOver = end <= last + 1
  return {
    found: isOver ? run.found.filter((wall) => wall < end) : run.found,
    ended: isOver || run.found.length < ask,
  }
}

/** Where COUNT ends the rule, if `last` or an earlier instance is its last; Infinity otherwise. */
function countEnd(plan: Plan, zone: Series['zone'], last: number, walk: Walk): number {
  if (plan.rule.count === null || last < plan.dtstart) return Number.POSITIVE_INFINITY
  const end = endOfCount(plan, zone, last + 2, walk)
  return end <= last + 1 ? end : Number.POSITIVE_INFINITY
}

function distinct(points: number[]): number[] {
  return [...new Set(points)].toSorted((a, b) => a - b)
}

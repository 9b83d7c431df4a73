/**
 * The wall-clock times that a rule makes, without COUNT, UNTIL and zones: integers of seconds since 1970-01-01T00:00.
 *
 * Every period of a rule is found by arithmetic, so that a window costs the same however long ago DTSTART was, and
 * every walk is bounded by steps: a step is one day looked at or one time found.
 */

import type { DayParts } from './days.ts'
import type { Rule } from './rule.ts'

/** More steps than any honest question takes, few enough for some milliseconds: 1,000 years of days. */
export const MAX_STEPS = 400_000

/** The Gregorian calendar repeats, weekdays included, after 400 years: who waited that long waits for ever. */
export const CYCLE_DAYS = 146_097

/** After so many empty periods in a row it is worth asking whether the rule's days exist at all. */
export const PATIENCE = 64

/** What a walk found and what it may still spend. */
export interface Walk {
  /** Ascending. */
  found: number[]
  /** How many it may find. */
  room: number
  steps: number
  /** Whether it stopped because its steps were used up. */
  spent: boolean
}

/** A rule completed by its DTSTART, ready to be walked. */
export interface Plan {
  rule: Rule
  dtstart: number
  days: DayParts
  /** The times of a day, for DAILY and longer; the times of a period, for shorter ones. */
  times: number[]
  /** Appends the times in `[from, to)` to a walk. */
  walk: (walk: Walk, from: number, to: number) => void
  /** Where every period has as many times as any other: from where, how long (seconds) and how many times each. */
  steady: { from: number; length: number; times: number } | null
}

/** What a plan is made from. */
export type Base = Pick<Plan, 'rule' | 'dtstart' | 'days'>

/** A new walk that may find so many; it goes on with the steps of an earlier one when given. */
export function newWalk(room: number, steps = 0): Walk {
  return { found: [], room, steps, spent: false }
}

/** Appends one; false when there is no room for another. */
export function push(walk: Walk, wall: number): boolean {
  walk.found.push(wall)
  return walk.found.length < walk.room && may(walk, 1)
}

/** Pays for a look; false when the steps are used up. */
export function may(walk: Walk, cost: number): boolean {
  walk.steps += cost
  if (walk.steps > MAX_STEPS) walk.spent = true
  return !walk.spent
}

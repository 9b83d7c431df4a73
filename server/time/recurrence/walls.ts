/**
 * The wall-clock times that a rule makes, without COUNT, UNTIL and zones: integers of seconds since 1970-01-01T00:00.
 *
 * Every period of a rule is found by arithmetic, so that a window costs the same however long ago DTSTART was, and
 * every walk is bounded by steps: a step is one day looked at or one time found.
 */

import { dateOf, dayNumber } from '../dates.ts'
import {
  completeDays,
  daysOfMonth,
  daysOfWeek,
  daysOfYear,
  isDay,
  nextAllowedMonth,
  yearOf,
  yearStartOf,
} from './days.ts'
import type { DayParts } from './days.ts'
import type { Rule } from './rule.ts'
import { DAY_SECONDS } from './text.ts'
import { choose, nextAllowed, positions, timesOfDay, timesOfUnit, UNIT } from './times.ts'

/** More steps than any honest question takes, few enough for some milliseconds: 1,000 years of days. */
export const MAX_STEPS = 400_000

/** The Gregorian calendar repeats, weekdays included, after 400 years: who waited that long waits for ever. */
const CYCLE_DAYS = 146_097

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

/** A new walk that may find so many; it goes on with the steps of an earlier one when given. */
export function newWalk(room: number, steps = 0): Walk {
  return { found: [], room, steps, spent: false }
}

/** Prepares a rule that begins at the wall second `dtstart`. */
export function planOf(rule: Rule, dtstart: number): Plan {
  const startDay = Math.floor(dtstart / DAY_SECONDS)
  const days = completeDays(rule, startDay)
  const base = { rule, dtstart, days }
  switch (rule.freq) {
    case 'YEARLY':
      return inPeriods(base, {
        first: yearOf(days, startDay),
        indexOf: (day) => yearOf(days, day),
        startOf: (year) => yearStartOf(days, year),
        daysOf: (year, into) => daysOfYear(days, year, into),
        cycle: 400,
        cost: 366,
      })
    case 'MONTHLY':
      return inPeriods(base, {
        first: monthIndex(startDay),
        indexOf: monthIndex,
        startOf: (index) => dayNumber(Math.floor(index / 12), (index % 12) + 1, 1),
        daysOf: (index, into) => daysOfMonth(days, Math.floor(index / 12), (index % 12) + 1, into),
        cycle: 4800,
        cost: 31,
      })
    case 'WEEKLY':
      return inPeriods(base, {
        first: weekIndex(startDay, rule.wkst),
        indexOf: (day) => weekIndex(day, rule.wkst),
        startOf: (week) => weekStart(week, rule.wkst),
        daysOf: (week, into) => daysOfWeek(days, weekStart(week, rule.wkst), into),
        cycle: CYCLE_DAYS / 7,
        cost: 7,
      })
    case 'DAILY':
      return inDays(base)
    default:
      return inUnits(base, UNIT[rule.freq])
  }
}

type Base = Pick<Plan, 'rule' | 'dtstart' | 'days'>

interface Periods {
  /** DTSTART's period. Periods are numbered, in whatever way. */
  first: number
  indexOf: (day: number) => number
  startOf: (index: number) => number
  daysOf: (index: number, into: number[]) => void
  /** After so many empty periods in a row all are. */
  cycle: number
  /** Days looked at in one. */
  cost: number
}

/**
 * WEEKLY, MONTHLY, YEARLY: the set of a period is its days times its times, and BYSETPOS chooses from the whole of it.
 * "A set of recurrence instances starts at the beginning of the interval defined by the FREQ rule part": in the first,
 * partial period positions are counted from the period's start and not from DTSTART.
 */
function inPeriods(base: Base, periods: Periods): Plan {
  const { rule, dtstart } = base
  const times = timesOfDay(rule, dtstart)
  const perDay = times.length
  const step = rule.interval
  const walk = (walk: Walk, from: number, to: number) => {
    const low = Math.max(from, dtstart)
    const behind = periods.indexOf(Math.floor(low / DAY_SECONDS)) - periods.first
    const set: number[] = []
    for (
      let index = periods.first + Math.floor(behind / step) * step, empty = 0;
      empty <= periods.cycle;
      index += step
    ) {
      if (periods.startOf(index) * DAY_SECONDS >= to) return
      set.length = 0
      periods.daysOf(index, set)
      if (!may(walk, periods.cost)) return
      const size = set.length * perDay
      const chosen = rule.bySetPos.length > 0 ? positions(rule.bySetPos, size) : null
      empty = (chosen ? chosen.length : size) > 0 ? 0 : empty + 1
      if (!chosen) {
        if (!pushDays(walk, set, times, low, to)) return
      } else
        for (const position of chosen) {
          const wall = set[Math.floor(position / perDay)]! * DAY_SECONDS + times[position % perDay]!
          if (wall >= low && wall < to && !push(walk, wall)) return
        }
    }
  }
  const alike = rule.freq === 'WEEKLY' && rule.byMonth.length === 0
  const perWeek = Math.max(rule.byDay.length, 1) * perDay
  return {
    ...base,
    times,
    walk,
    steady: alike
      ? {
          from: periods.startOf(periods.first) * DAY_SECONDS,
          length: step * 7 * DAY_SECONDS,
          times: rule.bySetPos.length > 0 ? positions(rule.bySetPos, perWeek).length : perWeek,
        }
      : null,
  }
}

/** DAILY: the day parts limit, and BYSETPOS chooses among the times of one day. */
function inDays(base: Base): Plan {
  const { rule, dtstart, days } = base
  const times = choose(rule.bySetPos, timesOfDay(rule, dtstart))
  const first = Math.floor(dtstart / DAY_SECONDS)
  const step = rule.interval
  const one = [0]
  const walk = (walk: Walk, from: number, to: number) => {
    const low = Math.max(from, dtstart)
    let day = first + Math.ceil((Math.floor(low / DAY_SECONDS) - first) / step) * step
    for (let empty = 0; day * DAY_SECONDS < to && empty <= CYCLE_DAYS; day += step, empty++) {
      if (!may(walk, 1)) return
      if (days.restricts) {
        const allowed = nextAllowedMonth(days, day)
        if (allowed > day) {
          day += Math.ceil((allowed - day) / step - 1) * step
          continue
        }
        if (!isDay(days, day)) continue
      }
      empty = 0
      one[0] = day
      if (!pushDays(walk, one, times, low, to)) return
    }
  }
  return {
    ...base,
    times,
    walk,
    steady: days.restricts ? null : { from: first * DAY_SECONDS, length: step * DAY_SECONDS, times: times.length },
  }
}

/**
 * HOURLY, MINUTELY, SECONDLY, on the wall clock: BYMONTH, BYYEARDAY, BYMONTHDAY, BYDAY and BYHOUR (BYMINUTE, BYSECOND)
 * limit; the shorter ones expand. What is not allowed is jumped over, day by day, hour by hour.
 */
function inUnits(base: Base, unit: number): Plan {
  const { rule, dtstart, days } = base
  const times = timesOfUnit(rule, dtstart)
  const first = Math.floor(dtstart / unit) * unit
  const step = rule.interval * unit
  const hours = nextAllowed(rule.byHour, 24)
  const minutes = unit < 3600 ? nextAllowed(rule.byMinute, 60) : null
  const seconds =
    unit < 60
      ? nextAllowed(
          rule.bySecond.map((second) => Math.min(second, 59)),
          60,
        )
      : null

  /** The first time of day from `time` on that BYHOUR, BYMINUTE and BYSECOND allow, or later than any. */
  const allowedFrom = (time: number): number => {
    const hour = Math.floor(time / 3600)
    if (hours[hour] !== hour) return hours[hour]! * 3600
    if (!minutes) return time
    const minute = Math.floor(time / 60) % 60
    if (minutes[minute] !== minute) return hour * 3600 + minutes[minute]! * 60
    if (!seconds) return time
    const second = time % 60
    return time - second + seconds[second]!
  }
  const at = (from: number) => first + Math.max(0, Math.ceil((from - first) / step)) * step

  /** Whether any period ever stands at an allowed time of day; `INTERVAL=24` may pass by BYHOUR for ever. */
  const stride = greatestCommonDivisor(step % DAY_SECONDS, DAY_SECONDS)
  let everAllowed = false
  for (let time = first % stride < 0 ? (first % stride) + stride : first % stride; time < DAY_SECONDS;) {
    const next = allowedFrom(time)
    if (next === time) everAllowed = true
    if (everAllowed) break
    time += Math.ceil((next - time) / stride) * stride
  }

  const walk = (walk: Walk, from: number, to: number) => {
    if (!everAllowed || times.length === 0) return
    const low = Math.max(from, dtstart)
    let refused = 0
    let seen = Number.NaN
    for (let period = at(low - unit + 1); period < to;) {
      if (!may(walk, 1)) return
      const day = Math.floor(period / DAY_SECONDS)
      if (days.restricts && day !== seen) {
        const next = nextAllowedMonth(days, day)
        if (next > day || !isDay(days, day)) {
          if (++refused > CYCLE_DAYS) return
          period = at(Math.max(next, day + 1) * DAY_SECONDS)
          continue
        }
        refused = 0
        seen = day
      }
      const time = period - day * DAY_SECONDS
      const allowed = allowedFrom(time)
      if (allowed > time) {
        period = at(day * DAY_SECONDS + allowed)
        continue
      }
      for (const offset of times) {
        const wall = period + offset
        if (wall >= low && wall < to && !push(walk, wall)) return
      }
      period += step
    }
  }
  return {
    ...base,
    times,
    walk,
    steady: days.restricts || !everAllowed ? null : steadyUnits(walk, base, first, step, times),
  }
}

/** Rules of hours, minutes and seconds that make the same times every period, or every day. */
function steadyUnits(walk: Plan['walk'], { rule }: Base, first: number, step: number, times: number[]): Plan['steady'] {
  const limits =
    rule.byHour.length > 0 ||
    (rule.freq !== 'HOURLY' && rule.byMinute.length > 0) ||
    (rule.freq === 'SECONDLY' && rule.bySecond.length > 0)
  if (!limits) return { from: first, length: step, times: times.length }
  // Only COUNT asks for it, and only a large one is worth the walk through a day.
  if (DAY_SECONDS % step !== 0 || rule.count === null || rule.count < 1000) return null
  const from = first + DAY_SECONDS
  const day = newWalk(Number.POSITIVE_INFINITY)
  walk(day, from, from + DAY_SECONDS)
  return { from: first, length: DAY_SECONDS, times: day.found.length }
}

/** Appends each day at each time that lies in the window; false once the walk is over. */
function pushDays(walk: Walk, days: readonly number[], times: readonly number[], low: number, to: number): boolean {
  for (const day of days) {
    const midnight = day * DAY_SECONDS
    if (midnight + DAY_SECONDS <= low) continue
    for (const time of times) {
      const wall = midnight + time
      if (wall < low) continue
      if (wall >= to) return false
      if (!push(walk, wall)) return false
    }
  }
  return true
}

/** Appends one; false when there is no room for another. */
function push(walk: Walk, wall: number): boolean {
  walk.found.push(wall)
  return walk.found.length < walk.room && may(walk, 1)
}

/** Pays for a look; false when the steps are used up. */
function may(walk: Walk, cost: number): boolean {
  walk.steps += cost
  if (walk.steps > MAX_STEPS) walk.spent = true
  return !walk.spent
}

/** Weeks that begin on `wkst`, numbered; the epoch was a Thursday. */
function weekIndex(day: number, wkst: number): number {
  return Math.floor((day + 4 - wkst) / 7)
}

/** The first day of such a week. */
function weekStart(index: number, wkst: number): number {
  return index * 7 - 4 + wkst
}

function monthIndex(day: number): number {
  const { year, month } = dateOf(day)
  return year * 12 + month - 1
}

function greatestCommonDivisor(a: number, b: number): number {
  return a === 0 ? b : greatestCommonDivisor(b % a, a)
}

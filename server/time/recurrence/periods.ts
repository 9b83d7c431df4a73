/** The walks of FREQ=YEARLY, MONTHLY, WEEKLY (periods with a set of days) and DAILY. */

import { dateOf, dayNumber } from '../dates.ts'
import {
  daysOfMonth,
  daysOfWeek,
  daysOfYear,
  everHappens,
  isDay,
  nextAllowedMonth,
  yearOf,
  yearStartOf,
} from './days.ts'
import { DAY_SECONDS } from './text.ts'
import { choose, positions, timesOfDay } from './times.ts'
import { CYCLE_DAYS, may, PATIENCE, push } from './walk.ts'
import type { Base, Plan, Walk } from './walk.ts'

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

/** FREQ=YEARLY: years by their number; with BYWEEKNO those that ISO 8601 counts in weeks. */
export function inYears(base: Base): Plan {
  const { days } = base
  return inPeriods(base, {
    first: yearOf(days, dayOf(base)),
    indexOf: (day) => yearOf(days, day),
    startOf: (year) => yearStartOf(days, year),
    daysOf: (year, into) => daysOfYear(days, year, into),
    cycle: 400,
    cost: 366,
  })
}

/** FREQ=MONTHLY: months counted since year 0. */
export function inMonths(base: Base): Plan {
  const { days } = base
  return inPeriods(base, {
    first: monthIndex(dayOf(base)),
    indexOf: monthIndex,
    startOf: (index) => dayNumber(Math.floor(index / 12), (index % 12) + 1, 1),
    daysOf: (index, into) => daysOfMonth(days, Math.floor(index / 12), (index % 12) + 1, into),
    cycle: 4800,
    cost: 31,
  })
}

/** FREQ=WEEKLY: weeks that begin on WKST, which therefore decides which weeks INTERVAL leaves out. */
export function inWeeks(base: Base): Plan {
  const { days } = base
  const { wkst } = base.rule
  return inPeriods(base, {
    first: weekIndex(dayOf(base), wkst),
    indexOf: (day) => weekIndex(day, wkst),
    startOf: (week) => weekStart(week, wkst),
    daysOf: (week, into) => daysOfWeek(days, weekStart(week, wkst), into),
    cycle: CYCLE_DAYS / 7,
    cost: 7,
  })
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
  const walk = (into: Walk, from: number, to: number) => {
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
      if (!may(into, periods.cost)) return
      const size = set.length * perDay
      const chosen = rule.bySetPos.length > 0 ? positions(rule.bySetPos, size) : null
      empty = (chosen ? chosen.length : size) > 0 ? 0 : empty + 1
      if (empty === PATIENCE && !everHappens(base.days)) return
      if (!chosen) {
        if (!pushDays(into, set, times, low, to)) return
      } else
        for (const position of chosen) {
          const wall = set[Math.floor(position / perDay)]! * DAY_SECONDS + times[position % perDay]!
          if (wall >= low && wall < to && !push(into, wall)) return
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
export function inDays(base: Base): Plan {
  const { rule, dtstart, days } = base
  const times = choose(rule.bySetPos, timesOfDay(rule, dtstart))
  const first = Math.floor(dtstart / DAY_SECONDS)
  const step = rule.interval
  const one = [0]
  const walk = (into: Walk, from: number, to: number) => {
    if (times.length === 0) return
    const low = Math.max(from, dtstart)
    let day = first + Math.ceil((Math.floor(low / DAY_SECONDS) - first) / step) * step
    for (let empty = 0; day * DAY_SECONDS < to && empty <= CYCLE_DAYS; day += step, empty++) {
      if (!may(into, 1) || (empty === PATIENCE && !everHappens(days))) return
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
      if (!pushDays(into, one, times, low, to)) return
    }
  }
  return {
    ...base,
    times,
    walk,
    steady: days.restricts ? null : { from: first * DAY_SECONDS, length: step * DAY_SECONDS, times: times.length },
  }
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

function dayOf({ dtstart }: Base): number {
  return Math.floor(dtstart / DAY_SECONDS)
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

/** The walk of FREQ=HOURLY, MINUTELY and SECONDLY. */

import { everHappens, isDay, nextAllowedMonth } from './days.ts'
import { DAY_SECONDS } from './text.ts'
import { nextAllowed, timesOfUnit } from './times.ts'
import { CYCLE_DAYS, may, newWalk, PATIENCE, push } from './walk.ts'
import type { Base, Plan, Walk } from './walk.ts'

/**
 * HOURLY, MINUTELY, SECONDLY, on the wall clock: BYMONTH, BYYEARDAY, BYMONTHDAY, BYDAY and BYHOUR (BYMINUTE, BYSECOND)
 * limit; the shorter ones expand. What is not allowed is jumped over, day by day, hour by hour.
 */
export function inUnits(base: Base, unit: number): Plan {
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

  const walk = (into: Walk, from: number, to: number) => {
    if (!everAllowed || times.length === 0) return
    const low = Math.max(from, dtstart)
    let refused = 0
    let seen = Number.NaN
    for (let period = at(low - unit + 1); period < to;) {
      if (!may(into, 1)) return
      const day = Math.floor(period / DAY_SECONDS)
      if (days.restricts && day !== seen) {
        const next = nextAllowedMonth(days, day)
        if (next > day || !isDay(days, day)) {
          if (++refused > CYCLE_DAYS || (refused === PATIENCE && !everHappens(days))) return
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
        if (wall >= low && wall < to && !push(into, wall)) return
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

function greatestCommonDivisor(a: number, b: number): number {
  return a === 0 ? b : greatestCommonDivisor(b % a, a)
}

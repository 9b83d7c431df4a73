/** Which times of a day a rule means: BYHOUR, BYMINUTE, BYSECOND, and BYSETPOS where the set is of times only. */

import type { Rule } from './rule.ts'
import { DAY_SECONDS } from './text.ts'

/** The seconds of a period of FREQ=HOURLY, MINUTELY, SECONDLY. */
export const UNIT = { HOURLY: 3600, MINUTELY: 60, SECONDLY: 1 } as const

/** Second 60 exists only where leap seconds do; elsewhere it "SHOULD be interpreted as 59" (RFC 5545 3.3.12). */
function secondsOf(rule: Rule, second: number): number[] {
  if (rule.bySecond.length === 0) return [second]
  return [...new Set(rule.bySecond.map((s) => Math.min(s, 59)))]
}

/** The seconds of the day at which a rule of whole days repeats, ascending; parts left out are those of DTSTART. */
export function timesOfDay(rule: Rule, dtstart: number): number[] {
  const time = dtstart - Math.floor(dtstart / DAY_SECONDS) * DAY_SECONDS
  const hours = rule.byHour.length > 0 ? rule.byHour : [Math.floor(time / 3600)]
  const minutes = rule.byMinute.length > 0 ? rule.byMinute : [Math.floor(time / 60) % 60]
  const seconds = secondsOf(rule, time % 60)
  const times: number[] = []
  for (const hour of hours)
    for (const minute of minutes) for (const s of seconds) times.push(hour * 3600 + minute * 60 + s)
  return times
}

/** The seconds after the start of an hour (minute, second) at which a rule of such periods repeats, after BYSETPOS. */
export function timesOfUnit(rule: Rule, dtstart: number): number[] {
  if (rule.freq === 'SECONDLY') return choose(rule.bySetPos, [0])
  const time = dtstart - Math.floor(dtstart / 3600) * 3600
  const seconds = secondsOf(rule, time % 60)
  if (rule.freq === 'MINUTELY') return choose(rule.bySetPos, seconds)
  const minutes = rule.byMinute.length > 0 ? rule.byMinute : [Math.floor(time / 60)]
  return choose(
    rule.bySetPos,
    minutes.flatMap((minute) => seconds.map((second) => minute * 60 + second)),
  )
}

/** BYSETPOS: the positions of a set of `size` that it chooses, from 0, ascending. */
export function positions(bySetPos: readonly number[], size: number): number[] {
  const found = new Set<number>()
  for (const position of bySetPos) {
    const index = position > 0 ? position - 1 : size + position
    if (index >= 0 && index < size) found.add(index)
  }
  return [...found].toSorted((a, b) => a - b)
}

/** The members of a set that BYSETPOS chooses; all when it is absent. */
export function choose(bySetPos: readonly number[], set: number[]): number[] {
  return bySetPos.length === 0 ? set : positions(bySetPos, set.length).map((index) => set[index]!)
}

/** For each value below `size`, the next allowed one from it on, or `size` when none is left. */
export function nextAllowed(allowed: readonly number[], size: number): number[] {
  const next: number[] = []
  for (let value = size - 1, found = size; value >= 0; value--) {
    if (allowed.length === 0 || allowed.includes(value)) found = value
    next[value] = found
  }
  return next
}

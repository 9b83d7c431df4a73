/** Rules made by chance, the same on every run: valid, and rarely empty. */

import { WEEKDAY_CODES } from '../rule.ts'
import type { Frequency } from '../rule.ts'

export type Random = () => number

/** A seeded generator (mulberry32) of numbers in `[0, 1)`. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A whole number from `low` to `high`, both included. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1))
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!
}

/** The text of a rule of this frequency, without COUNT and UNTIL. `hours`: the hours that BYHOUR draws from. */
export function randomRule(random: Random, freq: Frequency, hours: readonly number[] = [0, 1, 2, 3, 9, 23]): string {
  const parts = [`FREQ=${freq}`]
  const maybe = (chance: number) => random() < chance
  const signed = (high: number) => () => between(random, 1, high) * (maybe(0.3) ? -1 : 1)
  const isPeriod = freq === 'YEARLY' || freq === 'MONTHLY' || freq === 'WEEKLY'
  if (maybe(0.4)) parts.push(`INTERVAL=${between(random, 2, freq === 'YEARLY' ? 3 : isPeriod ? 5 : 29)}`)
  let others = 0
  const add = (chance: number, text: () => string) => {
    if (!maybe(chance)) return
    parts.push(text())
    others++
  }
  const byWeekNo = freq === 'YEARLY' && maybe(0.2)
  if (byWeekNo) add(1, () => `BYWEEKNO=${some(between(random, 1, 3), signed(53))}`)
  add(0.25, () => `BYMONTH=${some(between(random, 1, 6), () => between(random, 1, 12))}`)
  if (freq !== 'WEEKLY' && !byWeekNo) add(0.2, () => `BYMONTHDAY=${some(between(random, 1, 6), signed(31))}`)
  if (freq === 'YEARLY' && !byWeekNo) add(0.15, () => `BYYEARDAY=${some(between(random, 3, 30), signed(366))}`)
  add(0.4, () => {
    const ordinals = (freq === 'MONTHLY' || freq === 'YEARLY') && !byWeekNo && maybe(0.5)
    const top = freq === 'MONTHLY' ? 5 : 20
    return `BYDAY=${some(between(random, 1, 5), () => {
      const code = WEEKDAY_CODES[between(random, 1, 7)]!
      return ordinals ? `${signed(top)()}${code}` : code
    })}`
  })
  add(freq === 'HOURLY' ? 0.3 : 0.35, () => `BYHOUR=${some(between(random, 1, 4), () => pick(random, hours))}`)
  add(0.25, () => `BYMINUTE=${some(between(random, 1, 3), () => pick(random, [0, 15, 30, 45, 59]))}`)
  if (freq === 'MINUTELY' || maybe(0.05)) add(0.2, () => `BYSECOND=${some(2, () => pick(random, [0, 1, 30, 60]))}`)
  if (others > 0 && maybe(0.2)) parts.push(`BYSETPOS=${some(between(random, 1, 3), signed(4))}`)
  if (maybe(0.2)) parts.push(`WKST=${WEEKDAY_CODES[between(random, 1, 7)]}`)
  return parts.join(';')
}

function some(count: number, make: () => number | string): string {
  return [...new Set(Array.from({ length: count }, make))].join(',')
}

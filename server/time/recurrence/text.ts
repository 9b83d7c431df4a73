/** Dates and times as text and as seconds, strictly: a date that does not exist is refused, not rolled over. */

import { dateOf, dayNumber } from '../dates.ts'

export const DAY_SECONDS = 86_400

/** The first second that series do not reach: the end of the year 9999, the last that RFC 5545 can write. */
export const HORIZON = dayNumber(10_000, 1, 1) * DAY_SECONDS

const BASIC = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/
const EXTENDED = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.0+)?)?(Z?))?$/

/** What a text says: the seconds it reads since 1970-01-01T00:00, and whether it is a date, local or UTC. */
export interface Moment {
  form: 'date' | 'local' | 'utc'
  seconds: number
}

/**
 * Reads `20260131`, `20260131T093000` or `20260131T093000Z`, or the same with hyphens and colons.
 * Null for anything else, for dates that no calendar has, and for years before 1.
 * A leap second reads as the second before it (RFC 5545 3.3.12).
 */
export function readMoment(text: string): Moment | null {
  const found = BASIC.exec(text) ?? EXTENDED.exec(text)
  if (!found) return null
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0))
  const date = dayNumber(year!, month!, day!)
  const real = dateOf(date)
  if (year! < 1 || real.month !== month || real.day !== day) return null
  if (hour! > 23 || minute! > 59 || second! > 60) return null
  const seconds = date * DAY_SECONDS + hour! * 3600 + minute! * 60 + Math.min(second!, 59)
  if (found[4] === undefined) return { form: 'date', seconds }
  return { form: found[7] === 'Z' ? 'utc' : 'local', seconds }
}

/** `YYYY-MM-DDTHH:MM:SS` of seconds since 1970-01-01T00:00. */
export function writeWall(seconds: number): string {
  const day = Math.floor(seconds / DAY_SECONDS)
  const rest = seconds - day * DAY_SECONDS
  return `${writeDate(day)}T${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`
}

/** `YYYY-MM-DD` of a day number. */
export function writeDate(dayOfEpoch: number): string {
  const { year, month, day } = dateOf(dayOfEpoch)
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

/**
 * Which days a rule means: BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY of RFC 5545 3.3.10.
 *
 * The RFC's table of parts that "expand" and parts that "limit" comes to one sentence once the parts that a rule leaves
 * out are taken from DTSTART (`completeDays`): the days of a period are those that satisfy every part.
 */

import { dateOf, dayNumber, isoWeekday } from '../dates.ts'
import type { Rule } from './rule.ts'

const EVERY_DAY = monthMasks(Array.from({ length: 31 }, (_, i) => i + 1))
const ALL_MONTHS = 0b1_1111_1111_1110

/** The parts that concern days, as bit masks and tables. */
export interface DayParts {
  /** Whether any day is refused at all. */
  restricts: boolean
  /** BYMONTH: bit m is month m; all months when absent. */
  months: number
  /** BYMONTHDAY, by the length of the month: bit d is day d; all days when absent. */
  monthDays: number[]
  restrictsMonthDay: boolean
  /** BYYEARDAY: a table of days from the year's start, and one from its end; null when absent. */
  yearDays: { fromStart: Uint8Array; fromEnd: Uint8Array } | null
  /** BYDAY without a number: bit w is ISO weekday w. With one: the list. Null when absent. */
  weekdays: { every: number; ordinals: { ordinal: number; weekday: number }[] } | null
  /** BYDAY's numbers count within the month if there is BYMONTH or FREQ=MONTHLY, within the year otherwise. */
  ordinalsInMonth: boolean
  /** Whether any part looks at a day's place in its year. */
  concernsYear: boolean
  weekNumbers: number[]
  wkst: number
}

/**
 * "Information, not contained in the rule, necessary to determine the various recurrence instance start time and dates
 * are derived from the Start Time (DTSTART)": the day parts of a rule that begins on `day`, with what it left out.
 *
 * Where implementations differ, this is the letter:
 * - YEARLY;BYMONTHDAY without BYMONTH: BYMONTHDAY expands, so it is those days of *every* month, not of DTSTART's.
 * - BYWEEKNO without BYDAY: the weekday is DTSTART's, as the day is for YEARLY;BYMONTH; not all seven days.
 */
export function completeDays(rule: Rule, day: number): DayParts {
  const start = dateOf(day)
  let { byMonth, byMonthDay, byDay } = rule
  const saysDay = byMonthDay.length > 0 || byDay.length > 0 || rule.byYearDay.length > 0
  if (rule.freq === 'WEEKLY' && byDay.length === 0) byDay = [{ ordinal: 0, weekday: isoWeekday(day) }]
  if (rule.freq === 'MONTHLY' && !saysDay) byMonthDay = [start.day]
  if (rule.freq === 'YEARLY' && !saysDay) {
    if (rule.byWeekNo.length > 0) byDay = [{ ordinal: 0, weekday: isoWeekday(day) }]
    else {
      byMonthDay = [start.day]
      if (byMonth.length === 0) byMonth = [start.month]
    }
  }
  return {
    restricts: byMonth.length + byMonthDay.length + byDay.length + rule.byYearDay.length > 0,
    months: byMonth.length > 0 ? bits(byMonth) : ALL_MONTHS,
    monthDays: byMonthDay.length > 0 ? monthMasks(byMonthDay) : EVERY_DAY,
    restrictsMonthDay: byMonthDay.length > 0,
    yearDays:
      rule.byYearDay.length > 0
        ? { fromStart: table(rule.byYearDay), fromEnd: table(rule.byYearDay.map((d) => -d)) }
        : null,
    weekdays:
      byDay.length > 0
        ? {
            every: bits(byDay.filter(({ ordinal }) => ordinal === 0).map(({ weekday }) => weekday)),
            ordinals: byDay.filter(({ ordinal }) => ordinal !== 0),
          }
        : null,
    ordinalsInMonth: rule.freq === 'MONTHLY' || rule.byMonth.length > 0,
    concernsYear:
      rule.byYearDay.length > 0 || (byDay.length > 0 && rule.freq === 'YEARLY' && rule.byMonth.length === 0),
    weekNumbers: rule.byWeekNo,
    wkst: rule.wkst,
  }
}

/** The days of a month that satisfy every part, ascending, appended. */
export function daysOfMonth(parts: DayParts, year: number, month: number, into: number[]): void {
  if (!(parts.months & (1 << month))) return
  const first = dayNumber(year, month, 1)
  const length = monthLength(year, month)
  const yearStart = parts.concernsYear ? dayNumber(year, 1, 1) : 0
  const spanStart = parts.ordinalsInMonth ? first : yearStart
  const spanEnd = parts.ordinalsInMonth ? first + length : yearStart + yearLength(year)
  for (let left = parts.monthDays[length]!; left !== 0; left &= left - 1) {
    const day = first + 30 - Math.clz32(left & -left)
    if (isWeekday(parts, day, spanStart, spanEnd) && isYearDay(parts, day - yearStart + 1, year)) into.push(day)
  }
}

/** The days of a year; with BYWEEKNO, of the year that ISO 8601 counts in weeks. */
export function daysOfYear(parts: DayParts, year: number, into: number[]): void {
  if (parts.weekNumbers.length === 0) {
    for (let month = 1; month <= 12; month++) daysOfMonth(parts, year, month, into)
    return
  }
  const start = firstWeekOf(year, parts.wkst)
  const weeks = (firstWeekOf(year + 1, parts.wkst) - start) / 7
  for (let week = 1; week <= weeks; week++)
    if (parts.weekNumbers.includes(week) || parts.weekNumbers.includes(week - weeks - 1))
      daysOfWeek(parts, start + (week - 1) * 7, into)
}

/** The days of the week that begins on `start`. */
export function daysOfWeek(parts: DayParts, start: number, into: number[]): void {
  for (let day = start; day < start + 7; day++) if (isDay(parts, day)) into.push(day)
}

/** Whether one day satisfies every part; for the frequencies where BYDAY has no numbers. */
export function isDay(parts: DayParts, day: number): boolean {
  if (!isWeekday(parts, day, 0, 0)) return false
  if (parts.months === ALL_MONTHS && !parts.restrictsMonthDay && !parts.yearDays) return true
  const date = dateOf(day)
  return (
    (parts.months & (1 << date.month)) !== 0 &&
    ((parts.monthDays[monthLength(date.year, date.month)]! >>> date.day) & 1) === 1 &&
    isYearDay(parts, parts.yearDays ? day - dayNumber(date.year, 1, 1) + 1 : 0, date.year)
  )
}

/** The first day of the next month that BYMONTH allows, from a day in a month that it does not; `day` if it does. */
export function nextAllowedMonth(parts: DayParts, day: number): number {
  if (parts.months === ALL_MONTHS) return day
  let { year, month } = dateOf(day)
  if (parts.months & (1 << month)) return day
  do {
    if (month === 12) year++
    month = (month % 12) + 1
  } while (!(parts.months & (1 << month)))
  return dayNumber(year, month, 1)
}

/** The day on which the week of `day` began, with weeks that begin on `wkst`. */
export function weekStartOf(day: number, wkst: number): number {
  return day - ((isoWeekday(day) - wkst + 7) % 7)
}

/** Week 1 "is the first week that contains at least four (4) days in that calendar year": the week of 4 January. */
function firstWeekOf(year: number, wkst: number): number {
  return weekStartOf(dayNumber(year, 1, 4), wkst)
}

/**
 * The year of which a rule's period holds a day. BYWEEKNO counts the weeks of a year, so that its years begin with
 * week 1, be it in December, and INTERVAL counts such years: the letter, where others count calendar years.
 */
export function yearOf(parts: DayParts, day: number): number {
  return dateOf(parts.weekNumbers.length > 0 ? weekStartOf(day, parts.wkst) + 3 : day).year
}

/** The first day of such a year. */
export function yearStartOf(parts: DayParts, year: number): number {
  return parts.weekNumbers.length > 0 ? firstWeekOf(year, parts.wkst) : dayNumber(year, 1, 1)
}

/**
 * Whether any day of any year satisfies every part: 30 February and the sixth Monday of a month never do.
 * There are fourteen kinds of years, and 28 years in a row without an omitted leap day show them all.
 */
export function everHappens(parts: DayParts): boolean {
  if (parts.weekNumbers.length > 0) return true
  const found: number[] = []
  for (let year = 2000; year < 2028 && found.length === 0; year++) daysOfYear(parts, year, found)
  return found.length > 0
}

/** For months of 28 to 31 days, the days that BYMONTHDAY means, as bits. */
function monthMasks(byMonthDay: number[]): number[] {
  const masks: number[] = []
  for (let length = 28; length <= 31; length++) {
    const days = byMonthDay.map((day) => (day > 0 ? day : length + 1 + day)).filter((day) => day <= length)
    masks[length] = bits(days)
  }
  return masks
}

function isYearDay({ yearDays }: DayParts, dayOfYear: number, year: number): boolean {
  if (!yearDays) return true
  return yearDays.fromStart[dayOfYear] === 1 || yearDays.fromEnd[yearLength(year) - dayOfYear + 1] === 1
}

function isWeekday({ weekdays }: DayParts, day: number, spanStart: number, spanEnd: number): boolean {
  if (!weekdays) return true
  const weekday = isoWeekday(day)
  if ((weekdays.every >>> weekday) & 1) return true
  for (const item of weekdays.ordinals) {
    if (item.weekday !== weekday) continue
    const nth = item.ordinal > 0 ? Math.floor((day - spanStart) / 7) + 1 : -Math.floor((spanEnd - 1 - day) / 7) - 1
    if (nth === item.ordinal) return true
  }
  return false
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function yearLength(year: number): number {
  return isLeap(year) ? 366 : 365
}

function monthLength(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** A bit for each positive value. */
function bits(values: number[]): number {
  let mask = 0
  for (const value of values) if (value > 0) mask |= 1 << value
  return mask
}

function table(values: number[]): Uint8Array {
  const found = new Uint8Array(368)
  for (const value of values) if (value > 0) found[value] = 1
  return found
}

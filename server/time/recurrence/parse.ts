/** Reading an RRULE (RFC 5545 3.3.10), with a sentence for everything that is wrong with it. */

import { FREQUENCIES, isSubDaily, RuleError, WEEKDAY_CODES } from './rule.ts'
import type { Frequency, Kind, Rule, Until, WeekdayOrdinal } from './rule.ts'
import { readMoment } from './text.ts'

/** Longer than any rule that says something: every value of every list once is about 6,000 characters. */
const LONGEST_RULE = 8_192
const PARTS = new Set(
  'FREQ UNTIL COUNT INTERVAL BYSECOND BYMINUTE BYHOUR BYDAY BYMONTHDAY BYYEARDAY BYWEEKNO BYMONTH BYSETPOS WKST'.split(
    ' ',
  ),
)
/** Larger intervals would leave the exact integers; the longest that means anything is 9,998 years in seconds. */
const LARGEST_INTERVAL = 999_999_999_999
const FORM_OF_KIND = { zoned: 'utc', utc: 'utc', floating: 'local', date: 'date' } as const
const MUST_BE = {
  utc: 'UNTIL={value} must be in UTC (20261231T235959Z), since the series has a time zone or is in UTC',
  local: 'UNTIL={value} must be a local time (20261231T235959), since the series has floating times',
  date: 'UNTIL={value} must be a date (20261231), since the series is of whole days',
}

/**
 * The rule of a text such as `FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10`, in any case, with or without `RRULE:`.
 * With `kind`, UNTIL must have the form that such a series demands: UTC for zoned and UTC series, local for floating
 * ones, a date for all-day ones. Throws RuleError.
 */
export function parseRule(text: string, kind?: Kind): Rule {
  if (text.length > LONGEST_RULE)
    throw new RuleError('RRULE', 'The rule is longer than {most} characters', { most: LONGEST_RULE })
  const parts = split(text)
  const list = (part: string, low: number, high: number, signed = false) => numbers(parts, part, low, high, signed)
  const freq = parts.get('FREQ')
  if (freq === undefined) throw new RuleError('FREQ', 'The rule says no FREQ; it must, as in FREQ=WEEKLY')
  if (!isFrequency(freq))
    throw new RuleError('FREQ', 'FREQ={value} is not a frequency; one of {frequencies} is', {
      value: excerpt(freq),
      frequencies: FREQUENCIES.join(', '),
    })
  const rule: Rule = {
    freq,
    interval: whole(parts, 'INTERVAL', LARGEST_INTERVAL) ?? 1,
    count: whole(parts, 'COUNT', Number.MAX_SAFE_INTEGER) ?? null,
    until: until(parts, kind),
    bySecond: list('BYSECOND', 0, 60),
    byMinute: list('BYMINUTE', 0, 59),
    byHour: list('BYHOUR', 0, 23),
    byDay: weekdays(parts),
    byMonthDay: list('BYMONTHDAY', 1, 31, true),
    byYearDay: list('BYYEARDAY', 1, 366, true),
    byWeekNo: list('BYWEEKNO', 1, 53, true),
    byMonth: list('BYMONTH', 1, 12),
    bySetPos: list('BYSETPOS', 1, 366, true),
    wkst: weekStart(parts),
  }
  refuseContradictions(rule, kind)
  return rule
}

/** What RFC 5545 3.3.10 says that parts MUST NOT do together. */
function refuseContradictions(rule: Rule, kind: Kind | undefined): void {
  const { freq } = rule
  const hasOrdinal = rule.byDay.some(({ ordinal }) => ordinal !== 0)
  refuse(rule.count !== null && rule.until !== null, 'COUNT', 'COUNT and UNTIL must not both be in one rule')
  refuse(
    rule.byWeekNo.length > 0 && freq !== 'YEARLY',
    'BYWEEKNO',
    'BYWEEKNO goes with FREQ=YEARLY only, not with {freq}',
    { freq },
  )
  refuse(
    rule.byYearDay.length > 0 && (freq === 'DAILY' || freq === 'WEEKLY' || freq === 'MONTHLY'),
    'BYYEARDAY',
    '{part} must not be used with FREQ={freq}',
    { freq },
  )
  refuse(rule.byMonthDay.length > 0 && freq === 'WEEKLY', 'BYMONTHDAY', '{part} must not be used with FREQ={freq}', {
    freq,
  })
  refuse(
    hasOrdinal && freq !== 'MONTHLY' && freq !== 'YEARLY',
    'BYDAY',
    'BYDAY with a number, such as 2MO, goes with FREQ=MONTHLY or YEARLY only, not with {freq}',
    { freq },
  )
  refuse(
    hasOrdinal && rule.byWeekNo.length > 0,
    'BYDAY',
    'BYDAY with a number, such as 2MO, must not be used together with BYWEEKNO',
  )
  const others = [rule.bySecond, rule.byMinute, rule.byHour, rule.byDay, rule.byMonthDay]
  refuse(
    rule.bySetPos.length > 0 && ![...others, rule.byYearDay, rule.byWeekNo, rule.byMonth].some((by) => by.length > 0),
    'BYSETPOS',
    'BYSETPOS needs another BY part to choose from',
  )
  refuse(kind === 'date' && isSubDaily(freq), 'FREQ', 'FREQ={freq} makes no sense for a series of whole days', { freq })
}

function refuse(wrong: boolean, part: string, sentence: string, params: Record<string, string> = {}): void {
  if (wrong) throw new RuleError(part, sentence, params)
}

function split(text: string): Map<string, string> {
  const parts = new Map<string, string>()
  const body = text
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, '')
    .replace(/;$/, '')
  if (body === '') throw new RuleError('RRULE', 'The rule is empty')
  for (const part of body.split(';')) {
    const equals = part.indexOf('=')
    if (equals < 1)
      throw new RuleError('RRULE', '"{value}" is not a part of a rule; NAME=value is', { value: excerpt(part) })
    const name = part.slice(0, equals)
    const value = part.slice(equals + 1)
    if (!PARTS.has(name))
      throw new RuleError(excerpt(name), '{part} is not a part of a recurrence rule (RFC 5545, 3.3.10)')
    if (parts.has(name)) throw new RuleError(name, '{part} is said twice; once is allowed')
    if (value === '') throw new RuleError(name, '{part} has no value')
    parts.set(name, value)
  }
  return parts
}

function whole(parts: Map<string, string>, part: string, largest: number): number | undefined {
  const text = parts.get(part)
  if (text === undefined) return undefined
  const value = /^\d{1,16}$/.test(text) ? Number(text) : 0
  if (value < 1 || value > largest)
    throw new RuleError(part, '{part}={value} is not a whole number from 1 to {largest}', {
      value: excerpt(text),
      largest,
    })
  return value
}

function numbers(parts: Map<string, string>, part: string, low: number, high: number, signed: boolean): number[] {
  const text = parts.get(part)
  if (text === undefined) return []
  const found = new Set<number>()
  for (const item of text.split(',')) {
    const value = (signed ? /^[+-]?\d{1,3}$/ : /^\d{1,3}$/).test(item) ? Number(item) : Number.NaN
    const size = Math.abs(value)
    if (!(size >= low && size <= high))
      throw new RuleError(
        part,
        signed
          ? '{part}={value} is outside {low} to {high} and -{high} to -{low}'
          : '{part}={value} is outside {low} to {high}',
        { value: excerpt(item), low, high },
      )
    found.add(value)
  }
  return [...found].toSorted((a, b) => a - b)
}

function weekdays(parts: Map<string, string>): WeekdayOrdinal[] {
  const text = parts.get('BYDAY')
  if (text === undefined) return []
  const found = new Map<string, WeekdayOrdinal>()
  for (const item of text.split(',')) {
    const [, number, code] = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/.exec(item) ?? []
    if (code === undefined)
      throw new RuleError('BYDAY', 'BYDAY={value} is not a weekday such as MO, 2MO or -1SU', { value: excerpt(item) })
    const ordinal = Number(number ?? 0)
    if (number !== undefined && (ordinal === 0 || Math.abs(ordinal) > 53))
      throw new RuleError('BYDAY', 'The number in BYDAY={value} is outside 1 to 53 and -53 to -1', { value: item })
    const weekday = weekdayOf(code)
    found.set(`${ordinal} ${weekday}`, { ordinal, weekday })
  }
  return [...found.values()].toSorted((a, b) => a.ordinal - b.ordinal || a.weekday - b.weekday)
}

function weekStart(parts: Map<string, string>): number {
  const text = parts.get('WKST') ?? 'MO'
  const weekday = weekdayOf(text)
  if (weekday < 1)
    throw new RuleError('WKST', 'WKST={value} is not a weekday such as MO or SU', { value: excerpt(text) })
  return weekday
}

function until(parts: Map<string, string>, kind: Kind | undefined): Until | null {
  const text = parts.get('UNTIL')
  if (text === undefined) return null
  const moment = readMoment(text)
  if (!moment || text.includes('-'))
    throw new RuleError('UNTIL', 'UNTIL={value} is not a date or time that exists, such as 20261231T235959Z', {
      value: excerpt(text),
    })
  if (kind && moment.form !== FORM_OF_KIND[kind])
    throw new RuleError('UNTIL', MUST_BE[FORM_OF_KIND[kind]], { value: text })
  return moment
}

function weekdayOf(code: string): number {
  return (WEEKDAY_CODES as readonly string[]).indexOf(code)
}

function isFrequency(text: string): text is Frequency {
  return (FREQUENCIES as readonly string[]).includes(text)
}

/** Strangers' text goes into messages shortened. */
function excerpt(text: string): string {
  return text.length > 24 ? `${text.slice(0, 24)}…` : text
}

/**
 * The recurrence rule of RFC 5545 (3.3.10, 3.8.5.3) as a plain value: each part under the RFC's own name.
 * Reading one from text is parse.ts; what its parts do to dates is days.ts, to times of day times.ts.
 */

/** FREQ, from the shortest period to the longest. */
export const FREQUENCIES = ['SECONDLY', 'MINUTELY', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const
export type Frequency = (typeof FREQUENCIES)[number]

/** What a series' times are: with a TZID, in UTC, floating (read in the viewer's zone), or dates of all-day events. */
export type Kind = 'zoned' | 'utc' | 'floating' | 'date'

/** One BYDAY value: `MO` is ordinal 0, `-1SU` is ordinal -1. Weekdays are ISO: 1 = Monday … 7 = Sunday. */
export interface WeekdayOrdinal {
  ordinal: number
  weekday: number
}

/** UNTIL: its form, and the seconds since 1970-01-01T00:00 that it reads (a date: its midnight). */
export interface Until {
  form: 'date' | 'local' | 'utc'
  seconds: number
}

/** A rule. An absent part is an empty list or null; lists are ascending and without repetitions. */
export interface Rule {
  freq: Frequency
  interval: number
  count: number | null
  until: Until | null
  bySecond: number[]
  byMinute: number[]
  byHour: number[]
  byDay: WeekdayOrdinal[]
  byMonthDay: number[]
  byYearDay: number[]
  byWeekNo: number[]
  byMonth: number[]
  bySetPos: number[]
  /** The day on which weeks start, ISO. */
  wkst: number
}

/**
 * Says in a sentence what is wrong with a rule or a series, and which part of it (`COUNT`, `DTSTART`, …). The sentence is kept as it was written, so that it can be
 * told in other languages, with what stands in for its `{names}`; `message` is it in English.
 */
export class RuleError extends Error {
  readonly part: string
  readonly sentence: string
  readonly params: Record<string, string | number>

  constructor(part: string, sentence: string, params: Record<string, string | number> = {}) {
    const values: Record<string, string | number> = { part, ...params }
    super(sentence.replace(/\{(\w+)\}/g, (name, key: string) => String(values[key] ?? name)))
    this.name = 'RuleError'
    this.part = part
    this.sentence = sentence
    this.params = values
  }
}

/** The two letters of an ISO weekday: 1 is MO. */
export const WEEKDAY_CODES = ['', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const

/** Whether a rule's period is shorter than a day. */
export function isSubDaily(freq: Frequency): boolean {
  return freq === 'SECONDLY' || freq === 'MINUTELY' || freq === 'HOURLY'
}

/** A rule as RFC 5545 writes it, without `RRULE:`, parts in the order of the RFC; `parseRule` reads it back unchanged. */
export function formatRule(rule: Rule): string {
  const parts = [`FREQ=${rule.freq}`]
  if (rule.until) parts.push(`UNTIL=${formatUntil(rule.until)}`)
  if (rule.count !== null) parts.push(`COUNT=${rule.count}`)
  if (rule.interval !== 1) parts.push(`INTERVAL=${rule.interval}`)
  const list = (name: string, values: readonly (number | string)[]) => {
    if (values.length > 0) parts.push(`${name}=${values.join(',')}`)
  }
  list('BYSECOND', rule.bySecond)
  list('BYMINUTE', rule.byMinute)
  list('BYHOUR', rule.byHour)
  list(
    'BYDAY',
    rule.byDay.map(({ ordinal, weekday }) => `${ordinal === 0 ? '' : ordinal}${WEEKDAY_CODES[weekday]}`),
  )
  list('BYMONTHDAY', rule.byMonthDay)
  list('BYYEARDAY', rule.byYearDay)
  list('BYWEEKNO', rule.byWeekNo)
  list('BYMONTH', rule.byMonth)
  list('BYSETPOS', rule.bySetPos)
  if (rule.wkst !== 1) parts.push(`WKST=${WEEKDAY_CODES[rule.wkst]}`)
  return parts.join(';')
}

function formatUntil({ form, seconds }: Until): string {
  const iso = new Temporal.Instant(BigInt(seconds) * 1_000_000_000n).toString().replaceAll(/[-:]/g, '')
  if (form === 'date') return iso.slice(0, 8)
  return form === 'utc' ? iso : iso.slice(0, -1)
}

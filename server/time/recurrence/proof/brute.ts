/**
 * The recurrence set the slow way: every second, minute, hour or date from DTSTART on is asked whether it satisfies the
 * rule, by Temporal alone. It shares nothing with the expander but the rule's parser, and the tests compare the two.
 */

import type { Rule } from '../rule.ts'

const WHOLE_PERIOD = {
  YEARLY: { months: 13 },
  MONTHLY: { months: 1 },
  WEEKLY: { days: 7 },
  DAILY: { days: 1 },
} as const
const UNITS = { HOURLY: 'hours', MINUTELY: 'minutes', SECONDLY: 'seconds' } as const

/** A rule and its beginning; the zone is null for floating times. */
export interface Case {
  rule: Rule
  dtstart: Temporal.PlainDateTime
  zone: string | null
}

/** The starts until `end` (wall clock), as `toString` of instants, or of wall-clock times without a zone. Ascending. */
export function bruteStarts({ rule, dtstart, zone }: Case, end: Temporal.PlainDateTime): string[] {
  const found = new Map<string, bigint>()
  const add = (wall: Temporal.PlainDateTime): boolean => {
    const at = wall.toZonedDateTime(zone ?? 'UTC', { disambiguation: 'compatible' }).toInstant()
    const seconds = BigInt(at.epochMilliseconds / 1000)
    if (rule.until && seconds > BigInt(rule.until.seconds)) return true
    found.set(zone ? at.toString() : wall.toString({ smallestUnit: 'second' }), seconds)
    return rule.count === null || found.size < rule.count
  }
  let more = add(dtstart)
  for (const wall of bruteWalls(rule, dtstart, end)) {
    if (!more) break
    if (Temporal.PlainDateTime.compare(wall, dtstart) > 0) more = add(wall)
  }
  return [...found].toSorted((a, b) => Number(a[1] - b[1])).map(([text]) => text)
}

function bruteWalls(
  rule: Rule,
  dtstart: Temporal.PlainDateTime,
  end: Temporal.PlainDateTime,
): Temporal.PlainDateTime[] {
  const { freq } = rule
  if (freq === 'HOURLY' || freq === 'MINUTELY' || freq === 'SECONDLY')
    return bruteUnits(rule, UNITS[freq], dtstart, end)
  const sets = new Map<number, Temporal.PlainDateTime[]>()
  const first = periodOf(rule, dtstart.toPlainDate())
  const from = dtstart.toPlainDate().with({ month: 1, day: 1 }).subtract({ days: 7 })
  // BYSETPOS counts from the end of a period too, so that the last one must be seen whole.
  const last = end.add(rule.bySetPos.length === 0 ? { days: 1 } : WHOLE_PERIOD[freq])
  for (let date = from; Temporal.PlainDate.compare(date, last) < 0; date = date.add({ days: 1 })) {
    const period = periodOf(rule, date) - first
    if (period < 0 || period % rule.interval !== 0 || !hasDate(rule, dtstart, date)) continue
    const set = sets.get(period) ?? []
    sets.set(period, set)
    for (const hour of orElse(rule.byHour, dtstart.hour))
      for (const minute of orElse(rule.byMinute, dtstart.minute))
        for (const second of orElse(rule.bySecond, dtstart.second))
          set.push(date.toPlainDateTime({ hour, minute, second: Math.min(second, 59) }))
  }
  return [...sets.values()]
    .flatMap((set) => chosen(rule, set))
    .filter((wall) => Temporal.PlainDateTime.compare(wall, end) < 0)
}

function bruteUnits(
  rule: Rule,
  unit: (typeof UNITS)[keyof typeof UNITS],
  dtstart: Temporal.PlainDateTime,
  end: Temporal.PlainDateTime,
): Temporal.PlainDateTime[] {
  const found: Temporal.PlainDateTime[] = []
  let at = dtstart.round({ smallestUnit: unit, roundingMode: 'floor' })
  for (; Temporal.PlainDateTime.compare(at, end) < 0; at = at.add({ [unit]: rule.interval })) {
    const { hour, minute, second } = at
    if (!within(rule.byHour, hour) || !hasDate(rule, dtstart, at.toPlainDate())) continue
    if (unit !== 'hours' && !within(rule.byMinute, minute)) continue
    if (unit === 'seconds' && !within(rule.bySecond, second) && !(second === 59 && rule.bySecond.includes(60))) continue
    const set: Temporal.PlainDateTime[] = []
    for (const m of unit === 'hours' ? orElse(rule.byMinute, dtstart.minute) : [minute])
      for (const s of unit === 'seconds' ? [second] : orElse(rule.bySecond, dtstart.second))
        set.push(at.with({ minute: m, second: s }))
    found.push(...chosen(rule, set))
  }
  return found
}

/** The RFC's table, row by row: what a part that is absent takes from DTSTART, and what those present allow. */
function hasDate(rule: Rule, dtstart: Temporal.PlainDateTime, date: Temporal.PlainDate): boolean {
  const { freq, byMonth, byMonthDay, byYearDay, byWeekNo, byDay } = rule
  if (byMonth.length > 0 && !byMonth.includes(date.month)) return false
  if (byMonthDay.length > 0 && !fromEnd(byMonthDay, date.day, date.daysInMonth)) return false
  if (byYearDay.length > 0 && !fromEnd(byYearDay, date.dayOfYear, date.daysInYear)) return false
  if (byWeekNo.length > 0 && !fromEnd(byWeekNo, weekOf(rule, date).week, weekOf(rule, date).weeks)) return false
  if (byDay.length > 0) {
    const inMonth = freq === 'MONTHLY' || byMonth.length > 0
    const position = inMonth ? date.day : date.dayOfYear
    const size = inMonth ? date.daysInMonth : date.daysInYear
    return byDay.some(
      ({ ordinal, weekday }) =>
        weekday === date.dayOfWeek &&
        (ordinal === 0 || ordinal === Math.ceil(position / 7) || -ordinal === Math.ceil((size - position + 1) / 7)),
    )
  }
  if (freq === 'WEEKLY') return date.dayOfWeek === dtstart.dayOfWeek
  if (byMonthDay.length > 0 || byYearDay.length > 0) return true
  if (freq === 'MONTHLY') return date.day === dtstart.day
  if (freq !== 'YEARLY') return true
  if (byWeekNo.length > 0) return date.dayOfWeek === dtstart.dayOfWeek
  return date.day === dtstart.day && (byMonth.length > 0 || date.month === dtstart.month)
}

/** The number of a date's period, counted from anywhere. */
function periodOf(rule: Rule, date: Temporal.PlainDate): number {
  const days = Temporal.PlainDate.from('1600-01-01').until(date).days
  if (rule.freq === 'DAILY') return days
  // 1600-01-01 was a Saturday.
  if (rule.freq === 'WEEKLY') return Math.floor((days + 6 - rule.wkst) / 7)
  if (rule.freq === 'MONTHLY') return date.year * 12 + date.month
  return rule.byWeekNo.length > 0 ? weekOf(rule, date).year : date.year
}

/** The week of the year, with weeks that begin on WKST: found by the year that holds four of its days. */
function weekOf(rule: Rule, date: Temporal.PlainDate): { year: number; week: number; weeks: number } {
  const start = date.subtract({ days: (date.dayOfWeek - rule.wkst + 7) % 7 })
  const { year, dayOfYear, daysInYear } = start.add({ days: 3 })
  const week = Math.ceil(dayOfYear / 7)
  return { year, week, weeks: week + Math.floor((daysInYear - dayOfYear) / 7) }
}

function chosen(rule: Rule, set: Temporal.PlainDateTime[]): Temporal.PlainDateTime[] {
  const { bySetPos } = rule
  return set.filter((_, i) => bySetPos.length === 0 || bySetPos.includes(i + 1) || bySetPos.includes(i - set.length))
}

function orElse(list: number[], value: number): number[] {
  return list.length > 0 ? list : [value]
}

function within(list: number[], value: number): boolean {
  return list.length === 0 || list.includes(value)
}

/** Whether a list names a position counted from the start or, negative, from the end. */
function fromEnd(list: number[], value: number, size: number): boolean {
  return list.includes(value) || list.includes(value - size - 1)
}

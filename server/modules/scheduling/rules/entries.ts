import type { Detail } from '../../../platform/errors.ts'
import type { EntryFacts, EntryKind } from './schedule.ts'
import { endPattern, minuteOf, startPattern } from './clock.ts'

/** An entry as it is asked for; the shape has made sure that the fields of its kind are there. */
export type EntryInput = {
  kind: EntryKind
  weekday?: number
  start_time?: string
  end_time?: string
  date?: string
  intervals?: { start_time: string; end_time: string }[]
  starts_at?: string
  ends_at?: string
  reason?: string
}

/** An entry as the table keeps it: the columns of its kind, the others null. */
export type EntryValues = {
  kind: EntryKind
  weekday: number | null
  start_minute: number | null
  end_minute: number | null
  date: Temporal.PlainDate | null
  intervals: number[] | null
  starts_at: Temporal.PlainDateTime | null
  ends_at: Temporal.PlainDateTime | null
  reason: string
}
export type Entry = EntryValues & { id: number }

const DAY = 1440
/** Somebody's week, a year's holidays and some hundred published slots; more is a mistake of a program. */
export const mostEntries = 500
const firstYear = 2000
const lastYear = 2199
const mostDaysOff = 3660
const mostMinutesOfSlot = DAY

const empty = {
  weekday: null,
  start_minute: null,
  end_minute: null,
  date: null,
  intervals: null,
  starts_at: null,
  ends_at: null,
  reason: '',
}

/** What is asked for as values of the table. */
export function valuesOf(input: EntryInput): EntryValues {
  const values: EntryValues = { ...empty, kind: input.kind }
  if (input.kind === 'weekly')
    return {
      ...values,
      weekday: input.weekday!,
      start_minute: minuteOf(input.start_time!),
      end_minute: minuteOf(input.end_time!),
    }
  if (input.kind === 'override')
    return {
      ...values,
      date: Temporal.PlainDate.from(input.date!),
      intervals: input.intervals!.flatMap((one) => [minuteOf(one.start_time), minuteOf(one.end_time)]),
    }
  return {
    ...values,
    starts_at: Temporal.PlainDateTime.from(input.starts_at!),
    ends_at: Temporal.PlainDateTime.from(input.ends_at!),
    reason: input.kind === 'time_off' ? (input.reason ?? '') : '',
  }
}

/** What is wrong with an entry beyond the shape of its fields, by field. Of a body whose shape is wrong too, what can be read is looked at, so that all is told at once. */
export function problemsOf(body: unknown): Detail[] {
  const input = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  if (input['kind'] === 'weekly')
    return isStart(input['start_time']) && input['start_time'] === input['end_time'] ? [sameTime('end_time')] : []
  if (input['kind'] === 'override') {
    const date = read(input['date'], (text) => Temporal.PlainDate.from(text))
    return [...(date ? yearProblems('date', date.year) : []), ...intervalProblems(input['intervals'])]
  }
  if (input['kind'] !== 'time_off' && input['kind'] !== 'slot') return []
  const [from, to] = [input['starts_at'], input['ends_at']].map((value) =>
    read(value, (text) => Temporal.PlainDateTime.from(text)),
  )
  return [
    ...(from ? yearProblems('starts_at', from.year) : []),
    ...(to ? yearProblems('ends_at', to.year) : []),
    ...(from && to ? spanProblems(input['kind'], from, to) : []),
  ]
}

const isStart = (value: unknown): value is string => typeof value === 'string' && new RegExp(startPattern).test(value)
const isEnd = (value: unknown): value is string => typeof value === 'string' && new RegExp(endPattern).test(value)

function read<T>(value: unknown, parse: (text: string) => T): T | undefined {
  if (typeof value !== 'string' || value.length > 16) return undefined
  try {
    return parse(value)
  } catch {
    return undefined
  }
}

/** An entry in the numbers of the rules. */
export function factsOfEntry(entry: EntryValues): EntryFacts {
  return [
    entry.kind,
    entry.weekday,
    entry.start_minute,
    entry.end_minute,
    entry.date && dayOf(entry.date),
    entry.intervals,
    entry.starts_at && wallOf(entry.starts_at),
    entry.ends_at && wallOf(entry.ends_at),
  ]
}

const epoch = Temporal.PlainDate.from('1970-01-01')
const dayOf = (date: Temporal.PlainDate): number => epoch.until(date, { largestUnit: 'day' }).days
const wallOf = (time: Temporal.PlainDateTime): number => dayOf(time.toPlainDate()) * DAY + time.hour * 60 + time.minute

/** How long hours are that begin and end at these minutes: to the end of the same date, or over midnight. */
export const lengthOf = (start: number, end: number): number => (end > start ? end - start : end + DAY - start)

function intervalProblems(intervals: unknown): Detail[] {
  const problems: Detail[] = []
  const spans: { from: number; to: number; params: { start_time: string; end_time: string } }[] = []
  for (const [index, interval] of (Array.isArray(intervals) ? (intervals as unknown[]).slice(0, 24) : []).entries()) {
    const { start_time, end_time } = (interval ?? {}) as Record<string, unknown>
    if (!isStart(start_time) || !isEnd(end_time)) continue
    if (start_time === end_time) {
      problems.push(sameTime(`intervals.${index}.end_time`))
      continue
    }
    const from = minuteOf(start_time)
    const to = from + lengthOf(from, minuteOf(end_time))
    const other = spans.find((one) => one.from < to && from < one.to)
    if (other)
      problems.push({
        field: `intervals.${index}.start_time`,
        rule: 'overlap',
        message: 'This overlaps the interval from {start_time} to {end_time}',
        params: other.params,
      })
    spans.push({ from, to, params: { start_time, end_time } })
  }
  return problems
}

function spanProblems(kind: 'time_off' | 'slot', from: Temporal.PlainDateTime, to: Temporal.PlainDateTime): Detail[] {
  const length = wallOf(to) - wallOf(from)
  if (length <= 0) return refuse('order', 'This must be after starts_at')
  if (kind === 'slot' && length > mostMinutesOfSlot) return refuse('span', 'A slot is at most 24 hours long')
  if (kind === 'time_off' && length > mostDaysOff * DAY)
    return refuse('span', 'Time off is at most {days} days long', { days: mostDaysOff })
  return []
}

const refuse = (rule: string, message: string, params?: Record<string, number>): Detail[] => [
  { field: 'ends_at', rule, message, ...(params && { params }) },
]

const yearProblems = (field: string, year: number): Detail[] =>
  year >= firstYear && year <= lastYear
    ? []
    : [
        {
          field,
          rule: 'year',
          message: 'This must lie in the years {from} to {to}',
          params: { from: firstYear, to: lastYear },
        },
      ]

const sameTime = (field: string): Detail => ({
  field,
  rule: 'order',
  message: 'This must differ from start_time; the whole day is 00:00 to 24:00',
})

import type { Detail } from '../../../platform/errors.ts'
import type { EntryFacts, EntryKind } from './schedule.ts'
import { clockOf, minuteOf } from './clock.ts'

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
const WEEK = 7 * DAY
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

/** What is asked for as values of the table, and everything that is wrong with it by itself, by field. */
export function valuesOf(input: EntryInput): { values: EntryValues; problems: Detail[] } {
  const problems: Detail[] = []
  const values: EntryValues = { ...empty, kind: input.kind }
  if (input.kind === 'weekly') {
    values.weekday = input.weekday!
    values.start_minute = minuteOf(input.start_time!)
    values.end_minute = minuteOf(input.end_time!)
    if (values.start_minute === values.end_minute) problems.push(sameTime('end_time'))
  } else if (input.kind === 'override') {
    values.date = Temporal.PlainDate.from(input.date!)
    values.intervals = input.intervals!.flatMap((one) => [minuteOf(one.start_time), minuteOf(one.end_time)])
    problems.push(...yearProblems('date', values.date.year), ...intervalProblems(values.intervals))
  } else {
    values.starts_at = Temporal.PlainDateTime.from(input.starts_at!)
    values.ends_at = Temporal.PlainDateTime.from(input.ends_at!)
    if (input.kind === 'time_off') values.reason = input.reason ?? ''
    problems.push(...spanProblems(input.kind, values.starts_at, values.ends_at))
  }
  return { values, problems }
}

/** With whom of the others an entry cannot stand together, in words; null: it can. */
export function clashOf(values: EntryValues, others: readonly Entry[]): Detail | null {
  if (values.kind === 'weekly') {
    const other = others.find((one) => one.kind === 'weekly' && meetInWeek(values, one))
    if (!other) return null
    const [start, end] = [clockOf(other.start_minute!), clockOf(other.end_minute!)]
    return {
      field: 'start_time',
      rule: 'overlap',
      message: `This overlaps the hours of weekday ${other.weekday} from ${start} to ${end}`,
      params: { id: other.id, weekday: other.weekday, start_time: start, end_time: end },
    }
  }
  if (values.kind === 'override') {
    const other = others.find((one) => one.kind === 'override' && one.date!.equals(values.date!))
    if (!other) return null
    const date = values.date!.toString()
    return {
      field: 'date',
      rule: 'one_a_date',
      message: `${date} has hours of its own already`,
      params: { id: other.id, date },
    }
  }
  if (values.kind === 'slot') {
    const other = others.find((one) => one.kind === 'slot' && one.starts_at!.equals(values.starts_at!))
    if (!other) return null
    const startsAt = values.starts_at!.toString({ smallestUnit: 'minute' })
    return {
      field: 'starts_at',
      rule: 'one_a_start',
      message: `A slot that begins at ${startsAt} is published already`,
      params: { id: other.id, starts_at: startsAt },
    }
  }
  return null
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
const lengthOf = (start: number, end: number): number => (end > start ? end - start : end + DAY - start)

/** Do two weekly entries share a minute of the week? Nights reach into the next day, and Sunday's into Monday. */
function meetInWeek(a: EntryValues, b: EntryValues): boolean {
  const [startA, startB] = [startInWeek(a), startInWeek(b)]
  const fromAtoB = (startB - startA + WEEK) % WEEK
  const fromBtoA = (startA - startB + WEEK) % WEEK
  return fromAtoB < lengthOf(a.start_minute!, a.end_minute!) || fromBtoA < lengthOf(b.start_minute!, b.end_minute!)
}

const startInWeek = ({ weekday, start_minute }: EntryValues): number => (weekday! - 1) * DAY + start_minute!

function intervalProblems(intervals: readonly number[]): Detail[] {
  const problems: Detail[] = []
  const spans: { from: number; to: number; index: number }[] = []
  for (let i = 0; i < intervals.length; i += 2) {
    const [from, end, index] = [intervals[i]!, intervals[i + 1]!, i / 2]
    if (from === end) {
      problems.push(sameTime(`intervals.${index}.end_time`))
      continue
    }
    const to = from + lengthOf(from, end)
    const other = spans.find((one) => one.from < to && from < one.to)
    if (other)
      problems.push({
        field: `intervals.${index}.start_time`,
        rule: 'overlap',
        message: `This overlaps the interval from ${clockOf(other.from)} to ${clockOf(intervals[other.index * 2 + 1]!)}`,
        params: { index: other.index },
      })
    spans.push({ from, to, index })
  }
  return problems
}

function spanProblems(kind: EntryKind, from: Temporal.PlainDateTime, to: Temporal.PlainDateTime): Detail[] {
  const problems = [...yearProblems('starts_at', from.year), ...yearProblems('ends_at', to.year)]
  if (Temporal.PlainDateTime.compare(from, to) >= 0)
    return [...problems, { field: 'ends_at', rule: 'order', message: 'This must be after starts_at' }]
  const length = wallOf(to) - wallOf(from)
  if (kind === 'slot' && length > mostMinutesOfSlot)
    problems.push({ field: 'ends_at', rule: 'span', message: 'A slot is at most 24 hours long' })
  if (kind === 'time_off' && length > mostDaysOff * DAY)
    problems.push({ field: 'ends_at', rule: 'span', message: `Time off is at most ${mostDaysOff} days long` })
  return problems
}

const yearProblems = (field: string, year: number): Detail[] =>
  year >= firstYear && year <= lastYear
    ? []
    : [{ field, rule: 'year', message: `This must lie in the years ${firstYear} to ${lastYear}` }]

const sameTime = (field: string): Detail => ({
  field,
  rule: 'order',
  message: 'This must differ from start_time; the whole day is 00:00 to 24:00',
})

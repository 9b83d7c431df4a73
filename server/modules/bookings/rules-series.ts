import { describeSeries, expand, formatRule, parseRule, readSeries, RuleError } from '../../time/recurrence/index.ts'
import type { Language, Rule } from '../../time/recurrence/index.ts'
import type { Refusal } from '../../time/explain.ts'
import { isConflict } from '../../time/explain.ts'
import { AppError, invalid, type Detail } from '../../platform/errors.ts'
import { refusalDetail } from './rules.ts'

/** What a series of bookings is: a rule of RFC 5545 read into starts, and until when what is not paid yet is held. */

/** A series has at most so many bookings: a year of weeks. */
export const mostOccurrences = 52

const frequencies = ['DAILY', 'WEEKLY', 'MONTHLY']
const field = 'recurrence_rule'

/** A date without a time, or a time of no zone, in UNTIL: the end of that day, or that time, by the clock of the series. */
const untilPart = /(UNTIL=)(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d))?(?=;|$)/i

function mendUntil(rule: string, zone: string): string {
  return rule.replace(untilPart, (whole, name: string, year, month, day, hour = '23', minute = '59', second = '59') => {
    try {
      const local = Temporal.PlainDateTime.from(`${year}-${month}-${day}T${hour}:${minute}:${second}`)
      return name + local.toZonedDateTime(zone).toInstant().toString().replaceAll(/[-:]/g, '')
    } catch {
      return whole
    }
  })
}

const wallText = (at: Temporal.Instant, zone: string): string =>
  at.toZonedDateTimeISO(zone).toPlainDateTime().toString({ smallestUnit: 'second' })

const seriesOf = (rrule: string, zone: string, first: Temporal.Instant) =>
  readSeries({ kind: 'zoned', tzid: zone, dtstart: wallText(first, zone), rrule })

function checkParts(rule: Rule): void {
  if (!frequencies.includes(rule.freq))
    throw invalid(field, 'Bookings recur daily, weekly or monthly', 'freq', { freq: rule.freq })
  const others = [rule.bySecond, rule.byMinute, rule.byHour, rule.byMonthDay, rule.byYearDay, rule.byWeekNo]
  if ([...others, rule.byMonth, rule.bySetPos].some((list) => list.length > 0))
    throw invalid(field, 'A series has weekdays, an interval and an end, and no other parts of a rule', 'part')
  if (rule.count === null && rule.until === null) throw invalid(field, 'Say how many times or until when', 'endless')
}

/**
 * The starts of a series, ascending, in the zone whose wall clock they keep: a rule of RFC 5545 with FREQ (DAILY, WEEKLY, MONTHLY), INTERVAL, BYDAY, and COUNT or
 * UNTIL. The first is always the one given (TIME.md section 2). The rule comes back as it is kept.
 * @throws VALIDATION_ERROR on `recurrence_rule` for everything else, for more than `mostOccurrences`, for an UNTIL before the first and a COUNT that is never reached
 */
export function readRule(
  text: string,
  zone: string,
  first: Temporal.Instant,
): { rule: string; starts: Temporal.Instant[] } {
  try {
    const rule = parseRule(mendUntil(text.trim(), zone), 'zoned')
    checkParts(rule)
    if (rule.until && rule.until.seconds < first.epochMilliseconds / 1000)
      throw invalid(field, 'The series ends before it begins', 'until')
    const canonical = formatRule(rule)
    const beginning = first.epochMilliseconds / 1000
    const { starts, truncated } = expand(seriesOf(canonical, zone, first), beginning, Number.POSITIVE_INFINITY, {
      limit: mostOccurrences + 1,
    })
    if (truncated || starts.length > mostOccurrences)
      throw invalid(field, 'A series has at most {most} bookings', 'too_many', { most: mostOccurrences })
    // Whoever picks the second pass of an hour that clocks repeat has that one; the rule knows the first only.
    const later = starts.filter((start) => start > beginning)
    // A sixth Monday of a month, or every millionth week: whoever asks for eight bookings is not to find one without a word.
    if (rule.count !== null && later.length + 1 < rule.count)
      throw invalid(field, 'This rule never comes to {count} bookings', 'too_few', { count: rule.count })
    return { rule: canonical, starts: [first, ...later.map((s) => Temporal.Instant.fromEpochMilliseconds(s * 1000))] }
  } catch (error) {
    if (error instanceof RuleError) throw invalid(field, error.sentence, 'rrule', error.params)
    throw error
  }
}

/** The rule in words: "every week, 8 times". */
export const inWords = (rule: string, zone: string, first: Temporal.Instant, language: Language): string =>
  describeSeries(seriesOf(rule, zone, first), language)

/**
 * Where an occurrence goes when one of its series moves from `from` to `to`: as many days on, at the new time of day, by the clock of the zone. A time that the
 * clock skips moves by the gap.
 */
export function movedAlong(
  occurrence: Temporal.Instant,
  from: Temporal.Instant,
  to: Temporal.Instant,
  zone: string,
): Temporal.Instant {
  const [old, next, own] = [from, to, occurrence].map((at) => at.toZonedDateTimeISO(zone).toPlainDateTime())
  if (own!.equals(old!)) return to
  const days = old!.toPlainDate().until(next!.toPlainDate()).days
  return own!
    .toPlainDate()
    .add({ days })
    .toZonedDateTime({ timeZone: zone, plainTime: next!.toPlainTime() })
    .toInstant()
}

/** Hours before its start until which a booking of a series, of which something was paid, waits for its own payment. */
export const payAheadHours = 48

/** Until when an unpaid booking of a secured series is held: two days before its start, at least as long as any hold, and never beyond the start. */
export function keptUntil(now: Temporal.Instant, startsAt: Temporal.Instant, holdMinutes: number): Temporal.Instant {
  const ahead = startsAt.subtract({ hours: payAheadHours })
  const least = now.add({ minutes: holdMinutes })
  const until = Temporal.Instant.compare(ahead, least) < 0 ? least : ahead
  return Temporal.Instant.compare(until, startsAt) < 0 ? until : startsAt
}

export type Refused = { startsAt: Temporal.Instant; refusal: Refusal }

/** The refusal of a series: each occurrence that cannot be had, with its rule; 409 when others have one of them, 400 when all are wrong times to ask for. */
export function seriesRefusal(refused: readonly Refused[]): AppError {
  const details = refused.map(({ startsAt, refusal }): Detail => {
    const { params, ...detail } = refusalDetail(refusal)
    return { ...detail, params: { ...params, date: startsAt.toString() } }
  })
  const isTaken = refused.some(({ refusal }) => isConflict(refusal.rule))
  return new AppError(isTaken ? 'CONFLICT' : 'VALIDATION_ERROR', 'Some of these times cannot be booked', { details })
}

import {
  expand,
  lastStart,
  pointOf,
  pointText,
  readSeries,
  type Kind,
  type Series,
  type SeriesText,
} from '../../../time/recurrence/index.ts'
import type { Zone } from '../../../time/zones.ts'
import { MomentError, secondOfPoint, wrong } from './moments.ts'

/** What the rules know of an event: its series as text, and how long its occurrences are. */
export type EventFacts = {
  kind: Kind
  time_zone: string | null
  dtstart: string
  duration_seconds: number
  recurrence_rule: string | null
  rdates: readonly string[]
  exdates: readonly string[]
}

/** An occurrence that differs from its series. */
export type OverrideFacts = {
  point: number
  recurrence_id: string
  start_text: string | null
  duration_seconds: number | null
}

export type Occurring<O extends OverrideFacts = OverrideFacts> = {
  /** The start that the series gives it, a point: its name. */
  point: number
  /** Start and end as points of the series. */
  start: number
  end: number
  /** The same as epoch seconds. */
  from: number
  to: number
  override: O | null
}

/** No zone is further than this from UTC: a floating time lies this close to what it reads. */
const farthest = 15 * 3600

/** The text of a series as server/time reads it. */
export const seriesText = (event: EventFacts, overrides: readonly OverrideFacts[]): SeriesText => ({
  kind: event.kind,
  tzid: event.time_zone,
  dtstart: event.dtstart,
  rrule: event.recurrence_rule,
  rdate: event.rdates,
  exdate: event.exdates,
  overrides: overrides.map((one) => ({ recurrenceId: one.recurrence_id, start: one.start_text ?? one.recurrence_id })),
})

/** @throws RuleError for a rule or a list that says nothing */
export const seriesOf = (event: EventFacts, overrides: readonly OverrideFacts[]): Series =>
  readSeries(seriesText(event, overrides))

export const isRecurring = (event: EventFacts): boolean => event.recurrence_rule !== null || event.rdates.length > 0

/** How long the longest occurrence is. */
export const longestOf = (event: EventFacts, overrides: readonly OverrideFacts[]): number =>
  overrides.reduce((most, one) => Math.max(most, one.duration_seconds ?? 0), event.duration_seconds)

/**
 * The occurrences that overlap `[from, to)` (epoch seconds), floating times and dates being read in the zone; ascending by start. At most `limit`, the earliest;
 * `truncated` says that there may be more. An occurrence without a length overlaps where it starts.
 */
export function occurrencesIn<O extends OverrideFacts>(
  event: EventFacts,
  overrides: readonly O[],
  span: { from: number; to: number; zone: Zone; limit?: number; series?: Series },
): { occurring: Occurring<O>[]; truncated: boolean } {
  const { from, to, zone, limit = 10_000, series = seriesOf(event, overrides) } = span
  const slack = event.kind === 'floating' || event.kind === 'date' ? farthest : 0
  const first = from - slack - longestOf(event, overrides)
  const { occurrences, truncated } = expand(series, first, to + slack, { limit: limit + 1 })
  const byPoint = overrides.length > 0 ? new Map(overrides.map((one) => [one.point, one])) : null
  const occurring: Occurring<O>[] = []
  for (const { start, recurrenceId } of occurrences) {
    const override = byPoint?.get(recurrenceId) ?? null
    const end = start + (override?.duration_seconds ?? event.duration_seconds)
    const startsAt = secondOfPoint(event.kind, start, zone)
    const endsAt = secondOfPoint(event.kind, end, zone)
    if (startsAt >= to || (endsAt <= from && !(endsAt === startsAt && startsAt >= from))) continue
    occurring.push({ point: recurrenceId, start, end, from: startsAt, to: endsAt, override })
  }
  const more = truncated || occurring.length > limit
  if (occurring.length > limit) occurring.length = limit
  return { occurring, truncated: more }
}

/** The beginning of the year 1. */
const leastSecond = Temporal.Instant.from('0001-01-01T00:00:00Z').epochMilliseconds / 1000

/**
 * Where the occurrences can lie, in whatever zone they are read, epoch seconds; `to` is null for a series without an end.
 * @throws MomentError for what was moved before all times
 */
export function spanOf(event: EventFacts, overrides: readonly OverrideFacts[]): { from: number; to: number | null } {
  const series = seriesOf(event, overrides)
  const slack = event.kind === 'floating' || event.kind === 'date' ? farthest : 0
  const starts = [
    pointOf(series, event.dtstart),
    ...event.rdates.map((text) => pointOf(series, text)),
    ...overrides.map((one) => pointOf(series, one.start_text ?? one.recurrence_id)),
  ]
  // A day more, since a gap may move what a rule makes to either side of DTSTART.
  const from = starts.reduce((least, one) => Math.min(least, one)) - slack - 86_400
  if (from < leastSecond) throw new MomentError('start_time', wrong)
  const last = isRecurring(event) || overrides.length > 0 ? lastStart(series) : starts[0]!
  if (last === null) {
    const nothing = expand(series, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { limit: 1 })
    // Every occurrence was taken away: it lies nowhere but at its beginning.
    if (!nothing.truncated && nothing.occurrences.length === 0) return { from, to: from + 2 * 86_400 }
    return { from, to: null }
  }
  return { from, to: Math.max(last, starts[0]!) + longestOf(event, overrides) + slack + 86_400 }
}

/** Whether something of the series starts at or after this (epoch seconds, read in the zone); true also where bounded work does not tell. */
export function goesOnAfter(event: EventFacts, overrides: readonly OverrideFacts[], second: number): boolean {
  const series = seriesOf(event, overrides)
  const slack = event.kind === 'floating' || event.kind === 'date' ? farthest : 0
  const { occurrences, truncated } = expand(series, second - slack, Number.POSITIVE_INFINITY, { limit: 1 })
  return truncated || occurrences.length > 0
}

/** The most occurrences that a series may have in its first month: more often than every five minutes nobody meets. */
export const mostInAMonth = 10_000

/** Does the rule yield so much that no window of it can be shown? */
export function isTooDense(event: EventFacts): boolean {
  if (event.recurrence_rule === null) return false
  const series = seriesOf(event, [])
  const start = pointOf(series, event.dtstart)
  return expand(series, start, start + 31 * 86_400, { limit: mostInAMonth }).truncated
}

/** The name of an occurrence as the API writes it: `2026-01-15T10:00:00Z`, a wall clock for floating events, a date for all-day ones. */
export const nameOf = (kind: Kind, point: number): string => pointText({ kind }, point)

/**
 * A series: DTSTART, RRULE, RDATE, EXDATE and RECURRENCE-ID overrides (RFC 5545 3.8.5), read from text into integers.
 *
 * A *point* is how a series counts time: epoch seconds for zoned and UTC series; for floating and all-day ones the
 * seconds since 1970-01-01T00:00 that the wall clock reads, since these are instants only for a viewer.
 */

import { offsetSecondsAt, resolveSeconds, zoneOf } from '../zones.ts'
import type { Zone } from '../zones.ts'
import { parseRule } from './parse.ts'
import { RuleError } from './rule.ts'
import type { Kind } from './rule.ts'
import { DAY_SECONDS, readMoment, writeDate, writeWall } from './text.ts'
import { planOf } from './plan.ts'
import type { Plan } from './walk.ts'

/** A single occurrence that was moved (`start`) or cancelled, named by the start that the series gives it. */
export interface OverrideText {
  recurrenceId: string
  start?: string
  cancelled?: boolean
}

/**
 * A series as it is stored and sent. Times are wall clock in the zone (`2026-03-29T02:30:00`), dates for all-day
 * series (`2026-03-29`); a trailing `Z` makes one an instant, in series that have a zone or are in UTC.
 */
export interface SeriesText {
  kind: Kind
  /** An IANA zone for `zoned`, null or absent otherwise. */
  tzid?: string | null
  dtstart: string
  /** Null or absent: an event that does not repeat, but for its RDATEs. */
  rrule?: string | null
  exdate?: readonly string[]
  rdate?: readonly string[]
  overrides?: readonly OverrideText[]
}

/** A series ready to be expanded; made by `readSeries` only. */
export interface Series {
  readonly kind: Kind
  readonly zone: Zone | null
  /** The wall clock at DTSTART, in seconds. */
  readonly dtstart: number
  readonly plan: Plan | null
  /** UNTIL as a point, inclusive; Infinity without. */
  readonly until: number
  /** Points, ascending. */
  readonly rdates: readonly number[]
  readonly exdates: ReadonlySet<number>
  /** From the original start to the new one, both points; null is cancelled. */
  readonly overrides: ReadonlyMap<number, number | null>
}

/** The most EXDATE, RDATE and overrides that one series may have, of each. */
const LONGEST_LIST = 10_000

/** Reads a series and checks it against RFC 5545. Throws RuleError, whose `part` names the property. */
export function readSeries(text: SeriesText): Series {
  const { kind } = text
  const zone = readZone(text)
  const start = readMoment(text.dtstart)
  if (!start)
    throw new RuleError('DTSTART', '{part} {value} is not a date or time that exists', { value: excerpt(text.dtstart) })
  const dtstart = wallOfMoment(kind, zone, start, 'DTSTART', text.dtstart)
  const point = (part: string) => (value: string) => readPoint(kind, zone, value, part)
  const rule = text.rrule ? parseRule(text.rrule, kind) : null
  if (rule && kind === 'date')
    // "These rule parts MUST be ignored in RECUR value that violate the above requirement" (3.3.10).
    Object.assign(rule, { byHour: [], byMinute: [], bySecond: [] })
  const overrides = new Map<number, number | null>()
  for (const override of limited('RECURRENCE-ID', text.overrides ?? [])) {
    if (!override.cancelled && override.start === undefined)
      throw new RuleError('RECURRENCE-ID', 'The override of {value} is neither moved nor cancelled', {
        value: override.recurrenceId,
      })
    overrides.set(
      point('RECURRENCE-ID')(override.recurrenceId),
      override.cancelled || override.start === undefined ? null : point('DTSTART')(override.start),
    )
  }
  return {
    kind,
    zone,
    dtstart,
    plan: rule && planOf(rule, dtstart),
    until: rule?.until ? rule.until.seconds : Number.POSITIVE_INFINITY,
    rdates: [...new Set(limited('RDATE', text.rdate ?? []).map(point('RDATE')))].toSorted((a, b) => a - b),
    exdates: new Set(limited('EXDATE', text.exdate ?? []).map(point('EXDATE'))),
    overrides,
  }
}

/** The point of a text in a series' own form, of an instant with `Z`, or of a date. Throws RuleError. */
export function pointOf(series: Pick<Series, 'kind' | 'zone'>, text: string): number {
  return readPoint(series.kind, series.zone, text, 'RECURRENCE-ID')
}

/** A point for people and storage: `…Z` for zoned and UTC series, wall clock for floating ones, a date for all-day. */
export function pointText({ kind }: Pick<Series, 'kind'>, point: number): string {
  if (kind === 'date') return writeDate(Math.floor(point / DAY_SECONDS))
  return kind === 'floating' ? writeWall(point) : `${writeWall(point)}Z`
}

/** A point as the series writes its own times: the wall clock of its zone; `…Z` for the second pass of a fold. */
export function wallText(series: Pick<Series, 'kind' | 'zone'>, point: number): string {
  const { kind, zone } = series
  if (!zone) return kind === 'utc' ? writeWall(point) : pointText(series, point)
  const wall = point + offsetSecondsAt(zone, point)
  return resolveSeconds(zone, wall) === point ? writeWall(wall) : `${writeWall(point)}Z`
}

/** The point of a wall-clock second: RFC 5545 3.3.5, the first of a fold, moved by the gap in a gap. */
export function pointOfWall(zone: Zone | null, wall: number): number {
  return zone ? resolveSeconds(zone, wall) : wall
}

function readZone({ kind, tzid }: SeriesText): Zone | null {
  if (kind !== 'zoned') {
    if (tzid)
      throw new RuleError('TZID', 'A series of kind {kind} has no time zone, but it says {value}', {
        kind,
        value: excerpt(tzid),
      })
    return null
  }
  if (!tzid) throw new RuleError('TZID', 'A zoned series needs the name of its time zone, such as Europe/Kyiv')
  try {
    return zoneOf(tzid)
  } catch {
    throw new RuleError('TZID', '{value} is not an IANA time zone', { value: excerpt(tzid) })
  }
}

type Read = NonNullable<ReturnType<typeof readMoment>>

function wallOfMoment(kind: Kind, zone: Zone | null, { form, seconds }: Read, part: string, text: string): number {
  if ((form === 'date') !== (kind === 'date'))
    throw new RuleError(
      part,
      kind === 'date' ? '{part} {value} must be a date' : '{part} {value} must be a date with a time',
      {
        value: excerpt(text),
      },
    )
  if (form !== 'utc' || kind === 'utc') return seconds
  if (!zone) throw new RuleError(part, '{part} {value} is in UTC, but the series is floating', { value: excerpt(text) })
  return seconds + offsetSecondsAt(zone, seconds)
}

function readPoint(kind: Kind, zone: Zone | null, text: string, part: string): number {
  const moment = readMoment(text)
  if (!moment) throw new RuleError(part, '{part} {value} is not a date or time that exists', { value: excerpt(text) })
  // Not by way of the wall clock: an instant in the second pass of a fold would come back as the first.
  if (zone && moment.form === 'utc') return moment.seconds
  return pointOfWall(zone, wallOfMoment(kind, zone, moment, part, text))
}

function limited<T>(part: string, list: readonly T[]): readonly T[] {
  if (list.length > LONGEST_LIST)
    throw new RuleError(part, 'A series has at most {most} {part}', { most: LONGEST_LIST })
  return list
}

function excerpt(text: string): string {
  return text.length > 24 ? `${text.slice(0, 24)}…` : text
}

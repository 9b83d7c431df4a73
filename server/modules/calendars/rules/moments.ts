import { dateText, dayNumber } from '../../../time/dates.ts'
import { isZone, offsetSecondsAt, resolveSeconds, startOfDate, zoneOf } from '../../../time/zones.ts'
import type { Zone } from '../../../time/zones.ts'
import type { Kind } from '../../../time/recurrence/index.ts'

/** Times as clients write them and as RFC 5545 has them. Seconds everywhere: epoch seconds, or seconds that the clock on the wall reads. */

const day = 86_400
/** Longer than any event: ten years. */
export const longestSeconds = 3660 * day

/** A moment as it was written: a date, what a clock on the wall shows, or an instant. */
export type Moment =
  | { form: 'date'; wall: number }
  | { form: 'local'; wall: number }
  /** `atMidnight`: it was written as 00:00:00, in whatever offset, of this date. */
  | { form: 'instant'; second: number; atMidnight: number | null }

const dateForm = /^(\d{4})-(\d\d)-(\d\d)$/
const timeForm = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)([Zz]|[+-]\d\d(?::?\d\d)?)?$/

/** Reads `2026-01-15`, `2026-01-15T10:00[:00]`, or the same with `Z` or an offset; null for everything else, and for what no calendar has. Fractions of seconds are dropped. */
export function readMoment(text: string): Moment | null {
  try {
    if (dateForm.test(text)) {
      const date = Temporal.PlainDate.from(text)
      return isKept(date) ? { form: 'date', wall: wallOfDate(date) } : null
    }
    const found = timeForm.exec(text)
    if (!found) return null
    const [, date, time, offset] = found
    const local = Temporal.PlainDateTime.from(`${date}T${time}`)
    const atDate = wallOfDate(local.toPlainDate())
    const wall = atDate + local.hour * 3600 + local.minute * 60 + local.second
    if (!isKept(local)) return null
    if (offset === undefined) return { form: 'local', wall }
    const second = Math.floor(Temporal.Instant.from(`${date}T${time}${offset}`).epochMilliseconds / 1000)
    return { form: 'instant', second, atMidnight: wall === atDate ? atDate : null }
  } catch {
    return null
  }
}

/** Times around it, a day of slack and what zones add, still have years of four digits, and PostgreSQL has no year 0. */
const isKept = ({ year }: { year: number }): boolean => year >= 2 && year <= 9998

const wallOfDate = ({ year, month, day: date }: Temporal.PlainDate): number => dayNumber(year, month, date) * day

/** What is wrong with times: which field, and a sentence. */
export class MomentError extends Error {
  readonly field: string

  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

export type TimesInput = {
  start_time: string
  end_time?: string | null | undefined
  time_zone?: string | null | undefined
  is_all_day?: boolean | undefined
  is_floating?: boolean | undefined
}

/** DTSTART and the duration of an event. */
export type Times = { kind: Kind; time_zone: string | null; dtstart: string; duration_seconds: number }

export const wrong = 'This is not a date or time: 2026-01-15, 2026-01-15T10:00:00 or 2026-01-15T10:00:00Z'

/**
 * The times of an event. A date, or `is_all_day`: whole days, `end_time` the day after the last one as in RFC 5545 (the same day counts as one day). With a
 * `time_zone`: zoned. An instant without one: UTC. A local time without one, or `is_floating`: floating. Without an end: one day, or one hour.
 * @param home the zone in which an instant is read as a date
 * @throws MomentError
 */
export function readTimes(input: TimesInput, home: string): Times {
  const start = readMoment(input.start_time)
  if (!start) throw new MomentError('start_time', wrong)
  const end = input.end_time === undefined || input.end_time === null ? null : readMoment(input.end_time)
  if (!end && typeof input.end_time === 'string') throw new MomentError('end_time', wrong)
  const zoneName = input.time_zone ?? null
  if (zoneName !== null && !isZone(zoneName)) throw new MomentError('time_zone', 'This is not an IANA time zone')
  const ofWholeDays: boolean = input.is_all_day ?? start.form === 'date'
  if (ofWholeDays) return allDay(start, end, zoneOf(zoneName ?? home))
  if (start.form === 'date') throw new MomentError('start_time', 'An event that is not of whole days begins at a time')
  if (end?.form === 'date') throw new MomentError('end_time', 'An event that is not of whole days ends at a time')
  if (input.is_floating || (zoneName === null && start.form === 'local')) {
    if (zoneName !== null) throw new MomentError('time_zone', 'A floating event has no time zone')
    if (start.form !== 'local') throw new MomentError('start_time', 'A floating event begins at a local time')
    if (end && end.form !== 'local') throw new MomentError('end_time', 'A floating event ends at a local time')
    const duration = durationOf(start.wall, end ? end.wall : start.wall + 3600)
    return { kind: 'floating', time_zone: null, dtstart: wallText(start.wall), duration_seconds: duration }
  }
  const zone = zoneName === null || isUtc(zoneName) ? null : zoneOf(zoneName)
  const from = secondOf(start, zone)
  const duration = durationOf(from, end ? secondOf(end, zone) : from + 3600)
  if (!zone) return { kind: 'utc', time_zone: null, dtstart: wallText(from), duration_seconds: duration }
  return { kind: 'zoned', time_zone: zone.id, dtstart: zonedText(zone, start, from), duration_seconds: duration }
}

function allDay(start: Moment, end: Moment | null, zone: Zone): Times {
  const from = dateOf(start, zone)
  const to = end ? dateOf(end, zone) : from
  if (to < from) throw new MomentError('end_time', 'This must not be before the start')
  const duration = Math.max(day, to - from)
  if (duration > longestSeconds) throw new MomentError('end_time', 'An event is at most ten years long')
  return { kind: 'date', time_zone: null, dtstart: wallText(from).slice(0, 10), duration_seconds: duration }
}

function durationOf(from: number, to: number): number {
  if (to <= from) throw new MomentError('end_time', 'This must be after the start')
  if (to - from > longestSeconds) throw new MomentError('end_time', 'An event is at most ten years long')
  return to - from
}

/** Midnight in any offset means that date; another instant the date of its zone. */
function dateOf(moment: Moment, zone: Zone): number {
  if (moment.form !== 'instant') return moment.wall - (moment.wall % day)
  if (moment.atMidnight !== null) return moment.atMidnight
  const wall = moment.second + offsetSecondsAt(zone, moment.second)
  return wall - (wall % day)
}

/** The epoch second that is meant, a local time being read in the zone (null: UTC). */
function secondOf(moment: Moment, zone: Zone | null): number {
  if (moment.form === 'instant') return moment.second
  return zone ? resolveSeconds(zone, moment.wall) : moment.wall
}

/**
 * One of RDATE, EXDATE or RECURRENCE-ID as server/time reads it beside these times. A date names the occurrence of that day.
 * @throws MomentError
 */
export function momentText(text: string, field: string, times: Times, home: string): string {
  const moment = readMoment(text)
  if (!moment) throw new MomentError(field, wrong)
  if (times.kind === 'date') return wallText(dateOf(moment, zoneOf(home))).slice(0, 10)
  if (moment.form === 'date') return wallText(moment.wall).slice(0, 11) + times.dtstart.slice(11, 19)
  if (moment.form === 'local') return wallText(moment.wall)
  if (times.kind === 'floating') throw new MomentError(field, 'Of a floating event this is a local time')
  return instantText(moment.second)
}

/** The epoch second that a query means; a date is the beginning of its day in the zone, `end` the beginning of the next. Null for what is none. */
export function secondOfQuery(text: string, zone: Zone, end: boolean): number | null {
  const moment = readMoment(text)
  if (moment?.form === 'date') return startOfDate(zone, moment.wall / day + (end ? 1 : 0)) * 60
  return moment && secondOf(moment, zone)
}

const untilPart = /(^|;)(UNTIL=)(\d{8})(T\d{6})?(Z?)(?=;|$)/i

/**
 * A rule whose UNTIL has the form that its times demand: many programs write a date or a local time where RFC 5545 wants UTC. A date holds to its end. What
 * cannot be read stays as it is, for `parseRule` to refuse.
 */
export function mendUntil(rule: string, times: Pick<Times, 'kind' | 'time_zone'>): string {
  return rule.replace(untilPart, (whole, before: string, name: string, date: string, time = '', utc = '') => {
    if (times.kind === 'date') return `${before}${name}${date}`
    const clock = time || 'T235959'
    if (times.kind === 'floating') return `${before}${name}${date}${clock}`
    if (utc) return whole
    const iso = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${clock.slice(1, 3)}:${clock.slice(3, 5)}:${clock.slice(5)}`
    const moment = readMoment(iso)
    if (moment?.form !== 'local') return whole
    const second = secondOf(moment, times.time_zone === null ? null : zoneOf(times.time_zone))
    return `${before}${name}${instantText(second).replaceAll(/[-:]/g, '')}`
  })
}

/** DTSTART on the wall clock of the zone; a local time as it was written, though a gap may skip it. */
function zonedText(zone: Zone, moment: Moment, second: number): string {
  return wallText(moment.form === 'instant' ? second + offsetSecondsAt(zone, second) : moment.wall)
}

const utcNames = new Set(['UTC', 'Etc/UTC', 'Z', 'Etc/UCT', 'Zulu', 'Etc/Zulu', 'UCT', 'Universal', 'Etc/Universal'])
export const isUtc = (zone: string): boolean => utcNames.has(zone)

/** `2026-01-15T10:00:00` of wall seconds. */
export function wallText(wall: number): string {
  const date = Math.floor(wall / day)
  const second = wall - date * day
  return `${dateText(date)}T${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`
}

/** `2026-01-15T10:00:00Z` of epoch seconds. */
export const instantText = (second: number): string => `${wallText(second)}Z`

/** What clocks in the zone show then, with their offset: `2026-01-15T12:00:00+02:00`. */
export function localText(second: number, zone: Zone): string {
  const offset = offsetSecondsAt(zone, second)
  const minutes = Math.trunc(Math.abs(offset) / 60)
  return `${wallText(second + offset)}${offset < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`
}

/** The epoch second at which a point of a series lies: floating times and dates are read in the viewer's zone. */
export function secondOfPoint(kind: Kind, point: number, zone: Zone): number {
  if (kind === 'zoned' || kind === 'utc') return point
  return kind === 'date' ? startOfDate(zone, Math.floor(point / day)) * 60 : resolveSeconds(zone, point)
}

export const toInstant = (second: number): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(second * 1000)
export const toSecond = (instant: Temporal.Instant): number => Math.floor(instant.epochMilliseconds / 1000)

const two = (value: number): string => String(value).padStart(2, '0')

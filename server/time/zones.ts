/**
 * Time zones on plain integers.
 *
 * Units. An instant is a count of whole minutes since 1970-01-01T00:00Z; a *wall* value counts the same way what the
 * clock on the wall reads (1970-01-01T00:00 is 0), so wall = instant + offset. A day is a count of dates since
 * 1970-01-01. Offsets are minutes east of UTC. Since 1972-01-07 every offset and every transition of the tz database
 * is a whole minute; before that some are not (local mean times, Monrovia), so the table is kept in seconds too and
 * the functions named …Seconds are exact for every year. The minute functions answer what a clock without a second
 * hand reads: the floor of the offset.
 *
 * Each zone's transitions are asked of Temporal once and kept; afterwards every look-up is a binary search.
 */

import { dayNumber } from './dates.ts'

export { dateOf, dayNumber, isoWeekday } from './dates.ts'

const MINUTE = 60
const DAY = 1440
/** No zone was ever further than this from UTC (Manila, −15:56). Instants of a reading lie this close to it. */
const WIDEST = 16 * 60

const YEAR_0 = secondsOfYear(0)
const YEAR_10000 = secondsOfYear(10_000)
/** What a new table covers; most questions never leave it. */
const FIRST_FROM = secondsOfYear(1970)
const FIRST_TO = secondsOfYear(2050)
const GROWTH = 30 * 366 * 86_400

/** Pieces of constant offset: piece i is `[at[i], at[i + 1])`; the last one ends with the table. */
interface Pieces {
  /** Where the table begins and ends, in the table's unit. */
  from: number
  to: number
  at: number[]
  offset: number[]
  /** The piece that answered last: neighbours in time are asked one after the other. */
  last: number
}

/** A validated IANA zone with what is known of its transitions. Made by `zoneOf` only; one object per zone. */
export interface Zone {
  readonly id: string
  /** Private to zones.ts. */
  readonly minutes: Pieces
  /** Private to zones.ts. */
  readonly seconds: Pieces
}

/** A change of offset: from `at` (epoch minute, first of the new offset) the clock is `after` instead of `before`. */
export interface Transition {
  readonly at: number
  readonly before: number
  readonly after: number
}

const known = new Map<string, Zone>()

/**
 * The zone of an IANA name, in any case (`europe/kyiv` is `Europe/Kyiv`). An alias keeps its own name.
 * Throws RangeError for anything that is not a name of the tz database, bare offsets such as `+03:00` included.
 */
export function zoneOf(id: string): Zone {
  const found = known.get(id)
  if (found) return found
  const name = nameOf(id)
  if (name === undefined) throw new RangeError(`"${id}" is not an IANA time zone`)
  // Kept under the canonical spelling alone, so that strangers' spellings cannot grow the map.
  let zone = known.get(name)
  if (!zone) {
    zone = { id: name, minutes: emptyPieces(), seconds: emptyPieces() }
    fill(zone, FIRST_FROM, FIRST_TO)
    known.set(name, zone)
  }
  return zone
}

/** Whether `zoneOf` knows this name. */
export function isZone(id: string): boolean {
  return known.has(id) || nameOf(id) !== undefined
}

/** The offset in minutes at an epoch minute. Throws RangeError outside the years 0 to 9999. */
export function offsetAt(zone: Zone, minute: number): number {
  cover(zone, minute * MINUTE, minute * MINUTE)
  return zone.minutes.offset[pieceOf(zone.minutes, minute)]!
}

/** The wall minute that clocks read at an epoch minute. */
export function wallOf(zone: Zone, minute: number): number {
  return minute + offsetAt(zone, minute)
}

/** The epoch minutes, ascending, at which clocks read this wall minute: none in a gap, two in a fold. */
export function instantsOf(zone: Zone, wall: number): number[] {
  cover(zone, (wall - WIDEST) * MINUTE, (wall + WIDEST) * MINUTE)
  return instantsIn(zone.minutes, wall, WIDEST)
}

/**
 * The one epoch minute meant by a wall minute, as RFC 5545 3.3.5 and Temporal's "compatible" have it: the first of a
 * fold; a reading that a gap skips moves forward by the gap, that is, it is read with the offset before it.
 */
export function resolve(zone: Zone, wall: number): number {
  cover(zone, (wall - WIDEST) * MINUTE, (wall + WIDEST) * MINUTE)
  return resolveIn(zone.minutes, wall, WIDEST)
}

/** `offsetAt` in seconds, exact for historic offsets: the offset in seconds at an epoch second. */
export function offsetSecondsAt(zone: Zone, second: number): number {
  cover(zone, second, second)
  return zone.seconds.offset[pieceOf(zone.seconds, second)]!
}

/** `instantsOf` in seconds: the epoch seconds at which clocks read this wall second. */
export function instantsOfSeconds(zone: Zone, wall: number): number[] {
  cover(zone, wall - WIDEST * MINUTE, wall + WIDEST * MINUTE)
  return instantsIn(zone.seconds, wall, WIDEST * MINUTE)
}

/** `resolve` in seconds: the one epoch second meant by a wall second. */
export function resolveSeconds(zone: Zone, wall: number): number {
  cover(zone, wall - WIDEST * MINUTE, wall + WIDEST * MINUTE)
  return resolveIn(zone.seconds, wall, WIDEST * MINUTE)
}

/**
 * The instants at which clocks read something in `[wallFrom, wallTo)` (TIME.md D1), ascending, as a flat list of
 * `from, to, offset`: one triple where the offset does not change, more around a transition. Triples may touch (a gap
 * inside) and, in a fold, stand apart. A reading w of a triple is the instant w − offset.
 */
export function readingsOf(zone: Zone, wallFrom: number, wallTo: number): number[] {
  const found: number[] = []
  pushReadings(zone, wallFrom, wallTo, found)
  return found
}

/** `readingsOf`, appended to a list that the caller keeps. */
export function pushReadings(zone: Zone, wallFrom: number, wallTo: number, into: number[]): void {
  cover(zone, (wallFrom - WIDEST) * MINUTE, (wallTo + WIDEST) * MINUTE)
  const { at, offset, to } = zone.minutes
  const end = wallTo + WIDEST
  for (let i = pieceOf(zone.minutes, wallFrom - WIDEST); i < at.length && at[i]! < end; i++) {
    const shift = offset[i]!
    const until = i + 1 < at.length ? at[i + 1]! : to
    const first = Math.max(at[i]!, wallFrom - shift)
    const after = Math.min(until, wallTo - shift)
    if (first < after) into.push(first, after, shift)
  }
}

/** The epoch minute at which a date begins in the zone: 00:00, or the end of the gap that skips it. */
export function startOfDate(zone: Zone, day: number): number {
  // Two days, because a gap can swallow a whole date (Apia, 2011-12-30 begins and ends with 2011-12-31).
  return readingsOf(zone, day * DAY, (day + 2) * DAY)[0]!
}

/** The date that calendars on the wall show at an epoch minute, as a day number. */
export function dayAt(zone: Zone, minute: number): number {
  return Math.floor(wallOf(zone, minute) / DAY)
}

/** The first and the last date that calendars on the wall show within `[from, to)`, epoch minutes, `from < to`. */
export function datesIn(zone: Zone, from: number, to: number): [first: number, last: number] {
  cover(zone, from * MINUTE, to * MINUTE)
  const { at, offset } = zone.minutes
  let i = pieceOf(zone.minutes, from)
  let first = from + offset[i]!
  let last = Number.NEGATIVE_INFINITY
  // Clocks that go back over midnight show the day before again: the ends of the span alone do not tell.
  for (; i < at.length && at[i]! < to; i++) {
    first = Math.min(first, Math.max(from, at[i]!) + offset[i]!)
    last = Math.max(last, Math.min(to, at[i + 1] ?? to) - 1 + offset[i]!)
  }
  return [Math.floor(first / DAY), Math.floor(last / DAY)]
}

/** The changes of offset in `[from, to)`, epoch minutes, ascending. */
export function transitionsIn(zone: Zone, from: number, to: number): Transition[] {
  if (to <= from) return []
  cover(zone, (from - 1) * MINUTE, to * MINUTE)
  const { at, offset } = zone.minutes
  const found: Transition[] = []
  for (let i = pieceOf(zone.minutes, from - 1) + 1; i < at.length && at[i]! < to; i++)
    found.push({ at: at[i]!, before: offset[i - 1]!, after: offset[i]! })
  return found
}

function nameOf(id: string): string | undefined {
  // Temporal also takes offsets ("+03:00") for zones; a schedule must not, it would miss every change of clocks.
  if (!/^[A-Za-z]/.test(id)) return undefined
  try {
    return new Temporal.ZonedDateTime(0n, id).timeZoneId
  } catch {
    return undefined
  }
}

function emptyPieces(): Pieces {
  return { from: 0, to: 0, at: [], offset: [], last: 0 }
}

/** Makes sure that the table holds the epoch seconds asked for, with room for every reading around them. */
function cover(zone: Zone, from: number, to: number): void {
  const table = zone.seconds
  if (from >= table.from && to < table.to) return
  if (!(from >= YEAR_0 - 2 * WIDEST * MINUTE && to < YEAR_10000 + 2 * WIDEST * MINUTE))
    throw new RangeError('Time zones are known for the years 0 to 9999')
  fill(
    zone,
    from < table.from ? Math.max(from - GROWTH, YEAR_0 - 86_400 * 3) : table.from,
    to >= table.to ? Math.min(to + GROWTH, YEAR_10000 + 86_400 * 3) : table.to,
  )
}

function fill({ id, minutes, seconds }: Zone, from: number, to: number): void {
  let now = new Temporal.ZonedDateTime(BigInt(from) * 1_000_000_000n, id)
  const at = [from]
  const offset = [now.offsetNanoseconds / 1e9]
  for (;;) {
    const next = now.getTimeZoneTransition('next')
    if (next === null || next.epochMilliseconds >= to * 1000) break
    at.push(next.epochMilliseconds / 1000)
    offset.push(next.offsetNanoseconds / 1e9)
    now = next
  }
  Object.assign(seconds, { from, to, at, offset, last: 0 })
  Object.assign(minutes, {
    from: Math.ceil(from / MINUTE),
    to: Math.floor(to / MINUTE),
    at: at.map((second) => Math.ceil(second / MINUTE)),
    offset: offset.map((second) => Math.floor(second / MINUTE)),
    last: 0,
  })
}

function pieceOf(pieces: Pieces, t: number): number {
  const { at, last } = pieces
  if (t >= at[last]! && (last + 1 === at.length || t < at[last + 1]!)) return last
  let low = 0
  let high = at.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (at[middle]! <= t) low = middle
    else high = middle - 1
  }
  pieces.last = low
  return low
}

function instantsIn(pieces: Pieces, wall: number, widest: number): number[] {
  const { at, offset, to } = pieces
  const found: number[] = []
  for (let i = pieceOf(pieces, wall - widest); i < at.length && at[i]! <= wall + widest; i++) {
    const t = wall - offset[i]!
    if (t >= at[i]! && t < (i + 1 < at.length ? at[i + 1]! : to)) found.push(t)
  }
  return found
}

function resolveIn(pieces: Pieces, wall: number, widest: number): number {
  const [first] = instantsIn(pieces, wall, widest)
  if (first !== undefined) return first
  // In a gap: the last piece whose clock had not yet reached the reading when it ended.
  const { at, offset } = pieces
  let i = pieceOf(pieces, wall - widest)
  while (i + 1 < at.length && at[i + 1]! + offset[i + 1]! <= wall) i++
  return wall - offset[i]!
}

function secondsOfYear(year: number): number {
  return dayNumber(year, 1, 1) * 86_400
}

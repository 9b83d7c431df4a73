/** Runs of wall-clock times turned into instants, with a zone look-up per change of clocks and not per time. */

import { offsetSecondsAt, resolveSeconds, transitionsIn } from '../zones.ts'
import type { Zone } from '../zones.ts'
import { DAY_SECONDS } from './text.ts'

const MINUTE = 60
/** No zone plans to leave out a date; all that did are before this instant (2050). */
const LAST_SKIPPED_DATE = 2_524_608_000
const SPARSE = 40 * DAY_SECONDS
/** Longer than any gap or fold: Apia, Kwajalein and Manila left out a whole day. */
export const LONGEST_GAP = 25 * 3600
const FAR = 10 * 366 * 86_400
/** No zone was ever further from UTC. */
const WIDEST = 16 * 3600

/** The wall-clock readings around one change of clocks that do not read exactly one instant. */
export interface Seam {
  /** Wall seconds `[from, to)`: skipped in a gap, repeated in a fold. */
  from: number
  to: number
  isGap: boolean
}

const EVERYWHERE: Seam = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, isGap: false }
const skippedDates = new WeakMap<Zone, { from: number; seams: Seam[] }>()

/** The seams that touch the wall seconds `[from, to)`, ascending. */
export function seamsIn(zone: Zone, from: number, to: number): Seam[] {
  const first = Math.floor((from - LONGEST_GAP) / MINUTE)
  const last = Math.ceil((to + LONGEST_GAP) / MINUTE)
  const seams: Seam[] = []
  for (const { at: minute } of transitionsIn(zone, first, last)) {
    let at = minute * MINUTE
    const after = offsetSecondsAt(zone, at)
    // Local mean times and their changes have seconds; the list of changes is in minutes, rounded up.
    while (offsetSecondsAt(zone, at - 1) === after && at > (minute - 1) * MINUTE) at--
    const before = offsetSecondsAt(zone, at - 1)
    // A change of name or of daylight rule only; nothing happens to the clock.
    if (before === after) continue
    const seam = { from: at + Math.min(before, after), to: at + Math.max(before, after), isGap: after > before }
    if (seam.to > from && seam.from < to) seams.push(seam)
  }
  return seams
}

/** The gaps of a day and more: dates that a zone left out. Asked for often and rare, so they are kept. */
export function skippedDatesIn(zone: Zone, from: number, to: number): Seam[] {
  let kept = skippedDates.get(zone)
  if (!kept || from < kept.from) {
    const start = Math.min(0, from)
    kept = { from: start, seams: longGaps(zone, start, LAST_SKIPPED_DATE) }
    skippedDates.set(zone, kept)
  }
  return kept.seams.filter((seam) => seam.to > from && seam.from < to)
}

function longGaps(zone: Zone, from: number, to: number): Seam[] {
  return seamsIn(zone, from, to).filter((seam) => seam.isGap && seam.to - seam.from >= DAY_SECONDS)
}

/**
 * The instants (epoch seconds) of ascending wall seconds, in the same order: RFC 5545 3.3.5, the first of a fold; a
 * skipped time moves by the gap, so that it may meet or pass the times after it: then they are not ordered.
 */
export function instantsOfRun(zone: Zone, walls: readonly number[]): { instants: number[]; ordered: boolean } {
  const instants: number[] = []
  if (walls.length === 0) return { instants, ordered: true }
  const last = walls.at(-1)!
  const isSparse = last - walls[0]! > walls.length * SPARSE
  // Where every time lies in another piece of the year, the changes of clocks between them are not worth a list.
  const seams = isSparse ? [EVERYWHERE] : seamsIn(zone, walls[0]!, last + 1)
  let ordered = true
  let before = Number.NEGATIVE_INFINITY
  let next = 0
  let offset = offsetOf(zone, walls[0]!)
  for (const wall of walls) {
    const seam = seams[next]
    if (seam && wall >= seam.from) {
      offset = offsetOf(zone, wall)
      if (wall >= seam.to) next++
    }
    const instant = wall - offset
    if (instant <= before) ordered = false
    before = instant
    instants.push(instant)
  }
  return { instants, ordered }
}

function offsetOf(zone: Zone, wall: number): number {
  return wall - resolveSeconds(zone, wall)
}

/**
 * Wall seconds `[from, to)` that hold every reading of the instants `[from, to)`, and around a change of clocks some more.
 */
export function wallsOfSpan(zone: Zone, from: number, to: number): [number, number] {
  const start = Math.min(offsetSecondsAt(zone, from), offsetSecondsAt(zone, from - LONGEST_GAP))
  // A far end is not worth asking the zone for all its years; what is too much is never walked to.
  if (to - from > FAR) return [from + start, to + WIDEST]
  return [from + start, to + Math.max(offsetSecondsAt(zone, to), offsetSecondsAt(zone, to - LONGEST_GAP))]
}

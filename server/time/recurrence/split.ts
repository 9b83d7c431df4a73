/**
 * Changing one occurrence of a series (`this`) and splitting a series in two (`this and following`), on its text.
 * What is changed in the second half is the caller's; both halves together make what the one series made.
 */

import { countedBefore, endOfCount, twinsIn } from './count.ts'
import { isOriginal, originalStarts } from './expand.ts'
import { parseRule } from './parse.ts'
import { planOf } from './plan.ts'
import { LONGEST_GAP, seamsIn, wallsOfSpan } from './points.ts'
import { formatRule, RuleError } from './rule.ts'
import type { Rule } from './rule.ts'
import { pointOf, pointOfWall, readSeries, wallText } from './series.ts'
import type { Series, SeriesText } from './series.ts'
import { DAY_SECONDS, HORIZON, writeDate, writeWall } from './text.ts'
import { newWalk } from './walk.ts'
import type { Plan } from './walk.ts'

/** The two halves; `before` is null when the series was split at its first occurrence. */
export interface Halves {
  before: SeriesText | null
  after: SeriesText
}

/**
 * The series without one occurrence, named by the start that the series gives it: an EXDATE.
 * Throws RuleError when there is no such occurrence.
 */
export function cancelOccurrence(text: SeriesText, recurrenceId: string): SeriesText {
  const { series, point } = find(text, recurrenceId)
  const overrides = keep(series, text.overrides ?? [], (id) => id !== point)
  if (!isOriginal(series, point)) return { ...text, overrides }
  return { ...text, exdate: [...(text.exdate ?? []), recurrenceId], overrides }
}

/** The series with one occurrence moved to another start: an override. Throws RuleError as `cancelOccurrence` does. */
export function moveOccurrence(text: SeriesText, recurrenceId: string, start: string): SeriesText {
  const { series, point } = find(text, recurrenceId)
  pointOf(series, start)
  const overrides = keep(series, text.overrides ?? [], (id) => id !== point)
  return { ...text, overrides: [...overrides, { recurrenceId, start }] }
}

/**
 * Splits a series at an occurrence, named by the start that the series gives it. The first half ends before it (UNTIL);
 * the second begins there, with what is left of COUNT. EXDATE, RDATE and overrides go where they belong.
 * Throws RuleError when there is no such occurrence, or COUNT is too large to be counted to it.
 */
export function splitSeries(text: SeriesText, recurrenceId: string): Halves {
  const { series, point } = find(text, recurrenceId)
  // An override may stand for an occurrence that is excluded besides; it alone is a first half, too.
  const isFirst = originalStarts(series, Number.NEGATIVE_INFINITY, point, 1, newWalk(0)).length === 0
  const isAlone = ![...series.overrides.keys()].some((id) => id < point)
  if (isFirst && (isAlone || pointOfWall(series.zone, series.dtstart) >= point)) return { before: null, after: text }
  return { before: firstHalf(text, series, point), after: secondHalf(text, series, point) }
}

function firstHalf(text: SeriesText, series: Series, point: number): SeriesText {
  const isBefore = (each: number) => each < point
  const { plan } = series
  const lists = listsOf(text, series, isBefore)
  if (pointOfWall(series.zone, series.dtstart) >= point) {
    // RDATEs alone come before; or, where a gap moved DTSTART behind it, an instance of the rule.
    const [first, ...others] = originalStarts(series, Number.NEGATIVE_INFINITY, point, HORIZON, newWalk(0))
    const rdate = others.map((each) => wallText(series, each))
    return { ...text, ...lists, dtstart: wallText(series, first!), rrule: null, rdate, exdate: [] }
  }
  // The split is at an RDATE, and the rule has ended before it.
  if (!plan || wallOfRule(series, plan, point) === null) return { ...text, ...lists }
  const last = point - (series.kind === 'date' ? DAY_SECONDS : 1)
  const until = {
    form: series.kind === 'date' ? 'date' : series.kind === 'floating' ? 'local' : 'utc',
    seconds: Math.min(last, series.until),
  } as const
  const half = { ...text, ...lists, rrule: formatRule({ ...writtenRule(text), count: null, until }) }
  return mended(half, series, point, point - 2 * LONGEST_GAP, point)
}

function secondHalf(text: SeriesText, series: Series, point: number): SeriesText {
  const lists = listsOf(text, series, (each) => each >= point)
  const { plan } = series
  const wall = plan && wallOfRule(series, plan, point)
  if (!plan || wall === null) return { ...text, ...lists, dtstart: wallText(series, point), rrule: null }
  const dtstart = series.kind === 'date' ? writeDate(wall / DAY_SECONDS) : writeWall(wall)
  const rrule = formatRule({ ...writtenRule(text), count: countLeft(series, plan, wall) })
  let half: SeriesText = { ...text, ...lists, dtstart, rrule }
  if (wall === series.dtstart) half = { ...half, rrule: text.rrule ?? null, dtstart: text.dtstart }
  return mended(half, series, point, point, point + 2 * LONGEST_GAP)
}

/** The wall second of the rule's instance at the point, or of its next one; null when there is none. */
function wallOfRule(series: Series, plan: Plan, point: number): number | null {
  const { zone } = series
  const [at] = originalStarts(
    { ...series, rdates: [], exdates: new Set() },
    point,
    Number.POSITIVE_INFINITY,
    1,
    newWalk(0),
  )
  if (at === undefined) return null
  const [low, high] = zone ? wallsOfSpan(zone, at, at + 1) : [at, at + 1]
  const walk = newWalk(Number.POSITIVE_INFINITY)
  plan.walk(walk, low, high)
  // The first of several: the later ones come again by themselves.
  return walk.found.find((wall) => pointOfWall(zone, wall) === at) ?? series.dtstart
}

function countLeft({ zone }: Series, plan: Plan, wall: number): number | null {
  const { count } = plan.rule
  if (count === null) return null
  const counted = countedBefore(plan, zone, wall)
  if (counted === null)
    throw new RuleError('COUNT', 'COUNT is too large: what is left of it after the split cannot be told')
  // Twins (count.ts) whose first half stays in the other series are twins no longer, and will be counted here.
  const near = endOfCount(plan, zone, wall + 2 * LONGEST_GAP, newWalk(0))
  return count - counted + twinsIn(plan, zone, wall, near) - twinsIn(planOf(plan.rule, wall), zone, wall, near)
}

/**
 * A half that has in `[from, to)` what the series has there, and nothing on the other side of the split.
 * Around a gap the order of instants is not that of the wall clock, by which COUNT and DTSTART divide a rule: what the
 * half makes too much there is excluded (EXDATE), what it lacks is added (RDATE).
 */
function mended(half: SeriesText, series: Series, point: number, from: number, to: number): SeriesText {
  const { zone } = series
  const low = point - 2 * LONGEST_GAP
  const high = point + 2 * LONGEST_GAP
  if (!zone || !seamsIn(zone, ...wallsOfSpan(zone, low, high)).some(({ isGap }) => isGap)) return half
  const rightful = new Set(originalStarts(series, from, to, HORIZON, newWalk(0)))
  const found = new Set(originalStarts(readSeries(half), low, high, HORIZON, newWalk(0)))
  const wrong = [...found].filter((each) => !rightful.has(each)).map((each) => wallText(series, each))
  const lacking = [...rightful].filter((each) => !found.has(each)).map((each) => wallText(series, each))
  return { ...half, exdate: [...(half.exdate ?? []), ...wrong], rdate: [...(half.rdate ?? []), ...lacking] }
}

function find(text: SeriesText, recurrenceId: string): { series: Series; point: number } {
  const series = readSeries(text)
  const point = pointOf(series, recurrenceId)
  if (!series.overrides.has(point) && !isOriginal(series, point))
    throw new RuleError('RECURRENCE-ID', 'The series has no occurrence at {value}', { value: recurrenceId })
  return { series, point }
}

/** The rule as it is written: `readSeries` leaves out what a series of whole days ignores. */
function writtenRule({ rrule, kind }: SeriesText): Rule {
  return parseRule(rrule ?? '', kind)
}

function listsOf(text: SeriesText, series: Series, isMine: (point: number) => boolean) {
  return {
    exdate: (text.exdate ?? []).filter((each) => isMine(pointOf(series, each))),
    rdate: (text.rdate ?? []).filter((each) => isMine(pointOf(series, each))),
    overrides: keep(series, text.overrides ?? [], isMine),
  }
}

function keep(series: Series, overrides: NonNullable<SeriesText['overrides']>, isMine: (point: number) => boolean) {
  return overrides.filter(({ recurrenceId }) => isMine(pointOf(series, recurrenceId)))
}

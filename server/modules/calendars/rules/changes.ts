import { formatRule, parseRule, type Kind, type SeriesText } from '../../../time/recurrence/index.ts'
import { instantText, readMoment, wallText as textOfWall } from './moments.ts'
import { offsetSecondsAt, zoneOf } from '../../../time/zones.ts'
import type { EventFacts } from './occurrences.ts'

/** What becomes of a series whose beginning is moved. Pure. */

/** A text of a series, moved by so many seconds of its wall clock. */
function moved(text: string, seconds: number): string {
  const moment = readMoment(text)
  if (!moment) return text
  if (moment.form === 'instant') return instantText(moment.second + seconds)
  const wall = textOfWall(moment.wall + seconds)
  return moment.form === 'date' ? wall.slice(0, 10) : wall
}

/** What the clock on the wall of an event shows at a point of its series. */
export function wallOfPoint(event: Pick<EventFacts, 'kind' | 'time_zone'>, point: number): number {
  return event.kind === 'zoned' ? point + offsetSecondsAt(zoneOf(event.time_zone!), point) : point
}

/** The same of its DTSTART, which is written so. */
export const wallOfStart = (dtstart: string): number => {
  const moment = readMoment(dtstart)
  return moment && moment.form !== 'instant' ? moment.wall : 0
}

/** A DTSTART moved by so many seconds. */
export const shiftStart = (dtstart: string, seconds: number, kind: Kind): string => {
  const wall = textOfWall(wallOfStart(dtstart) + seconds)
  return kind === 'date' ? wall.slice(0, 10) : wall
}

/**
 * RRULE, RDATE and EXDATE of a series whose beginning moves by so many seconds of its wall clock: exceptions keep naming the occurrences that they named, UNTIL
 * lets as many pass, and the weekdays of a weekly rule move by whole days with it.
 */
export function shiftSeries(
  event: EventFacts,
  seconds: number,
): Pick<EventFacts, 'recurrence_rule' | 'rdates' | 'exdates'> {
  return {
    recurrence_rule: event.recurrence_rule === null ? null : shiftRule(event.recurrence_rule, seconds),
    rdates: event.rdates.map((text) => moved(text, seconds)),
    exdates: event.exdates.map((text) => moved(text, seconds)),
  }
}

function shiftRule(text: string, seconds: number): string {
  const rule = parseRule(text)
  const days = Math.round(seconds / 86_400)
  const until = rule.until && { ...rule.until, seconds: rule.until.seconds + seconds }
  const turns = rule.freq === 'WEEKLY' && days % 7 !== 0
  const byDay = turns
    ? rule.byDay
        .map((one) => ({ ...one, weekday: ((((one.weekday - 1 + days) % 7) + 7) % 7) + 1 }))
        .toSorted((a, b) => a.weekday - b.weekday)
    : rule.byDay
  return formatRule({ ...rule, until, byDay })
}

/** The series that both halves of a split are made of, as columns of an event. */
export const columnsOf = (
  text: SeriesText,
): Pick<EventFacts, 'dtstart' | 'recurrence_rule'> & { rdates: string[]; exdates: string[] } => ({
  dtstart: text.dtstart,
  recurrence_rule: text.rrule ?? null,
  rdates: [...(text.rdate ?? [])],
  exdates: [...(text.exdate ?? [])],
})

import { parseRule, pointOf, RuleError, wallText as textOfPoint } from '../../../time/recurrence/index.ts'
import type { EventFields, OverrideChanges } from '../queries/events.ts'
import type { AnswerStatus } from '../queries/participants.ts'
import { mendUntil } from '../rules/moments.ts'
import { isTooDense, seriesOf, spanOf, type EventFacts } from '../rules/occurrences.ts'
import { remindersOf } from './alarms.ts'
import type { Property } from './properties.ts'
import type { Attendee, Extras, ReadEvent } from './read.ts'
import { startOf, textIn, type IcsTime } from './times.ts'

/** A series as it is to stand in a calendar: what was read of a UID, put together. Pure. */

export type DraftFields = Omit<EventFields, 'calendar_id' | 'organizer_id' | 'room_id' | 'raw'> & { raw: Extras | null }
export type DraftOverride = {
  point: number
  recurrence_id: string
  start_point: number | null
  start_text: string | null
  duration_seconds: number | null
  changes: OverrideChanges
  sequence: number
  raw: Extras | null
}
export type Draft = {
  fields: DraftFields
  overrides: DraftOverride[]
  attendees: Attendee[]
  organizer: Property | null
  /** Answers of attendees to single occurrences. */
  answers: { email: string; point: number; recurrence_id: string; status: AnswerStatus }[]
  span: { from: number; to: number | null }
  notes: string[]
}

const said = {
  rule: 'Its rule could not be read: it stands as a single event',
  dense: 'Its rule yields too many occurrences: it stands as a single event',
  following: 'A change of an occurrence and all that follow was kept for that occurrence',
  dates: 'Some of its dates could not be read and were left out',
}

/** Remarks on what a program means and we keep otherwise. */
export const otherwise: readonly string[] = [said.following, said.dates]

const year = 31_556_952
/** Times before the year 1000 and after the year 9000 are mistakes; PostgreSQL has no year 0, and servers no year 10000. */
const isFar = ({ wall }: IcsTime): boolean => wall < (1000 - 1970) * year || wall > (9000 - 1970) * year

/** The master as fields, and what is to be said of it. @throws RuleError, RangeError for what cannot stand at all */
export function draftOf(master: ReadEvent, given: readonly ReadEvent[]): Draft {
  if (isFar(master.start)) throw new RangeError('the start is too far from today')
  const notes = new Set(master.notes)
  const times = { ...startOf(master.start), duration_seconds: master.length }
  const lines = [...master.extras.lines]
  let rule: string | null = null
  if (master.rule !== null) {
    const found = ruleOf(master.rule, times)
    if (found.rule === null) {
      notes.add(found.why)
      // Somebody else may know what it means.
      lines.push(`RRULE:${master.rule}`)
    } else rule = found.rule
  }
  const facts: EventFacts = { ...times, recurrence_rule: rule, rdates: [], exdates: [] }
  const series = seriesOf(facts, [])
  const textAt = (time: IcsTime): { point: number; text: string } | null => {
    try {
      if (isFar(time)) return null
      const point = pointOf(series, textIn(times, time))
      return { point, text: textOfPoint(series, point) }
    } catch (error) {
      if (!(error instanceof RuleError || error instanceof RangeError)) throw error
      notes.add(said.dates)
      return null
    }
  }
  const list = (all: readonly IcsTime[]): string[] => [...new Set(all.flatMap((time) => textAt(time)?.text ?? []))]
  const rdates = list(master.rdates.map(({ time }) => time))
  const overrides = new Map<number, DraftOverride>()
  for (const { time, length } of master.rdates) {
    const at = textAt(time)
    if (at && length !== null && length !== times.duration_seconds)
      overrides.set(at.point, { ...plainOverride(at), duration_seconds: length })
  }
  const answers: Draft['answers'] = []
  const usual = times.kind === 'date' ? 'transparent' : 'opaque'
  for (const one of given.toSorted((a, b) => a.sequence - b.sequence)) {
    const at = textAt(one.recurrenceId!)
    const start = textAt(one.start)
    if (!at || !start) continue
    for (const note of one.notes) notes.add(note)
    if (one.andFollowing) notes.add(said.following)
    const { own, others } = attendeesOf(one, master)
    for (const { email, status } of own) answers.push({ email, point: at.point, recurrence_id: at.text, status })
    const extras = { ...one.extras, lines: [...one.extras.lines, ...others] }
    const isAsMaster = JSON.stringify(extras) === JSON.stringify({ ...master.extras })
    overrides.set(at.point, {
      ...plainOverride(at),
      start_point: start.point === at.point ? null : start.point,
      start_text: start.point === at.point ? null : start.text,
      duration_seconds: one.length === times.duration_seconds ? null : one.length,
      changes: changesOf(one, master, usual),
      sequence: one.sequence,
      raw: isAsMaster ? null : extras,
    })
  }
  // Only what recurs has occurrences that can differ: those that are named recur as dates.
  if (rule === null) for (const { recurrence_id: id } of overrides.values()) if (!rdates.includes(id)) rdates.push(id)
  const { reminders, alarms } = remindersOf(master.extras.alarms, master.title)
  const fields: DraftFields = {
    uid: master.uid,
    sequence: master.sequence,
    title: master.title,
    description: master.description,
    location: master.location,
    ...times,
    recurrence_rule: rule,
    rdates,
    exdates: list(master.exdates),
    status: master.status,
    transparency: master.transparency,
    visibility: master.visibility,
    reminders,
    raw: lines.length + alarms.length > 0 ? { lines, alarms } : null,
  }
  const sorted = [...overrides.values()].toSorted((a, b) => a.point - b.point)
  const span = spanOf(fields, sorted)
  return {
    fields,
    overrides: sorted,
    attendees: master.attendees,
    organizer: master.organizer,
    answers,
    span,
    notes: [...notes],
  }
}

const plainOverride = ({ point, text }: { point: number; text: string }): DraftOverride => ({
  point,
  recurrence_id: text,
  start_point: null,
  start_text: null,
  duration_seconds: null,
  changes: {},
  sequence: 0,
  raw: null,
})

/** A rule that we follow, or why we do not. */
function ruleOf(
  text: string,
  times: Pick<EventFacts, 'kind' | 'time_zone' | 'dtstart' | 'duration_seconds'>,
): { rule: string } | { rule: null; why: string } {
  const rule = mendUntil(text.toUpperCase().replaceAll(/\s+/g, '').replace(/;+$/, ''), times)
  try {
    parseRule(rule, times.kind)
    const facts = { ...times, recurrence_rule: rule, rdates: [], exdates: [] }
    return isTooDense(facts) ? { rule: null, why: said.dense } : { rule }
  } catch (error) {
    if (error instanceof RuleError) return { rule: null, why: said.rule }
    throw error
  }
}

function changesOf(one: ReadEvent, master: ReadEvent, usual: 'opaque' | 'transparent'): OverrideChanges {
  const transparency = one.transparency ?? usual
  return {
    ...(one.title === master.title ? {} : { title: one.title }),
    ...(one.description === master.description ? {} : { description: one.description }),
    ...(one.location === master.location ? {} : { location: one.location }),
    ...(one.status === master.status ? {} : { status: one.status }),
    ...(transparency === (master.transparency ?? usual) ? {} : { transparency }),
  }
}

/** Attendees of one occurrence: who answers it otherwise than the series, and the lines of who is invited to it alone. */
function attendeesOf(one: ReadEvent, master: ReadEvent): { own: Attendee[]; others: string[] } {
  const known = new Map(master.attendees.map((attendee) => [attendee.email.toLowerCase(), attendee]))
  const own: Attendee[] = []
  const others: string[] = []
  for (const attendee of one.attendees) {
    const general = known.get(attendee.email.toLowerCase())
    if (!general) others.push(attendee.line)
    else if (general.status !== attendee.status) own.push(attendee)
  }
  return { own, others }
}

/**
 * Puts together what was read of each UID. Of two of the same the one with the higher SEQUENCE counts, then the one written later. Occurrences without their
 * series stand as the series of just these.
 */
export function draftsOf(events: readonly ReadEvent[], refuse: (event: ReadEvent, reason: string) => void): Draft[] {
  const drafts: Draft[] = []
  for (const [, all] of Map.groupBy(events, ({ uid }) => uid)) {
    let master = newest(
      all.filter((one) => !one.recurrenceId),
      refuse,
    )
    const byPoint = Map.groupBy(
      all.filter((one) => one.recurrenceId),
      ({ recurrenceId }) => `${recurrenceId!.form} ${recurrenceId!.zone?.id ?? ''} ${recurrenceId!.wall}`,
    )
    let overrides = [...byPoint.values()].flatMap((same) => newest(same, refuse) ?? [])
    if (!master) {
      const sorted = overrides.toSorted((a, b) => a.recurrenceId!.wall - b.recurrenceId!.wall)
      const [first] = sorted
      if (!first) continue
      master = sorted.length === 1 ? { ...first, recurrenceId: null } : { ...first, start: first.recurrenceId! }
      overrides = sorted.length === 1 ? [] : sorted
    }
    try {
      drafts.push(draftOf(master, overrides))
    } catch (error) {
      if (!(error instanceof RuleError || error instanceof RangeError)) throw error
      refuse(master, 'Its times say nothing that can be kept')
    }
  }
  return drafts
}

function newest(same: readonly ReadEvent[], refuse: (event: ReadEvent, reason: string) => void): ReadEvent | undefined {
  const sorted = same.toSorted(
    (a, b) => b.sequence - a.sequence || (a.stamp < b.stamp ? 1 : a.stamp > b.stamp ? -1 : 0),
  )
  for (const older of sorted.slice(1)) refuse(older, 'The same stands in the file again')
  return sorted[0]
}

import { parameterValue, textValue, utcValue } from '../../../platform/icalendar.ts'
import { occursAt, pointOf, wallText as textOfPoint, type Series } from '../../../time/recurrence/index.ts'
import { zoneOf, type Zone } from '../../../time/zones.ts'
import type { EventRow, OverrideRow } from '../queries/events.ts'
import type { AnswerStatus, ParticipantRow } from '../queries/participants.ts'
import { seriesOf } from '../rules/occurrences.ts'
import { isOpaque, roomOf, type Whole } from '../rules/wanted.ts'
import { alarmsFor } from './alarms.ts'
import type { Extras } from './read.ts'
import { zoneLines } from './write-zone.ts'

/** Events as VEVENTs (RFC 5545 3.6.1). What was kept of a file goes back as it came. */

/** An event as somebody may see it: whole, or only that its time is taken. */
export type Shown = { whole: Whole; isBusy: boolean }
export type Names = {
  /** Of organizers, by user id. */
  people: ReadonlyMap<number, { name: string; email: string }>
  rooms: ReadonlyMap<string, string>
}

const busyTitle = 'Busy'
const noExtras: Extras = { lines: [], alarms: [] }
const extrasOf = (raw: unknown): Extras => (raw as Extras | null) ?? noExtras

/** `2026-01-15T10:00:00[Z]` or `2026-01-15` as iCalendar has it. */
const compact = (text: string): string => text.replaceAll(/[-:]/g, '')

/** A property with moments of a series, each in the series' own form: DTSTART, EXDATE and so on. Instants that its clock does not show are written in UTC. */
function moments(name: string, event: EventRow, texts: readonly string[]): string[] {
  if (texts.length === 0) return []
  if (event.kind === 'date') return [`${name};VALUE=DATE:${texts.map(compact).join(',')}`]
  if (event.kind === 'floating') return [`${name}:${texts.map(compact).join(',')}`]
  if (event.kind === 'utc') return [`${name}:${texts.map((text) => `${compact(text.replace(/Z$/, ''))}Z`).join(',')}`]
  const local = texts.filter((text) => !text.endsWith('Z'))
  const instants = texts.filter((text) => text.endsWith('Z'))
  return [
    ...(local.length > 0 ? [`${name};TZID=${event.time_zone}:${local.map(compact).join(',')}`] : []),
    ...(instants.length > 0 ? [`${name}:${instants.map(compact).join(',')}`] : []),
  ]
}

/** The end of what begins at a point and is so long; as a length where the clock of the zone cannot say it, or where it takes no time. */
function endLines(event: EventRow, series: Series, start: number, seconds: number): string[] {
  if (seconds === 0) return []
  const text = textOfPoint(series, start + seconds)
  if (event.kind === 'zoned' && text.endsWith('Z')) return [`DURATION:PT${seconds}S`]
  return moments('DTEND', event, [text])
}

const statusNames: Record<AnswerStatus, string> = {
  needs_action: 'NEEDS-ACTION',
  accepted: 'ACCEPTED',
  declined: 'DECLINED',
  tentative: 'TENTATIVE',
}

const nameParameter = (name: string): string => (name === '' ? '' : `;CN=${parameterValue(name)}`)

const attendeeLine = ({ name, email, role, status }: ParticipantRow, answer: AnswerStatus | undefined): string =>
  `ATTENDEE${nameParameter(name)};ROLE=${role === 'optional' ? 'OPT' : 'REQ'}-PARTICIPANT;PARTSTAT=${statusNames[answer ?? status]}:mailto:${email}`

const plainAlarm = (title: string) => (minutes: number) => [
  'ACTION:DISPLAY',
  `DESCRIPTION:${textValue(title)}`,
  `TRIGGER:-PT${minutes}M`,
]

function peopleLines(whole: Whole, override: OverrideRow | null, names: Names, lines: readonly string[]): string[] {
  const { event, participants, answers } = whole
  const kept = extrasOf(event.raw).lines.filter((line) => /^ORGANIZER\b/i.test(line))
  const organizer = names.people.get(event.organizer_id)
  const single = new Map(
    answers.filter((one) => one.point === override?.point).map((one) => [one.participant_id, one.status]),
  )
  const sorted = participants.toSorted((a, b) => (a.email < b.email ? -1 : 1))
  const own =
    organizer && participants.length > 0 ? [`ORGANIZER${nameParameter(organizer.name)}:mailto:${organizer.email}`] : []
  return [
    ...(kept.length > 0 ? kept.filter((line) => !lines.includes(line)) : own),
    ...sorted.map((one) => attendeeLine(one, single.get(one.id))),
  ]
}

/** One VEVENT: the series, or one occurrence that differs from it. */
export function eventLines(
  { whole, isBusy }: Shown,
  override: OverrideRow | null,
  series: Series,
  names: Names,
): string[] {
  const { event } = whole
  const changes = override?.changes ?? {}
  const point = pointOf(series, override ? (override.start_text ?? override.recurrence_id) : event.dtstart)
  const length = override?.duration_seconds ?? event.duration_seconds
  const canonical = (texts: readonly string[]): string[] =>
    texts.map((text) => textOfPoint(series, pointOf(series, text)))
  const title = isBusy ? busyTitle : (changes.title ?? event.title)
  const roomId = roomOf(event, override)
  const location = (changes.location ?? event.location) || (roomId === null ? '' : (names.rooms.get(roomId) ?? ''))
  const description = changes.description ?? event.description
  const extras = extrasOf(override?.raw ?? event.raw)
  // Alarms of an occurrence that differs are its own; else those of the series.
  const alarms = override?.raw
    ? extras.alarms
    : alarmsFor(event.reminders, extras.alarms, plainAlarm(override ? event.title : title))
  const hasClass = extras.lines.some((line) => /^CLASS\b/i.test(line))
  const lines = override?.raw
    ? extras.lines
    : extras.lines.filter((line) => override === null || !/^RRULE\b/i.test(line))
  return [
    'BEGIN:VEVENT',
    // Written by whoever made it: it may say what it is about.
    `UID:${textValue(isBusy ? event.id : event.uid)}`,
    `DTSTAMP:${utcValue(event.updated_at)}`,
    `LAST-MODIFIED:${utcValue(event.updated_at)}`,
    `SEQUENCE:${override ? Math.max(override.sequence, event.sequence) : event.sequence}`,
    ...(override ? moments('RECURRENCE-ID', event, canonical([override.recurrence_id])) : []),
    ...moments('DTSTART', event, override ? [textOfPoint(series, point)] : [event.dtstart]),
    ...endLines(event, series, point, length),
    ...(override || event.recurrence_rule === null ? [] : [`RRULE:${event.recurrence_rule}`]),
    ...(override ? [] : moments('RDATE', event, canonical(event.rdates))),
    ...(override ? [] : moments('EXDATE', event, canonical(event.exdates))),
    `SUMMARY:${textValue(title)}`,
    ...(isBusy || description === '' ? [] : [`DESCRIPTION:${textValue(description)}`]),
    ...(isBusy || location === '' ? [] : [`LOCATION:${textValue(location)}`]),
    `STATUS:${(changes.status ?? event.status).toUpperCase()}`,
    `TRANSP:${isOpaque(event, override) ? 'OPAQUE' : 'TRANSPARENT'}`,
    ...(hasClass && !isBusy ? [] : [`CLASS:${event.visibility.toUpperCase()}`]),
    ...(isBusy ? [] : peopleLines(whole, override, names, lines)),
    ...(isBusy ? [] : lines),
    ...(isBusy ? [] : alarms.flatMap((alarm) => ['BEGIN:VALARM', ...alarm, 'END:VALARM'])),
    'END:VEVENT',
  ]
}

const withoutPeopleLines = (raw: unknown): unknown =>
  raw === null
    ? null
    : { lines: extrasOf(raw).lines.filter((line) => !/^(ORGANIZER|ATTENDEE|CONTACT)\b/i.test(line)), alarms: [] }

/** An event for guests of a public calendar: what it is, without who takes part. */
export const forGuests = (whole: Whole): Whole => ({
  event: { ...whole.event, raw: withoutPeopleLines(whole.event.raw) },
  overrides: whole.overrides.map((one) => ({ ...one, raw: withoutPeopleLines(one.raw) })),
  participants: [],
  answers: [],
})

/** All VEVENTs of an event: the series first, then the occurrences that differ, or that somebody answers otherwise than the rest. */
export function vevents(shown: Shown, names: Names): string[] {
  const { event, overrides, answers } = shown.whole
  const series = seriesOf(event, [])
  const known = new Set(overrides.map(({ point }) => point))
  const answered = shown.isBusy
    ? []
    : [...new Map(answers.map((one) => [one.point, one])).values()].filter(
        ({ point }) => !known.has(point) && occursAt(series, point),
      )
  const all = [...overrides, ...answered.map((one) => plainOverride(event, one))].toSorted((a, b) => a.point - b.point)
  return [
    ...eventLines(shown, null, series, names),
    ...all.flatMap((override) => eventLines(shown, override, series, names)),
  ]
}

/** An occurrence that differs in nothing of its own. */
export const plainOverride = (
  event: EventRow,
  { point, recurrence_id }: { point: number; recurrence_id: string },
): OverrideRow => ({
  event_id: event.id,
  point,
  recurrence_id,
  start_point: null,
  start_text: null,
  duration_seconds: null,
  changes: {},
  has_own_room: false,
  room_id: null,
  sequence: 0,
  raw: null,
})

/** A calendar: its zones, then its events. `more`: further properties of the calendar itself. */
export function calendarLines(all: readonly Shown[], names: Names, more: readonly string[] = []): string[] {
  const years = new Map<Zone, number>()
  for (const { whole } of all) {
    const { event } = whole
    if (event.kind !== 'zoned') continue
    const zone = zoneOf(event.time_zone!)
    // A year before, since occurrences that were moved may lie earlier.
    years.set(zone, Math.min(years.get(zone) ?? Number.POSITIVE_INFINITY, Number(event.dtstart.slice(0, 4)) - 1))
  }
  const zones = [...years].toSorted(([a], [b]) => (a.id < b.id ? -1 : 1))
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Banister//Calendar//EN',
    'CALSCALE:GREGORIAN',
    ...more,
    ...zones.flatMap(([zone, year]) => zoneLines(zone, year)),
    ...all.flatMap((shown) => vevents(shown, names)),
    'END:VCALENDAR',
  ]
}

import { createHash } from 'node:crypto'
import type { Status, Transparency } from '../queries/events.ts'
import type { AnswerStatus } from '../queries/participants.ts'
import type { Component } from './lines.ts'
import { propertyOf, type Property } from './properties.ts'
import { durationOf, lengthOf, timeOf, timeOfProperty, usualLength, type IcsTime, type ZoneFinder } from './times.ts'

/** One VEVENT as it was written, before it is known what it belongs to. */

export type Attendee = {
  email: string
  name: string
  role: 'required' | 'optional'
  status: AnswerStatus
  line: string
}

/** What we have no field for, as it came. */
export type Extras = { lines: string[]; alarms: string[][] }

export type ReadEvent = {
  uid: string
  sequence: number
  /** When it was written, for telling the newer of two; text of 3.3.5. */
  stamp: string
  start: IcsTime
  length: number
  recurrenceId: IcsTime | null
  andFollowing: boolean
  rule: string | null
  rdates: { time: IcsTime; length: number | null }[]
  exdates: IcsTime[]
  title: string
  description: string
  location: string
  status: Status
  transparency: Transparency | null
  visibility: 'public' | 'private'
  attendees: Attendee[]
  organizer: Property | null
  extras: Extras
  /** Sentences on what could not be kept. */
  notes: string[]
}

/** Bounds of what is kept: as those of the API, and of what we know nothing of. */
const longest = {
  title: 500,
  location: 500,
  description: 20_000,
  uid: 1000,
  line: 16_000,
  extras: 48_000,
  attendees: 500,
  dates: 5000,
}

const notKept = {
  end: 'Its end could not be read; it has the usual length',
  line: 'A line could not be read and was left out',
  extras: 'Something larger than can be kept was left out',
  rules: 'Of several rules only the first was kept',
  dates: 'Some of its dates could not be read and were left out',
  cut: 'A text was too long and was cut',
  attendees: 'Some of its participants were left out',
  recurrence: 'Which occurrence it is could not be read',
}

/** Remarks on what was more than can be kept. */
export const lossy: ReadonlySet<string> = new Set([notKept.extras, notKept.cut, notKept.attendees])

/** Remarks on what could not be read, though a value was meant. */
export const unread: readonly string[] = [notKept.end, notKept.line, notKept.rules, notKept.dates]

/** Names that are ours to write again; all others are kept as they came. */
const own = new Set(
  'UID SEQUENCE DTSTAMP LAST-MODIFIED DTSTART DTEND DURATION RECURRENCE-ID RRULE RDATE EXDATE SUMMARY DESCRIPTION LOCATION STATUS TRANSP CLASS ATTENDEE ORGANIZER'.split(
    ' ',
  ),
)
/** Properties with a value of their own are ours where they have no parameters; else they are kept as well. */
const statuses: Record<string, Status> = { CONFIRMED: 'confirmed', TENTATIVE: 'tentative', CANCELLED: 'cancelled' }

/** Reads a VEVENT. A sentence says why it cannot be one. */
export function readEvent(component: Component, find: ZoneFinder): ReadEvent | string {
  const notes = new Set<string>()
  const byName = new Map<string, Property[]>()
  const others: string[] = []
  for (const line of component.lines) {
    const property = propertyOf(line)
    if (!property) notes.add(notKept.line)
    else if (own.has(property.name)) byName.set(property.name, [...(byName.get(property.name) ?? []), property])
    else others.push(line)
  }
  const one = (name: string): Property | undefined => byName.get(name)?.[0]
  const dtstart = one('DTSTART')
  if (!dtstart) return 'It has no start'
  const start = timeOfProperty(dtstart, find)
  if (!start) return 'Its start could not be read'
  let length = lengthOf(start, one('DTEND'), one('DURATION'), find)
  if (length === null) {
    notes.add(notKept.end)
    length = usualLength(start.form)
  }
  const named = one('RECURRENCE-ID')
  const recurrenceId = named ? timeOfProperty(named, find) : null
  if (named && !recurrenceId) return notKept.recurrence
  const visibility = classOf(one('CLASS'), others)
  const { rdates, exdates } = datesOf(byName, find, notes)
  const rules = byName.get('RRULE') ?? []
  if (rules.length > 1) notes.add(notKept.rules)
  const line = (name: string, most: number): string =>
    cut((one(name)?.text ?? '').replaceAll(/\s*\n\s*/g, ' ').trim(), most, notes)
  return {
    uid: uidOf(one('UID')?.text, component),
    sequence: sequenceOf(one('SEQUENCE')?.raw),
    stamp: one('LAST-MODIFIED')?.raw ?? one('DTSTAMP')?.raw ?? '',
    start,
    length,
    recurrenceId,
    andFollowing: named?.params['range']?.toUpperCase() === 'THISANDFUTURE',
    rule: rules[0]?.raw.trim() || null,
    rdates,
    exdates,
    title: line('SUMMARY', longest.title),
    description: cut(one('DESCRIPTION')?.text ?? '', longest.description, notes),
    location: line('LOCATION', longest.location),
    status: statuses[one('STATUS')?.raw.toUpperCase() ?? ''] ?? 'confirmed',
    transparency: transparencyOf(one('TRANSP')?.raw, start),
    visibility,
    attendees: attendeesOf(byName.get('ATTENDEE') ?? [], others, notes),
    organizer: one('ORGANIZER') ?? null,
    extras: bounded({ lines: others, alarms: alarmsOf(component) }, notes),
    notes: [...notes],
  }
}

/** A file may say it about itself in many words; a UID that is too long, or none, is made of what is written, so that the same file makes the same. */
function uidOf(text: string | undefined, component: Component): string {
  const uid = (text ?? '').replaceAll(/\s+/g, ' ').trim()
  if (uid !== '' && uid.length <= longest.uid) return uid
  const said =
    uid === '' ? component.lines.filter((line) => !/^(DTSTAMP|LAST-MODIFIED|CREATED)\b/i.test(line)).join('\n') : uid
  return `${createHash('sha256').update(said).digest('hex').slice(0, 40)}@imported.banister`
}

const sequenceOf = (text: string | undefined): number => (/^\d{1,9}$/.test(text?.trim() ?? '') ? Number(text) : 0)

function transparencyOf(text: string | undefined, { form }: IcsTime): Transparency | null {
  const usual = form === 'date' ? 'transparent' : 'opaque'
  const said = text?.toLowerCase()
  return (said === 'opaque' || said === 'transparent') && said !== usual ? said : null
}

function classOf(property: Property | undefined, others: string[]): 'public' | 'private' {
  const said = property?.raw.toUpperCase()
  if (!property || said === 'PUBLIC') return 'public'
  // CONFIDENTIAL and names of others are treated as private (3.8.1.3), and go back as they came.
  if (said !== 'PRIVATE') others.push(property.line)
  return 'private'
}

function cut(text: string, most: number, notes: Set<string>): string {
  if (text.length <= most) return text
  notes.add(notKept.cut)
  return text
    .slice(0, most)
    .toWellFormed()
    .replace(/\uFFFD$/, '')
}

function datesOf(byName: ReadonlyMap<string, readonly Property[]>, find: ZoneFinder, notes: Set<string>) {
  const rdates: ReadEvent['rdates'] = []
  const exdates: IcsTime[] = []
  const pieces = (name: string): { text: string; tzid: string | undefined }[] =>
    (byName.get(name) ?? []).flatMap(({ raw, params }) =>
      raw
        .split(',')
        .filter((text) => text.trim() !== '')
        .map((text) => ({ text, tzid: params['tzid'] })),
    )
  for (const { text, tzid } of pieces('EXDATE').slice(0, longest.dates)) {
    const time = timeOf(text, tzid, find)
    if (time) exdates.push(time)
    else notes.add(notKept.dates)
  }
  for (const { text, tzid } of pieces('RDATE').slice(0, longest.dates)) {
    const [from = '', to] = text.split('/')
    const time = timeOf(from, tzid, find)
    if (!time) {
      notes.add(notKept.dates)
      continue
    }
    const period = (raw: string): Property => ({
      name: '',
      params: tzid === undefined ? {} : { tzid },
      raw,
      text: raw,
      line: '',
    })
    const length =
      to === undefined
        ? null
        : durationOf(to)
          ? lengthOf(time, undefined, period(to), find)
          : lengthOf(time, period(to), undefined, find)
    rdates.push({ time, length })
  }
  if (pieces('EXDATE').length > longest.dates || pieces('RDATE').length > longest.dates) notes.add(notKept.dates)
  return { rdates, exdates }
}

const answers: Record<string, AnswerStatus> = { ACCEPTED: 'accepted', DECLINED: 'declined', TENTATIVE: 'tentative' }

function attendeesOf(properties: readonly Property[], others: string[], notes: Set<string>): Attendee[] {
  const found = new Map<string, Attendee>()
  for (const property of properties) {
    const email = emailOf(property)
    if (email === null || found.size >= longest.attendees) {
      // Somebody without an address can be no participant, but goes back as they came.
      if (email === null) others.push(property.line)
      else notes.add(notKept.attendees)
      continue
    }
    const { params, line } = property
    const isOptional = /^(OPT|NON)-PARTICIPANT$/i.test(params['role'] ?? '')
    const key = email.toLowerCase()
    if (found.has(key)) continue
    found.set(key, {
      email,
      name: (params['cn'] ?? '').replaceAll(/\s+/g, ' ').trim().slice(0, 200),
      role: isOptional ? 'optional' : 'required',
      status: answers[params['partstat']?.toUpperCase() ?? ''] ?? 'needs_action',
      line,
    })
  }
  return [...found.values()]
}

/** The address of an ATTENDEE or ORGANIZER; null without one. */
export function emailOf({ raw, params }: Property): string | null {
  const said = /^mailto:/i.test(raw) ? raw.slice(7) : (params['email'] ?? raw)
  const email = said.trim()
  return /^[^\s@<>,;:"\\]+@[^\s@<>,;:"\\]+$/.test(email) && email.length <= 254 ? email : null
}

const alarmsOf = ({ components }: Component): string[][] =>
  components
    .filter(({ name }) => name === 'VALARM')
    .map(({ lines }) => lines.filter((line) => propertyOf(line) !== null))

/** A binary attachment of a megabyte is not kept with the event. */
function bounded({ lines, alarms }: Extras, notes: Set<string>): Extras {
  let left = longest.extras
  const fits = (line: string): boolean => {
    if (line.length > longest.line || line.length > left) {
      notes.add(notKept.extras)
      return false
    }
    left -= line.length
    return true
  }
  const kept = lines.filter(fits)
  return { lines: kept, alarms: alarms.slice(0, 50).filter((alarm) => alarm.every(fits)) }
}

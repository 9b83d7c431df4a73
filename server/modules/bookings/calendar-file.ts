import { icalendarOf, textValue, utcValue } from '../../platform/icalendar.ts'

/** Bookings as an iCalendar file (RFC 5545): VEVENTs with times in UTC need no VTIMEZONE. */

export type CalendarEntry = {
  uid: string
  /** How often it was moved or cancelled: a calendar takes the highest. */
  sequence: number
  status: 'TENTATIVE' | 'CONFIRMED' | 'CANCELLED'
  startsAt: Temporal.Instant
  endsAt: Temporal.Instant
  createdAt: Temporal.Instant
  changedAt: Temporal.Instant
  summary: string
  description: string
  location: string
  url: string | null
}

/**
 * The file: a VCALENDAR with a VEVENT for each booking, published and not an invitation: nobody is to answer it. Those of a series have each a UID of their own, since
 * each can be moved and cancelled alone.
 */
export function calendarFile(...entries: readonly CalendarEntry[]): string {
  return icalendarOf([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Banister//Bookings//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    ...entries.flatMap(linesOf),
    'END:VCALENDAR',
  ])
}

function linesOf(entry: CalendarEntry): string[] {
  return [
    'BEGIN:VEVENT',
    `UID:${textValue(entry.uid)}`,
    `DTSTAMP:${utcValue(entry.changedAt)}`,
    `CREATED:${utcValue(entry.createdAt)}`,
    `LAST-MODIFIED:${utcValue(entry.changedAt)}`,
    `SEQUENCE:${entry.sequence}`,
    `STATUS:${entry.status}`,
    `DTSTART:${utcValue(entry.startsAt)}`,
    `DTEND:${utcValue(entry.endsAt)}`,
    `SUMMARY:${textValue(entry.summary)}`,
    ...(entry.description === '' ? [] : [`DESCRIPTION:${textValue(entry.description)}`]),
    ...(entry.location === '' ? [] : [`LOCATION:${textValue(entry.location)}`]),
    // A URI is not TEXT and is not escaped; ours are made by `new URL`, which leaves no line break.
    ...(entry.url === null ? [] : [`URL:${new URL(entry.url).href}`]),
    'TRANSP:OPAQUE',
    'END:VEVENT',
  ]
}

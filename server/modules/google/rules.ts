import { createHash } from 'node:crypto'
import type { GoogleEvent } from './client/calendar.ts'

/** What a booking is in a Google calendar, and what a Google calendar says of somebody's time. Pure. */

/** What of a booking decides what stands in a calendar. */
export type Stated = {
  id: number
  status: string
  title: string
  startsAt: Temporal.Instant
  endsAt: Temporal.Instant
  createdAt: Temporal.Instant
  timeZone: string
  buyer: string
  note: string
  place: string
  link: string
}

export type Attendee = { userId: number; email: string; name: string }

/**
 * The id of a booking's event: the same whenever it is asked for, so that writing it twice makes one. Letters a to v and digits, as Google wants them
 * (base32hex); the time of making keeps a new database from meeting the events of an old one.
 */
export const eventIdOf = (host: string, bookingId: number, createdAt: Temporal.Instant): string =>
  `bn${createHash('sha256').update(`${host} booking ${bookingId} ${createdAt.toString()}`).digest('hex').slice(0, 40)}`

/** Is a booking of this status to stand in a calendar? One that waits to be confirmed only where a meeting was asked for. */
export const stands = (status: string, hasMeeting: boolean): boolean =>
  status === 'confirmed' || status === 'completed' || status === 'no_show' || (status === 'pending' && hasMeeting)

/** The event of a booking, without its conference. Google tells its guests nothing of one another. */
export function eventOf(booking: Stated, attendees: readonly Attendee[] | null): GoogleEvent {
  const { timeZone } = booking
  return {
    summary: `${booking.title}: ${booking.buyer}`,
    description: [booking.note, booking.link].filter((part) => part !== '').join('\n\n'),
    location: booking.place,
    status: booking.status === 'pending' ? 'tentative' : 'confirmed',
    start: { dateTime: booking.startsAt.toString(), timeZone },
    end: { dateTime: booking.endsAt.toString(), timeZone },
    source: { title: 'Banister', url: booking.link },
    extendedProperties: { private: { banister_booking: String(booking.id) } },
    ...(attendees
      ? {
          attendees: attendees.map(({ email, name }) => ({ email, displayName: name })),
          guestsCanInviteOthers: false,
          guestsCanModify: false,
          guestsCanSeeOtherGuests: false,
        }
      : {}),
  }
}

/** Tells one event from another; who is invited counts by their number, since an address may be gone tomorrow. */
export const hashOf = (event: GoogleEvent, attendees: readonly Attendee[] | null): string =>
  createHash('sha256')
    .update(JSON.stringify([{ ...event, attendees: attendees?.map(({ userId }) => userId) ?? null }]))
    .digest('hex')

/** The name of the conference that is asked for: the same request again makes no second one. */
export const conferenceRequest = (eventId: string, nth: number): GoogleEvent => ({
  conferenceData: {
    createRequest: { requestId: `${eventId}-${nth}`, conferenceSolutionKey: { type: 'hangoutsMeet' } },
  },
})

/** How the conference of an event stands: its link, `pending` while Google makes it, `failed`, or null where there is none. */
export function meetingOf(event: GoogleEvent): { url: string } | 'pending' | 'failed' | null {
  const entry = event.conferenceData?.entryPoints?.find((one) => one.entryPointType === 'video')
  const url = event.hangoutLink ?? entry?.uri
  if (url && URL.parse(url)?.protocol === 'https:') return { url }
  const code = event.conferenceData?.createRequest?.status?.statusCode
  if (code === 'pending') return 'pending'
  return code === undefined || code === null ? null : 'failed'
}

export type Span = { from: Temporal.Instant; to: Temporal.Instant }

/** Kinds of events of Google's that say where or who somebody is, not that they are busy. */
const idle = ['workingLocation', 'birthday']

/**
 * When an event of somebody's calendar makes them busy; null where it does not. As in SPEC section 10: who has not declined is busy; what is shown as free is not.
 * An all-day event is busy where Google says so: Google makes them free by itself, so somebody has set it. `zone` is the calendar's, in which its days are days.
 */
export function busyOf(event: GoogleEvent, zone: string): Span | null {
  if (event.status === 'cancelled' || event.transparency === 'transparent') return null
  if (idle.includes(event.eventType ?? '')) return null
  if (attendeesIn(event).some((one) => one.self === true && one.responseStatus === 'declined')) return null
  return spanOf(event, zone)
}

/** Who is asked to come, as far as it is told: an answer of Google's is taken for nothing that it is not. */
const attendeesIn = ({ attendees }: GoogleEvent) => (Array.isArray(attendees) ? attendees : []).filter((one) => one)

/** From when to when an event is; null where it is not told or lasts no time. */
export function spanOf(event: GoogleEvent, zone: string): Span | null {
  const from = momentOf(event.start, zone)
  const to = momentOf(event.end, zone)
  if (!from || !to || Temporal.Instant.compare(from, to) >= 0) return null
  return { from, to }
}

function momentOf(time: GoogleEvent['start'], zone: string): Temporal.Instant | null {
  try {
    if (time?.dateTime) return within(Temporal.Instant.from(time.dateTime))
    if (time?.date) return within(Temporal.PlainDate.from(time.date).toZonedDateTime(zone).toInstant())
  } catch {
    // Not a time, or a zone that is not known here: nothing that could be claimed.
  }
  return null
}

const [earliest, latest] = ['0001-01-02T00:00:00Z', '9999-12-30T00:00:00Z'].map((text) => Temporal.Instant.from(text))

/** As it can be kept: in whole milliseconds, finer ones would differ from themselves the next time; and in years of four digits, which every database writes alike. */
function within(instant: Temporal.Instant): Temporal.Instant {
  if (Temporal.Instant.compare(instant, earliest!) < 0) return earliest!
  if (Temporal.Instant.compare(instant, latest!) > 0) return latest!
  return instant.round({ smallestUnit: 'millisecond', roundingMode: 'floor' })
}

/** The source of the claims of one event of a connection's calendar: ids of Google's may be longer than a source's. */
export const sourceOf = (connectionId: number, eventId: string): string =>
  `${sourcesOf(connectionId)}${createHash('sha256').update(eventId).digest('hex').slice(0, 40)}`

/** How all of them begin. */
export const sourcesOf = (connectionId: number): string => `google-${connectionId}-`

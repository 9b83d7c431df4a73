import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { findNoticed, setMeetingUrl, type Noticed } from '../../bookings/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import type { GoogleEvent } from '../client/calendar.ts'
import { ConsentGone, GoogleFailed, GoogleRefused, isAbsent } from '../client/errors.ts'
import { googleOf } from '../client/index.ts'
import { endTurn, takeTurn, type EventRow } from '../queries/events.ts'
import { conferenceRequest, eventOf, hashOf, meetingOf, stands } from '../rules.ts'
import { consentLost } from './end.ts'
import { tellInvited } from './invitations.ts'
import { attendeesOf, inviteesOf, placeFor, placeNow, statedOf, type Place } from './places.ts'

/** A call takes at most ten seconds, and a turn at most six of them. */
const turnOf = Temporal.Duration.from({ minutes: 2 })

type EventSet = Parameters<typeof endTurn>[3]
type Outcome = { set: EventSet; settled: boolean; meeting?: string; pending?: true }

/**
 * Brings Google to what a booking is now: makes, changes, moves or removes its event, with its conference where one is wanted. May be repeated: what is right
 * already is not asked for again. One at a time for a booking, and each looks at the booking when its turn comes, so the last word is the booking's.
 * Outside of any transaction. `busy`: somebody else is at it, also after `waitMs`. @throws GoogleFailed, CircuitOpen: then it is to be tried again
 */
export async function writeBooking(ctx: Context, bookingId: number, waitMs = 0): Promise<'done' | 'refused' | 'busy'> {
  const patience = performance.now() + waitMs
  for (;;) {
    const turn = randomUUID()
    const row = await takeTurn(ctx, bookingId, turn, ctx.house.clock().add(turnOf))
    if (row === null) return 'done'
    if (row === 'busy') {
      if (performance.now() >= patience) return 'busy'
      await sleep(100)
      continue
    }
    try {
      const outcome = await reconcile(ctx, row)
      await inTransaction(ctx, (tx) => settle(tx, row, turn, outcome))
      if (outcome.pending) throw new GoogleFailed('the conference is not ready yet', false)
      return outcome.set.refusal ? 'refused' : 'done'
    } catch (error) {
      if (error instanceof GoogleRefused) {
        ctx.log.warn({ booking: bookingId, reason: error.message }, 'Google refused the event of a booking')
        await endTurn(ctx, row, turn, { refusal: error.message.slice(0, 300) }, false)
        return 'refused'
      }
      await endTurn(ctx, row, turn, {}, false)
      if (!(error instanceof ConsentGone)) throw error
      // Then it goes to the platform's calendar, or nowhere.
      await consentLost(ctx, error)
    }
  }
}

const isAt = (row: EventRow, place: Place): boolean =>
  row.connection_id === place.connectionId && row.calendar_id === place.calendarId

async function reconcile(ctx: Context, row: EventRow): Promise<Outcome> {
  const noticed = await findNoticed(ctx, row.booking_id)
  if (!noticed) return { set: {}, settled: true }
  const { status, provider_id: providerId, ends_at: endsAt } = noticed.booking
  const place = stands(status, row.meet_wanted)
    ? ((await placeKept(ctx, row)) ?? (await placeFor(ctx, providerId)))
    : null
  let left: EventSet = {}
  if (row.calendar_id !== null && (place === null || !isAt(row, place))) {
    await remove(ctx, row)
    left = {
      connection_id: null,
      calendar_id: null,
      written: null,
      written_from: null,
      written_to: null,
      is_removed: false,
      meet_url: null,
      meet_nth: row.meet_nth + 1,
    }
  }
  const now = { ...row, ...left }
  // What has been is not written anew.
  const isPast = Temporal.Instant.compare(endsAt, ctx.house.clock()) <= 0
  if (place === null || (now.calendar_id === null && isPast)) return { set: { ...left, refusal: null }, settled: true }
  return write(ctx, now, noticed, place, left)
}

/** A meeting in the calendar of the platform stays there, also when its provider connects their own: its link has been sent to people. */
const placeKept = async (ctx: Context, row: EventRow): Promise<Place | null> =>
  row.meet_url !== null && row.connection_id === null ? placeNow(ctx, row) : null

async function remove(ctx: Context, row: EventRow): Promise<void> {
  const old = await placeNow(ctx, row)
  if (!old) return
  try {
    await googleOf(ctx).remove(old.who, old.calendarId, row.event_id)
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}

async function write(ctx: Context, row: EventRow, noticed: Noticed, place: Place, left: EventSet): Promise<Outcome> {
  const { status, starts_at, ends_at } = noticed.booking
  const attendees = row.meet_wanted ? attendeesOf(await inviteesOf(ctx, noticed)) : null
  const event = eventOf(statedOf(ctx, noticed), attendees)
  const hash = hashOf(event, attendees)
  const isOpen = status === 'pending' || status === 'confirmed'
  const needsMeeting = row.meet_wanted && row.meet_url === null && isOpen
  if (hash === row.written && !needsMeeting) return { set: { ...left, refusal: null }, settled: true }
  const wanted = needsMeeting ? { ...event, ...conferenceRequest(row.event_id, row.meet_nth) } : event
  const { answer, refused } = await put(ctx, row, place, wanted)
  const meeting = needsMeeting && refused === null ? await meetingMade(ctx, place, row.event_id, answer) : null
  const set: EventSet = {
    ...left,
    connection_id: place.connectionId,
    calendar_id: place.calendarId,
    written: hash,
    written_from: starts_at,
    written_to: ends_at,
    is_removed: false,
    meet_nth: row.meet_nth,
    refusal: null,
  }
  if (!needsMeeting) return { set, settled: true }
  if (meeting === 'pending') return { set, settled: false, pending: true }
  if (meeting !== null && meeting !== 'failed')
    return { set: { ...set, meet_url: meeting.url }, settled: true, meeting: meeting.url }
  // Then it is the event of a booking without a meeting, and nobody is invited to it.
  const refusal = refused ?? 'Google has made no conference'
  return { set: { ...set, written: null, meet_wanted: false, meet_nth: row.meet_nth + 1, refusal }, settled: false }
}

/** Writes the event wherever it stands. What Google does not let a service account do (invite people, make a conference) is left out, and told. */
async function put(
  ctx: Context,
  row: EventRow,
  place: Place,
  wanted: GoogleEvent,
): Promise<{ answer: GoogleEvent; refused: string | null }> {
  let event = wanted
  let refused: string | null = null
  for (;;) {
    try {
      return { answer: await upsert(ctx, row, place, event), refused }
    } catch (error) {
      if (!(error instanceof GoogleRefused)) throw error
      if (event.attendees?.length && error.reason === 'forbiddenForServiceAccounts') {
        const { attendees: _attendees, ...rest } = event
        event = rest
      } else if (event.conferenceData && error.status === 400) {
        refused = error.message.slice(0, 300)
        const { conferenceData: _conference, attendees: _invited, ...rest } = event
        event = rest
      } else throw error
    }
  }
}

/** The id is known beforehand, so an event that stands already (an answer of Google's was lost) is changed and not made again. */
async function upsert(
  ctx: Context,
  row: EventRow,
  { who, calendarId }: Place,
  event: GoogleEvent,
): Promise<GoogleEvent> {
  const google = googleOf(ctx)
  if (row.calendar_id !== null) {
    try {
      return await google.patch(who, calendarId, row.event_id, event)
    } catch (error) {
      if (!isAbsent(error)) throw error
    }
  }
  try {
    return await google.insert(who, calendarId, { ...event, id: row.event_id })
  } catch (error) {
    if (!(error instanceof GoogleRefused && error.status === 409)) throw error
    return google.patch(who, calendarId, row.event_id, event)
  }
}

/** Google makes conferences beside the event, mostly at once: a second is waited for it. */
async function meetingMade(ctx: Context, { who, calendarId }: Place, eventId: string, answer: GoogleEvent) {
  let meeting = meetingOf(answer)
  for (let i = 0; meeting === 'pending' && i < 3; i++) {
    await sleep(300)
    meeting = meetingOf(await googleOf(ctx).get(who, calendarId, eventId))
  }
  return meeting
}

/** Transaction 2: what Google has now, the link on the booking, and who is told of it. */
async function settle(ctx: Context, row: EventRow, turn: string, { set, settled, meeting }: Outcome): Promise<void> {
  if (!(await endTurn(ctx, row, turn, set, settled)))
    throw new GoogleFailed('the turn was lost to somebody else', false)
  if (meeting !== undefined) await setMeetingUrl(ctx, row.booking_id, meeting)
  const url = meeting ?? (set.meet_url === null ? null : row.meet_url)
  if (url !== null && row.meet_wanted) await tellInvited(ctx, row.booking_id, url)
}

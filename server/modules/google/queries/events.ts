import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** SQL on what stands of bookings in Google calendars, and on who was invited. */

export type EventRow = {
  booking_id: number
  event_id: string
  connection_id: number | null
  calendar_id: string | null
  written: string | null
  written_from: Temporal.Instant | null
  written_to: Temporal.Instant | null
  is_removed: boolean
  dirty_at: Temporal.Instant | null
  meet_wanted: boolean
  meet_nth: number
  meet_url: string | null
  refusal: string | null
}

const columns = [
  'booking_id',
  'event_id',
  'connection_id',
  'calendar_id',
  'written',
  'written_from',
  'written_to',
  'is_removed',
  'dirty_at',
  'meet_wanted',
  'meet_nth',
  'meet_url',
  'refusal',
] as const

export const findEvent = (ctx: Context, bookingId: number): Promise<EventRow | undefined> =>
  ctx.db.selectFrom('google_events').select(columns).where('booking_id', '=', bookingId).executeTakeFirst()

/** Notes that a booking is to be looked at: its event differs, or may. A new row only where `make` gives the event an id. */
export async function markDirty(ctx: Context, bookingId: number, eventId: string | null): Promise<boolean> {
  if (eventId !== null) {
    await sql`
      INSERT INTO google_events (booking_id, event_id, dirty_at) VALUES (${bookingId}, ${eventId}, ${ctx.now}::timestamptz)
      ON CONFLICT (booking_id) DO UPDATE SET dirty_at = EXCLUDED.dirty_at`.execute(ctx.db)
    return true
  }
  const { numUpdatedRows } = await ctx.db
    .updateTable('google_events')
    .set({ dirty_at: ctx.now })
    .where('booking_id', '=', bookingId)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** The same for many bookings of which there may be nothing yet. */
export async function markAllDirty(
  ctx: Context,
  events: readonly { bookingId: number; eventId: string }[],
): Promise<void> {
  await sql`
    INSERT INTO google_events (booking_id, event_id, dirty_at)
    SELECT booking_id, event_id, ${ctx.now}::timestamptz
    FROM unnest(${events.map(({ bookingId }) => bookingId)}::bigint[], ${events.map(({ eventId }) => eventId)}::text[]) AS given (booking_id, event_id)
    ON CONFLICT (booking_id) DO UPDATE SET dirty_at = EXCLUDED.dirty_at`.execute(ctx.db)
}

/** A Meet conference is wanted for the booking. */
export async function wantMeeting(ctx: Context, bookingId: number): Promise<void> {
  await ctx.db
    .updateTable('google_events')
    .set({ meet_wanted: true, refusal: null })
    .where('booking_id', '=', bookingId)
    .execute()
}

/**
 * Takes the turn at a booking's event, since a call to Google is no transaction: until `until` nobody else asks Google for it. Answers the row, `busy` while
 * somebody else has the turn, or null where there is nothing.
 */
export async function takeTurn(
  ctx: Context,
  bookingId: number,
  turn: string,
  until: Temporal.Instant,
): Promise<EventRow | 'busy' | null> {
  const row = await ctx.db
    .updateTable('google_events')
    .set({ turn, turn_until: until })
    .where('booking_id', '=', bookingId)
    .where((eb) => eb.or([eb('turn_until', 'is', null), eb('turn_until', '<=', ctx.house.clock())]))
    .returning(columns)
    .executeTakeFirst()
  if (row) return row
  return (await findEvent(ctx, bookingId)) ? 'busy' : null
}

type EventSet = Partial<Omit<EventRow, 'booking_id' | 'event_id' | 'dirty_at'>>

/** Ends the turn with what Google has now. False where it had been lost to somebody else. `settled`: it is as the booking was at `dirty_at`. */
export async function endTurn(
  ctx: Context,
  { booking_id, dirty_at }: Pick<EventRow, 'booking_id' | 'dirty_at'>,
  turn: string,
  set: EventSet,
  settled: boolean,
): Promise<boolean> {
  const { rows } = await sql<{ booking_id: number }>`
    UPDATE google_events SET turn = NULL, turn_until = NULL,
      dirty_at = CASE WHEN ${settled}::boolean AND dirty_at IS NOT DISTINCT FROM ${dirty_at}::timestamptz THEN NULL ELSE dirty_at END
    WHERE booking_id = ${booking_id} AND turn = ${turn}::uuid RETURNING booking_id`.execute(ctx.db)
  if (rows.length === 0) return false
  if (Object.keys(set).length > 0)
    await ctx.db.updateTable('google_events').set(set).where('booking_id', '=', booking_id).execute()
  return true
}

/** Changes a row that nobody has the turn at and that is as its booking; false where it is not so. */
export async function updateSettled(ctx: Context, bookingId: number, set: EventSet): Promise<boolean> {
  const { numUpdatedRows } = await ctx.db
    .updateTable('google_events')
    .set(set)
    .where('booking_id', '=', bookingId)
    .where('dirty_at', 'is', null)
    .where((eb) => eb.or([eb('turn_until', 'is', null), eb('turn_until', '<=', ctx.house.clock())]))
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** What of these events of a calendar is ours. */
export async function listOwn(ctx: Context, eventIds: readonly string[]): Promise<EventRow[]> {
  return ctx.db
    .selectFrom('google_events')
    .select(columns)
    .where(sql<boolean>`event_id = ANY(${[...eventIds]}::text[])`)
    .execute()
}

/** Ours that stand in a connection's calendar and end after an instant. */
export async function listStandingOf(ctx: Context, connectionId: number, after: Temporal.Instant): Promise<EventRow[]> {
  return ctx.db
    .selectFrom('google_events')
    .select(columns)
    .where('connection_id', '=', connectionId)
    .where('calendar_id', 'is not', null)
    .where('written_to', '>', after)
    .execute()
}

/**
 * A calendar is ours to write in no more: what stands there stays with its person, and is not ours. With `again` it is to be written elsewhere; answers the
 * bookings of which something stood there, those that have ended left out.
 */
export async function forgetCalendar(ctx: Context, connectionId: number, again: boolean): Promise<number[]> {
  const { rows } = await sql<{ booking_id: number }>`
    WITH left_there AS (
      UPDATE google_events SET connection_id = NULL, calendar_id = NULL, written = NULL, written_from = NULL, written_to = NULL,
        dirty_at = CASE WHEN ${again}::boolean THEN ${ctx.now}::timestamptz ELSE dirty_at END
      WHERE connection_id = ${connectionId} RETURNING booking_id)
    SELECT booking_id FROM left_there JOIN bookings ON bookings.id = booking_id
    WHERE bookings.ends_at > ${ctx.now}::timestamptz ORDER BY booking_id`.execute(ctx.db)
  return rows.map((row) => row.booking_id)
}

/** Bookings that have been waiting for their turn for so long that their jobs must have been lost, and have not ended. */
export async function listDirty(ctx: Context, since: Temporal.Instant, limit: number): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('google_events')
    .innerJoin('bookings', 'bookings.id', 'google_events.booking_id')
    .where('dirty_at', '<', since)
    .where('bookings.ends_at', '>', ctx.now)
    .orderBy('dirty_at')
    .limit(limit)
    .select('booking_id')
    .execute()
  return rows.map((row) => row.booking_id)
}

/** Confirmed bookings that have not ended and of which nothing is known here: made while Google was not set. The soonest first. */
export async function listUnknown(ctx: Context, limit: number) {
  const { rows } = await sql<{ id: number; created_at: Temporal.Instant }>`
    SELECT id, created_at FROM bookings b
    WHERE status = 'confirmed' AND ends_at > ${ctx.now} AND NOT EXISTS (SELECT FROM google_events e WHERE e.booking_id = b.id)
    ORDER BY ends_at LIMIT ${sql.lit(limit)}`.execute(ctx.db)
  return rows
}

/** The bookings of which something stands in a calendar and whose customer or provider somebody was. */
export async function listWithPerson(ctx: Context, userId: number): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('google_events')
    .innerJoin('bookings', 'bookings.id', 'google_events.booking_id')
    .where((eb) => eb.or([eb('bookings.customer_id', '=', userId), eb('bookings.provider_id', '=', userId)]))
    .where('google_events.calendar_id', 'is not', null)
    .select('booking_id')
    .execute()
  return rows.map((row) => row.booking_id)
}

/** Confirmed bookings that somebody gives and that have not ended, the soonest first. */
export async function listToGive(ctx: Context, providerId: number) {
  return ctx.db
    .selectFrom('bookings')
    .where('provider_id', '=', providerId)
    .where('status', '=', 'confirmed')
    .where('ends_at', '>', ctx.now)
    .orderBy('starts_at')
    .select(['id', 'created_at'])
    .execute()
}

export type Invitee = { id: number; email: string; first_name: string; last_name: string; confirmed: boolean }

/** Of these people those who are there, and whether their e-mail is confirmed. */
export async function listInvitees(ctx: Context, ids: readonly number[]): Promise<Invitee[]> {
  const { rows } = await sql<Invitee>`
    SELECT id, email, first_name, last_name, email_confirmed_at IS NOT NULL AS confirmed
    FROM users WHERE id = ANY(${[...ids]}::bigint[]) AND deleted_at IS NULL`.execute(ctx.db)
  return rows
}

/** Notes who is mailed a conference and answers those who have not been. */
export async function insertInvitations(
  ctx: Context,
  bookingId: number,
  userIds: readonly number[],
  url: string,
): Promise<number[]> {
  const { rows } = await sql<{ user_id: number }>`
    INSERT INTO google_invitations (booking_id, user_id, meet_url, sent_at)
    SELECT ${bookingId}::bigint, id, ${url}::text, ${ctx.now}::timestamptz FROM unnest(${[...userIds]}::bigint[]) AS asked (id)
    ON CONFLICT DO NOTHING RETURNING user_id`.execute(ctx.db)
  return rows.map((row) => row.user_id)
}

export async function deleteInvitationsOf(ctx: Context, userId: number): Promise<void> {
  await ctx.db.deleteFrom('google_invitations').where('user_id', '=', userId).execute()
}

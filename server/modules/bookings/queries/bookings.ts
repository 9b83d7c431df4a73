import { sql, type CompiledQuery, type Insertable } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { builtOnce } from '../../../platform/db/built-once.ts'
import type { Db } from '../../../platform/db/database.ts'
import type { Tables } from '../../../platform/db/tables.generated.ts'
import { insertUnderId } from '../../../platform/db/insert.ts'
import { later } from '../../../platform/db/transaction.ts'
import type { Outcome } from '../no-show-rules.ts'
import type { PolicyStep, BookingStatus } from '../rules.ts'
import { feeAsked } from './no-show.ts'

/** SQL on bookings and their history. Reading joins the names that are shown, so that a list costs one statement. */

export const fullName = (alias: string) =>
  sql<string>`trim(${sql.ref(`${alias}.first_name`)} || ' ' || ${sql.ref(`${alias}.last_name`)})`

/** Bookings with everything that is shown of them; the caller adds whose and which. */
export const selectBookings = (db: Db) =>
  db
    .selectFrom('bookings')
    .innerJoin('booking_sessions as session', 'session.id', 'bookings.session_id')
    .innerJoin('users as provider', 'provider.id', 'bookings.provider_id')
    .leftJoin('users as customer', 'customer.id', 'bookings.customer_id')
    .leftJoin('rooms as room', 'room.id', 'session.room_id')
    .leftJoin('payables as payable', (join) =>
      join.onRef('payable.source_id', '=', 'bookings.id').on('payable.source_kind', '=', 'booking'),
    )
    .select([
      'bookings.id',
      'bookings.session_id',
      'bookings.series_id',
      'bookings.service_id',
      'bookings.provider_id',
      'bookings.organization_id',
      'bookings.customer_id',
      'bookings.guest_name',
      'bookings.guest_phone',
      'bookings.guest_email',
      'bookings.starts_at',
      'bookings.ends_at',
      'bookings.seats',
      'bookings.status',
      'bookings.title',
      'bookings.price_minor',
      'bookings.deposit_minor',
      'bookings.no_show_fee_minor',
      'bookings.no_show_outcome',
      'bookings.currency',
      'bookings.payment',
      'bookings.requires_approval',
      'bookings.cancellation_policy',
      'bookings.location_type',
      'bookings.note',
      'bookings.meeting_url',
      'bookings.proposed_at',
      'bookings.expires_at',
      'bookings.cancelled_by',
      'bookings.cancel_reason',
      'bookings.review_id',
      'bookings.review_rating',
      'bookings.reviewed_at',
      'bookings.created_at',
      'bookings.updated_at',
      'session.room_id',
      'payable.amount_minor as due_minor',
      'payable.paid_minor',
      'payable.refunded_minor',
      'payable.is_processing',
      'room.name as room_name',
    ])
    .select([fullName('provider').as('provider_name'), fullName('customer').as('customer_name')])
    .select(feeAsked.as('fee_asked'))

export type BookingRow = Awaited<ReturnType<ReturnType<typeof selectBookings>['executeTakeFirstOrThrow']>>

const bookingOf = builtOnce((db, { id }: { id: number }) => selectBookings(db).where('bookings.id', '=', id).compile())

/** The statement of `findBooking`, to be sent together with others. */
export const bookingStatement = (ctx: Context, id: number): CompiledQuery<BookingRow> => bookingOf(ctx.db, { id })

export const findBooking = async (ctx: Context, id: number): Promise<BookingRow | undefined> =>
  (await ctx.db.executeQuery(bookingStatement(ctx, id))).rows[0]

/** The statement of `lockBooking`. */
export const lockBookingStatement = (ctx: Context, id: number): CompiledQuery<{ id: number }> =>
  ctx.db.selectFrom('bookings').where('id', '=', id).select('id').forNoKeyUpdate().compile()

/** The statement of `isAlone`: who else sits there, one at most. */
export const othersStatement = (
  ctx: Context,
  booking: { id: number; session_id: number },
): CompiledQuery<{ id: number }> =>
  ctx.db
    .selectFrom('bookings')
    .where('session_id', '=', booking.session_id)
    .where('status', '<>', 'cancelled')
    .where('id', '<>', booking.id)
    .select('id')
    .limit(1)
    .compile()

/** Locks a booking's row, so that two changes of it take their turns; answers what decides how to lock the rest. */
export async function lockBooking(ctx: Context, id: number): Promise<boolean> {
  return (await ctx.db.executeQuery(lockBookingStatement(ctx, id))).rows.length > 0
}

/** Does this booking sit alone in its session, so that the session can move with it? */
export async function isAlone(ctx: Context, booking: { id: number; session_id: number }): Promise<boolean> {
  return (await ctx.db.executeQuery(othersStatement(ctx, booking))).rows.length === 0
}

export type NewBooking = {
  session_id: number
  service_id: number
  provider_id: number
  organization_id: string | null
  customer_id: number | null
  guest_name: string | null
  guest_phone: string | null
  guest_email: string | null
  starts_at: Temporal.Instant
  ends_at: Temporal.Instant
  seats: number
  status: BookingStatus
  title: string
  price_minor: number
  deposit_minor: number | null
  no_show_fee_minor: number | null
  currency: string
  payment: 'online' | 'on_site'
  requires_approval: boolean
  cancellation_policy: readonly PolicyStep[]
  location_type: string
  note: string
  expires_at: Temporal.Instant | null
}

/** How the people and the room of a booking are called. */
export type BookingNames = { provider_name: string; customer_name: string; room_name: string | null }

/**
 * Writes a booking and the first line of its history with the statements that follow, under an id that was given out for it, and answers it as it is read: of what
 * comes later in its life nothing is there yet, nor is anything owed, which is opened after it.
 */
export async function insertBooking(
  ctx: Context,
  booking: NewBooking & { id: number },
  { room_id, ...names }: BookingNames & { room_id: string | null },
): Promise<BookingRow> {
  const times = { created_at: ctx.now, updated_at: ctx.now }
  const values = {
    ...booking,
    cancellation_policy: JSON.stringify(booking.cancellation_policy),
    created_by: ctx.actor?.userId ?? null,
    ...times,
  }
  await later(ctx, bookingMade(ctx.db, values))
  return { ...unlived, ...booking, cancellation_policy: [...booking.cancellation_policy], ...times, room_id, ...names }
}

/** What a booking that was just made has not lived through. */
const unlived = {
  series_id: null,
  no_show_outcome: null,
  meeting_url: null,
  proposed_at: null,
  cancelled_by: null,
  cancel_reason: null,
  review_id: null,
  review_rating: null,
  reviewed_at: null,
  due_minor: null,
  paid_minor: null,
  refunded_minor: null,
  is_processing: null,
  fee_asked: null,
}

const bookingMade = builtOnce((db, row: Insertable<Tables['bookings']> & { id: number }) => {
  const { id: booking_id, created_at: at, status, created_by: actor_id } = row
  const first = db
    .insertInto('booking_history')
    .values({ booking_id, at, actor_id, change: 'created', status, details: '{}' })
  return sql`WITH noted AS (${first}) ${insertUnderId('bookings', row)}`.compile(db)
})

type BookingSet = {
  session_id?: number
  provider_id?: number
  starts_at?: Temporal.Instant
  ends_at?: Temporal.Instant
  status?: BookingStatus
  note?: string
  meeting_url?: string
  proposed_at?: Temporal.Instant | null
  expires_at?: Temporal.Instant | null
  cancelled_by?: string | null
  no_show_outcome?: Outcome
  cancel_reason?: string | null
}

export async function updateBookingRow(ctx: Context, id: number, set: BookingSet): Promise<void> {
  await later(
    ctx,
    ctx.db
      .updateTable('bookings')
      .set({ ...set, updated_at: ctx.now })
      .where('id', '=', id)
      .compile(),
  )
}

export async function insertHistory(
  ctx: Context,
  bookingId: number,
  change: string,
  status: BookingStatus,
  details: object = {},
): Promise<void> {
  const row = {
    booking_id: bookingId,
    at: ctx.now,
    actor_id: ctx.actor?.userId ?? null,
    change,
    status,
    details: JSON.stringify(details),
  }
  await later(ctx, historyMade(ctx.db, row))
}

const historyMade = builtOnce((db, row: Insertable<Tables['booking_history']>) =>
  db.insertInto('booking_history').values(row).compile(),
)

export type Overdue = {
  id: number
  session_id: number
  series_id: number | null
  seats: number
  requires_approval: boolean
  expires_at: Temporal.Instant | null
}

/** Whose holds are asked for, and between when: what would stand in somebody's way. */
export type OverdueSpan = {
  providerIds: readonly number[]
  roomIds: readonly string[]
  from: Temporal.Instant
  to: Temporal.Instant
}

/** From pending bookings `b` whose hold has run out, with these providers or rooms in a span. */
export const overdue = ({ now, providerIds, roomIds, from, to }: OverdueSpan & { now: Temporal.Instant }) => sql`
    FROM bookings b JOIN booking_sessions s ON s.id = b.session_id
    WHERE b.status = 'pending' AND b.expires_at <= ${now} AND b.starts_at < ${to} AND b.ends_at > ${from}
      AND (s.provider_id = ANY(${providerIds}) OR s.room_id = ANY(${roomIds}::uuid[]))`

/** Those bookings, locked. */
export const overdueStatement = (ctx: Context, span: OverdueSpan): CompiledQuery<Overdue> =>
  sql<Overdue>`
    SELECT b.id, b.session_id, b.series_id, b.seats, b.requires_approval, b.expires_at ${overdue({ now: ctx.now, ...span })}
    ORDER BY b.id FOR NO KEY UPDATE OF b`.compile(ctx.db)

/** Ids of pending bookings whose hold has run out, the oldest first: for the job that tidies up. */
export async function listExpiredIds(ctx: Context, limit: number): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('bookings')
    .where('status', '=', 'pending')
    .where('expires_at', '<=', ctx.now)
    .orderBy('expires_at')
    .limit(limit)
    .select('id')
    .execute()
  return rows.map((row) => row.id)
}

/** The holds on seats of a service, those that run out first. */
export const listHeld = (ctx: Context, serviceId: number, limit: number) =>
  ctx.db
    .selectFrom('bookings')
    .where('service_id', '=', serviceId)
    .where('status', '=', 'pending')
    .where('expires_at', 'is not', null)
    .orderBy('expires_at')
    .limit(limit)
    .select(['id', 'expires_at'])
    .execute()

/** Ids of the pending bookings of a session. */
export async function listOfSession(ctx: Context, sessionId: number): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('bookings')
    .where('session_id', '=', sessionId)
    .where('status', '=', 'pending')
    .select('id')
    .orderBy('id')
    .execute()
  return rows.map((row) => row.id)
}

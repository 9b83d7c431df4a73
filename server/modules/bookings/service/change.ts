import { getServiceForBooking } from '../../catalog/index.ts'
import { allow } from '../../chat/index.ts'
import { changePayable } from '../../payments/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied, invalid } from '../../../platform/errors.ts'
import {
  findBooking,
  insertHistory,
  isAlone,
  lockBooking,
  updateBookingRow,
  type BookingRow,
} from '../queries/bookings.ts'
import { findSeries } from '../queries/series.ts'
import { approvalExpiry, leftRoom, type Party } from '../rules.ts'
import { keptUntil } from '../rules-series.ts'
import type { BookingChange, BookingView } from '../schema.ts'
import { requireActing } from '../policy.ts'
import { viewBooking } from '../view.ts'
import { momentOf, notOffered } from './create.ts'
import { reassign } from './hand-over.ts'
import { lockMove } from './lock-move.ts'
import { chooseSeat, moveAlone, settle, sitDown, standUp, type Seat } from './seats.ts'
import { sourceOf } from './question.ts'

/**
 * Changes a booking: the customer moves it or changes the note; the provider proposes another time (which the customer accepts by moving it there), and moves it
 * at once only for a guest, who has no account to accept with. What the provider proposed needs their approval no more.
 * @throws NOT_FOUND for strangers, CONFLICT when the time is taken or the booking is over, VALIDATION_ERROR for a wrong time.
 */
export async function changeBooking(ctx: Context, id: number, change: BookingChange): Promise<BookingView> {
  const booking = await findBooking(ctx, id)
  const party = await requireActing(ctx, booking)
  const { date, note } = change
  if (note !== undefined && note !== booking!.note && party !== 'customer') throw denied('The note is the customer’s')
  if (date === undefined && party === 'customer' && (change.provider_id !== undefined || change.room_id !== undefined))
    throw invalid('date', 'Give the time with the person or room you wish', 'required')
  const wishes = change.provider_id !== undefined ? 'provider_id' : change.room_id !== undefined ? 'room_id' : null
  if (date !== undefined && party !== 'customer' && booking!.customer_id !== null && wishes !== null)
    throw invalid(wishes, 'A proposal is a time only: reassign the booking without a date', 'proposal')
  // Both or neither: who is refused the move does not find the note changed.
  await inTransaction(ctx, async (tx) => {
    if (date !== undefined) {
      const startsAt = momentOf(date)
      const moves = party === 'customer' || booking!.customer_id === null
      if (moves) await reschedule(tx, booking!, party, startsAt, change)
      else await propose(tx, id, startsAt)
    } else if (change.provider_id !== undefined && change.provider_id !== booking!.provider_id) {
      await reassign(tx, booking!, party, { providerId: change.provider_id, roomId: change.room_id })
    } else if (change.provider_id !== undefined || change.room_id !== undefined) {
      await reschedule(tx, booking!, party, booking!.starts_at, change)
    }
    if (note !== undefined && note !== booking!.note) await updateBookingRow(tx, id, { note })
  })
  return viewBooking((await findBooking(ctx, id))!)
}

/** @throws CONFLICT when the booking is over or cancelled. */
function requireMovable(ctx: Context, booking: BookingRow): void {
  if (booking.status !== 'pending' && booking.status !== 'confirmed')
    throw conflict('A booking that has ended or was cancelled cannot be moved')
  if (Temporal.Instant.compare(booking.starts_at, ctx.now) <= 0)
    throw conflict('A booking that has begun cannot be moved')
}

/** @throws CONFLICT also when its hold has run out. */
function requireHeld(ctx: Context, booking: BookingRow): void {
  requireMovable(ctx, booking)
  const { status, expires_at } = booking
  if (status === 'pending' && expires_at !== null && Temporal.Instant.compare(expires_at, ctx.now) <= 0)
    throw conflict('The hold on this time has expired')
}

/** Proposes another time to the customer, in the provider's name. @throws CONFLICT or VALIDATION_ERROR where it could not be booked */
export async function propose(ctx: Context, id: number, startsAt: Temporal.Instant): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await lockBooking(tx, id)
    const booking = (await findBooking(tx, id))!
    requireMovable(tx, booking)
    const service = await getServiceForBooking(tx, booking.service_id)
    const alone = await isAlone(tx, booking)
    // Only a time that could be booked is worth proposing.
    await chooseSeat(tx, service, startsAt, {
      seats: booking.seats,
      providerId: booking.provider_id,
      moving: { bookingId: id, source: alone ? sourceOf(booking.session_id) : null },
    })
    await updateBookingRow(tx, id, { proposed_at: startsAt })
    await insertHistory(tx, id, 'proposed', booking.status as 'pending' | 'confirmed', { date: startsAt.toString() })
    await tx.house.jobs.publish(tx, 'booking.proposed', { booking_id: id, date: startsAt.toString() })
  })
}

/** Moves a booking; it keeps its id and its payment. Locks everybody who is concerned before the booking, as every other path does. */
export async function reschedule(
  ctx: Context,
  seen: BookingRow,
  party: Party,
  startsAt: Temporal.Instant,
  wishes: { provider_id?: number | undefined; room_id?: string | undefined },
): Promise<void> {
  const service = await getServiceForBooking(ctx, seen.service_id)
  const wished = wishes.provider_id
  if (wished !== undefined && !service.providerIds.includes(wished))
    throw invalid('provider_id', 'This person does not offer the service', 'not_staff')
  if (wishes.room_id !== undefined && !service.roomIds.includes(wishes.room_id))
    throw invalid('room_id', 'The service does not take place in this room', 'not_allowed')
  const providerIds = [
    ...new Set([...service.providerIds.filter((id) => id !== seen.customer_id), seen.provider_id]),
  ].toSorted((a, b) => a - b)
  await inTransaction(ctx, async (tx) => {
    // The same person gives it unless another is wished; the room may change.
    const wish = { providerId: wished ?? seen.provider_id, roomId: wishes.room_id }
    const { booking, alone, knowledge, giving } = await lockMove(
      tx,
      { ...service, providerIds },
      seen,
      startsAt,
      wish,
      (row) => requireHeld(tx, row),
    )
    const providerId = wished ?? booking.provider_id
    // While this waited for the lock, whoever is wished may have gone.
    if (providerId !== booking.provider_id && !giving.has(providerId)) throw notOffered()
    const wanted = { seats: booking.seats, providerId, roomId: wishes.room_id }
    const seat = await chooseSeat(tx, { ...service, providerIds }, startsAt, wanted, knowledge)
    const accepts = party === 'customer' && acceptsProposal(booking, seat, wishes.room_id)
    const approval = service.requiresApproval && party === 'customer' && !accepts
    // Whoever proposes a time to somebody who waits for their approval has given it.
    const confirms = accepts && booking.status === 'pending' && booking.requires_approval
    const expiresAt = approval
      ? approvalExpiry(tx.now, startsAt)
      : confirms
        ? null
        : await keptMoved(tx, booking, startsAt)
    let sessionId = booking.session_id
    if (alone && seat.joins === null) {
      await moveAlone(tx, { ...service, providerIds }, sessionId, seat)
    } else if (seat.joins !== booking.session_id) {
      sessionId = await sitDown(tx, { ...service, providerIds }, seat, booking.seats, expiresAt)
      await standUpFrom(tx, booking, sessionId)
    }
    const status = approval ? 'pending' : confirms ? 'confirmed' : (booking.status as 'pending' | 'confirmed')
    await updateBookingRow(tx, booking.id, {
      session_id: sessionId,
      provider_id: seat.providerId,
      starts_at: startsAt,
      ends_at: seat.endsAt,
      status,
      expires_at: expiresAt,
      proposed_at: null,
    })
    // Whoever moves alone takes the claims along as they are: held until then, or for good.
    const staysHeld = isSame(booking.expires_at, expiresAt)
    if (sessionId !== booking.session_id || !alone || !staysHeld) await settle(tx, sessionId)
    if (seat.providerId !== booking.provider_id || !staysHeld)
      await changePayable(tx, { kind: 'booking', id: booking.id }, { providerId: seat.providerId, expiresAt })
    if (booking.customer_id !== null && seat.providerId !== booking.provider_id)
      await allow(tx, {
        bookingId: booking.id,
        serviceId: service.id,
        customerId: booking.customer_id,
        providerId: seat.providerId,
      })
    await insertHistory(tx, booking.id, 'rescheduled', status, {
      from: booking.starts_at.toString(),
      to: startsAt.toString(),
    })
    await tx.house.jobs.publish(tx, 'booking.rescheduled', {
      booking_id: booking.id,
      from: booking.starts_at.toString(),
      by: party,
      status,
      ...(seat.providerId === booking.provider_id ? {} : { from_provider_id: booking.provider_id }),
      ...leftRoom(booking.room_id, seat.roomId),
    })
    if (confirms) await tx.house.jobs.publish(tx, 'booking.confirmed', { booking_id: booking.id })
  })
}

const isSame = (a: Temporal.Instant | null, b: Temporal.Instant | null): boolean =>
  a === null || b === null ? a === b : a.equals(b)

/** Is it the very time that was proposed, with who proposed it, and no room that the customer has chosen? */
const acceptsProposal = (booking: BookingRow, seat: Seat, roomId: string | undefined): boolean =>
  booking.proposed_at?.equals(seat.startsAt) === true && seat.providerId === booking.provider_id && roomId === undefined

/** An unpaid booking of a series of which something was paid is held until shortly before its start, also its new one; any other as long as before. */
async function keptMoved(
  ctx: Context,
  { series_id, expires_at, requires_approval }: BookingRow,
  startsAt: Temporal.Instant,
): Promise<Temporal.Instant | null> {
  if (series_id === null || expires_at === null || requires_approval) return expires_at
  const series = (await findSeries(ctx, series_id))!
  return series.secured_at === null ? expires_at : keptUntil(ctx.now, startsAt, ctx.house.config.HOLD_MINUTES)
}

async function standUpFrom(ctx: Context, booking: BookingRow, sessionId: number): Promise<void> {
  // The row leaves its old session first, so that what is left there decides until when that one is held.
  await updateBookingRow(ctx, booking.id, { session_id: sessionId })
  await standUp(ctx, booking.session_id, booking.seats)
}

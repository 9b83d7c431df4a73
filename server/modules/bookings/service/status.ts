import { changePayable, closePayable } from '../../payments/index.ts'
import type { Context } from '../../../platform/context.ts'
import { audit } from '../../../platform/audit.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied } from '../../../platform/errors.ts'
import { findBooking, insertHistory, updateBookingRow, type BookingRow } from '../queries/bookings.ts'
import { isStep, refundPercent, typedReason, type BookingStatus, type Party, type PolicyStep } from '../rules.ts'
import type { BookingView } from '../schema.ts'
import { requireActing } from '../policy.ts'
import { viewBooking } from '../view.ts'
import { lockWithTime } from './lock-booking.ts'
import { settleNoShow } from './no-show.ts'
import { settle, standUp } from './seats.ts'

/**
 * Sets the status of a booking: for its provider, an admin of its organization, or `booking_management`. The status that it has already answers it and changes
 * nothing; `completed` only after its end, `no_show` only after its start, with the fee that was agreed on for it unless it is waived.
 * @throws PERMISSION_DENIED for its customer and for a master who has left, CONFLICT for a step that is not allowed.
 */
export async function setBookingStatus(
  ctx: Context,
  id: number,
  to: BookingStatus,
  { reason, waiveFee }: { reason: string | undefined; waiveFee: boolean },
): Promise<BookingView> {
  const booking = await findBooking(ctx, id)
  const party = await requireActing(ctx, booking)
  if (party === 'customer') throw denied('The provider sets the status; you can cancel the booking')
  await step(ctx, booking!, party, to, typedReason(reason), waiveFee)
  return viewBooking((await findBooking(ctx, id))!)
}

/** Cancels a booking: for both of its sides. It is kept as cancelled; one that is cancelled already stays as it is. */
export async function cancelBooking(ctx: Context, id: number, reason: string | undefined): Promise<BookingView> {
  const booking = await findBooking(ctx, id)
  const party = await requireActing(ctx, booking)
  await step(ctx, booking!, party, 'cancelled', typedReason(reason))
  return viewBooking((await findBooking(ctx, id))!)
}

/** One step of a booking, under the locks of its time and of its row. */
export async function step(
  ctx: Context,
  seen: BookingRow,
  party: Party,
  to: BookingStatus,
  reason?: string,
  waiveFee = false,
): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const booking = await lockWithTime(tx, seen)
    const from = booking.status as BookingStatus
    if (from === to) return
    checkStep(tx, booking, from, to, party)
    if (to === 'cancelled') await cancel(tx, booking, party, reason)
    else await advance(tx, booking, to)
    if (to === 'no_show') await settleNoShow(tx, booking, waiveFee)
    if (party === 'platform' && tx.actor)
      await audit(tx, {
        action: `bookings.${to}`,
        target: { kind: 'booking', id: booking.id },
        before: { status: from },
        after: { status: to },
      })
  })
}

function checkStep(ctx: Context, booking: BookingRow, from: BookingStatus, to: BookingStatus, party: Party): void {
  const refuse = (message: string) =>
    conflict(message, { details: [{ field: 'status', message, rule: 'status', params: { from, to } }] })
  if (!isStep(from, to)) throw refuse('The state of this booking does not allow this step')
  const begun = Temporal.Instant.compare(booking.starts_at, ctx.now) <= 0
  const ended = Temporal.Instant.compare(booking.ends_at, ctx.now) <= 0
  if (to === 'completed' && !ended) throw refuse('A booking is completed only after its end')
  if (to === 'no_show' && !begun) throw refuse('Nobody has failed to come before the start')
  if (to === 'confirmed' && begun) throw refuse('A booking cannot be confirmed after its start')
  if (to === 'confirmed' && booking.expires_at !== null && Temporal.Instant.compare(booking.expires_at, ctx.now) <= 0)
    throw refuse('The hold on this time has expired')
  if (to === 'cancelled' && party === 'customer' && begun) throw refuse('A booking that has begun cannot be cancelled')
}

/** Cancels a booking whose time and row are locked. */
async function cancel(ctx: Context, booking: BookingRow, party: Party, reason: string | undefined): Promise<void> {
  const percent = refundPercent(booking.cancellation_policy as PolicyStep[], party, booking.starts_at, ctx.now)
  await updateBookingRow(ctx, booking.id, {
    status: 'cancelled',
    expires_at: null,
    proposed_at: null,
    cancelled_by: party,
    cancel_reason: reason ?? null,
  })
  await standUp(ctx, booking.session_id, booking.seats)
  await closePayable(ctx, { kind: 'booking', id: booking.id }, { reason: 'cancelled', refundPercent: percent })
  await insertHistory(ctx, booking.id, 'cancelled', 'cancelled', { by: party, refund_percent: percent })
  await ctx.house.jobs.publish(ctx, 'booking.cancelled', {
    booking_id: booking.id,
    by: party,
    reason: reason ?? null,
    refund_percent: percent,
  })
}

export async function advance(
  ctx: Context,
  booking: BookingRow,
  to: 'confirmed' | 'completed' | 'no_show' | 'pending',
): Promise<void> {
  // The provider's confirmation ends the hold; what is to be paid stays due.
  await updateBookingRow(ctx, booking.id, { status: to, expires_at: null })
  if (to === 'confirmed') {
    await settle(ctx, booking.session_id)
    await changePayable(ctx, { kind: 'booking', id: booking.id }, { expiresAt: null })
  }
  await insertHistory(ctx, booking.id, to, to)
  const event = { booking_id: booking.id }
  if (to === 'confirmed') await ctx.house.jobs.publish(ctx, 'booking.confirmed', event)
  if (to === 'completed') await ctx.house.jobs.publish(ctx, 'booking.completed', event)
  if (to === 'no_show') await ctx.house.jobs.publish(ctx, 'booking.no_show', event)
}

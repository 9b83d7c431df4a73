import type { BookableService } from '../../catalog/index.ts'
import { collectNoShowFee, endPayable, hasPaymentMethod, refreshMethods, waiveNoShowFee } from '../../payments/index.ts'
import type { Context } from '../../../platform/context.ts'
import { audit } from '../../../platform/audit.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { AppError, conflict, denied } from '../../../platform/errors.ts'
import { fromMinor } from '../../../platform/money.ts'
import { findBooking, insertHistory, lockBooking, updateBookingRow, type BookingRow } from '../queries/bookings.ts'
import { hasPledged } from '../queries/no-show.ts'
import { feeStatus, outcomeOf, type Outcome } from '../no-show-rules.ts'
import { requireActing } from '../policy.ts'
import type { BookingView } from '../schema.ts'
import { viewBooking } from '../view.ts'

const needed = 'payment_method_required'

/** The fee that is frozen on a booking: guests have no account to charge, so they have none. */
export const feeOfBooking = (service: BookableService, customerId: number | null, seats: number): number | null =>
  customerId === null || service.noShowFeeMinor === null ? null : service.noShowFeeMinor * seats

/**
 * Books, and where a saved payment method is needed and none is known, once more after a look at the gateway, where one may have been saved of which nobody has told.
 * So bookings that need none ask for nothing. Within a transaction, which an Idempotency-Key opens, nobody is asked.
 * @throws SERVICE_UNAVAILABLE while the gateway does not answer
 */
export async function withMethod<T>(ctx: Context, book: () => Promise<T>): Promise<T> {
  try {
    return await book()
  } catch (error) {
    if (!(error instanceof AppError) || error.details?.[0]?.rule !== needed || ctx.transaction) throw error
    await refreshMethods(ctx)
    return book()
  }
}

/** In the transaction that books: a fee that no payment covers stands on a saved payment method. @throws CONFLICT (`payment_method_required`) without one */
export async function requireMethod(
  ctx: Context,
  service: BookableService,
  customerId: number | null,
  seats: number,
): Promise<void> {
  if (customerId === null || !service.requiresPaymentMethod || (await hasPaymentMethod(ctx, customerId))) return
  const message = 'This service has a no-show fee: save a payment method first'
  const params = {
    code: needed,
    no_show_fee: fromMinor(feeOfBooking(service, customerId, seats) ?? 0, service.currency),
    currency: service.currency,
  }
  throw conflict(message, { details: [{ field: 'service', message, rule: needed, params }] })
}

/** Nobody came, and the booking is locked: its fee is asked for, waived, or lapses; nothing else of it is to be paid then. Bookings without one stay as they are. */
export async function settleNoShow(ctx: Context, booking: BookingRow, waive: boolean): Promise<void> {
  const decided = outcomeOf(booking, ctx.now, waive)
  if (decided === null) return
  const outcome = decided === 'ask' ? await ask(ctx, booking) : decided
  if (outcome === 'waived') await endPayable(ctx, booking.id)
  await updateBookingRow(ctx, booking.id, { no_show_outcome: outcome })
}

async function ask(ctx: Context, booking: BookingRow): Promise<Outcome> {
  if (booking.customer_id === null || booking.no_show_fee_minor === null) return 'erased'
  return collectNoShowFee(ctx, {
    bookingId: booking.id,
    feeMinor: booking.no_show_fee_minor,
    currency: booking.currency,
    title: booking.title,
    payerId: booking.customer_id,
    providerId: booking.provider_id,
    organizationId: booking.organization_id,
  })
}

/**
 * Waives the fee of a booking to which nobody came: for its provider, an admin of its organization, or `booking_management`. What was paid of it goes back; waived
 * again it stays so.
 * @throws NOT_FOUND for strangers, PERMISSION_DENIED for its customer, CONFLICT where nothing was asked for
 */
export async function waiveFee(ctx: Context, id: number): Promise<BookingView> {
  const seen = await findBooking(ctx, id)
  const party = await requireActing(ctx, seen)
  if (party === 'customer') throw denied('The provider waives the fee')
  await inTransaction(ctx, async (tx) => {
    await lockBooking(tx, id)
    const booking = (await findBooking(tx, id))!
    const status = feeStatus(booking)
    if (status === 'waived' || status === 'refunded') return
    if (booking.no_show_outcome === 'covered')
      throw conflict('What was paid for the booking covers the fee: give that payment back instead')
    if (booking.no_show_outcome !== 'collected') throw conflict('No fee was asked for this booking')
    await waiveNoShowFee(tx, id)
    await insertHistory(tx, id, 'fee_waived', 'no_show', { by: party })
    if (party === 'platform')
      await audit(tx, {
        action: 'bookings.waive_fee',
        target: { kind: 'booking', id },
        before: { no_show_fee_status: status },
        after: { no_show_fee_status: 'waived' },
      })
  })
  return viewBooking((await findBooking(ctx, id))!)
}

/** Has the asker a booking to come, or one that nobody has told of yet, whose fee stands on a saved payment method? For the payments, which keep the last one then. */
export const needsMethod = async (ctx: Context): Promise<boolean> =>
  ctx.actor !== null && (await hasPledged(ctx, ctx.actor.userId))

import { getServiceForBooking } from '../../catalog/index.ts'
import { notify } from '../../notifications/index.ts'
import { changePayable, previewRefund, refundLatePayment, reopenPayable } from '../../payments/index.ts'
import { lockResources, lockSources } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inSavepoint } from '../../../platform/db/transaction.ts'
import { AppError, conflict } from '../../../platform/errors.ts'
import { iso, isoOrNull } from '../../../platform/http/shapes.ts'
import { fromMinor } from '../../../platform/money.ts'
import { findBooking, insertHistory, lockBooking, updateBookingRow, type BookingRow } from '../queries/bookings.ts'
import { findNoticed } from '../queries/notices.ts'
import { findSeries, listOfSeries, lockOfSeries } from '../queries/series.ts'
import { freeUntil, isStep, refundPercent, type BookingStatus, type PolicyStep } from '../rules.ts'
import type { CancellationPreviewView } from '../schema-extras.ts'
import { requireParty } from '../policy.ts'
import { isElsewhere } from './lock-booking.ts'
import { secureRest } from './series-pay.ts'
import { advance } from './status.ts'
import { chooseSeat, expire, expireOverdue, resourcesOf, settle, sitDown, spanAround } from './seats.ts'

const sourceOfPayable = (booking: { id: number }) => ({ kind: 'booking' as const, id: booking.id })

/**
 * Hears that a booking was paid (SPEC section 10): one that needs no approval is confirmed; one that does is held until it is decided. If the hold had expired
 * meanwhile the time is booked again where it is still free; else the money goes back, and both are told.
 */
export async function paymentSucceeded(ctx: Context, event: { source_kind: string; source_id: number }): Promise<void> {
  const seen = event.source_kind === 'booking' ? await findBooking(ctx, event.source_id) : undefined
  if (!seen) return
  const service = { ...(await getServiceForBooking(ctx, seen.service_id)), providerIds: [seen.provider_id] }
  const roomIds = [...new Set([...service.roomIds, ...(seen.room_id ? [seen.room_id] : [])])]
  await lockForPayment(ctx, seen, await resourcesOf(ctx, { ...service, roomIds }))
  const booking = (await findBooking(ctx, seen.id))!
  // It was moved or passed on while this waited: now that its row is locked, whose time it takes now is locked too.
  if (isElsewhere(booking, seen)) return paymentSucceeded(ctx, event)
  if (booking.status === 'pending' && (await confirmPaid(ctx, booking))) {
    if (booking.series_id !== null && !booking.requires_approval) await secureRest(ctx, booking.series_id)
    return
  }
  if (booking.status === 'confirmed' || booking.status === 'completed' || booking.status === 'no_show') return
  const late = (await findBooking(ctx, booking.id))!
  const isLate = late.cancel_reason === 'expired' && !late.requires_approval
  if (isLate && (await isGiving(ctx, late)) && (await bookAgain(ctx, late, service))) return
  await refundLatePayment(ctx, sourceOfPayable(late))
  await tellTooLate(ctx, late.id)
}

/** Is the service still on offer, and does who was to give the booking still give it? Asked under the lock of their time: whoever leaves holds it. */
async function isGiving(ctx: Context, { service_id, provider_id }: BookingRow): Promise<boolean> {
  const { isActive, providerIds } = await getServiceForBooking(ctx, service_id)
  return isActive && providerIds.includes(provider_id)
}

/** The first payment of a series changes until when the others of it are held: then whose time they have is locked too. */
async function lockForPayment(ctx: Context, { id, series_id }: BookingRow, resourceIds: readonly number[]) {
  const series = series_id === null ? undefined : await findSeries(ctx, series_id)
  if (!series || series.secured_at !== null) {
    await lockResources(ctx, resourceIds)
    await lockBooking(ctx, id)
    return
  }
  const sessionIds = (await listOfSeries(ctx, series.id)).map((row) => String(row.session_id))
  await lockSources(ctx, 'booking_session', sessionIds, resourceIds)
  await lockOfSeries(ctx, series.id)
}

/** False when its time had been given away: then it is expired now. */
async function confirmPaid(ctx: Context, booking: BookingRow): Promise<boolean> {
  if (booking.requires_approval) {
    // It is paid: it waits for the provider for as long as there is anything to wait for.
    await updateBookingRow(ctx, booking.id, { expires_at: booking.starts_at })
    if ((await settle(ctx, booking.session_id)) > 0) return true
  } else {
    await updateBookingRow(ctx, booking.id, { expires_at: null })
    if ((await settle(ctx, booking.session_id)) > 0) {
      await advance(ctx, booking, 'confirmed')
      return true
    }
  }
  await expire(ctx, booking)
  return false
}

type Offered = Parameters<typeof chooseSeat>[1]

async function bookAgain(ctx: Context, booking: BookingRow, service: Offered): Promise<boolean> {
  const span = spanAround(service, booking.starts_at, booking.ends_at)
  await expireOverdue(ctx, { providerIds: service.providerIds, roomIds: service.roomIds, ...span })
  try {
    await inSavepoint(ctx, async (tx) => {
      const seat = await chooseSeat(tx, service, booking.starts_at, { seats: booking.seats })
      const sessionId = await sitDown(tx, service, seat, booking.seats, null)
      await updateBookingRow(tx, booking.id, {
        session_id: sessionId,
        ends_at: seat.endsAt,
        status: 'confirmed',
        expires_at: null,
        cancelled_by: null,
        cancel_reason: null,
      })
      await settle(tx, sessionId)
    })
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
  await reopenPayable(ctx, sourceOfPayable(booking))
  await changePayable(ctx, sourceOfPayable(booking), { expiresAt: null })
  await insertHistory(ctx, booking.id, 'booked_again', 'confirmed')
  await ctx.house.jobs.publish(ctx, 'booking.confirmed', { booking_id: booking.id })
  return true
}

/** Tells both sides that the money came too late and goes back. */
async function tellTooLate(ctx: Context, bookingId: number): Promise<void> {
  const noticed = await findNoticed(ctx, bookingId)
  if (!noticed) return
  const { booking, provider, buyer } = noticed
  const common = {
    kind: 'booking_paid_late',
    params: { service: booking.title, provider: provider.name, customer: buyer.name, at: iso(booking.starts_at) },
    people: { provider: provider.id, customer: buyer.id },
    target: { kind: 'booking', id: bookingId },
  }
  const title = 'A payment came too late'
  const toBuyer = '{service} with {provider}: {at}. The time is no longer yours, and your money goes back to you.'
  const toProvider = '{service} for {customer}: {at}. The time was free again, and the money goes back.'
  if (buyer.id !== null) await notify(ctx, { ...common, userId: buyer.id, title, body: toBuyer })
  if (provider.id !== null) await notify(ctx, { ...common, userId: provider.id, title, body: toProvider })
}

/**
 * What would come back if the asker cancelled now: by the policy frozen on the booking for its customer, everything for the other side.
 * @throws NOT_FOUND for strangers, CONFLICT when it cannot be cancelled any more
 */
export async function previewCancellation(ctx: Context, id: number): Promise<CancellationPreviewView> {
  const booking = await findBooking(ctx, id)
  const party = await requireParty(ctx, booking)
  const { starts_at, status, currency } = booking!
  const begun = Temporal.Instant.compare(starts_at, ctx.now) <= 0
  if (!isStep(status as BookingStatus, 'cancelled') || (party === 'customer' && begun))
    throw conflict('This booking cannot be cancelled any more')
  const policy = booking!.cancellation_policy as PolicyStep[]
  const percent = refundPercent(policy, party, starts_at, ctx.now)
  const money = await previewRefund(ctx, sourceOfPayable(booking!), percent)
  return {
    refund_percent: percent,
    refund_amount: fromMinor(money?.refundMinor ?? 0, currency),
    paid_amount: fromMinor(money?.paidMinor ?? 0, currency),
    currency,
    policy,
    free_until: isoOrNull(freeUntil(policy, starts_at)),
  }
}

/** Has this person bought the booking? For the payments, which do not know bookings that are not to be paid for. */
export async function isBuyer(ctx: Context, bookingId: number): Promise<boolean> {
  const booking = await findBooking(ctx, bookingId)
  return booking !== undefined && booking.customer_id !== null && booking.customer_id === ctx.actor?.userId
}

import { closePayables } from '../../payments/index.ts'
import type { Context } from '../../../platform/context.ts'
import type { BookingRow } from '../queries/bookings.ts'
import { insertHistories, updateCancelled } from '../queries/series-writes.ts'
import { refundPercent, type Party, type PolicyStep } from '../rules.ts'
import { settleSessions, standUpAll } from './series-seats.ts'

/**
 * Cancels several bookings at once, as `cancel` does it for one: each by its own policy, in a few statements whatever their number, and some more for each that was
 * paid for. Their time and their rows are locked. `ofSeries`: both sides are told of it with others of its series.
 */
export async function cancelMany(
  ctx: Context,
  bookings: readonly BookingRow[],
  party: Party,
  reason: string | undefined,
  ofSeries: (booking: BookingRow) => boolean,
): Promise<void> {
  if (bookings.length === 0) return
  const each = bookings.map((booking) => ({
    booking,
    percent: refundPercent(booking.cancellation_policy as PolicyStep[], party, booking.starts_at, ctx.now),
  }))
  const ids = bookings.map(({ id }) => id)
  await updateCancelled(ctx, ids, { by: party, reason: reason ?? null })
  await standUpAll(ctx, bookings)
  await settleSessions(
    ctx,
    bookings.map(({ session_id }) => session_id),
  )
  await closePayables(
    ctx,
    'booking',
    each.map(({ booking, percent }) => ({ id: booking.id, refundPercent: percent })),
    'cancelled',
  )
  await insertHistories(
    ctx,
    'cancelled',
    'cancelled',
    each.map(({ booking, percent }) => ({
      bookingId: booking.id,
      details: { by: party, refund_percent: percent },
    })),
  )
  await ctx.house.jobs.publishAll(
    ctx,
    'booking.cancelled',
    each.map(({ booking, percent }) => ({
      booking_id: booking.id,
      by: party,
      reason: reason ?? null,
      refund_percent: percent,
      ...(ofSeries(booking) ? { of_series: true as const } : {}),
    })),
  )
}

import { holdPayables } from '../../payments/index.ts'
import { lockSources } from '../../scheduling/index.ts'
import { audit } from '../../../platform/audit.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied } from '../../../platform/errors.ts'
import { listOfSeries, lockOfSeries } from '../queries/series.ts'
import { insertHistories, updateHeld } from '../queries/series-writes.ts'
import { typedReason } from '../rules.ts'
import type { SeriesCancel, SeriesView } from '../schema-series.ts'
import { cancelMany } from './cancel-many.ts'
import { hold, idsOf, isCancelledFrom, restOf } from './series-hold.ts'
import { getSeries, requireSeries } from './series-read.ts'
import { settleSessions } from './series-seats.ts'

/**
 * Cancels what is left of a series, from one of its bookings on: for both of its sides, each booking by its own policy. What is cancelled already stays as it is.
 * @throws NOT_FOUND for strangers, CONFLICT when all has taken place
 */
export async function cancelSeries(ctx: Context, id: number, input: SeriesCancel): Promise<SeriesView> {
  await cancelRest(ctx, id, input)
  return getSeries(ctx, id)
}

/** The same; `read` says as whom. */
export async function cancelRest(
  ctx: Context,
  id: number,
  input: SeriesCancel,
  read: typeof requireSeries = requireSeries,
): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const { rows, party } = await hold(tx, id, [], read)
    if (isCancelledFrom(tx, rows, input.from_booking_id)) return
    const rest = restOf(tx, rows, input.from_booking_id)
    const reason = typedReason(input.reason)
    await cancelMany(tx, rest, party, reason, () => true)
    const by = { by: party, reason: reason ?? null }
    await tx.house.jobs.publish(tx, 'booking_series.cancelled', { series_id: id, booking_ids: idsOf(rest), ...by })
    if (party === 'platform')
      await audit(tx, { action: 'bookings.cancel_series', target: { kind: 'booking_series', id }, after: by })
  })
}

/** Cancels what a person has of a series because their account was erased; whose time it has is locked, and the other side is told once. */
export async function cancelErased(
  ctx: Context,
  id: number,
  bookingIds: readonly number[],
  party: 'customer' | 'provider',
): Promise<void> {
  const rows = (await listOfSeries(ctx, id)).filter((row) => bookingIds.includes(row.id))
  await lockSources(
    ctx,
    'booking_session',
    rows.map((row) => String(row.session_id)),
    [],
  )
  await lockOfSeries(ctx, id)
  const standing = (await listOfSeries(ctx, id)).filter(
    (row) => bookingIds.includes(row.id) && (row.status === 'pending' || row.status === 'confirmed'),
  )
  const reason = 'account_deleted'
  await cancelMany(ctx, standing, party, reason, () => true)
  await ctx.house.jobs.publish(ctx, 'booking_series.cancelled', {
    series_id: id,
    booking_ids: idsOf(standing),
    by: party,
    reason,
  })
}

/**
 * The provider confirms all that waits in one step; it ends their holds, and what is to be paid stays due.
 * @throws NOT_FOUND for strangers, PERMISSION_DENIED for the customer, CONFLICT when nothing waits
 */
export async function confirmSeries(ctx: Context, id: number): Promise<SeriesView> {
  await inTransaction(ctx, async (tx) => {
    const { rows, party } = await hold(tx, id)
    if (party === 'customer') throw denied('The provider sets the status; you can cancel the booking')
    const rest = restOf(tx, rows, null).filter((row) => row.status === 'pending')
    if (rest.length === 0) throw conflict('Nothing of this series waits to be confirmed')
    await updateHeld(
      tx,
      rest.map((row) => ({ id: row.id, status: 'confirmed' as const, expiresAt: null })),
    )
    await settleSessions(
      tx,
      rest.map((row) => row.session_id),
    )
    await holdPayables(
      tx,
      rest.map((row) => ({ source: { kind: 'booking', id: row.id }, expiresAt: null })),
    )
    await insertHistories(
      tx,
      'confirmed',
      'confirmed',
      rest.map((row) => ({ bookingId: row.id })),
    )
    const events = idsOf(rest).map((booking_id) => ({ booking_id, of_series: true as const }))
    await tx.house.jobs.publishAll(tx, 'booking.confirmed', events)
    await tx.house.jobs.publish(tx, 'booking_series.confirmed', { series_id: id, booking_ids: idsOf(rest) })
    if (party === 'platform')
      await audit(tx, { action: 'bookings.confirm_series', target: { kind: 'booking_series', id }, after: {} })
  })
  return getSeries(ctx, id)
}

import { lockResources, resourcesFor } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { findBooking, lockBooking, type BookingRow } from '../queries/bookings.ts'

type Taken = Pick<BookingRow, 'provider_id' | 'room_id' | 'organization_id'>

const lockTimeOf = async (ctx: Context, { provider_id, room_id, organization_id }: Taken): Promise<void> =>
  lockResources(
    ctx,
    await resourcesFor(ctx, [
      { userId: provider_id },
      ...(room_id ? [{ roomId: room_id, organizationId: organization_id ?? '' }] : []),
    ]),
  )

/** Has it passed to somebody else, or into another room, since it was seen? */
export const isElsewhere = (booking: Taken, seen: Taken): boolean =>
  booking.provider_id !== seen.provider_id || booking.room_id !== seen.room_id

/**
 * Locks whose time a booking takes, then its row, and answers it as it is under these locks. Where it was moved or passed on while this waited, it locks whose
 * time it takes now: its row stays as it is by then. That is not the order of everybody else: of two who would wait for each other the database has one try again.
 */
export async function lockWithTime(ctx: Context, seen: BookingRow): Promise<BookingRow> {
  await lockTimeOf(ctx, seen)
  await lockBooking(ctx, seen.id)
  const booking = (await findBooking(ctx, seen.id))!
  if (isElsewhere(booking, seen)) await lockTimeOf(ctx, booking)
  return booking
}

import type { Context } from '../../../platform/context.ts'
import { selectBookings, type BookingRow } from './bookings.ts'

/** SQL on sessions that pass on to somebody else. */

/** Locks the bookings that stand in these sessions, ascending; answers them as they are under the lock. */
export async function lockOfSessions(ctx: Context, sessionIds: readonly number[]): Promise<BookingRow[]> {
  const standing = ctx.db
    .selectFrom('bookings')
    .where('session_id', 'in', sessionIds as number[])
    .where('status', 'in', ['pending', 'confirmed'])
    .orderBy('id')
  await standing.select('id').forNoKeyUpdate().execute()
  return selectBookings(ctx.db)
    .where('bookings.session_id', 'in', sessionIds as number[])
    .where('bookings.status', 'in', ['pending', 'confirmed'])
    .orderBy('bookings.id')
    .execute()
}

/** The bookings of a session go with it to who gives it from now on; what the one before proposed is nobody's word any more. */
export async function setProvider(ctx: Context, bookingIds: readonly number[], providerId: number): Promise<void> {
  await ctx.db
    .updateTable('bookings')
    .set({ provider_id: providerId, proposed_at: null, updated_at: ctx.now })
    .where('id', 'in', bookingIds as number[])
    .execute()
}

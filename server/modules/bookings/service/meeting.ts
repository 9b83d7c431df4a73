import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { lockBooking, findBooking, updateBookingRow } from '../queries/bookings.ts'
import { requireActing } from '../policy.ts'
import type { Party } from '../rules.ts'
import { propose } from './change.ts'

/** What modules to the right do with a booking that is held by a video conference, or stands in somebody's calendar elsewhere. */

/**
 * As whom the asker takes part in a booking that they are about to change.
 * @throws NOT_FOUND for whoever has nothing to do with it, PERMISSION_DENIED for a master who has left the organization
 */
export const requireParticipant = async (ctx: Context, id: number): Promise<Party> =>
  requireActing(ctx, await findBooking(ctx, id))

/** Notes where a booking takes place on the web, in the transaction of `ctx`. */
export async function setMeetingUrl(ctx: Context, id: number, url: string): Promise<void> {
  await lockBooking(ctx, id)
  await updateBookingRow(ctx, id, { meeting_url: url })
}

/**
 * Proposes another time to the customer of a booking on behalf of its provider, who has wished it in another calendar. Proposing what is proposed already changes
 * nothing. @throws CONFLICT or VALIDATION_ERROR where the time cannot be booked or the booking cannot be moved; NOT_FOUND
 */
export async function proposeTime(ctx: Context, id: number, startsAt: Temporal.Instant): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const booking = await findBooking(tx, id)
    if (booking?.proposed_at?.equals(startsAt)) return
    await propose(tx, id, startsAt)
  })
}

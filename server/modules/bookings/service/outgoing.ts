import type { Context } from '../../../platform/context.ts'
import { peopleOf, type Outgoing } from '../../../platform/outgoing.ts'
import { findBooking } from '../queries/bookings.ts'
import type { BookingView } from '../schema.ts'
import { viewBooking } from '../view.ts'

/** A booking as its two sides see it, for who sends it on to its seller; null where there is none. Asks nobody's leave. */
export async function bookingToSend(ctx: Context, id: number): Promise<Outgoing<BookingView> | null> {
  const row = await findBooking(ctx, id)
  if (!row) return null
  return {
    data: viewBooking(row),
    organizationId: row.organization_id,
    providerId: row.provider_id,
    people: peopleOf(row.customer_id, row.provider_id),
  }
}

import type { Context } from '../../../platform/context.ts'
import { conflict } from '../../../platform/errors.ts'
import { findBooking, listFuture, listFutureOfPerson, type Booked } from '../queries/bookings.ts'
import { step } from './status.ts'

/** So many of the bookings in the way are named. */
const named = 50

/**
 * A service, a room or an organization with future bookings is not archived (SPEC section 10).
 * @throws CONFLICT with the list of them.
 */
export async function refuseIfBooked(ctx: Context, where: Booked): Promise<void> {
  const rows = await listFuture(ctx, where, named)
  if (rows.length === 0) return
  const details = rows.map((row) => ({
    message: 'This booking stands',
    rule: 'booked',
    params: { booking_id: row.id, starts_at: row.starts_at.toString(), ends_at: row.ends_at.toString() },
  }))
  throw conflict('There are future bookings', { details })
}

/** Hears that an account was erased: its future bookings are cancelled, those it has bought as its customer, those it gives as their provider. */
export async function accountDeleted(ctx: Context, { user_id }: { user_id: number }): Promise<void> {
  for (const { id, customer_id } of await listFutureOfPerson(ctx, user_id)) {
    const booking = await findBooking(ctx, id)
    if (booking)
      await step(ctx, booking, customer_id === user_id ? 'customer' : 'provider', 'cancelled', 'account_deleted')
  }
}

import type { House } from '../../../../test/support.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { postCharge, releaseEarnings, type Seller } from './index.ts'

let bookings = 1_000_000

export type Sold = {
  seller: Seller
  /** Who gave it; needed where an organization sells. */
  providerId?: number
  amountMinor: number
  feeMinor: number
  currency?: string
  /** Has it taken place long ago, so that the money is available? */
  released?: boolean
}

/** Something was sold and paid, as the payments module writes it down; answers the payment and the booking it is for. */
export async function sell(house: House, sold: Sold): Promise<{ paymentId: number; bookingId: number }> {
  const { seller, amountMinor, feeMinor, currency = 'USD', released = true } = sold
  const bookingId = ++bookings
  const providerId = 'providerId' in seller ? seller.providerId : sold.providerId!
  const who = {
    payer_id: providerId,
    provider_id: providerId,
    organization_id: 'organizationId' in seller ? seller.organizationId : null,
    amount_minor: amountMinor,
    currency,
    created_at: house.ctx().now,
  }
  return inTransaction(house.ctx(), async (ctx) => {
    const payable = await ctx.db
      .insertInto('payables')
      .values({ ...who, source_kind: 'booking', source_id: bookingId, title: 'Massage', paid_minor: amountMinor })
      .returning('id')
      .executeTakeFirstOrThrow()
    const { id: paymentId } = await ctx.db
      .insertInto('payments')
      .values({
        ...who,
        payable_id: payable.id,
        fee_minor: feeMinor,
        status: 'succeeded',
        gateway: 'sandbox',
        paid_at: ctx.now,
        updated_at: ctx.now,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await postCharge(ctx, { paymentId, bookingId, seller, amountMinor, feeMinor, currency })
    if (released) await releaseEarnings(ctx, { bookingId, completedAt: ctx.now.subtract({ hours: 1000 }) })
    return { paymentId, bookingId }
  })
}

/** A seller has earned this much, after a fee of 1.00, for a booking that took place long ago; answers the payment. */
export const earn = async (house: House, seller: Seller, netMinor: number, currency = 'USD'): Promise<number> =>
  (await sell(house, { seller, amountMinor: netMinor + 100, feeMinor: 100, currency })).paymentId

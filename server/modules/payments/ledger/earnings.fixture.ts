import type { House } from '../../../../test/support.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { postCharge, releaseEarnings, type Seller } from './index.ts'

let payments = 1_000_000

/** A seller has earned this much, after the fee, for a booking that took place long ago; answers the payment, which only the books know. */
export async function earn(house: House, seller: Seller, netMinor: number, currency = 'USD'): Promise<number> {
  const paymentId = ++payments
  await inTransaction(house.ctx(), async (ctx) => {
    await postCharge(ctx, {
      paymentId,
      bookingId: paymentId,
      seller,
      amountMinor: netMinor + 100,
      feeMinor: 100,
      currency,
    })
    await releaseEarnings(ctx, { bookingId: paymentId, completedAt: ctx.now.subtract({ hours: 1000 }) })
  })
  return paymentId
}

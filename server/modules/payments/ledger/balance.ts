import type { Context } from '../../../platform/context.ts'
import { accountBalance, findSellerAccount, unreleased } from './queries.ts'
import type { Seller } from './sellers.ts'

export type Balance = {
  /** Can be withdrawn now; negative where refunds and disputes took back what had been withdrawn. */
  available: number
  /** Owed, but not to be withdrawn yet. */
  pending: number
}

/**
 * What a seller has in one currency, in minor units (SPEC section 10): two reads of an index each, whatever has been posted before. What is owed for bookings
 * that have not taken place for PAYOUT_DELAY_DAYS is pending; withdrawals lessen what is available from the moment they are requested.
 */
export async function balanceOf(ctx: Context, seller: Seller, currency: string): Promise<Balance> {
  const account = await findSellerAccount(ctx, seller, currency)
  return account ? balanceOfAccount(ctx, account.id) : { available: 0, pending: 0 }
}

/** The same of an account; under its lock nothing changes it any more. */
export async function balanceOfAccount(ctx: Context, accountId: number): Promise<Balance> {
  const owed = 0 - (await accountBalance(ctx, accountId))
  const pending = await unreleased(ctx, accountId)
  return { available: owed - pending, pending }
}

import type { Context } from '../../../platform/context.ts'
import { balanceOfAccount } from '../ledger/index.ts'
import { setAside, type WithdrawalRow } from './queries.ts'

export const notCovered = 'Refunds or disputes have taken back what this withdrawal was to be paid from'

/**
 * Is the money still there? What was available when it was asked for may have been refunded or disputed since, and what is set aside for several withdrawals
 * then covers only some of them. One whose transfer may have been made is seen through in any case. To be asked in the seller's turn.
 */
export async function isCovered(ctx: Context, row: WithdrawalRow): Promise<boolean> {
  if (row.transfer_open) return true
  const { available } = await balanceOfAccount(ctx, row.account_id)
  return available + (await setAside(ctx, row.account_id)) >= row.amount_minor
}

import type { Context } from '../../platform/context.ts'
import { peopleOf, type Outgoing } from '../../platform/outgoing.ts'
import { findPayment } from './payments/queries.ts'
import type { PaymentView } from './payments/schema.ts'
import { viewPayment } from './payments/view.ts'
import { findWithdrawal } from './withdrawals/queries.ts'
import type { WithdrawalView } from './withdrawals/schema.ts'
import { view } from './withdrawals/view.ts'

/** A payment as its two sides see it, for who sends it on to its seller; null where there is none. Asks nobody's leave. */
export async function paymentToSend(ctx: Context, id: number): Promise<Outgoing<PaymentView> | null> {
  const row = await findPayment(ctx, id)
  if (!row) return null
  return {
    data: viewPayment(row),
    organizationId: row.organization_id,
    providerId: row.provider_id,
    people: peopleOf(row.payer_id, row.provider_id),
  }
}

/** A withdrawal as its seller sees it; null where there is none. Asks nobody's leave. */
export async function withdrawalToSend(ctx: Context, id: number): Promise<Outgoing<WithdrawalView> | null> {
  const row = await findWithdrawal(ctx, id, null)
  if (!row) return null
  return {
    data: view(row),
    organizationId: row.organization_id,
    // A master sees an organization's figures, and not what its admins withdraw.
    providerId: row.organization_id === null ? row.provider_id : null,
    people: peopleOf(row.provider_id, row.requested_by),
  }
}

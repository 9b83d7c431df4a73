import type { Context } from '../../../platform/context.ts'

/** SQL on refunds and disputes; the payable is locked. */

export type RefundCause = 'request' | 'cancellation' | 'late' | 'gateway'
export type NewRefundRow = {
  payment_id: number
  amount_minor: number
  cause: RefundCause
  reason: string | null
  requested_by: number | null
  refund_id?: string
}

export async function insertRefund(ctx: Context, refund: NewRefundRow): Promise<number> {
  const { id } = await ctx.db
    .insertInto('refunds')
    .values({ ...refund, status: 'pending', created_at: ctx.now, updated_at: ctx.now })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export type RefundRow = NonNullable<Awaited<ReturnType<typeof findRefund>>>
export const findRefund = (ctx: Context, id: number) =>
  ctx.db.selectFrom('refunds').selectAll().where('id', '=', id).executeTakeFirst()

/** Our row of a refund that the gateway tells of: by its id, or by what we wrote on it. */
export async function findRefundTold(
  ctx: Context,
  paymentId: number,
  refundId: string,
  metadata: Record<string, string>,
): Promise<RefundRow | undefined> {
  const ours = metadata['refund_id'] ?? ''
  return ctx.db
    .selectFrom('refunds')
    .selectAll()
    .where('payment_id', '=', paymentId)
    .where((eb) =>
      eb.or([eb('refund_id', '=', refundId), ...(/^\d{1,15}$/.test(ours) ? [eb('id', '=', Number(ours))] : [])]),
    )
    .executeTakeFirst()
}

type RefundSet = {
  status?: 'pending' | 'succeeded' | 'failed'
  refund_id?: string
  fee_minor?: number
  failure_code?: string | null
}
export async function updateRefund(ctx: Context, id: number, set: RefundSet): Promise<void> {
  await ctx.db
    .updateTable('refunds')
    .set({ ...set, updated_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

/** Payments with a refund that the gateway has begun and not ended, untouched for so long. */
export async function listPaymentsWithPendingRefunds(
  ctx: Context,
  before: Temporal.Instant,
  limit: number,
): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('refunds')
    .where('status', '=', 'pending')
    .where('refund_id', 'is not', null)
    .where('updated_at', '<', before)
    .orderBy('updated_at')
    .limit(limit)
    .select('payment_id')
    .execute()
  return [...new Set(rows.map((row) => row.payment_id))]
}

export const findDispute = (ctx: Context, id: string) =>
  ctx.db.selectFrom('disputes').selectAll().where('id', '=', id).executeTakeFirst()

export const listDisputesOf = (ctx: Context, paymentId: number) =>
  ctx.db.selectFrom('disputes').selectAll().where('payment_id', '=', paymentId).orderBy('id').execute()

export async function putDispute(
  ctx: Context,
  dispute: { id: string; payment_id: number; amount_minor: number; status: string; reason: string | null },
): Promise<void> {
  await ctx.db
    .insertInto('disputes')
    .values({ ...dispute, created_at: ctx.now, updated_at: ctx.now })
    .onConflict((on) =>
      on.column('id').doUpdateSet({ status: dispute.status, reason: dispute.reason, updated_at: ctx.now }),
    )
    .execute()
}

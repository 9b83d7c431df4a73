import type { Context } from '../../../platform/context.ts'
import { beginOperation } from '../operations/queries.ts'
import { performSoon } from '../operations/soon.ts'
import {
  insertPayable,
  closeRows,
  insertPayables,
  listPaymentsOf,
  listPaymentsOfAll,
  lockPayable,
  lockPayables,
  updateHolds,
  updatePayable,
  updatePayment,
  type NewPayable,
  type PayableRow,
  type PaymentRow,
  type Source,
} from '../payments/queries.ts'
import { findPayable } from '../payments/queries.ts'
import { insertRefund, type RefundCause } from '../payments/refund-queries.ts'
import { isOpen, refundDue, refundableOf, spread, type CloseReason } from '../payments/rules.ts'

/** Opens what is to be paid for something, in the transaction that makes it (SPEC section 10): `create-intent` finds it by source and payer. */
export async function openPayable(ctx: Context, payable: NewPayable): Promise<void> {
  await insertPayable(ctx, payable)
}

/** The same for several things at once, such as the bookings of a series. */
export const openPayables = (ctx: Context, payables: readonly NewPayable[]): Promise<void> =>
  insertPayables(ctx, payables)

/** Says of several things until when they are held (null: no longer held, but due). Harmless for those that are not to be paid for here. */
export async function holdPayables(
  ctx: Context,
  holds: readonly { source: Source; expiresAt: Temporal.Instant | null }[],
): Promise<void> {
  if (holds.length > 0) await updateHolds(ctx, holds)
}

/** Keeps a payable true to what it pays for: who gives it, and until when it is held (null: no longer held, but due). Harmless where there is none. */
export async function changePayable(
  ctx: Context,
  source: Source,
  change: { expiresAt?: Temporal.Instant | null; providerId?: number },
): Promise<void> {
  const payable = await lockPayable(ctx, source)
  if (!payable) return
  await updatePayable(ctx, payable.id, {
    ...(change.expiresAt === undefined ? {} : { expires_at: change.expiresAt }),
    ...(change.providerId === undefined ? {} : { provider_id: change.providerId }),
  })
}

/**
 * Nothing is to be paid any more, because what it was for is cancelled or its hold has expired; `refundPercent` of what was paid goes back. Of what has expired
 * an intent may still be confirmed: its money books again or goes back. What comes in for what nobody is to pay any more, since nobody came or the fee was waived,
 * goes back by itself (`giveBack`). Harmless where there is none, or it is closed.
 */
export const closePayable = (
  ctx: Context,
  { kind, id }: Source,
  { reason, refundPercent }: { reason: CloseReason; refundPercent: number },
): Promise<void> => closePayables(ctx, kind, [{ id, refundPercent }], reason)

/** The same for several things of a kind: a few statements, and some more for each that somebody has begun to pay for. */
export async function closePayables(
  ctx: Context,
  kind: Source['kind'],
  closings: readonly { id: number; refundPercent: number }[],
  reason: CloseReason,
): Promise<void> {
  const percents = new Map(closings.map(({ id, refundPercent }) => [id, refundPercent]))
  const payables = (await lockPayables(ctx, kind, [...percents.keys()])).filter(({ closed_at }) => closed_at === null)
  if (payables.length === 0) return
  const ids = payables.map(({ id }) => id)
  await closeRows(ctx, ids, reason)
  const payments = Map.groupBy(await listPaymentsOfAll(ctx, ids), ({ payable_id }) => payable_id)
  for (const payable of payables) {
    const own = payments.get(payable.id) ?? []
    await refundOf(ctx, payable, own, percents.get(payable.source_id)!, 'cancellation')
    if (reason !== 'expired') await cancelOpen(ctx, own)
  }
}

/** The hold had expired, and the time could be booked again for the money that arrived late. */
export async function reopenPayable(ctx: Context, source: Source): Promise<void> {
  const payable = await lockPayable(ctx, source)
  if (payable) await updatePayable(ctx, payable.id, { closed_at: null, close_reason: null })
}

/** Money arrived for what is not to be had any more: all of it goes back. */
export async function refundLatePayment(ctx: Context, source: Source): Promise<void> {
  const payable = await lockPayable(ctx, source)
  if (payable) await refundPart(ctx, payable, 100, 'late')
}

/** What has been paid and what would come back by a percentage, in minor units; null where nothing was to be paid here. */
export async function previewRefund(
  ctx: Context,
  source: Source,
  percent: number,
): Promise<{ paidMinor: number; refundMinor: number; currency: string } | null> {
  const payable = await findPayable(ctx, source)
  if (!payable) return null
  const payments = await listPaymentsOf(ctx, payable.id)
  return {
    paidMinor: payable.paid_minor,
    refundMinor: partDue(payable, payments, percent),
    currency: payable.currency,
  }
}

function partDue(payable: PayableRow, payments: readonly PaymentRow[], percent: number): number {
  const back = payments.reduce((sum, one) => sum + one.refunded_minor + one.refunding_minor, 0)
  const left = payments.reduce((sum, one) => sum + refundableOf(one), 0)
  return Math.min(left, refundDue(payable.paid_minor, back, percent))
}

const refundPart = async (ctx: Context, payable: PayableRow, percent: number, cause: RefundCause): Promise<void> =>
  refundOf(ctx, payable, await listPaymentsOf(ctx, payable.id), percent, cause)

async function refundOf(
  ctx: Context,
  payable: PayableRow,
  payments: readonly PaymentRow[],
  percent: number,
  cause: RefundCause,
): Promise<void> {
  for (const { id, amountMinor } of spread(payments, partDue(payable, payments, percent))) {
    const payment = payments.find((one) => one.id === id)!
    await performSoon(ctx, await beginRefund(ctx, payment, { amountMinor, cause, reason: null }))
  }
}

/** Transaction 1 of a refund: its sum is set aside on the payment, its row and its call are written down. The payable is locked and the sum is not too much. */
export async function beginRefund(
  ctx: Context,
  payment: PaymentRow,
  wanted: { amountMinor: number; cause: RefundCause; reason: string | null; key?: string },
): Promise<number> {
  const refundId = await insertRefund(ctx, {
    payment_id: payment.id,
    amount_minor: wanted.amountMinor,
    cause: wanted.cause,
    reason: wanted.reason,
    requested_by: ctx.actor?.userId ?? null,
  })
  await updatePayment(ctx, payment.id, { refunding_minor: payment.refunding_minor + wanted.amountMinor })
  return beginOperation(ctx, {
    kind: 'refund.create',
    gateway: payment.gateway,
    subjectId: refundId,
    businessKey: wanted.key ?? `refund:${refundId}`,
    request: {},
  })
}

/** Nobody is to pay any more: intents that wait for a card are cancelled at the gateway. */
async function cancelOpen(ctx: Context, payments: readonly PaymentRow[]): Promise<void> {
  for (const { id, status, intent_id, gateway } of payments) {
    if (!isOpen(status) || intent_id === null) continue
    const operation = { kind: 'intent.cancel', gateway, subjectId: id, businessKey: `cancel:${id}` } as const
    await performSoon(ctx, await beginOperation(ctx, { ...operation, request: { intentId: intent_id } }))
  }
}

import type { Context } from '../../../platform/context.ts'
import { fromMinor } from '../../../platform/money.ts'
import { notify } from '../../notifications/index.ts'
import { feeToReturn, postCharge, postDispute, postRefund, postRefundFailed, sellerOf } from '../ledger/index.ts'
import type { GatewayDispute, GatewayRefund, Intent } from '../gateway/gateway.ts'
import { tellFeeDue, tellFeePaid } from '../no-show/notices.ts'
import {
  lockPayment,
  updatePayable,
  updatePayment,
  type PayableRow,
  type PaymentRow,
  type SourceKind,
} from './queries.ts'
import {
  findDispute,
  findRefund,
  findRefundTold,
  insertRefund,
  listDisputesOf,
  putDispute,
  updateRefund,
} from './refund-queries.ts'
import { checkDelay, isOpen, isPaid, nextStatus, statusAfterRefund, type PaymentStatus } from './rules.ts'

/**
 * The one way in which what a gateway tells changes a payment, from whatever mouth it comes: the answer to a call, a webhook, the poller. Each runs in the
 * caller's transaction under the payable's lock, and what was told before changes nothing, so each step is taken once, with one posting in the ledger.
 */

/** `changed`, `same`, or `mismatch` when amount, currency or intent are not those of the payment: then nothing is believed and the log says so. */
export type Told = 'changed' | 'same' | 'mismatch'

export async function applyIntent(
  ctx: Context,
  paymentId: number,
  intent: Intent,
  at: Temporal.Instant,
): Promise<Told> {
  const { payment, payable } = await lockPayment(ctx, paymentId)
  if (!isOurs(payment, intent)) {
    ctx.log.error(
      { payment: paymentId, intent: intent.id, amount: intent.amountMinor, currency: intent.currency },
      'the gateway tells of another sum than is to be paid',
    )
    return 'mismatch'
  }
  const newer = payment.told_at === null || Temporal.Instant.compare(payment.told_at, at) <= 0
  const next = nextStatus(payment.status as PaymentStatus, intent, newer)
  const status = next ?? (payment.status as PaymentStatus)
  await updatePayment(ctx, paymentId, {
    status,
    intent_id: intent.id,
    ...(intent.clientSecret === null ? {} : { client_secret: intent.clientSecret }),
    ...(newer && isOpen(status)
      ? {
          told_at: at,
          failure_code: intent.error?.code ?? null,
          decline_code: intent.error?.declineCode ?? null,
        }
      : {}),
    ...(intent.card && (newer || next === 'succeeded')
      ? { card_brand: intent.card.brand, card_last4: intent.card.last4 }
      : {}),
    ...(isOpen(status) ? { check_at: ctx.now.add(checkDelay(payment.checks)) } : { check_at: null }),
    ...(next === 'succeeded' ? { paid_at: ctx.now, told_at: at, failure_code: null, decline_code: null } : {}),
  })
  if (next === 'succeeded') await succeed(ctx, payment, payable)
  else if (next !== null) {
    await updatePayable(ctx, payable.id, { is_processing: status === 'processing' })
    // A fee was under way without its payer: from now on they owe it.
    if (isFee(payable) && payable.is_processing && status !== 'processing' && payable.closed_at === null)
      await tellFeeDue(ctx, payable)
  }
  return next === null ? 'same' : 'changed'
}

const isFee = ({ source_kind }: PayableRow): boolean => source_kind === 'no_show'

const isOurs = (payment: PaymentRow, intent: Intent): boolean =>
  (payment.intent_id === null || payment.intent_id === intent.id) &&
  intent.amountMinor === payment.amount_minor &&
  intent.currency === payment.currency &&
  (intent.status !== 'succeeded' || intent.receivedMinor === payment.amount_minor)

async function succeed(ctx: Context, payment: PaymentRow, payable: PayableRow): Promise<void> {
  await updatePayable(ctx, payable.id, {
    paid_minor: payable.paid_minor + payment.amount_minor,
    is_processing: false,
    expires_at: null,
  })
  const seller = sellerOf(payment)
  await postCharge(ctx, {
    paymentId: payment.id,
    seller,
    amountMinor: payment.amount_minor,
    feeMinor: payment.fee_minor,
    currency: payment.currency,
    bookingId: payable.source_id,
  })
  // A dispute may have been told before the payment it is about.
  for (const dispute of await listDisputesOf(ctx, payment.id)) {
    const { payment: fresh } = await lockPayment(ctx, payment.id)
    await post(ctx, fresh, { disputeId: dispute.id, amountMinor: dispute.amount_minor, status: dispute.status })
  }
  await ctx.house.jobs.publish(ctx, 'payment.succeeded', {
    payment_id: payment.id,
    source_kind: payable.source_kind as SourceKind,
    source_id: payable.source_id,
  })
  if (payable.close_reason === 'no_show' || payable.close_reason === 'waived')
    await ctx.house.jobs.enqueue(ctx, 'payments.give-back', { payment_id: payment.id })
  else if (isFee(payable)) await tellFeePaid(ctx, payable, payment.amount_minor)
}

/** What a gateway tells of a refund: of ours, or of one that was made at the gateway itself. Answers false when the payment has not arrived yet: then it is to be asked for. */
export async function applyRefund(ctx: Context, paymentId: number, told: GatewayRefund): Promise<boolean> {
  const { payment } = await lockPayment(ctx, paymentId)
  if (!isPaid(payment.status) || told.currency !== payment.currency) return false
  const known = await findRefundTold(ctx, paymentId, told.id, told.metadata)
  if (known && known.amount_minor !== told.amountMinor) return false
  let id = known?.id
  if (id === undefined) {
    if (told.status === 'failed') return true
    const room = payment.amount_minor - payment.refunded_minor - payment.refunding_minor
    if (told.amountMinor > room) {
      ctx.log.error({ payment: paymentId, refund: told.id }, 'the gateway tells of a refund that exceeds the payment')
      return true
    }
    id = await insertRefund(ctx, {
      payment_id: paymentId,
      amount_minor: told.amountMinor,
      cause: 'gateway',
      reason: null,
      requested_by: null,
    })
    await updatePayment(ctx, paymentId, { refunding_minor: payment.refunding_minor + told.amountMinor })
  }
  await settleRefund(ctx, id, told)
  return true
}

/** Ends a refund as the gateway says, or leaves it pending. */
export async function settleRefund(
  ctx: Context,
  refundId: number,
  told: Pick<GatewayRefund, 'status' | 'failureCode'> & { id: string | null },
): Promise<void> {
  const seen = await findRefund(ctx, refundId)
  if (!seen) throw new Error(`there is no refund ${refundId}`)
  const { payment, payable } = await lockPayment(ctx, seen.payment_id)
  const refund = (await findRefund(ctx, refundId))!
  await updateRefund(ctx, refundId, {
    ...(told.id === null ? {} : { refund_id: told.id }),
    failure_code: told.failureCode,
  })
  if (told.status === refund.status || refund.status === 'failed' || told.status === 'pending') return
  const { amount_minor: amount } = refund
  const wasPending = refund.status === 'pending'
  const back = told.status === 'succeeded' ? amount : wasPending ? 0 : -amount
  const fee = told.status === 'succeeded' ? feeBack(payment, amount) : refund.fee_minor
  const refunded = payment.refunded_minor + back
  await updateRefund(ctx, refundId, { status: told.status, fee_minor: fee })
  await updatePayment(ctx, payment.id, {
    refunded_minor: refunded,
    refunding_minor: payment.refunding_minor - (wasPending ? amount : 0),
    status: statusAfterRefund(payment.amount_minor, refunded),
  })
  await updatePayable(ctx, payable.id, { refunded_minor: payable.refunded_minor + back })
  if (told.status === 'failed') {
    if (!wasPending) await postRefundFailed(ctx, refundId)
    return
  }
  await postRefund(ctx, {
    refundId,
    paymentId: payment.id,
    seller: sellerOf(payment),
    amountMinor: amount,
    feeMinor: fee,
    currency: payment.currency,
  })
  await ctx.house.jobs.publish(ctx, 'payment.refunded', {
    payment_id: payment.id,
    refund_id: refundId,
    source_kind: payable.source_kind as SourceKind,
    source_id: payable.source_id,
  })
  await notify(ctx, {
    userId: payment.payer_id,
    kind: 'payment_refunded',
    title: 'A refund is on its way to you',
    body: '{amount} {currency} for {title}',
    params: { amount: fromMinor(amount, payment.currency), currency: payment.currency, title: payment.title },
    target: { kind: 'payment', id: payment.id },
  })
}

const feeBack = (payment: PaymentRow, amount: number): number =>
  feeToReturn(
    { amountMinor: payment.amount_minor, feeMinor: payment.fee_minor, refundedMinor: payment.refunded_minor },
    amount,
  )

/** An inquiry moves no money, and neither does what the gateway has fended off. */
const movesMoney = (status: string): boolean => !status.startsWith('warning') && status !== 'prevented'
const isFinal = (status: string): boolean => status === 'won' || status === 'lost'

/** What a gateway tells of a dispute: the sum is frozen when it is opened, and free again when it is won. */
export async function applyDispute(ctx: Context, paymentId: number, told: GatewayDispute): Promise<void> {
  const { payment } = await lockPayment(ctx, paymentId)
  const known = await findDispute(ctx, told.id)
  if (!movesMoney(told.status) || told.currency !== payment.currency) return
  if (known && (isFinal(known.status) || known.status === told.status)) return
  const amountMinor = known?.amount_minor ?? told.amountMinor
  await putDispute(ctx, {
    id: told.id,
    payment_id: paymentId,
    amount_minor: amountMinor,
    status: told.status,
    reason: told.reason,
  })
  const frozen = payment.disputed_minor + (known ? 0 : amountMinor) - (told.status === 'won' ? amountMinor : 0)
  await updatePayment(ctx, paymentId, { disputed_minor: Math.max(0, frozen) })
  if (isPaid(payment.status)) await post(ctx, payment, { disputeId: told.id, amountMinor, status: told.status })
}

async function post(
  ctx: Context,
  payment: PaymentRow,
  { disputeId, amountMinor, status }: { disputeId: string; amountMinor: number; status: string },
): Promise<void> {
  const { currency } = payment
  const won = isFinal(status) ? status === 'won' : null
  await postDispute(ctx, { disputeId, paymentId: payment.id, seller: sellerOf(payment), amountMinor, currency, won })
}

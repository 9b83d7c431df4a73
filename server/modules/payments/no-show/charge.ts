import type { Context } from '../../../platform/context.ts'
import { platformFee } from '../ledger/index.ts'
import { beginOperation } from '../operations/queries.ts'
import { performSoon } from '../operations/soon.ts'
import { deleteMethod, findDefaultMethod, type SavedMethod } from '../payments/method-queries.ts'
import {
  insertPayment,
  lockPayment,
  updatePayable,
  updatePayment,
  type PayableRow,
  type PaymentRow,
} from '../payments/queries.ts'
import { isPaid } from '../payments/rules.ts'
import { tellFeeDue } from './notices.ts'

/**
 * A fee is charged in two calls, each with its operation: the intent is made, then confirmed off session. So whatever breaks, there is one intent that can be asked
 * whether it was paid, and one intent is paid once; a call that made and confirmed at once could be repeated with a new key and take the money twice.
 */
export type ChargeRequest = { intentId: string; paymentMethod: string }

/** Transaction 1: the payment of a fee, under way, and the call that makes its intent. The payable is locked. */
export async function beginFee(ctx: Context, payable: PayableRow, method: SavedMethod): Promise<void> {
  const { amount_minor: amountMinor, currency, title } = payable
  const feeMinor = platformFee(amountMinor, ctx.house.config.PLATFORM_FEE_PERCENT)
  const { gateway, customer_id: customerId, method_id: charge } = method
  const paymentId = await insertPayment(ctx, payable, { amountMinor, feeMinor, gateway })
  await updatePayable(ctx, payable.id, { is_processing: true })
  const id = await beginOperation(ctx, {
    kind: 'intent.create',
    gateway,
    subjectId: paymentId,
    businessKey: `intent:${paymentId}`,
    request: { amountMinor, currency, customerId, description: `No-show fee: ${title}`, charge },
  })
  await performSoon(ctx, id)
}

/** The intent of a fee is made: now it is charged, unless its payer was faster. */
export async function chargeNext(ctx: Context, paymentId: number, paymentMethod: string): Promise<void> {
  const { payment } = await lockPayment(ctx, paymentId)
  if (payment.intent_id !== null && !isPaid(payment.status))
    await beginCharge(ctx, payment, payment.intent_id, paymentMethod)
}

async function beginCharge(ctx: Context, payment: PaymentRow, intentId: string, paymentMethod: string): Promise<void> {
  const request: ChargeRequest = { intentId, paymentMethod }
  const { gateway, id: subjectId } = payment
  const businessKey = `charge:${subjectId}:${paymentMethod}`
  await performSoon(ctx, await beginOperation(ctx, { kind: 'intent.charge', gateway, subjectId, businessKey, request }))
}

async function beginCancel(ctx: Context, payment: PaymentRow, intentId: string): Promise<void> {
  const { gateway, id: subjectId } = payment
  const businessKey = `cancel:${subjectId}`
  const operation = { kind: 'intent.cancel', gateway, subjectId, businessKey, request: { intentId } } as const
  await performSoon(ctx, await beginOperation(ctx, operation))
}

/**
 * The gateway refused to make the intent of a fee, or to charge it. A method that is not there any more is forgotten, and the next one is tried; else the
 * customer owes the fee, and both are told.
 */
export async function feeRefused(
  ctx: Context,
  paymentId: number,
  { code, param }: { code: string; param: string | null },
  tried: string | null,
): Promise<void> {
  const { payment, payable } = await lockPayment(ctx, paymentId)
  if (isPaid(payment.status)) return
  if (payable.closed_at !== null) {
    if (payment.intent_id !== null) await beginCancel(ctx, payment, payment.intent_id)
    return
  }
  if (tried !== null && payment.intent_id !== null && (param === 'payment_method' || code === 'resource_missing')) {
    await deleteMethod(ctx, payment.gateway, tried)
    const next = await findDefaultMethod(ctx, payment.payer_id, payment.gateway)
    if (next) return beginCharge(ctx, payment, payment.intent_id, next.method_id)
  }
  await updatePayment(ctx, paymentId, { failure_code: code })
  await updatePayable(ctx, payable.id, { is_processing: false })
  await tellFeeDue(ctx, payable)
}

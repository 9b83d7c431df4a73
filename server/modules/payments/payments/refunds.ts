import { findMembership, requireStillMember } from '../../organizations/index.ts'
import { audit } from '../../../platform/audit.ts'
import { actorOf, hasPermission, isAdministrative, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { AppError, conflict, denied, invalid, notFound } from '../../../platform/errors.ts'
import { fromMinor, toMinor } from '../../../platform/money.ts'
import type { GatewayRefund } from '../gateway/gateway.ts'
import { performOperation } from '../operations/perform.ts'
import { findOperation, findOperationByKey } from '../operations/queries.ts'
import { beginRefund } from '../payables/service.ts'
import { findPayment, lockPayment, type PaymentRow } from './queries.ts'
import { findRefund } from './refund-queries.ts'
import { isPaid, refundableOf } from './rules.ts'
import type { RefundInput, RefundView } from './schema.ts'
import { viewRefund } from './view.ts'

/** Does this person sell what was paid for: who gives it, or an admin of the organization? */
export async function isSeller(
  ctx: Context,
  payment: Pick<PaymentRow, 'provider_id' | 'organization_id'>,
): Promise<boolean> {
  if (payment.provider_id === actorOf(ctx).userId) return true
  const { organization_id: id } = payment
  return id !== null && (await findMembership(ctx, id))?.role === 'admin'
}

/** @throws NOT_FOUND for strangers, PERMISSION_DENIED for the payer, for administrators without `payment_management` and for a master who has left the organization */
async function requireRefunder(ctx: Context, payment: PaymentRow | undefined): Promise<void> {
  const { userId, role } = actorOf(ctx)
  if (hasPermission(ctx.actor, 'payment_management')) {
    if (!payment) throw notFound('payment')
    return
  }
  if (isAdministrative(role)) throw denied()
  if (payment && (await isSeller(ctx, payment))) return requireStillMember(ctx, payment.organization_id)
  if (payment?.payer_id === userId) throw denied('Refunds are made by the provider; you can cancel the booking')
  throw notFound('payment')
}

/**
 * Gives a payment back, all that is left of it or a part. `wish` names this wish: the same one is done once. While the gateway does not answer, the refund stays
 * `pending` and is made as soon as it does.
 * @throws CONFLICT when there is less left than that, VALIDATION_ERROR for no sum of money
 */
export async function requestRefund(ctx: Context, input: RefundInput, wish: string): Promise<RefundView> {
  const seen = await findPayment(ctx, input.payment_id)
  await requireRefunder(ctx, seen)
  // Of this payment: a client that takes up an old Idempotency-Key for another one is not told of the refund that it made then.
  const key = `refund:${input.payment_id}:${wish}`
  const operationId = await inTransaction(ctx, async (tx) => {
    const { payment } = await lockPayment(tx, input.payment_id)
    const begun = await findOperationByKey(tx, key)
    if (begun) return begun.id
    const amountMinor = wantedOf(payment, input.amount ?? null)
    const reason = input.reason ?? null
    const id = await beginRefund(tx, payment, { amountMinor, cause: 'request', reason, key })
    if (isAdministrative(actorOf(tx).role))
      await audit(tx, {
        action: 'payments.refund',
        target: { kind: 'payment', id: payment.id },
        before: { refunded: fromMinor(payment.refunded_minor, payment.currency) },
        after: { refund: fromMinor(amountMinor, payment.currency), currency: payment.currency, reason },
      })
    return id
  })
  await settled(ctx, operationId)
  const refund = (await findRefund(ctx, (await findOperation(ctx, operationId))!.subject_id))!
  return viewRefund(refund, (await findPayment(ctx, refund.payment_id))!)
}

/** @throws CONFLICT with what the gateway said, when it refused for good */
async function settled(ctx: Context, operationId: number): Promise<void> {
  try {
    const outcome = await performOperation<GatewayRefund>(ctx, operationId)
    if (!('refused' in outcome)) return
    const { code, message } = outcome.refused
    throw conflict('The payment gateway refused this refund', {
      details: [{ field: 'payment_id', message, rule: 'gateway', params: { code } }],
    })
  } catch (error) {
    // It is written down, and made when the gateway is there again: a second wish would give the money back twice.
    if (error instanceof AppError && error.code === 'SERVICE_UNAVAILABLE') return
    throw error
  }
}

function wantedOf(payment: PaymentRow, amount: number | null): number {
  if (!isPaid(payment.status)) throw conflict('This payment has not succeeded, so nothing can go back')
  const left = refundableOf(payment)
  const wanted = amount === null ? left : toMinor(amount, payment.currency)
  if (amount !== null && wanted === 0) throw invalid('amount', 'This is no amount of money', 'amount')
  if (wanted > left || wanted === 0)
    throw conflict('There is less left of this payment than that', {
      details: [
        {
          field: 'amount',
          message: 'There is less left of this payment than that',
          rule: 'refundable',
          params: { refundable: fromMinor(left, payment.currency), currency: payment.currency },
        },
      ],
    })
  return wanted
}

import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, invalid, notFound, paymentFailed, unavailable } from '../../../platform/errors.ts'
import { platformFee } from '../ledger/index.ts'
import { gatewayOf } from '../gateway/index.ts'
import type { Failure, Intent } from '../gateway/gateway.ts'
import type { Refused } from '../operations/handlers.ts'
import { performOperation } from '../operations/perform.ts'
import { beginOperation, findOperationByKey, findUnfinished, type OperationRow } from '../operations/queries.ts'
import { ensureCustomer } from './methods.ts'
import {
  findOpenPayment,
  findPayable,
  findPayment,
  findPaymentOfIntent,
  insertPayment,
  lockPayable,
  lockPayment,
  updatePayment,
  type PayableRow,
  type PaymentRow,
  type Source,
} from './queries.ts'
import { checkDelay, dueOf, isPaid } from './rules.ts'
import type { ConfirmInput, IntentView } from './schema.ts'
import { syncPayment } from './sync.ts'
import { viewIntent } from './view.ts'

const nothingDue = () => conflict('Nothing is to be paid for this booking')

/** Does this person buy the booking? Bookings tells; payments knows only what is to be paid. */
export type IsBuyer = (ctx: Context, bookingId: number) => Promise<boolean>

/**
 * The intent to pay for a booking: its deposit first where it has one, then the rest; after it, what is owed for not having come. Asked for again, the same one.
 * @throws NOT_FOUND for anybody but its payer, CONFLICT where nothing is due or online payment is off, SERVICE_UNAVAILABLE while the gateway does not answer
 */
export async function createIntent(ctx: Context, bookingId: number, isBuyer: IsBuyer): Promise<IntentView> {
  // Who did not come owes the fee for it, and nothing else.
  const fee = await findPayable(ctx, { kind: 'no_show', id: bookingId })
  const source: Source = { kind: fee ? 'no_show' : 'booking', id: bookingId }
  const payable = fee ?? (await findPayable(ctx, source))
  if (payable?.payer_id !== actorOf(ctx).userId) {
    if (!payable && (await isBuyer(ctx, bookingId))) throw nothingDue()
    throw notFound('booking')
  }
  const gateway = gatewayOf(ctx)
  requireDue(ctx, payable)
  const customerId = await ensureCustomer(ctx, gateway)
  const begun = await inTransaction(ctx, (tx) => begin(tx, source, gateway.name, customerId))
  if (begun.operationId !== null) {
    const outcome = await performOperation<Intent>(ctx, begun.operationId)
    if ('refused' in outcome) throw refusedIntent(outcome.refused)
  }
  return viewIntent((await findPayment(ctx, begun.paymentId))!)
}

/** @throws CONFLICT unless something is due now and may still be paid */
function requireDue(ctx: Context, payable: PayableRow): void {
  if (payable.close_reason === 'no_show' || payable.close_reason === 'waived') throw nothingDue()
  if (payable.closed_at !== null) throw conflict('This booking is cancelled: nothing is to be paid for it any more')
  if (payable.expires_at !== null && Temporal.Instant.compare(payable.expires_at, ctx.now) <= 0)
    throw conflict('The hold on this time has expired')
  if (dueOf(payable) === 0) throw nothingDue()
}

/** Transaction 1: the open payment of the payable, or a new one with its call to make. */
async function begin(
  ctx: Context,
  source: Source,
  gateway: string,
  customerId: string,
): Promise<{ paymentId: number; operationId: number | null }> {
  const payable = (await lockPayable(ctx, source))!
  requireDue(ctx, payable)
  const open = await findOpenPayment(ctx, payable.id)
  if (open?.gateway === gateway) {
    if (open.intent_id !== null) return { paymentId: open.id, operationId: null }
    const unfinished = await findOperationByKey(ctx, `intent:${open.id}`)
    return { paymentId: open.id, operationId: unfinished!.id }
  }
  // The house was given another gateway meanwhile: what nobody has paid there is left.
  if (open) await updatePayment(ctx, open.id, { status: 'cancelled', check_at: null })
  const amountMinor = dueOf(payable)
  const feeMinor = platformFee(amountMinor, ctx.house.config.PLATFORM_FEE_PERCENT)
  const paymentId = await insertPayment(ctx, payable, { amountMinor, feeMinor, gateway })
  const operationId = await beginOperation(ctx, {
    kind: 'intent.create',
    gateway,
    subjectId: paymentId,
    businessKey: `intent:${paymentId}`,
    request: { amountMinor, currency: payable.currency, customerId, description: payable.title },
  })
  return { paymentId, operationId }
}

const refusedIntent = ({ code, message }: Refused) =>
  conflict('The payment gateway refused this payment', {
    details: [{ field: 'booking_id', message, rule: 'gateway', params: { code } }],
  })

/**
 * Takes the money of an intent with a payment method; without one, with the one it has. `wish` names this wish: the same one is never tried twice.
 * @throws NOT_FOUND for anybody but its payer, PAYMENT_FAILED when the card is declined, CONFLICT when it is not to be paid any more, VALIDATION_ERROR for an
 * unknown payment method, SERVICE_UNAVAILABLE while the gateway does not answer
 */
export async function confirmPayment(
  ctx: Context,
  { payment_intent_id, payment_method }: ConfirmInput,
  wish: string,
): Promise<IntentView> {
  const payment = await findPaymentOfIntent(ctx, payment_intent_id)
  if (payment?.payer_id !== actorOf(ctx).userId) throw notFound('payment')
  const gateway = gatewayOf(ctx)
  if (gateway.name !== payment.gateway) throw unavailable('The payment gateway is not available right now', 30)
  await finishOther(ctx, payment.id, `confirm:${payment.id}:${wish}`)
  const operation = { paymentId: payment.id, key: `confirm:${payment.id}:${wish}` }
  const id = await inTransaction(ctx, (tx) => beginConfirm(tx, payment, operation.key, payment_method ?? null))
  if (id !== null) {
    const outcome = await performOperation<Intent>(ctx, id)
    if ('refused' in outcome) await explainRefusal(ctx, payment.id, outcome.refused)
    else if (outcome.done.error !== null && outcome.done.status !== 'succeeded') throw declined(outcome.done.error)
  }
  return viewIntent((await findPayment(ctx, payment.id))!)
}

/** An attempt that a crash or a silent gateway left open comes first: its end decides whether there is anything left to pay. */
async function finishOther(ctx: Context, paymentId: number, key: string): Promise<void> {
  const open: OperationRow | undefined = await findUnfinished(ctx, 'intent.confirm', paymentId)
  if (open && open.business_key !== key) await performOperation(ctx, open.id)
}

/** Transaction 1 of a confirmation; null when it is paid already. */
async function beginConfirm(
  ctx: Context,
  seen: PaymentRow,
  businessKey: string,
  paymentMethod: string | null,
): Promise<number | null> {
  const { payment, payable } = await lockPayment(ctx, seen.id)
  if (isPaid(payment.status)) return null
  if (payment.status === 'cancelled') throw conflict('This payment was cancelled')
  if (payable.close_reason === 'no_show' || payable.close_reason === 'waived') throw nothingDue()
  if (payable.close_reason === 'cancelled')
    throw conflict('This booking is cancelled: nothing is to be paid for it any more')
  // Whatever becomes of the answer, the gateway is asked in a while.
  await updatePayment(ctx, payment.id, { check_at: ctx.now.add(checkDelay(1)), checks: 0 })
  return beginOperation(ctx, {
    kind: 'intent.confirm',
    gateway: payment.gateway,
    subjectId: payment.id,
    businessKey,
    request: { intentId: payment.intent_id, paymentMethod },
  })
}

const declined = ({ code, declineCode, message }: Failure) =>
  paymentFailed('The card was declined', [
    {
      field: 'payment_method',
      message,
      rule: 'declined',
      decline_code: declineCode ?? code,
      params: { code, decline_code: declineCode ?? code },
    },
  ])

/** @throws what the refusal means, unless it was refused because the money has arrived already */
async function explainRefusal(ctx: Context, paymentId: number, { code, message, param }: Refused): Promise<void> {
  await syncPayment(ctx, paymentId)
  if (isPaid((await findPayment(ctx, paymentId))!.status)) return
  if (code === 'abandoned') throw conflict('The payment was not tried in time; try again')
  if (param === 'payment_method' || code === 'resource_missing')
    throw invalid('payment_method', 'There is no such payment method for you', 'payment_method', { code })
  throw conflict('The payment gateway refused this payment', {
    details: [{ field: 'payment_intent_id', message, rule: 'gateway', params: { code } }],
  })
}

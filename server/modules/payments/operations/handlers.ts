import type { Context } from '../../../platform/context.ts'
import {
  GatewayRefusal,
  type GatewayRefund,
  type Intent,
  type PaymentGateway,
  type PaymentMethod,
} from '../gateway/gateway.ts'
import { chargeNext, feeRefused, type ChargeRequest } from '../no-show/charge.ts'
import { findPayment, lockPayment, updatePayment } from '../payments/queries.ts'
import { findRefund } from '../payments/refund-queries.ts'
import { isOpen } from '../payments/rules.ts'
import { applyIntent, settleRefund } from '../payments/transition.ts'
import { putCustomer } from './customer-queries.ts'
import type { OperationKind, OperationRow } from './queries.ts'

/** The gateway's word for why it refused. */
export type Refused = { code: string; message: string; param: string | null }
/** What became of a call, as it is kept: done with its answer, or refused for good. */
export type Outcome<R> = { done: R } | { refused: Refused }

export type Handler<R> = {
  /** The call, outside of any transaction. `again`: an earlier attempt may or may not have been done, so look first. */
  call: (ctx: Context, gateway: PaymentGateway, operation: OperationRow, key: string, again: boolean) => Promise<R>
  /** Transaction 2: what follows from it. */
  apply: (tx: Context, operation: OperationRow, outcome: Outcome<R>) => Promise<void>
}

export type IntentRequest = {
  amountMinor: number
  currency: string
  customerId: string | null
  description: string
  /** The saved payment method that a no-show fee is charged to as soon as its intent is made. */
  charge?: string
}

const createIntent: Handler<Intent> = {
  call: (_ctx, gateway, operation, key) => {
    const metadata = { payment_id: String(operation.subject_id) }
    const { charge: _, ...wanted } = operation.request as IntentRequest
    return gateway.createIntent({ ...wanted, metadata }, key)
  },
  apply: async (tx, { subject_id: id, request }, outcome) => {
    const { charge } = request as IntentRequest
    if ('done' in outcome) {
      await applyIntent(tx, id, outcome.done, tx.house.clock())
      if (charge !== undefined) await chargeNext(tx, id, charge)
      return
    }
    if (charge !== undefined) await feeRefused(tx, id, outcome.refused, null)
    const { payment } = await lockPayment(tx, id)
    if (isOpen(payment.status))
      await updatePayment(tx, id, { status: 'cancelled', failure_code: outcome.refused.code, check_at: null })
  },
}

export type ConfirmRequest = { intentId: string; paymentMethod: string | null }

const confirmIntent: Handler<Intent> = {
  call: async (_ctx, gateway, operation, key, again) => {
    const { intentId, paymentMethod } = operation.request as ConfirmRequest
    if (!again) return gateway.confirmIntent(intentId, paymentMethod, key)
    // Nobody is charged behind their back: what was not done while they waited is not done later.
    const told = await gateway.retrieveIntent(intentId)
    if (told.status === 'requires_payment_method' && told.error === null)
      throw new GatewayRefusal('abandoned', 'The payment was not tried in time; try again')
    return told
  },
  apply: async (tx, { subject_id: id }, outcome) => {
    if ('done' in outcome) await applyIntent(tx, id, outcome.done, tx.house.clock())
  },
}

/** The other way round than a confirmation: nobody waits for this one, and it is done as soon as it can be, unless it was given up meanwhile. */
const chargeIntent: Handler<Intent> = {
  call: async (ctx, gateway, operation, key, again) => {
    const { intentId, paymentMethod } = operation.request as ChargeRequest
    if (await isWaived(ctx, operation.subject_id)) throw new GatewayRefusal('waived', 'The fee was waived')
    if (again) {
      const told = await gateway.retrieveIntent(intentId)
      if (!isUntried(told)) return told
    }
    try {
      return await gateway.chargeIntent(intentId, paymentMethod, key)
    } catch (error) {
      // Its payer has paid it a moment before, or it was cancelled.
      if (error instanceof GatewayRefusal && error.code === 'payment_intent_unexpected_state')
        return gateway.retrieveIntent(intentId)
      throw error
    }
  },
  apply: async (tx, { subject_id: id, request }, outcome) => {
    if ('done' in outcome) await applyIntent(tx, id, outcome.done, tx.house.clock())
    else await feeRefused(tx, id, outcome.refused, (request as ChargeRequest).paymentMethod)
  },
}

const isUntried = ({ status, error }: Intent): boolean =>
  (status === 'requires_payment_method' && error === null) || status === 'requires_confirmation'

const isWaived = async (ctx: Context, paymentId: number): Promise<boolean> =>
  (await findPayment(ctx, paymentId))!.closed_at !== null

const cancelIntent: Handler<Intent> = {
  call: async (_ctx, gateway, operation, key) => {
    const { intentId } = operation.request as { intentId: string }
    try {
      return await gateway.cancelIntent(intentId, key)
    } catch (error) {
      // It was paid or cancelled just before: what it is now counts.
      if (error instanceof GatewayRefusal) return gateway.retrieveIntent(intentId)
      throw error
    }
  },
  apply: async (tx, { subject_id: id }, outcome) => {
    if ('done' in outcome) await applyIntent(tx, id, outcome.done, tx.house.clock())
  },
}

const createRefund: Handler<GatewayRefund> = {
  call: async (ctx, gateway, { subject_id: id }, key, again) => {
    const refund = (await findRefund(ctx, id))!
    const payment = (await findPayment(ctx, refund.payment_id))!
    const intentId = payment.intent_id!
    if (again) {
      const made = (await gateway.listRefunds(intentId)).find((one) => one.metadata['refund_id'] === String(id))
      if (made) return made
    }
    const metadata = { refund_id: String(id), payment_id: String(payment.id) }
    return gateway.refund({ intentId, amountMinor: refund.amount_minor, currency: payment.currency, metadata }, key)
  },
  apply: async (tx, { subject_id: id }, outcome) => {
    if ('done' in outcome) {
      await settleRefund(tx, id, outcome.done)
      return
    }
    await settleRefund(tx, id, { id: null, status: 'failed', failureCode: outcome.refused.code })
    // It may have been refunded at the gateway itself, which we have then not heard of.
    const refund = (await findRefund(tx, id))!
    await tx.house.jobs.enqueue(tx, 'payments.sync', { payment_id: refund.payment_id })
  },
}

const createCustomer: Handler<string> = {
  call: (_ctx, gateway, operation, key) => {
    const metadata = { user_id: String(operation.subject_id) }
    return gateway.createCustomer({ ...(operation.request as { email: string; name: string }), metadata }, key)
  },
  apply: async (tx, { subject_id, gateway }, outcome) => {
    if ('done' in outcome) await putCustomer(tx, subject_id, gateway, outcome.done)
  },
}

/** It is forgotten here already; what the gateway does not know any more is as good as detached. */
const detachMethod: Handler<PaymentMethod> = {
  call: (_ctx, gateway, operation, key) =>
    gateway.detachPaymentMethod((operation.request as { methodId: string }).methodId, key),
  apply: () => Promise.resolve(),
}

/** Who makes each kind of call, and what follows from it. */
export const handlers = {
  'intent.create': createIntent,
  'intent.confirm': confirmIntent,
  'intent.charge': chargeIntent,
  'intent.cancel': cancelIntent,
  'refund.create': createRefund,
  'customer.create': createCustomer,
  'method.detach': detachMethod,
} satisfies Record<
  OperationKind,
  Handler<never> | Handler<Intent> | Handler<GatewayRefund> | Handler<PaymentMethod> | Handler<string>
>

import type { Context } from '../../../platform/context.ts'
import { GatewayRefusal, type GatewayRefund, type Intent, type PaymentGateway } from '../gateway/gateway.ts'
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

export type IntentRequest = { amountMinor: number; currency: string; customerId: string | null; description: string }

const createIntent: Handler<Intent> = {
  call: (_ctx, gateway, operation, key) => {
    const metadata = { payment_id: String(operation.subject_id) }
    return gateway.createIntent({ ...(operation.request as IntentRequest), metadata }, key)
  },
  apply: async (tx, { subject_id: id }, outcome) => {
    if ('done' in outcome) {
      await applyIntent(tx, id, outcome.done, tx.house.clock())
      return
    }
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

/** Who makes each kind of call, and what follows from it. */
export const handlers = {
  'intent.create': createIntent,
  'intent.confirm': confirmIntent,
  'intent.cancel': cancelIntent,
  'refund.create': createRefund,
  'customer.create': createCustomer,
} satisfies Record<OperationKind, Handler<never> | Handler<Intent> | Handler<GatewayRefund> | Handler<string>>

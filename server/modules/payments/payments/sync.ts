import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { errorFields } from '../../../platform/log.ts'
import { findGateway } from '../gateway/index.ts'
import { GatewayRefusal, GatewayUnavailable } from '../gateway/gateway.ts'
import { beginOperation } from '../operations/queries.ts'
import { resumeOperations } from '../operations/perform.ts'
import { performSoon } from '../operations/soon.ts'
import { findPayment, listPaymentsToCheck, updatePayment } from './queries.ts'
import { listPaymentsWithPendingRefunds } from './refund-queries.ts'
import { checkDelay, isOpen, isPaid } from './rules.ts'
import { applyIntent, applyRefund } from './transition.ts'

/** Asks the gateway what has become of a payment and its refunds, and lets it count. Outside of any transaction. @throws GatewayUnavailable */
export async function syncPayment(ctx: Context, paymentId: number): Promise<void> {
  const payment = await findPayment(ctx, paymentId)
  const gateway = findGateway(ctx.house)
  if (!payment || payment.intent_id === null || gateway?.name !== payment.gateway) return
  const intent = await gateway.retrieveIntent(payment.intent_id)
  const refunds = intent.status === 'succeeded' ? await gateway.listRefunds(payment.intent_id) : []
  await inTransaction(ctx, async (tx) => {
    await applyIntent(tx, paymentId, intent, tx.house.clock())
    for (const refund of refunds) await applyRefund(tx, paymentId, refund)
  })
}

/** The job of it: a refusal will not change by repeating. */
export async function syncJob(ctx: Context, { payment_id }: { payment_id: number }): Promise<void> {
  try {
    await syncPayment(ctx, payment_id)
  } catch (error) {
    if (!(error instanceof GatewayRefusal)) throw error
    ctx.log.error({ payment: payment_id, ...errorFields(error) }, 'the gateway does not know a payment of ours')
  }
}

/** Every minute: resumes calls that a crash or a silent gateway left open, and asks what no webhook has told (SPEC section 10). */
export async function poll(ctx: Context): Promise<void> {
  const gateway = findGateway(ctx.house)
  if (!gateway) return
  await resumeOperations(ctx)
  for (const { id, checks } of await listPaymentsToCheck(ctx, gateway.name, 200)) {
    // Noted first: a payment that cannot be asked about must not be asked about for ever.
    await updatePayment(ctx, id, { checks: checks + 1, check_at: ctx.now.add(checkDelay(checks + 1)) })
    if (!(await checked(ctx, id))) return
    await leaveStale(ctx, id)
  }
  for (const id of await listPaymentsWithPendingRefunds(ctx, ctx.now.subtract({ minutes: 5 }), 100)) {
    if (!(await checked(ctx, id))) return
  }
}

/** False when the gateway is gone and nobody else need be asked about now. */
async function checked(ctx: Context, id: number): Promise<boolean> {
  try {
    await syncJob(ctx, { payment_id: id })
    return true
  } catch (error) {
    if (!(error instanceof GatewayUnavailable)) throw error
    ctx.log.warn({ payment: id, ...errorFields(error) }, 'the payment gateway did not answer the poller')
    return false
  }
}

/** Intents that nobody has paid for two days are cancelled, so that they are not asked about for ever; asking to pay makes a new one. */
async function leaveStale(ctx: Context, id: number): Promise<void> {
  const payment = (await findPayment(ctx, id))!
  if (isPaid(payment.status) || !isOpen(payment.status) || payment.status === 'processing') return
  if (payment.intent_id === null) return
  if (Temporal.Instant.compare(payment.created_at.add({ hours: 48 }), ctx.now) > 0) return
  const { gateway, intent_id: intentId } = payment
  await inTransaction(ctx, async (tx) => {
    const operation = { kind: 'intent.cancel', gateway, subjectId: id, businessKey: `cancel:${id}` } as const
    await performSoon(tx, await beginOperation(tx, { ...operation, request: { intentId } }))
  })
}

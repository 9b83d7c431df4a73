import type Stripe from 'stripe'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { invalid } from '../../../platform/errors.ts'
import type { GatewayEvent, PaymentMethod } from '../gateway/gateway.ts'
import { isSigned } from '../gateway/signature.ts'
import { eventOf } from '../gateway/stripe-shapes.ts'
import { deleteMethod, findUserOfCustomer, putMethods } from '../payments/method-queries.ts'
import { findPaymentTold } from '../payments/queries.ts'
import { applyDispute, applyIntent, applyRefund } from '../payments/transition.ts'

const refused = () => invalid('Stripe-Signature', 'This was not signed by the payment gateway', 'signature')

/** The event in a signed body. @throws VALIDATION_ERROR unless it was signed with our secret within 300 s; without a secret always */
function readEvent(ctx: Context, body: unknown, signature: string | undefined): GatewayEvent {
  const secret = ctx.house.config.STRIPE_WEBHOOK_SECRET
  if (typeof body !== 'string' || secret === null || !isSigned(body, signature, secret, ctx.now)) throw refused()
  try {
    return eventOf(JSON.parse(body) as Stripe.Event)
  } catch {
    throw invalid('body', 'This is no event of the payment gateway', 'event')
  }
}

/**
 * Takes a signed event, once: its row and what follows from it are one transaction, so an event that was answered with an error is taken when it comes again.
 * What it says goes through the same transition as every other word of the gateway; an older one changes nothing.
 */
export async function receiveEvent(
  ctx: Context,
  body: unknown,
  signature: string | undefined,
): Promise<{ received: true }> {
  const event = readEvent(ctx, body, signature)
  await inTransaction(ctx, async (tx) => {
    const made = await tx.db
      .insertInto('webhook_events')
      .values({
        id: event.id,
        type: event.type,
        object_id: event.objectId,
        outcome: 'ignored',
        happened_at: event.at,
        received_at: tx.now,
      })
      .onConflict((on) => on.column('id').doNothing())
      .returning('id')
      .executeTakeFirst()
    if (!made) return
    const outcome = await follow(tx, event)
    await tx.db.updateTable('webhook_events').set({ outcome }).where('id', '=', event.id).execute()
  })
  return { received: true }
}

/** What an event leads to: `changed`, `same`, `mismatch`, `ignored` where it is about nothing of ours. */
async function follow(ctx: Context, { type, about, at }: GatewayEvent): Promise<string> {
  switch (about.kind) {
    case 'intent': {
      const payment = await findPaymentTold(ctx, about.intent.id, about.intent.metadata)
      return payment ? applyIntent(ctx, payment.id, about.intent, at) : 'ignored'
    }
    case 'refund': {
      const payment = await findPaymentTold(ctx, about.refund.intentId)
      if (!payment) return 'ignored'
      if (!(await applyRefund(ctx, payment.id, about.refund))) await askSoon(ctx, payment.id)
      return 'changed'
    }
    case 'dispute': {
      const payment = await findPaymentTold(ctx, about.dispute.intentId)
      if (!payment) return 'ignored'
      await applyDispute(ctx, payment.id, about.dispute)
      return 'changed'
    }
    case 'charge': {
      const payment = await findPaymentTold(ctx, about.intentId)
      if (!payment) return 'ignored'
      // The charge does not list its refunds, so the gateway is asked for them.
      if (type === 'charge.refunded') await askSoon(ctx, payment.id)
      return 'same'
    }
    case 'method':
      return methodTold(ctx, about.method)
    default:
      return 'ignored'
  }
}

/** Somebody saved a method on the gateway's own page, or it was taken off there. */
async function methodTold(ctx: Context, method: PaymentMethod): Promise<string> {
  const gateway = 'stripe'
  if (method.customerId === null) {
    await deleteMethod(ctx, gateway, method.id)
    return 'changed'
  }
  const userId = await findUserOfCustomer(ctx, gateway, method.customerId)
  if (userId === undefined) return 'ignored'
  await putMethods(ctx, userId, gateway, [method])
  return 'changed'
}

const askSoon = (ctx: Context, paymentId: number): Promise<void> =>
  ctx.house.jobs.enqueue(ctx, 'payments.sync', { payment_id: paymentId })

import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, invalid, notFound, unavailable } from '../../../platform/errors.ts'
import { limitOf, offsetOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { GatewayRefusal, GatewayUnavailable, type PaymentGateway } from '../gateway/gateway.ts'
import { gatewayOf } from '../gateway/index.ts'
import { findCustomer, findPerson } from '../operations/customer-queries.ts'
import { performOperation } from '../operations/perform.ts'
import { beginOperation } from '../operations/queries.ts'
import type { MethodView } from './schema.ts'
import { viewMethod } from './view.ts'

/** Whom the gateway knows the asker as; made on first use, once. @throws SERVICE_UNAVAILABLE while the gateway does not answer */
export async function ensureCustomer(ctx: Context, gateway: PaymentGateway): Promise<string> {
  const { userId } = actorOf(ctx)
  const known = await findCustomer(ctx, userId, gateway.name)
  if (known) return known.customer_id
  const person = await findPerson(ctx, userId)
  const id = await inTransaction(ctx, (tx) =>
    beginOperation(tx, {
      kind: 'customer.create',
      gateway: gateway.name,
      subjectId: userId,
      businessKey: `customer:${gateway.name}:${userId}`,
      request: person,
    }),
  )
  const outcome = await performOperation<string>(ctx, id)
  if ('refused' in outcome) throw conflict('The payment gateway refused this customer')
  return outcome.done
}

export const getCustomer = async (ctx: Context): Promise<{ customer_id: string }> => ({
  customer_id: await ensureCustomer(ctx, gatewayOf(ctx)),
})

/** A call that keeps nothing of ours: the gateway's silence is told as such. */
async function ask<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof GatewayUnavailable) throw unavailable('The payment gateway is not available right now', 30)
    throw error
  }
}

/** The payment methods that the asker has saved. */
export async function listMethods(ctx: Context, request: PageRequest): Promise<Page<MethodView>> {
  const gateway = gatewayOf(ctx)
  const customer = await findCustomer(ctx, actorOf(ctx).userId, gateway.name)
  const methods = customer ? await ask(() => gateway.listPaymentMethods(customer.customer_id)) : []
  const from = offsetOf(request)
  const shown = methods.slice(from, from + limitOf(request))
  if (shown.length === 0 && (request.page ?? 1) > 1) throw notFound('page')
  return { results: shown.map(viewMethod), count: methods.length }
}

/** Saves a payment method with the asker. @throws VALIDATION_ERROR for an unknown one, PAYMENT_FAILED */
export async function attachMethod(ctx: Context, id: string, wish: string): Promise<MethodView> {
  const gateway = gatewayOf(ctx)
  const customerId = await ensureCustomer(ctx, gateway)
  try {
    return viewMethod(await ask(() => gateway.attachPaymentMethod(id, customerId, `attach:${wish}`)))
  } catch (error) {
    if (!(error instanceof GatewayRefusal)) throw error
    throw invalid('payment_method', 'There is no such payment method for you', 'payment_method', { code: error.code })
  }
}

/** Forgets a saved payment method. @throws NOT_FOUND for another's */
export async function detachMethod(ctx: Context, id: string, wish: string): Promise<null> {
  const gateway = gatewayOf(ctx)
  const customer = await findCustomer(ctx, actorOf(ctx).userId, gateway.name)
  try {
    const method = customer ? await ask(() => gateway.retrievePaymentMethod(id)) : null
    if (!method || method.customerId !== customer!.customer_id) throw notFound('payment method')
    await ask(() => gateway.detachPaymentMethod(id, `detach:${wish}`))
    return null
  } catch (error) {
    if (error instanceof GatewayRefusal) throw notFound('payment method')
    throw error
  }
}

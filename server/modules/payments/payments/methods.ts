import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, invalid, notFound, unavailable } from '../../../platform/errors.ts'
import { limitOf, offsetOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { GatewayRefusal, GatewayUnavailable, type PaymentGateway, type PaymentMethod } from '../gateway/gateway.ts'
import { findGateway, gatewayOf } from '../gateway/index.ts'
import { findCustomer, findPerson } from '../operations/customer-queries.ts'
import { performOperation } from '../operations/perform.ts'
import { beginOperation } from '../operations/queries.ts'
import {
  chooseMethodRow,
  deleteMethod,
  detachKey,
  findDefaultMethod,
  keepOnly,
  lockMethods,
  putMethods,
} from './method-queries.ts'
import type { MethodView, SetupView } from './schema.ts'
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

/** Asks the gateway what somebody has saved, and writes it down: the newest first. */
async function sync(ctx: Context, gateway: PaymentGateway, userId: number): Promise<PaymentMethod[]> {
  const customer = await findCustomer(ctx, userId, gateway.name)
  if (!customer) return []
  const askedAt = ctx.house.clock()
  const methods = await ask(() => gateway.listPaymentMethods(customer.customer_id))
  return inTransaction(ctx, async (tx) => {
    const standing = await putMethods(tx, userId, gateway.name, methods)
    await keepOnly(tx, userId, gateway.name, { methodIds: standing.map(({ id }) => id), askedAt })
    return standing
  })
}

/**
 * Looks at the gateway for methods of the asker where none are known: they may have been saved on its own page. Outside of any transaction.
 * @throws SERVICE_UNAVAILABLE while it does not answer
 */
export async function refreshMethods(ctx: Context): Promise<void> {
  const gateway = findGateway(ctx.house)
  const { userId } = actorOf(ctx)
  if (gateway && !(await findDefaultMethod(ctx, userId, gateway.name))) await sync(ctx, gateway, userId)
}

/** The payment methods that the asker has saved. */
export async function listMethods(ctx: Context, request: PageRequest): Promise<Page<MethodView>> {
  const gateway = gatewayOf(ctx)
  const { userId } = actorOf(ctx)
  const methods = await sync(ctx, gateway, userId)
  const chosen = await findDefaultMethod(ctx, userId, gateway.name)
  const from = offsetOf(request)
  const shown = methods.slice(from, from + limitOf(request))
  if (shown.length === 0 && (request.page ?? 1) > 1) throw notFound('page')
  return { results: shown.map((method) => viewMethod(method, chosen?.method_id)), count: methods.length }
}

/** Saves a payment method with the asker; it is the one that is charged from now on. @throws VALIDATION_ERROR for an unknown one, PAYMENT_FAILED */
export async function attachMethod(ctx: Context, id: string, wish: string): Promise<MethodView> {
  const gateway = gatewayOf(ctx)
  const { userId } = actorOf(ctx)
  const customerId = await ensureCustomer(ctx, gateway)
  try {
    const method = await ask(() => gateway.attachPaymentMethod(id, customerId, `attach:${wish}`))
    await inTransaction(ctx, async (tx) => {
      await putMethods(tx, userId, gateway.name, [method])
      await chooseMethodRow(tx, userId, gateway.name, method.id)
    })
    return viewMethod(method, method.id)
  } catch (error) {
    if (!(error instanceof GatewayRefusal)) throw error
    throw invalid('payment_method', 'There is no such payment method for you', 'payment_method', { code: error.code })
  }
}

/**
 * Prepares that the asker saves a payment method on their own page, with what their bank asks for being charged later without them; it is known here as soon as the
 * gateway tells of it, at the latest when a booking needs it.
 */
export async function setUpMethod(ctx: Context, wish: string): Promise<SetupView> {
  const gateway = gatewayOf(ctx)
  const customerId = await ensureCustomer(ctx, gateway)
  const { id, clientSecret } = await ask(() => gateway.createSetup(customerId, `setup:${wish}`))
  return { setup_intent_id: id, client_secret: clientSecret }
}

/** Makes a saved payment method the one that is charged for not coming. @throws NOT_FOUND for another's */
export async function chooseMethod(ctx: Context, id: string): Promise<MethodView> {
  const gateway = gatewayOf(ctx)
  const { userId } = actorOf(ctx)
  const method = (await sync(ctx, gateway, userId)).find((one) => one.id === id)
  if (!method || !(await chooseMethodRow(ctx, userId, gateway.name, id))) throw notFound('payment method')
  return viewMethod(method, id)
}

/** Does a saved payment method of the asker stand for the fee of a booking? Bookings tells. */
export type NeedsMethod = (ctx: Context) => Promise<boolean>

/**
 * Forgets a saved payment method: here at once, at the gateway as soon as it answers.
 * @throws NOT_FOUND for another's, CONFLICT for the last one while a booking stands that was made on the strength of it, SERVICE_UNAVAILABLE
 */
export async function detachMethod(ctx: Context, id: string, needsMethod: NeedsMethod): Promise<null> {
  const gateway = gatewayOf(ctx)
  const { userId } = actorOf(ctx)
  const methods = await sync(ctx, gateway, userId)
  if (!methods.some((method) => method.id === id)) throw notFound('payment method')
  const operationId = await inTransaction(ctx, async (tx) => {
    // Whoever is booking on the strength of it right now holds it, and is waited for.
    const saved = await lockMethods(tx, userId, gateway.name)
    if (saved.every((one) => one === id) && (await needsMethod(tx))) throw stillNeeded()
    await deleteMethod(tx, gateway.name, id)
    const operation = { kind: 'method.detach', gateway: gateway.name, subjectId: userId } as const
    return beginOperation(tx, { ...operation, businessKey: detachKey(id), request: { methodId: id } })
  })
  await performOperation(ctx, operationId)
  return null
}

const stillNeeded = () => {
  const message = 'A booking with a no-show fee stands on this payment method: save another one first'
  return conflict(message, { details: [{ field: 'id', message, rule: 'payment_method_needed' }] })
}

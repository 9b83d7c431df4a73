import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { unavailable } from '../../../platform/errors.ts'
import { errorFields } from '../../../platform/log.ts'
import { findGateway } from '../gateway/index.ts'
import { GatewayRefusal, GatewayUnavailable, type PaymentGateway } from '../gateway/gateway.ts'
import { checkDelay } from '../payments/rules.ts'
import { handlers, type Handler, type Outcome } from './handlers.ts'
import {
  endOperation,
  findOperation,
  listDueOperations,
  lockOperation,
  noteAttempt,
  noteFailure,
  type OperationKind,
  type OperationRow,
} from './queries.ts'

/** A key that answers the same server error again and again is given up after so many attempts: by then the gateway has been asked whether it was done. */
const attemptsOfAKey = 6

const keyOf = ({ business_key, attempts }: OperationRow): string => {
  const round = Math.floor(attempts / attemptsOfAKey)
  return round === 0 ? business_key : `${business_key}.${round}`
}

/** A call that was begun so long ago is not under way any more: its end is not known, and is looked for before it is made again. */
const isLeft = (ctx: Context, { attempts, created_at }: OperationRow): boolean =>
  attempts > 0 && Temporal.Instant.compare(created_at.add({ seconds: 90 }), ctx.house.clock()) <= 0

const handlerOf = (kind: string): Handler<unknown> => handlers[kind as OperationKind] as unknown as Handler<unknown>

async function callOnce(ctx: Context, gateway: PaymentGateway, operation: OperationRow): Promise<Outcome<unknown>> {
  const handler = handlerOf(operation.kind)
  try {
    return { done: await handler.call(ctx, gateway, operation, keyOf(operation), isLeft(ctx, operation)) }
  } catch (error) {
    if (!(error instanceof GatewayRefusal)) throw error
    return { refused: { code: error.code, message: error.message, param: error.param } }
  }
}

/**
 * Makes the call of an operation that transaction 1 has written down, and ends it in transaction 2. To be called outside of any transaction, by whoever began
 * it, by whoever repeats the request, and by the poller: the gateway's key lets the call be made once, and the row's lock lets its outcome count once.
 * @throws SERVICE_UNAVAILABLE while the gateway does not answer; the operation stays begun and is resumed
 */
export async function performOperation<R>(ctx: Context, id: number): Promise<Outcome<R>> {
  if (ctx.transaction) throw new Error('the gateway is not called within a transaction')
  const operation = (await findOperation(ctx, id))!
  if (operation.state === 'done') return operation.result as Outcome<R>
  const gateway = findGateway(ctx.house)
  if (!gateway || gateway.name !== operation.gateway)
    throw unavailable('The payment gateway is not available right now', 30)
  await noteAttempt(ctx, id, ctx.house.clock().add(checkDelay(operation.attempts + 1)))
  let outcome: Outcome<unknown>
  try {
    outcome = await callOnce(ctx, gateway, operation)
  } catch (error) {
    if (!(error instanceof GatewayUnavailable)) throw error
    ctx.log.warn({ operation: id, kind: operation.kind, ...errorFields(error) }, 'the payment gateway did not answer')
    await noteFailure(ctx, id, error.message)
    throw unavailable('The payment gateway is not available right now', 30)
  }
  return inTransaction(ctx, async (tx) => {
    const locked = await lockOperation(tx, id)
    const known = locked.result as Outcome<R> | null
    // Whoever looked meanwhile may have found nothing yet, and given it up: what was done counts.
    if (known !== null && ('done' in known || 'refused' in outcome)) return known
    await handlerOf(operation.kind).apply(tx, locked, outcome)
    await endOperation(tx, id, outcome)
    return outcome as Outcome<R>
  })
}

/** A job's turn at an operation: a gateway that does not answer is no failure of the job, since the poller comes again. */
export async function performQuietly(ctx: Context, { operation_id }: { operation_id: number }): Promise<boolean> {
  try {
    await performOperation(ctx, operation_id)
    return true
  } catch (error) {
    ctx.log.warn(
      { operation: operation_id, ...errorFields(error) },
      'a call to the payment gateway waits to be resumed',
    )
    return false
  }
}

/** Resumes what was begun and has not ended, whatever ended the process that began it. Stops at the first that finds the gateway gone. */
export async function resumeOperations(ctx: Context): Promise<void> {
  const gateway = findGateway(ctx.house)
  if (!gateway) return
  for (const id of await listDueOperations(ctx, gateway.name, 200)) {
    if (!(await performQuietly(ctx, { operation_id: id }))) return
  }
}

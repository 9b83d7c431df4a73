import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied, invalid, notFound } from '../../../platform/errors.ts'
import { pageOf, type Page } from '../../../platform/http/page.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import { findDelivery, insertMessage, listAttempts, putBack, selectDeliveries } from '../queries/deliveries.ts'
import type { EndpointRow } from '../queries/endpoints.ts'
import type { AttemptView, DeliveryDetailView, DeliveryQuery, DeliveryView, ReplayInput, TestInput } from '../schema.ts'
import { typeOf, typesOf, type OwnerKind } from '../types.ts'
import { viewDelivery } from '../view.ts'
import { getRow, lockRow } from './access.ts'
import { envelope } from './record.ts'

/** What was sent to an endpoint or is to be, newest first. @throws NOT_FOUND */
export async function listDeliveries(ctx: Context, id: string, query: DeliveryQuery): Promise<Page<DeliveryView>> {
  await getRow(ctx, id)
  let rows = selectDeliveries(ctx, id)
  if (query.status !== undefined) rows = rows.where('status', '=', query.status)
  if (query.event_type !== undefined) rows = rows.where('message.type', '=', query.event_type)
  if (query.since !== undefined)
    rows = rows.where('webhook_deliveries.created_at', '>=', Temporal.Instant.from(query.since))
  if (query.until !== undefined)
    rows = rows.where('webhook_deliveries.created_at', '<', Temporal.Instant.from(query.until))
  const { page: _page, page_size: _size, ...filters } = query
  const page = await pageOf(ctx, query, `deliveries of ${id} ${JSON.stringify(filters)}`, rows)
  return { ...page, results: page.results.map(viewDelivery) }
}

/** One of them with what is sent and what was answered. @throws NOT_FOUND */
export async function getDelivery(ctx: Context, id: string, deliveryId: string): Promise<DeliveryDetailView> {
  const endpoint = await getRow(ctx, id)
  const row = await findDelivery(ctx, id, deliveryId)
  if (!row) throw notFound('delivery')
  const attempts = await listAttempts(ctx, deliveryId)
  return {
    ...viewDelivery(row),
    request: {
      method: 'POST',
      url: endpoint.url,
      headers: { 'content-type': 'application/json', 'webhook-id': row.message_id },
      body: row.body,
    },
    attempts: attempts.map(({ at, error, ...attempt }) => ({
      ...attempt,
      at: iso(at),
      error: error as AttemptView['error'],
    })),
  }
}

function requireActive(endpoint: EndpointRow): void {
  if (!endpoint.is_active) throw conflict('This webhook is switched off; switch it on first')
}

/** Sends a test, or the example of a type, to one endpoint, whatever it has chosen. @throws NOT_FOUND, CONFLICT for one that is off, PERMISSION_DENIED for a type of others */
export async function sendTest(ctx: Context, id: string, input: TestInput): Promise<DeliveryView> {
  return inTransaction(ctx, async (tx) => {
    const { row, types } = await lockRow(tx, id)
    requireActive(row)
    const { event_type: type = 'webhook.test' } = input
    if (type !== 'webhook.test' && !typesOf(row.owner_kind as OwnerKind).includes(type))
      throw invalid('event_type', 'Webhooks of this owner cannot have {event_type}', 'event_type', { event_type: type })
    if (type !== 'webhook.test' && types !== 'all' && !types.includes(type))
      throw denied('You can only have events sent that you may read yourself')
    const data = type === 'webhook.test' ? { endpoint_id: id } : typeOf(type).example
    const messageId = uuid7(tx.now)
    const body = envelope(tx, messageId, type, data, true)
    const [made] = await insertMessage(tx, { id: messageId, type, body, people: [] }, [id])
    await tx.house.jobs.enqueue(tx, 'webhooks.deliver', {})
    return viewDelivery((await findDelivery(tx, id, made!))!)
  })
}

/**
 * Sends one again, whatever became of it, with the same id: a receiver that has it already can tell. @throws NOT_FOUND; CONFLICT for an endpoint that is off, for one that
 * is being sent at this moment, and for what was erased
 */
export async function replay(ctx: Context, id: string, deliveryId: string): Promise<DeliveryView> {
  return inTransaction(ctx, async (tx) => {
    const { row } = await lockRow(tx, id)
    const delivery = await findDelivery(tx, id, deliveryId)
    if (!delivery) throw notFound('delivery')
    requireActive(row)
    if (delivery.body === null) throw conflict('What was sent has been erased with the account of whom it told')
    if ((await putBack(tx, id, { id: deliveryId })) === 0) throw conflict('This is being sent at this moment')
    await tx.house.jobs.enqueue(tx, 'webhooks.deliver', {})
    return viewDelivery((await findDelivery(tx, id, deliveryId))!)
  })
}

/** Sends again all that was given up of what happened since an instant. Answers how many. @throws NOT_FOUND, CONFLICT for an endpoint that is off */
export async function replayFailed(ctx: Context, id: string, { since, until }: ReplayInput): Promise<number> {
  return inTransaction(ctx, async (tx) => {
    const { row } = await lockRow(tx, id)
    return replayOf(
      tx,
      row,
      Temporal.Instant.from(since),
      until === undefined ? undefined : Temporal.Instant.from(until),
    )
  })
}

/** The same for whoever has found the endpoint already. */
export async function replayOf(
  ctx: Context,
  endpoint: EndpointRow,
  failedSince: Temporal.Instant,
  until: Temporal.Instant | undefined,
): Promise<number> {
  requireActive(endpoint)
  const count = await putBack(ctx, endpoint.id, { failedSince, until })
  if (count > 0) await ctx.house.jobs.enqueue(ctx, 'webhooks.deliver', {})
  return count
}

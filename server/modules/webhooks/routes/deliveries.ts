import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { UuidParams } from '../../../platform/http/shapes.ts'
import {
  Delivery,
  DeliveryDetail,
  DeliveryParams,
  DeliveryQuery,
  exampleDelivery,
  exampleDetail,
  Replayed,
  ReplayInput,
  TestInput,
} from '../schema.ts'
import { getDelivery, listDeliveries, replay, replayFailed, sendTest } from '../service/deliveries.ts'

const tag = 'Webhooks'
const waiting = {
  ...exampleDelivery,
  status: 'pending',
  attempt_count: 0,
  next_attempt_at: '2026-01-12T08:00:00Z',
  last_status_code: null,
  finished_at: null,
}

/** What was sent, and sending it again. */
export function deliveryRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'POST',
    path: '/webhooks/endpoints/{id}/test/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Send a test',
    description:
      'Sends `webhook.test`, or the example of a type, marked with `"test": true`; the delivery tells what became of it. An endpoint that is switched off: 409.',
    params: UuidParams,
    body: TestInput,
    data: Delivery,
    message: 'Test sent successfully',
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    example: { body: { event_type: 'booking.created' }, data: waiting },
    run: (ctx, { params, body }) => sendTest(ctx, params.id, body),
  })
  list(app, {
    path: '/webhooks/endpoints/{id}/deliveries/',
    who: 'any',
    tag,
    summary: 'What was sent',
    description: 'Newest first, of the last 30 days. `since` and `until` (not included) are of when it happened.',
    params: UuidParams,
    query: DeliveryQuery,
    data: Delivery,
    message: 'Deliveries retrieved successfully',
    example: { data: exampleDelivery },
    run: (ctx, { params, query }) => listDeliveries(ctx, params.id, query),
  })
  operation(app, {
    method: 'GET',
    path: '/webhooks/endpoints/{id}/deliveries/{delivery_id}/',
    who: 'any',
    tag,
    summary: 'One delivery with its attempts',
    description: 'With what is posted and the beginning of each answer.',
    params: DeliveryParams,
    data: DeliveryDetail,
    message: 'Delivery retrieved successfully',
    example: { data: exampleDetail },
    run: (ctx, { params }) => getDelivery(ctx, params.id, params.delivery_id),
  })
  operation(app, {
    method: 'POST',
    path: '/webhooks/endpoints/{id}/deliveries/{delivery_id}/replay/',
    who: 'any',
    tag,
    summary: 'Send one again',
    description:
      'Whatever became of it, at once and with the whole schedule of tries, under the same `webhook-id`. An endpoint that is switched off, or a delivery that is being sent at this moment or was erased: 409.',
    params: DeliveryParams,
    data: Delivery,
    message: 'Delivery queued successfully',
    errors: ['CONFLICT'],
    example: { data: waiting },
    run: (ctx, { params }) => replay(ctx, params.id, params.delivery_id),
  })
  operation(app, {
    method: 'POST',
    path: '/webhooks/endpoints/{id}/replay/',
    who: 'any',
    tag,
    summary: 'Send again all that failed',
    description: 'All `failed` deliveries of what happened since an instant (and before `until`). Answers how many.',
    params: UuidParams,
    body: ReplayInput,
    data: Replayed,
    message: 'Deliveries queued successfully',
    errors: ['CONFLICT'],
    example: { body: { since: '2026-01-12T08:00:00Z' }, data: { replayed: 3 } },
    run: async (ctx, { params, body }) => ({ replayed: await replayFailed(ctx, params.id, body) }),
  })
}

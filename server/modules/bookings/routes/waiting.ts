import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams, Nothing, PageQuery } from '../../../platform/http/shapes.ts'
import { exampleWaiting, Waiting, WaitingInput } from '../schema-extras.ts'
import { listWaiting, stopWaiting, wait } from '../service/waiting.ts'

const tag = 'Bookings'

/** The waiting list. */
export function waitingRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/waiting-list/',
    who: 'any',
    tag,
    summary: 'What you wait for',
    description: 'Entries whose span has not passed, the newest first.',
    query: PageQuery,
    data: Waiting,
    message: 'Waiting list retrieved successfully',
    example: { data: exampleWaiting },
    run: (ctx, { query }) => listWaiting(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/waiting-list/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Wait for a free start',
    description:
      'When a start of the service in the span becomes free, who waits is told, one after another: the next person half an hour later, if it is still free. Nobody holds it meanwhile. Booking the service in the span ends the waiting.',
    body: WaitingInput,
    data: Waiting,
    message: 'You are on the waiting list',
    errors: ['NOT_FOUND', 'PERMISSION_DENIED'],
    example: {
      body: { service: 1, provider_id: 2, from: '2026-01-15T00:00:00Z', to: '2026-01-17T00:00:00Z', seats: 1 },
      data: exampleWaiting,
    },
    run: (ctx, { body }) => wait(ctx, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/waiting-list/{id}/',
    who: 'any',
    tag,
    summary: 'Wait no more',
    description: 'For one’s own entries.',
    params: IdParams,
    data: Nothing,
    message: 'You are off the waiting list',
    example: { data: null },
    run: async (ctx, { params }) => {
      await stopWaiting(ctx, params.id)
      return null
    },
  })
}

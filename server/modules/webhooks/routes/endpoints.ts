import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { list, operation } from '../../../platform/http/operation.ts'
import { Nothing, UuidParams } from '../../../platform/http/shapes.ts'
import {
  Endpoint,
  EndpointChange,
  EndpointInput,
  EndpointQuery,
  EndpointWithSecret,
  EventTypeInfo,
  exampleEndpoint,
  exampleSecret,
} from '../schema.ts'
import {
  createEndpoint,
  deleteEndpoint,
  getEndpoint,
  listEndpoints,
  rotateSecret,
  updateEndpoint,
} from '../service/endpoints.ts'
import { listEventTypes } from '../service/catalog.ts'

const tag = 'Webhooks'
const { url, event_types, description, organization_id } = exampleEndpoint
const whose =
  'For providers their own, for an organization’s admins and IT its own, for administrators with `system_settings` the platform’s. An endpoint that has something sent that you may not read yourself does not exist for you.'

/** Where integrators want to be told what happens. */
export function endpointRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'GET',
    path: '/webhooks/event-types/',
    who: 'any',
    tag,
    summary: 'What can be sent',
    description: 'Every type of event with whose endpoints can have it, the JSON Schema of its `data`, and an example.',
    data: Type.Array(EventTypeInfo),
    message: 'Event types retrieved successfully',
    example: { data: [listEventTypes()[0]!] },
    run: async () => listEventTypes(),
  })
  list(app, {
    path: '/webhooks/endpoints/',
    who: 'any',
    tag,
    summary: 'Endpoints',
    description: whose,
    query: EndpointQuery,
    data: Endpoint,
    message: 'Webhooks retrieved successfully',
    errors: ['NOT_FOUND', 'PERMISSION_DENIED'],
    example: { data: exampleEndpoint },
    run: (ctx, { query }) => listEndpoints(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/webhooks/endpoints/',
    who: 'any',
    tag,
    status: 201,
    secret: true,
    summary: 'Register an endpoint',
    description: `Of the organization named, else of the provider or the platform who asks. At most 20 of one owner. The \`secret\` is shown this once. ${whose}`,
    body: EndpointInput,
    data: EndpointWithSecret,
    message: 'Webhook created successfully',
    errors: ['NOT_FOUND', 'PERMISSION_DENIED', 'CONFLICT'],
    example: {
      body: { organization_id, url, description, event_types },
      data: { ...exampleSecret, last_success_at: null },
    },
    run: (ctx, { body }) => createEndpoint(ctx, body),
  })
  operation(app, {
    method: 'GET',
    path: '/webhooks/endpoints/{id}/',
    who: 'any',
    tag,
    summary: 'One endpoint',
    description: whose,
    params: UuidParams,
    data: Endpoint,
    message: 'Webhook retrieved successfully',
    example: { data: exampleEndpoint },
    run: (ctx, { params }) => getEndpoint(ctx, params.id),
  })
  operation(app, {
    method: 'PUT',
    path: '/webhooks/endpoints/{id}/',
    who: 'any',
    tag,
    summary: 'Change an endpoint, switch it on or off',
    description:
      'What is left out stays. Switched off, nothing is recorded for it and what waits is given up (it can be replayed); switched on again, it begins with a clean record.',
    params: UuidParams,
    body: EndpointChange,
    data: Endpoint,
    message: 'Webhook updated successfully',
    errors: ['PERMISSION_DENIED'],
    example: { body: { event_types: ['*'], is_active: true }, data: { ...exampleEndpoint, event_types: ['*'] } },
    run: (ctx, { params, body }) => updateEndpoint(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/webhooks/endpoints/{id}/',
    who: 'any',
    tag,
    summary: 'Delete an endpoint',
    description: 'With its log; what waits for it is not sent.',
    params: UuidParams,
    data: Nothing,
    message: 'Webhook deleted successfully',
    example: { data: null },
    run: async (ctx, { params }) => {
      await deleteEndpoint(ctx, params.id)
      return null
    },
  })
  operation(app, {
    method: 'POST',
    path: '/webhooks/endpoints/{id}/rotate-secret/',
    who: 'any',
    tag,
    secret: true,
    summary: 'Give an endpoint another secret',
    description:
      'It is shown this once. For 24 hours the one before signs as well, so that a receiver can change over; with `keep_previous: false`, for a secret that others may know, it does not.',
    params: UuidParams,
    body: Type.Object({ keep_previous: Type.Optional(Type.Boolean()) }),
    data: EndpointWithSecret,
    message: 'Secret rotated successfully',
    example: { body: {}, data: { ...exampleSecret, previous_secret_until: '2026-01-13T08:00:00Z' } },
    run: (ctx, { params, body }) => rotateSecret(ctx, params.id, body.keep_previous),
  })
}

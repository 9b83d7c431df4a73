import { Type, type Static } from 'typebox'
import { Id, Instant, Line, Nullable, OneOf, pageQuery, Uuid } from '../../platform/http/shapes.ts'
import { choosable, eventTypeNames, type OwnerKind } from './types.ts'

const owners = ['organization', 'provider', 'platform'] as const satisfies readonly OwnerKind[]
const Owner = OneOf(owners, { title: 'WebhookOwner' })
export const deliveryStatuses = ['pending', 'delivered', 'failed'] as const
const TypeName = OneOf(eventTypeNames, { title: 'WebhookEventType' })

const Url = Type.String({
  minLength: 1,
  maxLength: 2000,
  pattern: '^[\\x21-\\x7e]*$',
  description: 'Where it is sent: https, to a host of the public internet.',
  examples: ['https://example.com/hooks/banister'],
})
const EventTypes = Type.Array(OneOf([...choosable, '*']), {
  minItems: 1,
  maxItems: choosable.length,
  uniqueItems: true,
  description: 'What is sent; `["*"]` is everything that this owner can have, later types too.',
})

export const EndpointInput = Type.Object({
  organization_id: Type.Optional(Uuid),
  url: Url,
  description: Type.Optional(Line(200)),
  event_types: EventTypes,
  is_active: Type.Optional(Type.Boolean()),
})
export type EndpointInput = Static<typeof EndpointInput>

export const EndpointChange = Type.Object({
  url: Type.Optional(Url),
  description: Type.Optional(Line(200)),
  event_types: Type.Optional(EventTypes),
  is_active: Type.Optional(Type.Boolean({ description: 'Switched on again it begins with a clean record.' })),
})
export type EndpointChange = Static<typeof EndpointChange>

const endpoint = {
  id: Uuid,
  owner: Owner,
  organization_id: Nullable(Uuid),
  provider_id: Nullable(Id),
  url: Type.String(),
  description: Type.String(),
  event_types: Type.Array(Type.String()),
  is_active: Type.Boolean(),
  off_reason: Nullable(
    OneOf(['owner', 'failing', 'gone'], {
      description: '`owner`: by hand; `failing`: for five days nothing arrived; `gone`: it answered 410.',
    }),
  ),
  off_at: Nullable(Instant),
  failing_since: Nullable(Instant),
  last_success_at: Nullable(Instant),
  previous_secret_until: Nullable(
    Type.String({ format: 'date-time', description: 'The secret before signs as well.' }),
  ),
  created_at: Instant,
  updated_at: Instant,
}
export const Endpoint = Type.Object(endpoint, { title: 'WebhookEndpoint' })
export type EndpointView = Static<typeof Endpoint>

export const EndpointWithSecret = Type.Object(
  {
    ...endpoint,
    secret: Type.String({ description: 'Signs what is sent (Standard Webhooks); shown this once.' }),
  },
  { title: 'WebhookEndpointWithSecret' },
)
export type EndpointWithSecret = Static<typeof EndpointWithSecret>

export const EndpointQuery = Type.Object({
  ...pageQuery,
  owner: Type.Optional(Owner),
  organization_id: Type.Optional(Uuid),
  is_active: Type.Optional(Type.Boolean()),
})
export type EndpointQuery = Static<typeof EndpointQuery>

export const TestInput = Type.Object({
  event_type: Type.Optional(
    OneOf(eventTypeNames, {
      description: 'Its example is sent, marked with `"test": true`; without it `webhook.test`.',
    }),
  ),
})
export type TestInput = Static<typeof TestInput>

const delivery = {
  id: Uuid,
  endpoint_id: Uuid,
  event_id: Type.String({ format: 'uuid', description: '`webhook-id`, the same at each try and each replay.' }),
  event_type: TypeName,
  status: OneOf(deliveryStatuses, { title: 'WebhookDeliveryStatus' }),
  failed_because: Nullable(
    OneOf(['exhausted', 'endpoint_off', 'erased'], {
      description:
        '`exhausted`: every try has failed, or a restore of the house gave it up; `endpoint_off`: the endpoint was switched off first; `erased`: it told of an account that was erased.',
    }),
  ),
  attempt_count: Type.Integer(),
  next_attempt_at: Nullable(Instant),
  last_status_code: Nullable(Type.Integer()),
  last_error: Nullable(Type.String()),
  created_at: Instant,
  finished_at: Nullable(Instant),
}
export const Delivery = Type.Object(delivery, { title: 'WebhookDelivery' })
export type DeliveryView = Static<typeof Delivery>

const Attempt = Type.Object(
  {
    number: Type.Integer(),
    at: Instant,
    duration_ms: Type.Integer(),
    status_code: Nullable(Type.Integer()),
    error: Nullable(
      OneOf(
        ['timeout', 'dns', 'refused_address', 'refused', 'tls', 'connection', 'redirect', 'status', 'gone', 'secret'],
        {
          description:
            'Null where it arrived. `refused_address`: the name leads to an address that is not called; `redirect`: redirects are not followed; `status`: neither 2xx nor one of these; `secret`: the secret cannot be read any more, rotate it.',
        },
      ),
    ),
    response_body: Nullable(Type.String({ description: 'The first 2,000 characters of the answer.' })),
  },
  { title: 'WebhookAttempt' },
)
export type AttemptView = Static<typeof Attempt>

export const DeliveryDetail = Type.Object(
  {
    ...delivery,
    request: Type.Object({
      method: Type.String(),
      url: Type.String({ description: 'As it is now.' }),
      headers: Type.Record(Type.String(), Type.String()),
      body: Nullable(Type.String({ description: 'The very text; null once somebody of whom it told was erased.' })),
    }),
    attempts: Type.Array(Attempt, { description: 'The newest 50, newest first.' }),
  },
  { title: 'WebhookDeliveryDetail' },
)
export type DeliveryDetailView = Static<typeof DeliveryDetail>

export const DeliveryQuery = Type.Object({
  ...pageQuery,
  status: Type.Optional(OneOf(deliveryStatuses)),
  event_type: Type.Optional(OneOf(eventTypeNames)),
  since: Type.Optional(Instant),
  until: Type.Optional(Instant),
})
export type DeliveryQuery = Static<typeof DeliveryQuery>

export const DeliveryParams = Type.Object({ id: Uuid, delivery_id: Uuid })
export const ReplayInput = Type.Object({ since: Instant, until: Type.Optional(Instant) })
export type ReplayInput = Static<typeof ReplayInput>
export const Replayed = Type.Object({ replayed: Type.Integer() }, { title: 'WebhookReplay' })

export const EventTypeInfo = Type.Object(
  {
    name: Type.String(),
    summary: Type.String(),
    owners: Type.Array(Owner, { description: 'Whose endpoints can have it.' }),
    schema: Type.Record(Type.String(), Type.Unknown(), { description: 'JSON Schema of `data`.' }),
    example: Type.Record(Type.String(), Type.Unknown(), { description: 'What would be posted.' }),
  },
  { title: 'WebhookEventTypeInfo' },
)
export type EventTypeInfo = Static<typeof EventTypeInfo>

const id = '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8e'
export const exampleEndpoint = {
  id,
  owner: 'organization',
  organization_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d',
  provider_id: null,
  url: 'https://example.com/hooks/banister',
  description: 'Our accounting',
  event_types: ['booking.created', 'booking.cancelled'],
  is_active: true,
  off_reason: null,
  off_at: null,
  failing_since: null,
  last_success_at: '2026-01-12T08:00:00Z',
  previous_secret_until: null,
  created_at: '2026-01-12T08:00:00Z',
  updated_at: '2026-01-12T08:00:00Z',
} satisfies EndpointView
export const exampleSecret = { ...exampleEndpoint, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=' }
export const exampleDelivery = {
  id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c90',
  endpoint_id: id,
  event_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c91',
  event_type: 'booking.created',
  status: 'delivered',
  failed_because: null,
  attempt_count: 2,
  next_attempt_at: null,
  last_status_code: 204,
  last_error: null,
  created_at: '2026-01-12T08:00:00Z',
  finished_at: '2026-01-12T08:00:06Z',
} satisfies DeliveryView
export const exampleDetail = {
  ...exampleDelivery,
  request: {
    method: 'POST',
    url: exampleEndpoint.url,
    headers: { 'content-type': 'application/json', 'webhook-id': exampleDelivery.event_id },
    body: '{"id":"0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c91","type":"booking.created"}',
  },
  attempts: [
    { number: 2, at: '2026-01-12T08:00:06Z', duration_ms: 84, status_code: 204, error: null, response_body: '' },
    {
      number: 1,
      at: '2026-01-12T08:00:00Z',
      duration_ms: 31,
      status_code: 502,
      error: 'status',
      response_body: 'down',
    },
  ],
} satisfies DeliveryDetailView

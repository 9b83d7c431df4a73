import { Type, type Static } from 'typebox'
import { Id, Instant, Line, Nullable, OneOf, pageQuery, Text, Uuid } from '../../../platform/http/shapes.ts'

export const locationTypes = ['in_person', 'at_customer', 'online'] as const
export type LocationType = (typeof locationTypes)[number]
export const paymentWays = ['online', 'on_site'] as const
export type PaymentWay = (typeof paymentWays)[number]

const LocationTypeShape = OneOf(locationTypes, { title: 'LocationType' })
const PaymentWayShape = OneOf(paymentWays, { title: 'PaymentWay' })
const Minutes = (maximum: number, minimum = 0) => Type.Integer({ minimum, maximum })
export const Amount = Type.Number({ minimum: 0, maximum: 100_000_000_000 })
const CurrencyCode = Type.String({ pattern: '^[A-Z]{3}$', maxLength: 3, examples: ['USD'] })

export const CancellationRule = Type.Object(
  {
    hours_before: Type.Integer({ minimum: 0, maximum: 8760 }),
    refund_percent: Type.Integer({ minimum: 0, maximum: 100 }),
  },
  { title: 'CancellationRule' },
)
export type CancellationRule = Static<typeof CancellationRule>

/** Who sells or gives a service, as anybody may see them: never an e-mail or a phone. */
export const PublicPerson = Type.Object(
  {
    id: Id,
    name: Type.String(),
    headline: Type.String(),
    rating: Nullable(Type.Number()),
    review_count: Type.Integer(),
    photo_url: Nullable(Type.String()),
    slug: Nullable(Type.String()),
    is_verified: Type.Boolean(),
  },
  { title: 'PublicPerson' },
)
export type PublicPerson = Static<typeof PublicPerson>

export const PublicOrganization = Type.Object(
  { id: Uuid, name: Type.String(), slug: Nullable(Type.String()), city: Type.String(), time_zone: Type.String() },
  { title: 'PublicOrganization' },
)

export const ServicePhoto = Type.Object(
  { id: Id, url: Type.String(), medium_url: Type.String(), small_url: Type.String() },
  { title: 'ServicePhoto' },
)

/** A service (SPEC section 4). `provider` is whose it is, or null where an organization sells it; `staff` is who gives it. */
export const Service = Type.Object(
  {
    id: Id,
    title: Type.String(),
    description: Type.String(),
    price: Type.Number(),
    currency: Type.String(),
    duration_minutes: Type.Integer(),
    buffer_before_minutes: Type.Integer(),
    buffer_after_minutes: Type.Integer(),
    capacity: Type.Integer(),
    category: Type.String(),
    location_type: LocationTypeShape,
    deposit: Nullable(Type.Number()),
    no_show_fee: Nullable(Type.Number({ description: 'Asked of who does not come, for each seat.' })),
    requires_payment_method: Type.Boolean({
      description: 'Who books it needs a saved payment method, which the no-show fee is charged to.',
    }),
    cancellation_policy: Type.Array(CancellationRule),
    min_notice_minutes: Type.Integer(),
    max_advance_days: Nullable(Type.Integer()),
    slot_step_minutes: Type.Integer(),
    requires_approval: Type.Boolean(),
    payment: PaymentWayShape,
    room_ids: Type.Array(Uuid),
    staff: Type.Array(PublicPerson),
    photos: Type.Array(ServicePhoto),
    is_active: Type.Boolean(),
    provider: Nullable(PublicPerson),
    organization_id: Nullable(Uuid),
    organization: Nullable(PublicOrganization),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'Service' },
)
export type ServiceView = Static<typeof Service>

const optional = {
  currency: Type.Optional(CurrencyCode),
  duration_minutes: Type.Optional(Minutes(10_080, 1)),
  buffer_before_minutes: Type.Optional(Minutes(1440)),
  buffer_after_minutes: Type.Optional(Minutes(1440)),
  capacity: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  category: Type.Optional(Line(100)),
  location_type: Type.Optional(LocationTypeShape),
  deposit: Type.Optional(Nullable(Amount)),
  no_show_fee: Type.Optional(Nullable(Amount)),
  cancellation_policy: Type.Optional(Type.Array(CancellationRule, { maxItems: 20 })),
  min_notice_minutes: Type.Optional(Minutes(525_600)),
  max_advance_days: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 3650 }))),
  slot_step_minutes: Type.Optional(Minutes(1440, 1)),
  requires_approval: Type.Optional(Type.Boolean()),
  payment: Type.Optional(PaymentWayShape),
  room_ids: Type.Optional(Type.Array(Uuid, { maxItems: 200, uniqueItems: true })),
  staff: Type.Optional(Type.Array(Id, { maxItems: 200, uniqueItems: true, description: 'User ids of members.' })),
  is_active: Type.Optional(Type.Boolean()),
}

/** What a service is made of: title, description and price suffice. No `default` stands here, since validation would write it into what is left out. */
export const ServiceInput = Type.Object({
  title: Line(200, 1),
  description: Text(10_000, 1),
  price: Amount,
  ...optional,
  organization_id: Type.Optional(Nullable(Uuid)),
})
export type ServiceInput = Static<typeof ServiceInput>

/** What a change carries: what is left out stays. The seller of a service stays for ever. */
export const ServiceChange = Type.Object({
  title: Type.Optional(Line(200, 1)),
  description: Type.Optional(Text(10_000, 1)),
  price: Type.Optional(Amount),
  ...optional,
})
export type ServiceChange = Static<typeof ServiceChange>

const orderingKeys = ['created_at', 'price', 'rating', 'title'] as const
export type OrderingKey = (typeof orderingKeys)[number]
export const serviceOrderings = [...orderingKeys, ...orderingKeys.map((key) => `-${key}` as const)] as const

export const ServiceQuery = Type.Object({
  ...pageQuery,
  search: Type.Optional(Text(200)),
  ordering: Type.Optional(
    OneOf(serviceOrderings, { description: 'Newest first (`-created_at`) unless it is said otherwise.' }),
  ),
  category: Type.Optional(Type.String({ maxLength: 100 })),
  min_price: Type.Optional(Amount),
  max_price: Type.Optional(Amount),
  currency: Type.Optional(CurrencyCode),
  duration: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_080, description: 'At most so many minutes long.' })),
  location_type: Type.Optional(LocationTypeShape),
  rating: Type.Optional(Type.Number({ minimum: 0, maximum: 5, description: 'At least this rating.' })),
  language: Type.Optional(Type.String({ minLength: 2, maxLength: 35 })),
  city: Type.Optional(Type.String({ maxLength: 100 })),
  provider: Type.Optional({ ...Id, description: 'Whose it is, or who gives it.' }),
  organization: Type.Optional(Uuid),
  mine: Type.Optional(
    Type.Boolean({ description: 'Only what the asker may change, the inactive ones too; needs a token.' }),
  ),
})
export type ServiceQuery = Static<typeof ServiceQuery>

export const Category = Type.Object({ name: Type.String(), count: Type.Integer() }, { title: 'Category' })

import { Type, type Static } from 'typebox'
import { Id, Nullable, OneOf, pageQuery, Text } from '../../../platform/http/shapes.ts'
import { PublicOrganization, PublicPerson } from './services.ts'

const OfferedService = Type.Object(
  {
    id: Id,
    title: Type.String(),
    price: Type.Number(),
    currency: Type.String(),
    duration_minutes: Type.Integer(),
    category: Type.String(),
  },
  { title: 'OfferedService' },
)

/** Who offers services, as anybody may see them: never an e-mail, a phone or a birthday. */
export const Provider = Type.Object(
  {
    ...PublicPerson.properties,
    bio: Type.String(),
    languages: Type.Array(Type.String()),
    city: Type.String(),
    experience_years: Type.Integer(),
    hourly_rate: Nullable(Type.Number()),
    currency: Type.String(),
    organizations: Type.Array(PublicOrganization, { description: 'Whose services they give.' }),
    services: Type.Array(OfferedService, { description: 'The newest: a few in lists, up to 50 of one provider.' }),
    service_count: Type.Integer(),
  },
  { title: 'Provider' },
)
export type ProviderView = Static<typeof Provider>

export const providerOrderings = ['rating', '-rating', 'name', '-name'] as const

export const ProviderQuery = Type.Object({
  ...pageQuery,
  search: Type.Optional(Text(200)),
  ordering: Type.Optional(
    OneOf(providerOrderings, { description: 'The best rated first unless it is said otherwise.' }),
  ),
  language: Type.Optional(Type.String({ minLength: 2, maxLength: 35 })),
  city: Type.Optional(Type.String({ maxLength: 100 })),
  rating: Type.Optional(Type.Number({ minimum: 0, maximum: 5, description: 'At least this rating.' })),
  category: Type.Optional(Type.String({ maxLength: 100 })),
  verified: Type.Optional(Type.Boolean({ description: 'Are their papers approved?' })),
})
export type ProviderQuery = Static<typeof ProviderQuery>

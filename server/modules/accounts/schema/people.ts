import { Type, type Static } from 'typebox'
import { roles } from '../../../platform/context.ts'
import {
  CalendarDate,
  Email,
  Id,
  Instant,
  Line,
  Nullable,
  OneOf,
  Text,
  TimeZone,
} from '../../../platform/http/shapes.ts'
import { LOCALES } from '../../../platform/i18n/index.ts'

export const Role = OneOf(roles, { title: 'Role' })
export const Locale = OneOf(LOCALES, { title: 'Locale' })

export const Phone = Type.String({ minLength: 1, maxLength: 40, examples: ['(555) 123-4567'] })
export const Name = Line(100, 1)

const ProfileShape = Type.Object({
  first_name: Type.String(),
  last_name: Type.String(),
  bio: Type.String(),
  birthday: Nullable(CalendarDate),
  time_zone: Type.String(),
  locale: Nullable(Type.String()),
  photo_url: Nullable(Type.String()),
})

const ProviderProfileShape = Type.Object({
  experience_years: Type.Integer(),
  hourly_rate: Nullable(Type.Number()),
  currency: Type.String(),
  headline: Type.String(),
  languages: Type.Array(Type.String()),
  city: Type.String(),
  slug: Nullable(Type.String()),
  rating: Nullable(Type.Number()),
  review_count: Type.Integer(),
  is_verified: Type.Boolean(),
})

/** A person as they see themselves (SPEC section 3, Profiles). */
export const User = Type.Object(
  {
    id: Id,
    email: Email,
    pending_email: Nullable(Type.String()),
    phone: Nullable(Type.String()),
    role: Role,
    role_display: Type.String(),
    email_confirmed: Type.Boolean(),
    is_active: Type.Boolean(),
    profile: ProfileShape,
    provider_profile: Nullable(ProviderProfileShape),
    created_at: Instant,
  },
  { title: 'User' },
)
export type UserView = Static<typeof User>

/** The signed-in person with what menus follow: stable words of what they may do (SPEC section 11); the membership is added by the route. */
export const Me = Type.Object({ ...User.properties, capabilities: Type.Array(Type.String()) })

const profileFields = {
  first_name: Type.Optional(Name),
  last_name: Type.Optional(Name),
  bio: Type.Optional(Text(2000)),
  birthday: Type.Optional(Nullable(CalendarDate)),
  time_zone: Type.Optional(TimeZone),
  locale: Type.Optional(Nullable(Locale)),
}
const providerFields = {
  experience_years: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
  hourly_rate: Type.Optional(Nullable(Type.Number({ minimum: 0, maximum: 1_000_000 }))),
  headline: Type.Optional(Line(200)),
  languages: Type.Optional(Type.Array(Line(35, 2), { maxItems: 20, uniqueItems: true })),
  city: Type.Optional(Line(100)),
  slug: Type.Optional(Nullable(Type.String({ pattern: '^[a-z0-9](?:[a-z0-9-]{1,58}[a-z0-9])$', maxLength: 60 }))),
}

/** What a PATCH of the profile may carry; a PUT takes the same and replaces what it leaves out. */
export const ProfileChange = Type.Object({
  email: Type.Optional(Email),
  phone: Type.Optional(Nullable(Phone)),
  profile: Type.Optional(Type.Object(profileFields)),
  provider_profile: Type.Optional(Nullable(Type.Object(providerFields))),
})
export type ProfileChange = Static<typeof ProfileChange>

export const exampleUser = {
  id: 1,
  email: 'jane@example.com',
  pending_email: null,
  phone: '(555) 123-4567',
  role: 'provider',
  role_display: 'Provider',
  email_confirmed: true,
  is_active: true,
  profile: {
    first_name: 'Jane',
    last_name: 'Smith',
    bio: 'About me',
    birthday: null,
    time_zone: 'Europe/Kyiv',
    locale: 'uk',
    photo_url: null,
  },
  provider_profile: {
    experience_years: 5,
    hourly_rate: 50,
    currency: 'USD',
    headline: 'Massage therapist',
    languages: ['uk', 'en'],
    city: 'Kyiv',
    slug: 'jane',
    rating: 4.8,
    review_count: 12,
    is_verified: true,
  },
  created_at: '2026-01-12T08:00:00Z',
} satisfies UserView

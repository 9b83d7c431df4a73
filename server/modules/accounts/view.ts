import { iso } from '../../platform/http/shapes.ts'
import type { Config } from '../../platform/config.ts'
import type { Role } from '../../platform/context.ts'
import { fromMinor } from '../../platform/money.ts'
import { photoUrl } from '../files/index.ts'
import type { UserRow } from './queries/people.ts'
import { formatPhone, ratingOf, roleDisplay } from './rules.ts'
import type { UserView } from './schema/people.ts'

/** A person as the API shows them to themselves and to who may manage them. `photo_url` can be loaded without a token. */
export function viewUser(config: Config, row: UserRow): UserView {
  return {
    id: row.id,
    email: row.email,
    pending_email: row.pending_email,
    phone: formatPhone(row.phone),
    role: row.role as Role,
    role_display: roleDisplay[row.role as Role],
    email_confirmed: row.email_confirmed_at !== null,
    is_active: row.is_active,
    profile: {
      first_name: row.first_name,
      last_name: row.last_name,
      bio: row.bio,
      birthday: row.birthday?.toString() ?? null,
      time_zone: row.time_zone,
      locale: row.locale,
      photo_url: row.photo_key === null ? null : photoUrl(config, row.photo_key),
    },
    provider_profile:
      row.role !== 'provider' || row.experience_years === null
        ? null
        : {
            experience_years: row.experience_years,
            hourly_rate:
              row.hourly_rate_minor === null ? null : fromMinor(row.hourly_rate_minor, row.currency ?? 'USD'),
            currency: row.currency ?? 'USD',
            headline: row.headline ?? '',
            languages: row.languages ?? [],
            city: row.city ?? '',
            slug: row.slug,
            rating: ratingOf(row.rating_sum ?? 0, row.review_count ?? 0),
            review_count: row.review_count ?? 0,
            is_verified: row.verified_at !== null,
          },
    created_at: iso(row.created_at),
  }
}

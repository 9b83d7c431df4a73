import { hasOnlinePayment, type Config } from '../../platform/config.ts'
import { isoText } from '../../platform/http/shapes.ts'
import { fromMinor } from '../../platform/money.ts'
import { photoUrl } from '../files/index.ts'
import type { PersonRow, ServiceRow } from './queries/services.ts'
import { needsSavedMethod, tenths } from './rules.ts'
import type { PublicPerson, ServiceView } from './schema/services.ts'

/** The rating as it is shown: to one decimal, or null without a review. */
export const ratingOf = (sum: number | null, count: number | null): number | null =>
  count ? tenths(sum ?? 0, count) / 10 : null

/** A person as anybody may see them. */
export const viewPerson = (config: Config, row: PersonRow): PublicPerson => ({
  id: row.id,
  name: row.name,
  headline: row.headline ?? '',
  rating: ratingOf(row.rating_sum, row.review_count),
  review_count: row.review_count ?? 0,
  photo_url: row.photo_key === null ? null : photoUrl(config, row.photo_key, 'medium'),
  slug: row.slug,
  is_verified: row.is_verified,
})

/** What a service offers and its id, without who gives it and where: what is shown, and what a change begins from. */
export const termsOf = (row: ServiceRow) => ({
  id: row.id,
  title: row.title,
  description: row.description,
  price: fromMinor(row.price_minor, row.currency),
  currency: row.currency,
  duration_minutes: row.duration_minutes,
  buffer_before_minutes: row.buffer_before_minutes,
  buffer_after_minutes: row.buffer_after_minutes,
  capacity: row.capacity,
  category: row.category,
  location_type: row.location_type,
  deposit: row.deposit_minor === null ? null : fromMinor(row.deposit_minor, row.currency),
  no_show_fee: row.no_show_fee_minor === null ? null : fromMinor(row.no_show_fee_minor, row.currency),
  cancellation_policy: row.cancellation_policy,
  min_notice_minutes: row.min_notice_minutes,
  max_advance_days: row.max_advance_days,
  slot_step_minutes: row.slot_step_minutes,
  requires_approval: row.requires_approval,
  payment: row.payment,
  is_active: row.is_active,
})

const providerOf = (row: ServiceRow): PersonRow | null =>
  row.provider_id === null || row.provider_name === null
    ? null
    : {
        id: row.provider_id,
        name: row.provider_name,
        headline: row.provider_headline,
        rating_sum: row.provider_rating_sum,
        review_count: row.provider_review_count,
        photo_key: row.provider_photo_key,
        slug: row.provider_slug,
        is_verified: row.provider_is_verified,
      }

const organizationOf = (row: ServiceRow): ServiceView['organization'] =>
  row.organization_id === null
    ? null
    : {
        id: row.organization_id,
        name: row.organization_name!,
        slug: row.organization_slug,
        city: row.organization_city!,
        time_zone: row.organization_time_zone!,
      }

/** A service as it is shown. A provider's own is given by the provider, so that `staff` always says who can be booked. */
export function viewService(config: Config, row: ServiceRow): ServiceView {
  const seller = providerOf(row)
  const provider = seller && viewPerson(config, seller)
  const staff = row.staff?.map((person) => viewPerson(config, person)) ?? []
  return {
    // First, which V8 makes in one go.
    ...termsOf(row),
    requires_payment_method:
      hasOnlinePayment(config) &&
      needsSavedMethod({
        noShowFeeMinor: row.no_show_fee_minor,
        depositMinor: row.deposit_minor,
        payment: row.payment,
        requiresApproval: row.requires_approval,
      }),
    room_ids: row.room_ids ?? [],
    staff: row.organization_id === null && provider ? [provider] : staff,
    photos: (row.photos ?? []).map(({ id, key }) => ({
      id,
      url: photoUrl(config, key),
      medium_url: photoUrl(config, key, 'medium'),
      small_url: photoUrl(config, key, 'small'),
    })),
    provider,
    organization_id: row.organization_id,
    organization: organizationOf(row),
    created_at: isoText(row.created_at),
    updated_at: isoText(row.updated_at),
  }
}

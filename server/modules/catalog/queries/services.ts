import { CompiledQuery } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import type { Page } from '../../../platform/http/page.ts'
import { fold, searchPatterns } from '../../../platform/fold.ts'
import { rankOf, tenthsOf } from '../rules.ts'
import type { CancellationRule, LocationType, OrderingKey, PaymentWay, ServiceQuery } from '../schema/services.ts'
import { addCondition, readPage, type Conditions, type ShownRows } from './paging.ts'

/** A person as a row of SQL tells it; `photo_key` and the sums become a URL and a rating. */
export type PersonRow = {
  id: number
  name: string
  headline: string | null
  rating_sum: number | null
  review_count: number | null
  photo_key: string | null
  slug: string | null
  is_verified: boolean
}

export type ServiceRow = {
  id: number
  title: string
  description: string
  price_minor: number
  currency: string
  duration_minutes: number
  buffer_before_minutes: number
  buffer_after_minutes: number
  capacity: number
  category: string
  location_type: LocationType
  deposit_minor: number | null
  no_show_fee_minor: number | null
  cancellation_policy: CancellationRule[]
  min_notice_minutes: number
  max_advance_days: number | null
  slot_step_minutes: number
  requires_approval: boolean
  payment: PaymentWay
  is_active: boolean
  is_listed: boolean
  archived_at: Temporal.Instant | null
  /** As PostgreSQL writes them; they are only shown. */
  created_at: string
  updated_at: string
  provider_id: number | null
  organization_id: string | null
  /** Of its organization; null for a provider's own. Columns, not JSON: reading that cost a list of twenty a tenth. */
  organization_name: string | null
  organization_slug: string | null
  organization_city: string | null
  organization_time_zone: string | null
  /** Of its provider; null for an organization's. */
  provider_name: string | null
  provider_headline: string | null
  provider_rating_sum: number | null
  provider_review_count: number | null
  provider_photo_key: string | null
  provider_slug: string | null
  provider_is_verified: boolean
  /** Of an organization's service; null for a provider's own. */
  staff: PersonRow[] | null
  room_ids: string[] | null
  photos: { id: number; key: string }[] | null
}

/** A person as JSON, from users `u` and provider_profiles `p`: what the public may see, and nothing else. */
export const personJson = `json_build_object('id', u.id, 'name', trim(u.first_name || ' ' || u.last_name), 'headline', p.headline,
  'rating_sum', p.rating_sum, 'review_count', p.review_count, 'photo_key', u.photo_key, 'slug', p.slug, 'is_verified', p.verified_at IS NOT NULL)`

const columns = `s.id, s.title, s.description, s.price_minor, s.currency, s.duration_minutes, s.buffer_before_minutes, s.buffer_after_minutes,
  s.capacity, s.category, s.location_type, s.deposit_minor, s.no_show_fee_minor, s.cancellation_policy, s.min_notice_minutes, s.max_advance_days, s.slot_step_minutes,
  s.requires_approval, s.payment, s.is_active, s.is_listed, s.archived_at, s.created_at::text, s.updated_at::text, s.provider_id, s.organization_id,
  o.name AS organization_name, o.slug AS organization_slug, o.city AS organization_city, o.time_zone AS organization_time_zone,
  trim(u.first_name || ' ' || u.last_name) AS provider_name, p.headline AS provider_headline, p.rating_sum AS provider_rating_sum,
  p.review_count AS provider_review_count, u.photo_key AS provider_photo_key, p.slug AS provider_slug, p.verified_at IS NOT NULL AS provider_is_verified,
  CASE WHEN o.id IS NOT NULL THEN (SELECT json_agg(${personJson} ORDER BY u.id) FROM service_staff t
    JOIN users u ON u.id = t.user_id AND u.is_active AND u.deleted_at IS NULL LEFT JOIN provider_profiles p ON p.user_id = u.id
    WHERE t.service_id = s.id) END AS staff,
  CASE WHEN o.id IS NOT NULL THEN ARRAY(SELECT x.room_id FROM service_rooms x WHERE x.service_id = s.id ORDER BY x.room_id) END AS room_ids,
  (SELECT json_agg(json_build_object('id', f.id, 'key', f.file_key) ORDER BY f.position, f.id) FROM service_photos f WHERE f.service_id = s.id) AS photos`

const joins = `LEFT JOIN organizations o ON o.id = s.organization_id LEFT JOIN users u ON u.id = s.provider_id
  LEFT JOIN provider_profiles p ON p.user_id = s.provider_id`

/** A service with everything that is shown of it, in one statement; whether the asker may see it is decided by who calls. */
export async function findService(ctx: Context, id: number): Promise<ServiceRow | undefined> {
  const query = CompiledQuery.raw(`SELECT ${columns} FROM services s ${joins} WHERE s.id = $1`, [id])
  return (await ctx.db.executeQuery<ServiceRow>(query)).rows[0]
}

/** Whose inactive services are listed too: a person's own and those of the organizations they manage, or all. */
export type Managed = { userId: number } | 'all'

const sortColumns = {
  created_at: 'created_at',
  price: 'price_rank',
  rating: 'rating_tenths',
  title: 'title_key',
} satisfies Record<OrderingKey, string>

/** A page of the services on offer by filter, or (`managed`) of those that somebody manages. */
export async function listServiceRows<View>(
  ctx: Context,
  query: ServiceQuery,
  managed: Managed | null,
  shown: ShownRows<ServiceRow, View>,
): Promise<Page<View>> {
  const { ordering = '-created_at' } = query
  return readPage(ctx, query, {
    table: 'services',
    id: 'id',
    sort: sortColumns[ordering.replace('-', '') as OrderingKey],
    descending: ordering.startsWith('-'),
    ...conditionsOf(query, managed),
    searches: searchPatterns(query.search ?? '').length > 0,
    columns,
    joins: `JOIN services s ON s.id = page.id ${joins}`,
    shown,
  })
}

function conditionsOf(query: ServiceQuery, managed: Managed | null): Conditions {
  const where: Conditions = { conditions: [], values: [] }
  const add = (text: string, ...values: unknown[]): void => addCondition(where, text, ...values)
  if (managed === null) add('l.is_listed')
  else add('l.archived_at IS NULL')
  if (managed !== null && managed !== 'all')
    add(
      `l.id IN (SELECT id FROM services WHERE provider_id = ? AND archived_at IS NULL UNION ALL SELECT s.id FROM services s
        JOIN memberships m ON m.organization_id = s.organization_id AND m.user_id = ? AND m.role = 'admin' WHERE s.archived_at IS NULL)`,
      managed.userId,
      managed.userId,
    )
  for (const pattern of searchPatterns(query.search ?? '')) add('l.search_text LIKE ?', pattern)
  if (query.category !== undefined) add('l.category_key = ?', fold(query.category.trim()))
  if (query.city !== undefined) add('l.city_key = ?', fold(query.city.trim()))
  if (query.min_price !== undefined) add('l.price_rank >= ?', rankOf(query.min_price))
  if (query.max_price !== undefined) add('l.price_rank <= ?', rankOf(query.max_price))
  if (query.currency !== undefined) add('l.currency = ?', query.currency)
  if (query.duration !== undefined) add('l.duration_minutes <= ?', query.duration)
  if (query.location_type !== undefined) add('l.location_type = ?', query.location_type)
  if (query.rating !== undefined) add('l.rating_tenths >= ?', tenthsOf(query.rating))
  if (query.language !== undefined) add('? = ANY(l.languages)', query.language.toLowerCase())
  if (query.organization !== undefined) add('l.organization_id = ?', query.organization)
  if (query.provider !== undefined)
    add(
      'l.id IN (SELECT id FROM services WHERE provider_id = ? AND archived_at IS NULL UNION ALL SELECT service_id FROM service_staff WHERE user_id = ?)',
      query.provider,
      query.provider,
    )
  return where
}

/** The categories of what is on offer, the fullest first; names that differ in case or accents only are one. */
export async function listCategoryRows(ctx: Context): Promise<{ name: string; count: number }[]> {
  const query = CompiledQuery.raw(
    `SELECT min(category) AS name, count(*) AS count FROM services WHERE is_listed AND category_key <> '' GROUP BY category_key ORDER BY count(*) DESC, category_key`,
    [],
  )
  return (await ctx.db.executeQuery<{ name: string; count: number }>(query)).rows
}

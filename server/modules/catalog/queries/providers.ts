import { CompiledQuery } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { fold, searchPatterns } from '../../../platform/fold.ts'
import type { Page } from '../../../platform/http/page.ts'
import { tenthsOf } from '../rules.ts'
import type { ProviderQuery } from '../schema/providers.ts'
import { addCondition, readPage, type Conditions, type ShownRows } from './paging.ts'
import { personJson, type PersonRow } from './services.ts'

export type ProviderRow = {
  id: number
  person: PersonRow
  bio: string
  languages: string[] | null
  city: string | null
  experience_years: number | null
  hourly_rate_minor: number | null
  currency: string | null
  organizations: { id: string; name: string; slug: string | null; city: string; time_zone: string }[] | null
  services:
    | { id: number; title: string; price_minor: number; currency: string; duration_minutes: number; category: string }[]
    | null
  service_count: number
}

/** What a person `u` gives, as `s`: their own services, and an organization's that name them. */
const given = `(SELECT id FROM services WHERE provider_id = u.id AND archived_at IS NULL
  UNION ALL SELECT t.service_id FROM service_staff t WHERE t.user_id = u.id) given JOIN services s ON s.id = given.id AND s.is_listed`

const columns = (
  services: number,
): string => `u.id, ${personJson} AS person, u.bio, p.languages, p.city, p.experience_years, p.hourly_rate_minor, p.currency,
  (SELECT json_agg(json_build_object('id', o.id, 'name', o.name, 'slug', o.slug, 'city', o.city, 'time_zone', o.time_zone) ORDER BY o.name, o.id)
    FROM (SELECT DISTINCT s.organization_id FROM service_staff t JOIN services s ON s.id = t.service_id AND s.is_listed WHERE t.user_id = u.id) x
    JOIN organizations o ON o.id = x.organization_id AND o.archived_at IS NULL) AS organizations,
  (SELECT json_agg(json_build_object('id', n.id, 'title', n.title, 'price_minor', n.price_minor, 'currency', n.currency,
      'duration_minutes', n.duration_minutes, 'category', n.category) ORDER BY n.created_at DESC, n.id DESC)
    FROM (SELECT s.* FROM ${given} ORDER BY s.created_at DESC, s.id DESC LIMIT ${services}) n) AS services,
  (SELECT count(*) FROM ${given}) AS service_count`

const profile = 'LEFT JOIN provider_profiles p ON p.user_id = u.id'

/** Who offers services, one of them: a provider, or a master whom a service on offer names; in one statement. */
export async function findProvider(ctx: Context, id: number): Promise<ProviderRow | undefined> {
  const query = CompiledQuery.raw(
    `SELECT ${columns(50)} FROM users u ${profile} WHERE u.id = $1 AND u.is_active AND u.deleted_at IS NULL
      AND (u.role = 'provider' OR EXISTS (SELECT FROM service_staff t JOIN services s ON s.id = t.service_id AND s.is_listed WHERE t.user_id = u.id))`,
    [id],
  )
  return (await ctx.db.executeQuery<ProviderRow>(query)).rows[0]
}

/** A page of who offers services, found by name, headline and city. */
export async function listProviderRows<View>(
  ctx: Context,
  query: ProviderQuery,
  shown: ShownRows<ProviderRow, View>,
): Promise<Page<View>> {
  const { ordering = '-rating' } = query
  return readPage(ctx, query, {
    table: 'provider_listings',
    id: 'user_id',
    sort: ordering.endsWith('rating') ? 'rating_tenths' : 'name_key',
    descending: ordering.startsWith('-'),
    ...conditionsOf(query),
    searches: searchPatterns(query.search ?? '').length > 0,
    columns: columns(3),
    joins: `JOIN users u ON u.id = page.id ${profile}`,
    shown,
  })
}

function conditionsOf(query: ProviderQuery): Conditions {
  const where: Conditions = { conditions: ['l.is_listed'], values: [] }
  const add = (text: string, ...values: unknown[]): void => addCondition(where, text, ...values)
  for (const pattern of searchPatterns(query.search ?? '')) add('l.search_text LIKE ?', pattern)
  if (query.city !== undefined) add('l.city_key = ?', fold(query.city.trim()))
  if (query.rating !== undefined) add('l.rating_tenths >= ?', tenthsOf(query.rating))
  if (query.verified !== undefined) add(query.verified ? 'l.is_verified' : 'NOT l.is_verified')
  if (query.language !== undefined) add('? = ANY(l.languages)', query.language.toLowerCase())
  if (query.category !== undefined) {
    const category = fold(query.category.trim())
    add(
      `l.user_id IN (SELECT provider_id FROM services WHERE is_listed AND category_key = ?
        UNION ALL SELECT t.user_id FROM services s JOIN service_staff t ON t.service_id = s.id WHERE s.is_listed AND s.category_key = ?)`,
      category,
      category,
    )
  }
  return where
}

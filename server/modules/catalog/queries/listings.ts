import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { fold } from '../../../platform/fold.ts'
import { listingOf, tenths, type ListingFacts } from '../rules.ts'

/** What lists keep beside each row, made anew from what it depends on: run in the transaction of the change, or when its event is heard. */

/** Renews what lists keep of these services. They are locked before they are read: whoever waits here reads the staff and names of now, not those of before. */
export async function renewServices(ctx: Context, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  await sql`SELECT FROM services WHERE id = ANY(${[...ids]}) ORDER BY id FOR NO KEY UPDATE`.execute(ctx.db)
  const { rows } = await sql<ListingFacts>`
    SELECT s.id, s.title, s.description, s.category, s.price_minor, s.currency,
      COALESCE(o.name, trim(u.first_name || ' ' || u.last_name), '') AS seller, COALESCE(o.city, p.city, '') AS city,
      CASE WHEN s.organization_id IS NULL THEN NOT u.is_active OR u.deleted_at IS NOT NULL ELSE o.archived_at IS NOT NULL END AS is_hidden,
      (SELECT COALESCE(json_agg(json_build_object('name', trim(m.first_name || ' ' || m.last_name), 'rating_sum', COALESCE(q.rating_sum, 0),
          'review_count', COALESCE(q.review_count, 0), 'languages', COALESCE(q.languages, '{}')) ORDER BY m.id), '[]')
        FROM (SELECT t.user_id FROM service_staff t WHERE t.service_id = s.id UNION ALL SELECT s.provider_id WHERE s.organization_id IS NULL) g
          JOIN users m ON m.id = g.user_id AND m.is_active AND m.deleted_at IS NULL LEFT JOIN provider_profiles q ON q.user_id = m.id) AS staff
    FROM services s LEFT JOIN organizations o ON o.id = s.organization_id LEFT JOIN users u ON u.id = s.provider_id
      LEFT JOIN provider_profiles p ON p.user_id = s.provider_id
    WHERE s.id = ANY(${[...ids]}) ORDER BY s.id`.execute(ctx.db)
  await sql`
    UPDATE services s SET is_hidden = n.is_hidden, title_key = n.title_key, category_key = n.category_key, city_key = n.city_key,
      search_text = n.search_text, price_rank = n.price_rank, rating_tenths = n.rating_tenths, languages = n.languages
    FROM jsonb_to_recordset(${JSON.stringify(rows.map(listingOf))}::jsonb) AS n(id bigint, is_hidden boolean, title_key text, category_key text,
      city_key text, search_text text, price_rank bigint, rating_tenths smallint, languages text[])
    WHERE s.id = n.id AND (s.is_hidden, s.title_key, s.category_key, s.city_key, s.search_text, s.price_rank, s.rating_tenths, s.languages)
      IS DISTINCT FROM (n.is_hidden, n.title_key, n.category_key, n.city_key, n.search_text, n.price_rank, n.rating_tenths, n.languages)`.execute(
    ctx.db,
  )
}

/** Writes these services as they are, in the order of their ids: under repeatable read too, whoever comes second begins again with what the first has written. */
export async function touchRatings(ctx: Context, serviceIds: readonly number[]): Promise<void> {
  if (serviceIds.length === 0) return
  await sql`UPDATE services s SET rating_tenths = s.rating_tenths
    FROM (SELECT id FROM services WHERE id = ANY(${[...serviceIds]}) ORDER BY id FOR NO KEY UPDATE) locked WHERE s.id = locked.id`.execute(
    ctx.db,
  )
}

type PersonFacts = {
  user_id: number
  is_listed: boolean
  name: string
  headline: string
  city: string
  languages: string[]
  rating_sum: number
  review_count: number
  is_verified: boolean
}

/**
 * Renews what lists keep of these people: providers, and masters whom a service on offer names; whoever is neither any more is listed no longer. Their lines are
 * made and locked before anything is read: of two services that begin and cease to name a master at once, the second sees what the first did.
 */
export async function renewProviders(ctx: Context, userIds: readonly number[]): Promise<void> {
  if (userIds.length === 0) return
  await sql`
    INSERT INTO provider_listings (user_id, is_listed, search_text, name_key, city_key, languages, rating_tenths)
    SELECT id, false, '', '', '', '{}', 0 FROM users WHERE id = ANY(${[...userIds]}) ORDER BY id ON CONFLICT DO NOTHING`.execute(
    ctx.db,
  )
  await sql`SELECT FROM provider_listings WHERE user_id = ANY(${[...userIds]}) ORDER BY user_id FOR NO KEY UPDATE`.execute(
    ctx.db,
  )
  const { rows } = await sql<PersonFacts>`
    SELECT u.id AS user_id, trim(u.first_name || ' ' || u.last_name) AS name, COALESCE(p.headline, '') AS headline, COALESCE(p.city, '') AS city,
      COALESCE(p.languages, '{}') AS languages, COALESCE(p.rating_sum, 0) AS rating_sum, COALESCE(p.review_count, 0) AS review_count, p.verified_at IS NOT NULL AS is_verified,
      u.is_active AND u.deleted_at IS NULL AND (u.role = 'provider'
        OR EXISTS (SELECT FROM service_staff t JOIN services s ON s.id = t.service_id AND s.is_listed WHERE t.user_id = u.id)) AS is_listed
    FROM users u LEFT JOIN provider_profiles p ON p.user_id = u.id WHERE u.id = ANY(${[...userIds]}) ORDER BY u.id`.execute(
    ctx.db,
  )
  const listings = rows.map(
    ({ user_id, is_listed, name, headline, city, languages, rating_sum, review_count, is_verified }) => ({
      user_id,
      is_listed,
      search_text: fold([name, headline, city].join(' ')),
      name_key: fold(name),
      city_key: fold(city),
      languages: languages.map((language) => language.toLowerCase()),
      rating_tenths: tenths(rating_sum, review_count),
      is_verified,
    }),
  )
  await sql`
    INSERT INTO provider_listings (user_id, is_listed, search_text, name_key, city_key, languages, rating_tenths, is_verified)
    SELECT n.* FROM jsonb_to_recordset(${JSON.stringify(listings)}::jsonb) AS n(user_id bigint, is_listed boolean, search_text text, name_key text,
      city_key text, languages text[], rating_tenths smallint, is_verified boolean)
    ON CONFLICT (user_id) DO UPDATE SET is_listed = EXCLUDED.is_listed, search_text = EXCLUDED.search_text, name_key = EXCLUDED.name_key,
      city_key = EXCLUDED.city_key, languages = EXCLUDED.languages, rating_tenths = EXCLUDED.rating_tenths, is_verified = EXCLUDED.is_verified`.execute(
    ctx.db,
  )
}

/** Tells the planner how much there is of what the catalog reads. */
export async function analyze(ctx: Context): Promise<void> {
  await sql`ANALYZE users, provider_profiles, memberships, services, service_staff, provider_listings`.execute(ctx.db)
}

const ids = (rows: { id: number }[]): number[] => rows.map((row) => row.id)

/** The services that a person sells or gives. */
export const serviceIdsOfPerson = async (ctx: Context, userId: number): Promise<number[]> =>
  ids(
    (
      await sql<{ id: number }>`
        SELECT id FROM services WHERE provider_id = ${userId} AND archived_at IS NULL
        UNION SELECT s.id FROM service_staff t JOIN services s ON s.id = t.service_id AND s.archived_at IS NULL WHERE t.user_id = ${userId}`.execute(
        ctx.db,
      )
    ).rows,
  )

/** The services of an organization. */
export const serviceIdsOfOrganization = async (ctx: Context, organizationId: string): Promise<number[]> =>
  ids(
    await ctx.db
      .selectFrom('services')
      .select('id')
      .where('organization_id', '=', organizationId)
      .where('archived_at', 'is', null)
      .execute(),
  )

/** Who gives an organization's services. */
export const staffIdsOfOrganization = async (ctx: Context, organizationId: string): Promise<number[]> =>
  ids(
    await ctx.db
      .selectFrom('service_staff')
      .innerJoin('services', 'services.id', 'service_id')
      .where('organization_id', '=', organizationId)
      .select('user_id as id')
      .distinct()
      .execute(),
  )

/** Services after this id, and people after this id: for making all lists anew in batches. */
export const serviceIdsAfter = async (ctx: Context, id: number, limit: number): Promise<number[]> =>
  ids(await ctx.db.selectFrom('services').select('id').where('id', '>', id).orderBy('id').limit(limit).execute())

export const personIdsAfter = async (ctx: Context, id: number, limit: number): Promise<number[]> =>
  ids(
    (
      await sql<{ id: number }>`
        SELECT u.id FROM users u WHERE u.id > ${id} AND (u.role = 'provider' OR EXISTS (SELECT FROM service_staff t WHERE t.user_id = u.id)
          OR EXISTS (SELECT FROM provider_listings l WHERE l.user_id = u.id)) ORDER BY u.id LIMIT ${limit}`.execute(
        ctx.db,
      )
    ).rows,
  )

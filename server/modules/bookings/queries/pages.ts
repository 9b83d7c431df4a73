import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { selectBookings } from './bookings.ts'

/** What a person has today, bought or served: bookings that stand and touch `[from, to)`, in the order of the day. */
export const listOfDay = (ctx: Context, userId: number, from: Temporal.Instant, to: Temporal.Instant, limit: number) =>
  selectBookings(ctx.db)
    .leftJoin('organizations as organization', 'organization.id', 'bookings.organization_id')
    .select([
      'organization.name as organization_name',
      'organization.address as organization_address',
      'organization.city as organization_city',
    ])
    .where((eb) => eb.or([eb('bookings.customer_id', '=', userId), eb('bookings.provider_id', '=', userId)]))
    // The longest service lasts a week: so the index on the start finds a provider's.
    .where('bookings.starts_at', '>', from.subtract({ hours: 7 * 24 + 1 }))
    .where('bookings.starts_at', '<', to)
    .where('bookings.ends_at', '>', from)
    .where('bookings.status', '<>', 'cancelled')
    .where((eb) => eb.or([eb('bookings.expires_at', 'is', null), eb('bookings.expires_at', '>', ctx.now)]))
    .orderBy('bookings.starts_at')
    .orderBy('bookings.id')
    .limit(limit)
    .execute()

/** `slug` is what the page is called now. */
export type PageOwner =
  | { kind: 'provider'; slug: string; id: number; time_zone: string }
  | {
      kind: 'organization'
      slug: string
      id: string
      name: string
      description: string
      city: string
      address: string
      time_zone: string
      rating_sum: number
      review_count: number
    }

/** Whose page a slug is, or was before the page was renamed; with `kind` only if it is of that kind. */
export async function findPageOwner(
  ctx: Context,
  slug: string,
  kind: PageOwner['kind'] | undefined,
): Promise<PageOwner | undefined> {
  const named = await ctx.db
    .selectFrom('slugs')
    .innerJoin('slugs as now', (join) =>
      join
        .onRef('now.owner_kind', '=', 'slugs.owner_kind')
        .onRef('now.owner_id', '=', 'slugs.owner_id')
        .on('now.is_current', '=', true),
    )
    .where('slugs.slug', '=', slug)
    .select(['now.slug', 'now.owner_kind as kind', 'now.owner_id as id'])
    .executeTakeFirst()
  if (!named || (kind !== undefined && named.kind !== kind)) return undefined
  return named.kind === 'provider'
    ? findProvider(ctx, named.slug, Number(named.id))
    : findOrganization(ctx, named.slug, named.id)
}

const findProvider = (ctx: Context, slug: string, id: number): Promise<PageOwner | undefined> =>
  ctx.db
    .selectFrom('users')
    .where('id', '=', id)
    .where('is_active', '=', true)
    .where('deleted_at', 'is', null)
    .select(['id', 'time_zone'])
    .select([sql<'provider'>`'provider'`.as('kind'), sql<string>`${slug}::text`.as('slug')])
    .executeTakeFirst()

const findOrganization = (ctx: Context, slug: string, id: string): Promise<PageOwner | undefined> =>
  ctx.db
    .selectFrom('organizations')
    .where('id', '=', id)
    .where('archived_at', 'is', null)
    .select(['id', 'name', 'description', 'city', 'address', 'time_zone', 'rating_sum', 'review_count'])
    .select([sql<'organization'>`'organization'`.as('kind'), sql<string>`${slug}::text`.as('slug')])
    .executeTakeFirst()

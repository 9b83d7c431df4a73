import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { selectBookings } from './bookings.ts'

/** What a person has today, bought or served: bookings that stand and touch `[from, to)`, in the order of the day. */
export const listOfDay = (ctx: Context, userId: number, from: Temporal.Instant, to: Temporal.Instant, limit: number) =>
  selectBookings(ctx)
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

export type PageOwner =
  | { kind: 'provider'; id: number; time_zone: string }
  | {
      kind: 'organization'
      id: string
      name: string
      description: string
      city: string
      address: string
      time_zone: string
      rating_sum: number
      review_count: number
    }

/** Whose page a slug is. Where a provider and an organization bear the same, it is the older one's, unless `kind` says which is meant. */
export async function findPageOwner(
  ctx: Context,
  slug: string,
  kind: PageOwner['kind'] | undefined,
): Promise<PageOwner | undefined> {
  const provider = await ctx.db
    .selectFrom('provider_profiles')
    .innerJoin('users', 'users.id', 'provider_profiles.user_id')
    .where('provider_profiles.slug', '=', slug)
    .where('users.is_active', '=', true)
    .where('users.deleted_at', 'is', null)
    .select(['users.id', 'users.time_zone', 'users.created_at'])
    .select(sql<'provider'>`'provider'`.as('kind'))
    .executeTakeFirst()
  const organization = await ctx.db
    .selectFrom('organizations')
    .where('slug', '=', slug)
    .where('archived_at', 'is', null)
    .select(['id', 'name', 'description', 'city', 'address', 'time_zone', 'created_at'])
    .select(['rating_sum', 'review_count'])
    .select(sql<'organization'>`'organization'`.as('kind'))
    .executeTakeFirst()
  return [provider, organization]
    .filter((owner) => owner !== undefined)
    .filter((owner) => kind === undefined || owner.kind === kind)
    .toSorted((a, b) => Temporal.Instant.compare(a.created_at, b.created_at))[0]
}

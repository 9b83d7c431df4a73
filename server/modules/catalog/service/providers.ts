import type { Config } from '../../../platform/config.ts'
import type { Context } from '../../../platform/context.ts'
import { notFound } from '../../../platform/errors.ts'
import { perHouse } from '../../../platform/house.ts'
import type { Page } from '../../../platform/http/page.ts'
import { fromMinor } from '../../../platform/money.ts'
import { showing } from '../queries/paging.ts'
import { findProvider, listProviderRows, type ProviderRow } from '../queries/providers.ts'
import type { ProviderQuery, ProviderView } from '../schema/providers.ts'
import { viewPerson } from '../view.ts'

/** Who offers services: providers (also with none on offer yet) and the masters of salons, found, filtered and in order. */
export async function listProviders(ctx: Context, query: ProviderQuery): Promise<Page<ProviderView>> {
  return listProviderRows(ctx, query, shownProviders(ctx.house))
}

const shownProviders = perHouse(({ config }) => showing((row: ProviderRow) => viewProvider(config, row)))

/** One of them. @throws NOT_FOUND for anybody else, and for closed accounts. */
export async function getProvider(ctx: Context, id: number): Promise<ProviderView> {
  const row = await findProvider(ctx, id)
  if (!row) throw notFound('provider')
  return viewProvider(ctx.house.config, row)
}

function viewProvider(config: Config, row: ProviderRow): ProviderView {
  const currency = row.currency ?? config.DEFAULT_CURRENCY
  return {
    ...viewPerson(config, row.person),
    bio: row.bio,
    languages: row.languages ?? [],
    city: row.city ?? '',
    experience_years: row.experience_years ?? 0,
    hourly_rate: row.hourly_rate_minor === null ? null : fromMinor(row.hourly_rate_minor, currency),
    currency,
    organizations: row.organizations ?? [],
    services: (row.services ?? []).map(({ price_minor, ...service }) => ({
      ...service,
      price: fromMinor(price_minor, service.currency),
    })),
    service_count: row.service_count,
  }
}

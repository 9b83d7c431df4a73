import { findServicesOffered, getProvider, listServices, ratingOf } from '../../catalog/index.ts'
import type { Context } from '../../../platform/context.ts'
import { notFound } from '../../../platform/errors.ts'
import { localText } from '../../../time/dates.ts'
import { listSlots } from '../../../time/slots.ts'
import { zoneOf } from '../../../time/zones.ts'
import { findPageOwner, type PageOwner } from '../queries/pages.ts'
import type { PageQuery, PublicPageView } from '../schema-pages.ts'
import { questionOf, readKnowledge } from './question.ts'
import { spanOf } from './slots.ts'

/** So many days, today included, are told in advance. */
const daysAhead = 7
const mostServices = 50
/** Of each service so many starts; who wants more asks for the slots. */
const mostStarts = 50

/**
 * The public page of a provider or an organization in one call: who they are, what they offer, and when they are free in the next days, with the version of
 * those times. Nothing private stands in it.
 * @throws NOT_FOUND for a slug that is nobody's.
 */
export async function getPublicPage(ctx: Context, slug: string, query: PageQuery): Promise<PublicPageView> {
  const owner = await findPageOwner(ctx, slug, query.kind)
  if (!owner) throw notFound('page')
  const timeZone = query.time_zone ?? owner.time_zone
  const provider = owner.kind === 'provider' ? await getProvider(ctx, owner.id) : null
  const { results: services, count } = await listServices(ctx, {
    ...(owner.kind === 'provider' ? { provider: owner.id } : { organization: owner.id }),
    ordering: '-created_at',
    page_size: mostServices,
  })
  const ids = services.map(({ id }) => id)
  const { starts, ...free } = await freeStarts(ctx, owner, ids, timeZone)
  return {
    kind: owner.kind,
    slug: owner.slug,
    provider,
    organization: owner.kind === 'organization' ? organizationOf(owner) : null,
    time_zone: timeZone,
    services: services.map((service) => ({ ...service, starts: starts.get(service.id) ?? [] })),
    service_count: count,
    ...free,
  }
}

const organizationOf = (owner: PageOwner & { kind: 'organization' }) => ({
  id: owner.id,
  name: owner.name,
  description: owner.description,
  city: owner.city,
  address: owner.address,
  rating: ratingOf(owner.rating_sum, owner.review_count),
  review_count: owner.review_count,
})

/** The next free starts of these services as the clock of the zone shows them; a provider's page tells only of the provider. */
async function freeStarts(ctx: Context, owner: PageOwner, ids: readonly number[], timeZone: string) {
  const today = ctx.now.toZonedDateTimeISO(timeZone).toPlainDate()
  const [from, to] = [today.toString(), today.add({ days: daysAhead - 1 }).toString()]
  const starts = new Map<number, string[]>()
  if (ids.length === 0) return { from, to, starts, version: 0 }
  const services = await findServicesOffered(ctx, { ids }, mostServices)
  if (services.length === 0) return { from, to, starts, version: 0 }
  const span = spanOf(from, to, timeZone)
  const knowledge = await readKnowledge(ctx, { services, seats: 1, from: span.from, to: span.to })
  const ask = { seats: 1, providerId: owner.kind === 'provider' ? owner.id : null }
  for (const service of services) {
    const question = questionOf(ctx, service, ask, knowledge, timeZone)
    const slots = listSlots({ ...question, zone: zoneOf(timeZone), days: span.days })
    starts.set(
      service.id,
      slots.slice(0, mostStarts).map(({ start, offset }) => localText(start, offset)),
    )
  }
  return { from, to, starts, version: knowledge.versions }
}

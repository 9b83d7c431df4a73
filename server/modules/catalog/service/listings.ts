import { requireActor, type Context } from '../../../platform/context.ts'
import { afterCommit, inTransaction } from '../../../platform/db/transaction.ts'
import { perHouse } from '../../../platform/house.ts'
import type { Page, PageRequest } from '../../../platform/http/page.ts'
import { limitOf, offsetOf } from '../../../platform/http/page.ts'
import { notFound } from '../../../platform/errors.ts'
import { sayChanged } from '../../../platform/socket/topic.ts'
import { managesAll } from '../policy.ts'
import {
  analyze,
  personIdsAfter,
  renewProviders,
  renewServices,
  serviceIdsAfter,
  serviceIdsOfOrganization,
  serviceIdsOfPerson,
  staffIdsOfOrganization,
  touchRatings,
} from '../queries/listings.ts'
import { forgetAnchors, showing } from '../queries/paging.ts'
import { listCategoryRows, listServiceRows, type Managed, type ServiceRow } from '../queries/services.ts'
import { removeFromStaff } from '../queries/writes.ts'
import { serviceKey } from '../rules.ts'
import type { ServiceQuery, ServiceView } from '../schema/services.ts'
import { viewService } from '../view.ts'

/** Services on offer, found, filtered and in order; with `mine` those that the asker manages, the inactive ones too. @throws TOKEN_MISSING, AUTHENTICATION_FAILED for `mine` without a token that holds */
export async function listServices(ctx: Context, query: ServiceQuery): Promise<Page<ServiceView>> {
  return listServiceRows(ctx, query, query.mine === true ? managedBy(ctx) : null, shownServices(ctx.house))
}

const shownServices = perHouse(({ config }) => showing((row: ServiceRow) => viewService(config, row)))

function managedBy(ctx: Context): Managed {
  const actor = requireActor(ctx)
  return managesAll(actor) ? 'all' : { userId: actor.userId }
}

type Category = { name: string; count: number }
const keepCategoriesMs = 60_000
const categories = new WeakMap<object, { at: Temporal.Instant; rows: Category[] }>()

/** The categories of what is on offer and how many services each has, at most a minute old: counting reads every service. */
export async function listCategories(ctx: Context, request: PageRequest): Promise<Page<Category>> {
  let known = categories.get(ctx.house)
  if (!known || Math.abs(ctx.now.epochMilliseconds - known.at.epochMilliseconds) > keepCategoriesMs) {
    known = { at: ctx.now, rows: await listCategoryRows(ctx) }
    categories.set(ctx.house, known)
  }
  const results = known.rows.slice(offsetOf(request), offsetOf(request) + limitOf(request))
  if (results.length === 0 && offsetOf(request) > 0) throw notFound('page')
  return { results, count: known.rows.length }
}

/** After a write of this process its next list is as of now; other processes notice within a minute, as with counts. */
export const forgetListings = (ctx: Context): Promise<void> =>
  afterCommit(ctx, () => {
    categories.delete(ctx.house)
    forgetAnchors(ctx)
  })

/** Hears that a person registered, changed, was deactivated or erased: their services are found under the new name, or are gone. */
export async function accountChanged(ctx: Context, { user_id }: { user_id: number }): Promise<void> {
  const services = await serviceIdsOfPerson(ctx, user_id)
  await renewServices(ctx, services)
  await renewProviders(ctx, [user_id])
  await sayChanged(ctx, services.map(serviceKey))
  await forgetListings(ctx)
}

/**
 * Makes anew what lists keep of a person's rating, in the transaction of the review. Their services are touched first: whoever rates another master of the same
 * service waits, and reads what was written here.
 */
export async function ratingChanged(ctx: Context, userId: number): Promise<void> {
  const services = await serviceIdsOfPerson(ctx, userId)
  await touchRatings(ctx, services)
  await renewServices(ctx, services)
  await renewProviders(ctx, [userId])
  await forgetListings(ctx)
}

/** Hears that an organization has another name or city, or was archived. */
export async function organizationChanged(
  ctx: Context,
  { organization_id }: { organization_id: string },
): Promise<void> {
  const services = await serviceIdsOfOrganization(ctx, organization_id)
  await renewServices(ctx, services)
  await sayChanged(ctx, services.map(serviceKey))
  await renewProviders(ctx, await staffIdsOfOrganization(ctx, organization_id))
  await forgetListings(ctx)
}

/** Hears that somebody left an organization: they give its services no more. */
export async function membershipEnded(
  ctx: Context,
  { organization_id, user_id }: { organization_id: string; user_id: number },
): Promise<void> {
  const services = await serviceIdsOfPerson(ctx, user_id)
  await removeFromStaff(ctx, organization_id, user_id)
  await sayChanged(ctx, services.map(serviceKey))
  await renewServices(ctx, services)
  await renewProviders(ctx, [user_id])
  await forgetListings(ctx)
}

const batch = 1000

/** Makes anew what lists keep of every service and provider: after rows were written in bulk past this module. Answers how many services there are. */
export async function reindexCatalog(ctx: Context): Promise<number> {
  // What was loaded a moment ago is not yet known to the planner, which would then read everybody for each service.
  await analyze(ctx)
  let count = 0
  for (let after = 0; ;) {
    const ids = await serviceIdsAfter(ctx, after, batch)
    if (ids.length === 0) break
    await inTransaction(ctx, (tx) => renewServices(tx, ids))
    after = ids.at(-1)!
    count += ids.length
  }
  for (let after = 0; ;) {
    const ids = await personIdsAfter(ctx, after, batch)
    if (ids.length === 0) break
    await inTransaction(ctx, (tx) => renewProviders(tx, ids))
    after = ids.at(-1)!
  }
  await analyze(ctx)
  await forgetListings(ctx)
  return count
}

import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction, violates } from '../../../platform/db/transaction.ts'
import { conflict, invalid, notFound } from '../../../platform/errors.ts'
import { pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { sayChanged } from '../../../platform/socket/topic.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import {
  archiveOrganizationRow,
  insertMembership,
  insertOrganization,
  selectOrganizations,
  updateOrganizationRow,
} from '../queries/members.ts'
import { organizationKey } from '../rules.ts'
import type { OrganizationInput, OrganizationView } from '../schema.ts'
import { viewOrganization } from '../view.ts'
import { requireOrgRole } from './access.ts'

const currencies = new Set(Intl.supportedValuesOf('currency'))

function checkInput(input: OrganizationInput): void {
  if (input.currency !== undefined && !currencies.has(input.currency))
    throw invalid('currency', 'This is no ISO 4217 currency', 'currency')
}

const slugTaken = (error: unknown): never => {
  // Another organization's, or a provider's: both have their pages at the same place.
  if (violates(error, 'organizations_slug_taken') || violates(error, 'slugs_taken')) {
    throw conflict('This slug is already in use', {
      details: [{ field: 'slug', message: 'This slug is already in use', rule: 'slug_taken' }],
    })
  }
  throw error
}

/** One's organizations, the oldest first. */
export async function listOrganizations(ctx: Context, request: PageRequest): Promise<Page<OrganizationView>> {
  const { userId } = actorOf(ctx)
  const query = selectOrganizations(ctx, userId).orderBy('organizations.created_at').orderBy('organizations.id')
  const page = await pageOf(ctx, request, `organizations of ${userId}`, query)
  return { ...page, results: page.results.map(viewOrganization) }
}

/** One of one's organizations. @throws NOT_FOUND for outsiders. */
export async function getOrganization(ctx: Context, id: string): Promise<OrganizationView> {
  const row = await selectOrganizations(ctx, actorOf(ctx).userId).where('organizations.id', '=', id).executeTakeFirst()
  if (!row) throw notFound('organization')
  return viewOrganization(row)
}

/** Founds an organization; the founder is its first admin. @throws CONFLICT when the slug is taken. */
export async function createOrganization(ctx: Context, input: OrganizationInput): Promise<OrganizationView> {
  checkInput(input)
  const actor = actorOf(ctx)
  const id = uuid7(ctx.now)
  return inTransaction(ctx, async (tx) => {
    await insertOrganization(tx, id, actor.userId, {
      ...input,
      time_zone: input.time_zone ?? actor.timeZone,
      currency: input.currency ?? 'USD',
    })
    await insertMembership(tx, id, actor.userId, 'admin', '')
    return getOrganization(tx, id)
  }).catch(slugTaken)
}

/** Changes an organization; for its admins. What is left out stays. */
export async function updateOrganization(
  ctx: Context,
  id: string,
  input: OrganizationInput,
): Promise<OrganizationView> {
  checkInput(input)
  return inTransaction(ctx, async (tx) => {
    await requireOrgRole(tx, id, ['admin'])
    await updateOrganizationRow(tx, id, input)
    await tx.house.jobs.publish(tx, 'organization.changed', { organization_id: id })
    return getOrganization(tx, id)
  }).catch(slugTaken)
}

/** Archives an organization; for its admins. Its bookings stand; modules to the right refuse while there are future ones, by `organization.archiving`. */
export async function archiveOrganization(
  ctx: Context,
  id: string,
  refuseIfUsed: (ctx: Context, id: string) => Promise<void>,
): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await requireOrgRole(tx, id, ['admin'])
    await refuseIfUsed(tx, id)
    await archiveOrganizationRow(tx, id)
    await sayChanged(tx, [organizationKey(id)])
    await tx.house.jobs.publish(tx, 'organization.archived', { organization_id: id })
  })
}

import { actorOf, type Context } from '../../../platform/context.ts'
import { denied } from '../../../platform/errors.ts'
import { findMembership, requireOrgRole } from '../../organizations/index.ts'
import { isOwn, managesAll, type Owner } from '../policy.ts'

/** How somebody may manage a service: as its owner (the provider, an admin of its organization), as an administrator of the platform, or not at all. */
export async function managementOf(ctx: Context, service: Owner): Promise<'owner' | 'administrator' | null> {
  if (ctx.actor === null) return null
  if (isOwn(ctx.actor, service)) return 'owner'
  if (service.organization_id !== null) {
    const membership = await findMembership(ctx, service.organization_id, ctx.actor.userId)
    if (membership?.role === 'admin') return 'owner'
  }
  return managesAll(ctx.actor) ? 'administrator' : null
}

/** Who asks must manage the service. @throws PERMISSION_DENIED */
export async function requireServiceManager(ctx: Context, service: Owner): Promise<'owner' | 'administrator'> {
  const management = await managementOf(ctx, service)
  if (!management) throw denied('This service is not yours')
  return management
}

/**
 * Whose a new service becomes: the organization's that is named and that the asker is an admin of, else the asking provider's.
 * @throws NOT_FOUND for a foreign organization, PERMISSION_DENIED for its other members and for who is no provider.
 */
export async function ownerOfNew(ctx: Context, organizationId: string | null | undefined): Promise<Owner> {
  const actor = actorOf(ctx)
  if (organizationId) {
    await requireOrgRole(ctx, organizationId, ['admin'])
    return { organization_id: organizationId, provider_id: null }
  }
  if (actor.role !== 'provider') throw denied('Only providers and admins of organizations offer services')
  return { organization_id: null, provider_id: actor.userId }
}

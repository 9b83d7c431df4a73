import { actorOf, hasPermission, type Context } from '../../../platform/context.ts'
import { denied } from '../../../platform/errors.ts'
import { chooseOrganization, requireMember, requireOrgRole } from '../../organizations/index.ts'
import { sellerKey, type Seller } from '../ledger/index.ts'
import { isMasterOf, organizationsAdministered } from './queries.ts'

/** Whose money a person may move or see. */

/** The sellers that a person withdraws for: themselves, and the organizations they are an admin of. */
export async function ownSellers(ctx: Context): Promise<string[]> {
  const { userId } = actorOf(ctx)
  const organizations = await organizationsAdministered(ctx, userId)
  return [{ providerId: userId }, ...organizations.map((organizationId) => ({ organizationId }))].map(sellerKey)
}

/** What lists and single withdrawals are looked for in: one's own sellers, or everybody (null) with `withdrawal_management` (SPEC section 10). */
export const visibleSellers = async (ctx: Context): Promise<string[] | null> =>
  hasPermission(actorOf(ctx), 'withdrawal_management') ? null : ownSellers(ctx)

/**
 * The seller that a request means: the named organization, else the provider who asks, else the only organization of an admin.
 * @throws NOT_FOUND for an outsider of the organization, PERMISSION_DENIED for who sells nothing
 */
async function sellerMeant(ctx: Context, organizationId: string | undefined): Promise<Seller> {
  const { userId, role } = actorOf(ctx)
  if (organizationId !== undefined) return { organizationId }
  if (role === 'provider') return { providerId: userId }
  const [only, ...others] = await organizationsAdministered(ctx, userId)
  if (only === undefined) throw denied()
  return { organizationId: others.length === 0 ? only : await chooseOrganization(ctx, undefined) }
}

/** The seller that one withdraws for: oneself, or an organization as its admin. Masters see figures only. */
export async function sellerToWithdrawFor(ctx: Context, organizationId: string | undefined): Promise<Seller> {
  const seller = await sellerMeant(ctx, organizationId)
  if ('organizationId' in seller) await requireOrgRole(ctx, seller.organizationId, ['admin'])
  return seller
}

/** The seller whose figures one may see: oneself, or an organization as its admin or one of its masters. */
export async function sellerToSee(ctx: Context, organizationId: string | undefined): Promise<Seller> {
  const seller = await sellerMeant(ctx, organizationId)
  if ('organizationId' in seller) {
    const { role } = await requireMember(ctx, seller.organizationId)
    if (role !== 'admin' && !(await isMasterOf(ctx, actorOf(ctx).userId, seller.organizationId)))
      throw denied('Your role in this organization does not allow this')
  }
  return seller
}

/** Nobody decides about money that they asked for or that is theirs (SPEC section 10). @throws PERMISSION_DENIED */
export async function refuseOwn(ctx: Context, requestedBy: number, seller: string): Promise<void> {
  if (requestedBy === actorOf(ctx).userId || (await ownSellers(ctx)).includes(seller))
    throw denied('Nobody decides on a withdrawal of their own')
}

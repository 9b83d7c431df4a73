import { findMembership, requireStillMember } from '../organizations/index.ts'
import { hasPermission, type Context } from '../../platform/context.ts'
import { notFound } from '../../platform/errors.ts'
import type { BookingRow } from './queries/bookings.ts'
import type { Party } from './rules.ts'

type Owned = Pick<BookingRow, 'customer_id' | 'provider_id' | 'organization_id'>

/**
 * As whom somebody acts on a booking: its customer, its provider (or an admin of the organization that sells it), or the platform (who holds
 * `booking_management`). Null for everybody else, who is told that there is no such booking.
 */
export async function partyOf(ctx: Context, booking: Owned): Promise<Party | null> {
  const { actor } = ctx
  if (!actor) return null
  if (booking.provider_id === actor.userId) return 'provider'
  if (booking.customer_id === actor.userId) return 'customer'
  if (hasPermission(actor, 'booking_management')) return 'platform'
  if (booking.organization_id === null) return null
  return (await findMembership(ctx, booking.organization_id))?.role === 'admin' ? 'provider' : null
}

/** @throws NOT_FOUND for whoever has nothing to do with the booking. */
export async function requireParty(ctx: Context, booking: Owned | undefined): Promise<Party> {
  const party = booking ? await partyOf(ctx, booking) : null
  if (!party) throw notFound('booking')
  return party
}

/**
 * The same for whoever is about to change the booking. A master who has left the organization still sees what they gave, and changes nothing of it.
 * @throws NOT_FOUND for whoever has nothing to do with the booking, PERMISSION_DENIED for a master who has left
 */
export async function requireActing(ctx: Context, booking: Owned | undefined): Promise<Party> {
  const party = await requireParty(ctx, booking)
  if (party === 'provider') await requireStillMember(ctx, booking!.organization_id)
  return party
}

/** Does this person run the service: its provider, one of its staff, an admin of its organization, or an administrator? */
export async function runsService(
  ctx: Context,
  service: { seller: { organizationId: string | null; providerId: number | null }; providerIds: readonly number[] },
): Promise<boolean> {
  const { actor } = ctx
  if (!actor) return false
  if (
    service.seller.providerId === actor.userId ||
    service.providerIds.includes(actor.userId) ||
    hasPermission(actor, 'service_management')
  )
    return true
  const { organizationId } = service.seller
  return organizationId !== null && (await findMembership(ctx, organizationId))?.role === 'admin'
}

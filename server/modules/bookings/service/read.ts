import { requireOrgRole } from '../../organizations/index.ts'
import { actorOf, hasPermission, isAdministrative, type Context } from '../../../platform/context.ts'
import { denied } from '../../../platform/errors.ts'
import { withCount, type Page } from '../../../platform/http/page.ts'
import { findBooking } from '../queries/bookings.ts'
import { countedBookings, listBookingRows, type List } from '../queries/lists.ts'
import type { BookingQuery, BookingView } from '../schema.ts'
import { requireParty } from '../policy.ts'
import { viewBooking } from '../view.ts'
import { asSeen, oneAsSeen } from './former.ts'

/** One booking. @throws NOT_FOUND for whoever has nothing to do with it. */
export async function getBooking(ctx: Context, id: number): Promise<BookingView> {
  const booking = await findBooking(ctx, id)
  await requireParty(ctx, booking)
  return viewBooking(await oneAsSeen(ctx, booking!))
}

const sides = ['customer', 'provider'] as const

/**
 * The bookings of who asks: those one has bought and those one serves, by role as asked for; of an organization for its admins; all for `booking_management`.
 * @throws PERMISSION_DENIED for an administrator without that permission.
 */
export async function listBookings(ctx: Context, query: BookingQuery): Promise<Page<BookingView>> {
  const { userId, role } = actorOf(ctx)
  const manages = hasPermission(ctx.actor, 'booking_management')
  if (isAdministrative(role) && !manages) throw denied()
  // Whose they are: in two lists where one is both customer and provider, each read along its own index.
  let lists: List[] = [{}]
  if (query.organization_id !== undefined && !manages) await requireOrgRole(ctx, query.organization_id, ['admin'])
  else if (!manages)
    lists = (query.role === undefined ? sides : [query.role]).map((side) => ({ [`${side}_id`]: userId }))
  const { ordering = '-created_at', page: _page, page_size: _size, ...filters } = query
  const order = { by: ordering.endsWith('date') ? 'starts_at' : 'id', descending: ordering.startsWith('-') } as const
  const results = await listBookingRows(ctx, lists, query, order)
  const key = `bookings of ${userId} ${JSON.stringify(filters)}`
  const page = await withCount(ctx, query, key, results, () => countedBookings(ctx, lists, query))
  return { ...page, results: (await asSeen(ctx, page.results)).map(viewBooking) }
}

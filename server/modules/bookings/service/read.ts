import { requireOrgRole } from '../../organizations/index.ts'
import { actorOf, hasPermission, isAdministrative, type Context } from '../../../platform/context.ts'
import { denied } from '../../../platform/errors.ts'
import { pageOf, type Page } from '../../../platform/http/page.ts'
import { findBooking, selectBookings } from '../queries/bookings.ts'
import type { BookingQuery, BookingView } from '../schema.ts'
import { requireParty } from '../policy.ts'
import { viewBooking } from '../view.ts'

/** One booking. @throws NOT_FOUND for whoever has nothing to do with it. */
export async function getBooking(ctx: Context, id: number): Promise<BookingView> {
  const booking = await findBooking(ctx, id)
  await requireParty(ctx, booking)
  return viewBooking(booking!)
}

/**
 * The bookings of who asks: those one has bought and those one serves, by role as asked for; of an organization for its admins; all for `booking_management`.
 * @throws PERMISSION_DENIED for an administrator without that permission.
 */
export async function listBookings(ctx: Context, query: BookingQuery): Promise<Page<BookingView>> {
  const { userId, role } = actorOf(ctx)
  const manages = hasPermission(ctx.actor, 'booking_management')
  if (isAdministrative(role) && !manages) throw denied()
  let rows = selectBookings(ctx)
  if (query.organization_id !== undefined && !manages) {
    await requireOrgRole(ctx, query.organization_id, ['admin'])
  } else if (!manages) {
    rows = rows.where((eb) =>
      query.role === undefined
        ? eb.or([eb('bookings.customer_id', '=', userId), eb('bookings.provider_id', '=', userId)])
        : eb(query.role === 'customer' ? 'bookings.customer_id' : 'bookings.provider_id', '=', userId),
    )
  }
  if (query.organization_id !== undefined) rows = rows.where('bookings.organization_id', '=', query.organization_id)
  if (query.provider_id !== undefined) rows = rows.where('bookings.provider_id', '=', query.provider_id)
  if (query.service !== undefined) rows = rows.where('bookings.service_id', '=', query.service)
  if (query.series !== undefined) rows = rows.where('bookings.series_id', '=', query.series)
  if (query.status !== undefined) rows = rows.where('bookings.status', '=', query.status)
  if (query.from !== undefined) rows = rows.where('bookings.starts_at', '>=', Temporal.Instant.from(query.from))
  if (query.to !== undefined) rows = rows.where('bookings.starts_at', '<', Temporal.Instant.from(query.to))
  const { ordering = '-created_at', page: _page, page_size: _size, ...filters } = query
  const direction = ordering.startsWith('-') ? 'desc' : 'asc'
  const ordered = ordering.endsWith('date')
    ? rows.orderBy('bookings.starts_at', direction).orderBy('bookings.id', direction)
    : rows.orderBy('bookings.id', direction)
  const page = await pageOf(ctx, query, `bookings of ${userId} ${JSON.stringify(filters)}`, ordered)
  return { ...page, results: page.results.map(viewBooking) }
}

import { findResources, lockResources } from '../../scheduling/index.ts'
import { actorOf, type Context } from '../../../platform/context.ts'
import { conflict } from '../../../platform/errors.ts'
import { findBooking } from '../queries/bookings.ts'
import {
  listFuture,
  listFutureOfPerson,
  listResourcesOf,
  listStanding,
  listTitled,
  type Booked,
} from '../queries/standing.ts'
import { cancelErased } from './series-change.ts'
import { step } from './status.ts'
import { tellEnded } from './waiting.ts'

/** So many of the bookings in the way are named. */
const named = 50

/**
 * A service, a room or an organization with future bookings is not archived (SPEC section 10). Whoever is booking it at this moment is waited for; whoever comes
 * later finds it gone, since they look again under the same lock.
 * @throws CONFLICT with the list of them.
 */
export async function refuseIfBooked(ctx: Context, where: Booked): Promise<void> {
  await lockResources(ctx, await listResourcesOf(ctx, where))
  const rows = await listFuture(ctx, where, named)
  if (rows.length === 0) return
  const details = rows.map((row) => ({
    message: 'This booking stands',
    rule: 'booked',
    params: {
      booking_id: row.id,
      provider_id: row.provider_id,
      ...(row.series_id === null ? {} : { series_id: row.series_id }),
      starts_at: row.starts_at.toString(),
      ends_at: row.ends_at.toString(),
    },
  }))
  throw conflict('There are future bookings', { details })
}

/**
 * Nobody leaves an organization with bookings to come that they are to give for it: those are handed over or cancelled first.
 * @throws CONFLICT with the list of them.
 */
export const refuseIfGiving = (ctx: Context, organizationId: string, userId: number): Promise<void> =>
  refuseIfBooked(ctx, { organizationId, givenBy: [userId] })

/** The bookings that stand behind these sources of claims, for scheduling to name whom a change would strand. */
export async function bookingsOfSessions(ctx: Context, sourceIds: readonly string[]) {
  const ids = sourceIds.map(Number).filter((id) => Number.isSafeInteger(id))
  const rows = ids.length === 0 ? [] : await listStanding(ctx, ids)
  return rows.map((row) => ({ sourceId: String(row.session_id), id: row.id, from: row.starts_at, to: row.ends_at }))
}

/** At most so many bookings are told beside busy times. */
const titled = 500

/** What these people have booked in a span, as far as who asks may know it: for calendars, to tell it beside busy times. */
export async function bookingsToShow(
  ctx: Context,
  providerIds: readonly number[],
  from: Temporal.Instant,
  to: Temporal.Instant,
) {
  if (providerIds.length === 0) return []
  const rows = await listTitled(ctx, actorOf(ctx).userId, { providerIds, from, to, limit: titled })
  return rows.map((row) => ({
    id: row.id,
    userId: row.provider_id,
    title: row.title,
    from: row.starts_at,
    to: row.ends_at,
  }))
}

/** Hears that an account was erased: its future bookings are cancelled, those it has bought as its customer, those it gives as their provider; and nobody waits for its services. */
export async function accountDeleted(ctx: Context, { user_id }: { user_id: number }): Promise<void> {
  // Whoever is booking them at this moment is waited for, so that no booking is overlooked.
  const [resource] = await findResources(ctx, [{ userId: user_id }])
  if (resource) await lockResources(ctx, [resource])
  const partyOf = (booking: { customer_id: number | null }) =>
    booking.customer_id === user_id ? ('customer' as const) : ('provider' as const)
  const future = Map.groupBy(await listFutureOfPerson(ctx, user_id), (row) => row.series_id)
  for (const row of future.get(null) ?? []) {
    const booking = await findBooking(ctx, row.id)
    if (booking) await step(ctx, booking, partyOf(row), 'cancelled', 'account_deleted')
  }
  // Of a series the other side is told once.
  for (const [seriesId, rows] of future)
    if (seriesId !== null)
      await cancelErased(
        ctx,
        seriesId,
        rows.map((row) => row.id),
        partyOf(rows[0]!),
      )
  await tellEnded(ctx, { providerId: user_id })
}

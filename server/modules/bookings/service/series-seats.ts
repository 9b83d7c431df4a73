import type { BookableService } from '../../catalog/index.ts'
import { claimAll, releaseAll, resourcesFor, settleAll, type NewClaims } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { holdsOf, insertSessions, takeSeatsOf } from '../queries/series-writes.ts'
import { newSession, stretchOf, type Seat } from './seats.ts'

/** Seats of many bookings at once; as `seats.ts` does it for one, in a few statements whatever their number. Everybody concerned is locked. */

export type SeatFor = { seat: Seat; seats: number; expiresAt: Temporal.Instant | null }

/** Takes the seats: joins the sessions that are there, makes the others with their claims. Answers the session of each, in the same order. */
export async function sitDownAll(
  ctx: Context,
  service: BookableService,
  wanted: readonly SeatFor[],
): Promise<number[]> {
  const made = wanted.filter(({ seat }) => seat.joins === null)
  await takeSeatsOf(
    ctx,
    wanted.flatMap(({ seat, seats }) => (seat.joins === null ? [] : [{ sessionId: seat.joins, seats }])),
    service.capacity,
  )
  const ids = await insertSessions(
    ctx,
    made.map(({ seat, seats }) => newSession(service, seat, seats)),
  )
  await claimAll(ctx, 'booking_session', await claimsOf(ctx, service, made, ids))
  const byWish = new Map(made.map((wish, i) => [wish, ids[i]!]))
  return wanted.map((wish) => wish.seat.joins ?? byWish.get(wish)!)
}

async function claimsOf(
  ctx: Context,
  service: BookableService,
  made: readonly SeatFor[],
  sessionIds: readonly number[],
): Promise<NewClaims[]> {
  const organizationId = service.seller.organizationId ?? ''
  const people = [...new Set(made.map(({ seat }) => seat.providerId))]
  const rooms = [...new Set(made.flatMap(({ seat }) => (seat.roomId === null ? [] : [seat.roomId])))]
  const refs = [...people.map((userId) => ({ userId })), ...rooms.map((roomId) => ({ roomId, organizationId }))]
  const ids = await resourcesFor(ctx, refs)
  const resources = new Map<number | string, number>([...people, ...rooms].map((name, i) => [name, ids[i]!]))
  return made.map(({ seat, expiresAt }, i) => {
    const stretch = stretchOf(service, seat)
    const taken = [seat.providerId, ...(seat.roomId === null ? [] : [seat.roomId])]
    return {
      sourceId: String(sessionIds[i]),
      claims: taken.map((name) => ({ resourceId: resources.get(name)!, ...stretch, exclusive: true })),
      expiresAt,
    }
  })
}

/** Gives seats back; where the last one goes, the time goes too. What is left elsewhere is settled by the caller, once the bookings are elsewhere. */
export async function standUpAll(
  ctx: Context,
  bookings: readonly { session_id: number; seats: number }[],
): Promise<void> {
  const empty = await takeSeatsOf(
    ctx,
    bookings.map(({ session_id, seats }) => ({ sessionId: session_id, seats: -seats })),
  )
  await releaseAll(ctx, 'booking_session', empty.map(String))
}

/** Claims of these sessions hold as long as the last hold of their seats, and for good once one of them stands. */
export async function settleSessions(ctx: Context, sessionIds: readonly number[]): Promise<void> {
  await settleAll(ctx, 'booking_session', await holdsOf(ctx, [...new Set(sessionIds)]))
}

import { bookableStatement, type BookableService } from '../../catalog/index.ts'
import { closePayable } from '../../payments/index.ts'
import {
  claim,
  lockStatement,
  moveClaims,
  releaseClaims,
  resourcesFor,
  settleClaims,
  type Wanted,
} from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { together } from '../../../platform/db/transaction.ts'
import type { Slot } from '../../../time/question.ts'
import { decide } from '../../../time/slots.ts'
import { startOfLocalDay } from './days.ts'
import { insertHistory, overdueStatement, updateBookingRow, type Overdue } from '../queries/bookings.ts'
import { isHoldOfWhole } from '../queries/series.ts'
import { bookedMinutes, holdOf, insertSession, moveSession, newSessionId, takeSeats } from '../queries/sessions.ts'
import { groundStatement, type Ground } from '../queries/standing.ts'
import { chooseOffer, refusalError } from '../rules.ts'
import {
  instantOf,
  minutesOf,
  prepareReading,
  questionOf,
  readKnowledge,
  sourceOf,
  type Ask,
  type Knowledge,
} from './question.ts'

/** Where a booking will sit: a session to join, or the person and room of a new one. */
export type Seat = {
  providerId: number
  roomId: string | null
  joins: number | null
  startsAt: Temporal.Instant
  endsAt: Temporal.Instant
}

type Wish = Omit<Ask, 'services' | 'from' | 'to'>
type Span = { from: Temporal.Instant; to: Temporal.Instant }

export const askAt = (service: BookableService, startsAt: Temporal.Instant, wish: Wish): Ask => ({
  ...wish,
  services: [service],
  from: startsAt,
  to: startsAt.add({ minutes: 1 }),
})

/** Minutes that a break around a session can have at most. */
const mostBreak = 1440

/** Where holds that have run out may stand in the way of what begins and ends there: between the two are the breaks of both. */
export const spanAround = (
  { bufferBefore, bufferAfter }: Pick<BookableService, 'bufferBefore' | 'bufferAfter'>,
  from: Temporal.Instant,
  to: Temporal.Instant,
): Span => ({
  from: from.subtract({ minutes: bufferBefore + mostBreak }),
  to: to.add({ minutes: bufferAfter + mostBreak }),
})

export type LockedTime = {
  knowledge: Knowledge
  ground: Ground
}

/**
 * Locks everybody and every room that a booking may take, ends the holds in the span that have run out, and reads under the lock what is known of the start and what
 * a booking of this customer (null: a guest) needs: all in one message, unless a hold has run out. The service is read again too: null, with nothing done, where it,
 * its people or its rooms are not what they were when it was `read`.
 */
export async function lockTime(
  ctx: Context,
  service: BookableService,
  read: BookableService,
  customerId: number | null,
  startsAt: Temporal.Instant,
  wish: Wish,
): Promise<LockedTime | null> {
  const ids = await resourcesOf(ctx, service)
  const ask = askAt(service, startsAt, wish)
  const reading = await prepareReading(ctx, ask)
  const { providerIds, roomIds } = service
  const around = spanAround(service, startsAt, startsAt.add({ minutes: service.durationMinutes }))
  const span = { providerIds, roomIds, ...around }
  const [, [now], [ground], ...rows] = await together(
    ctx,
    lockStatement(ctx, ids),
    bookableStatement(ctx, service.id),
    groundStatement(ctx, customerId, span),
    ...reading.statements,
  )
  if (now !== read) return null
  const isOverdue = ground!.is_overdue
  if (isOverdue) await expireOverdue(ctx, span)
  return {
    knowledge: isOverdue ? await readKnowledge(ctx, ask) : reading.read(rows),
    ground: ground!,
  }
}

/**
 * Decides under all locks, with fresh facts, by the very rules that list the slots: so what is listed is bookable and what is not is refused, with its rule.
 * @throws CONFLICT (D9 to D11) or VALIDATION_ERROR (the others), the rule in the details.
 */
export async function chooseSeat(
  ctx: Context,
  service: BookableService,
  startsAt: Temporal.Instant,
  wish: Wish,
  read?: Knowledge,
): Promise<Seat> {
  const start = minutesOf(startsAt)
  const knowledge = read ?? (await readKnowledge(ctx, askAt(service, startsAt, wish)))
  const decision = decide(questionOf(ctx, service, wish, knowledge), start)
  if (!decision.accepted) throw refusalError(decision.refusal)
  const offer = chooseOffer(decision.slot.providers, await loads(ctx, decision.slot, startsAt))
  const providerId = Number(offer.id)
  const joined = offer.joins
    ? knowledge.sessions.find((session) => session.provider_id === providerId && session.starts_at.equals(startsAt))
    : undefined
  const endsAt = joined?.ends_at ?? instantOf(start + service.durationMinutes)
  const roomId = joined ? joined.room_id : ((decision.slot.rooms[0] as string | undefined) ?? null)
  return { providerId, roomId, joins: joined?.id ?? null, startsAt, endsAt }
}

/** Minutes that each of those who can take a start has that day; of one alone nobody asks. */
export async function loads(
  ctx: Context,
  { providers }: Slot,
  startsAt: Temporal.Instant,
): Promise<Map<number, number>> {
  if (providers.length < 2) return new Map()
  const [from, to] = startOfLocalDay(startsAt, 'UTC')
  return bookedMinutes(
    ctx,
    providers.map((offer) => Number(offer.id)),
    from,
    to,
  )
}

/** Everybody and every room that a booking of this service may take: what is locked before it is decided, in one statement. */
export async function resourcesOf(
  ctx: Context,
  service: BookableService,
  providerIds: readonly number[] = service.providerIds,
): Promise<number[]> {
  const organizationId = service.seller.organizationId ?? ''
  return resourcesFor(ctx, [
    ...providerIds.map((userId) => ({ userId })),
    ...service.roomIds.map((roomId) => ({ roomId, organizationId })),
  ])
}

/** The stretch that a session blocks, with its buffers. */
export const stretchOf = (service: BookableService, seat: Seat): Span => ({
  from: seat.startsAt.subtract({ minutes: service.bufferBefore }),
  to: seat.endsAt.add({ minutes: service.bufferAfter }),
})

/** That stretch of its person and its room. */
async function wantedOf(ctx: Context, service: BookableService, seat: Seat): Promise<Wanted[]> {
  const organizationId = service.seller.organizationId ?? ''
  const refs = [{ userId: seat.providerId }, ...(seat.roomId === null ? [] : [{ roomId: seat.roomId, organizationId }])]
  const stretch = stretchOf(service, seat)
  return (await resourcesFor(ctx, refs)).map((resourceId) => ({ resourceId, ...stretch, exclusive: true }))
}

const sessionFields = (service: BookableService, seat: Seat) => ({
  provider_id: seat.providerId,
  room_id: seat.roomId,
  starts_at: seat.startsAt,
  ends_at: seat.endsAt,
  buffer_before: service.bufferBefore,
  buffer_after: service.bufferAfter,
})

/** A session that is made for the seat, with so many of its seats taken. */
export const newSession = (service: BookableService, seat: Seat, seats: number) => ({
  ...sessionFields(service, seat),
  service_id: service.id,
  capacity: service.capacity,
  seats_taken: seats,
})

/** Takes seats in the session of the seat, made with its claims (under `newId`, where it was given out before) where there is none. Answers the session. */
export async function sitDown(
  ctx: Context,
  service: BookableService,
  seat: Seat,
  seats: number,
  expiresAt: Temporal.Instant | null,
  newId?: number,
): Promise<number> {
  if (seat.joins !== null) {
    await takeSeats(ctx, seat.joins, seats, service.capacity)
    return seat.joins
  }
  const id = newId ?? (await newSessionId(ctx))
  await insertSession(ctx, id, newSession(service, seat, seats))
  await claim(ctx, { source: sourceOf(id), claims: await wantedOf(ctx, service, seat), expiresAt, decided: true })
  return id
}

/** Moves a session that is one booking's alone to another seat, in whose way nothing stands that has run out: the claims move in one statement. */
export async function moveAlone(ctx: Context, service: BookableService, sessionId: number, seat: Seat): Promise<void> {
  await moveSession(ctx, sessionId, sessionFields(service, seat))
  await moveClaims(ctx, sourceOf(sessionId), await wantedOf(ctx, service, seat), { prepared: true })
}

/** Gives seats back; the last one gives the time back, else what is left decides until when it is held. */
export async function standUp(ctx: Context, sessionId: number, seats: number): Promise<void> {
  const left = await takeSeats(ctx, sessionId, -seats)
  if (left === 0) await releaseClaims(ctx, sourceOf(sessionId))
  else await settle(ctx, sessionId)
}

/** A session's claims hold as long as the last hold of its seats, and for good once one of them stands. Answers how many stand: none when its hold had expired. */
export async function settle(ctx: Context, sessionId: number): Promise<number> {
  return settleClaims(ctx, sourceOf(sessionId), await holdOf(ctx, sessionId))
}

/** Ends, under the lock, the pending bookings of these providers in a span whose hold has run out, so that their seats and time are free at once. */
export async function expireOverdue(ctx: Context, which: Parameters<typeof overdueStatement>[1]): Promise<void> {
  const { rows } = await ctx.db.executeQuery(overdueStatement(ctx, which))
  for (const booking of rows) await expire(ctx, booking)
}

/** Ends one hold that has run out; whoever calls has locked its time. It is nobody's doing: least of all of whoever found it run out, who may be a stranger. */
export async function expire(found: Context, booking: Overdue): Promise<void> {
  const ctx: Context = { ...found, actor: null }
  await updateBookingRow(ctx, booking.id, {
    status: 'cancelled',
    expires_at: null,
    cancelled_by: 'platform',
    cancel_reason: 'expired',
  })
  // The hold of a whole series runs out at once: of that both sides are told once.
  const ofSeries = booking.series_id !== null && (await isHoldOfWhole(ctx, booking.series_id, booking.expires_at))
  // What nobody approved goes back; a payment that was to confirm it tries to book again when it is heard of, and else goes back then.
  await closePayable(
    ctx,
    { kind: 'booking', id: booking.id },
    { reason: 'expired', refundPercent: booking.requires_approval ? 100 : 0 },
  )
  await insertHistory(ctx, booking.id, 'expired', 'cancelled')
  await standUp(ctx, booking.session_id, booking.seats)
  await ctx.house.jobs.publish(ctx, 'booking.cancelled', {
    booking_id: booking.id,
    by: 'platform',
    reason: 'expired',
    refund_percent: 100,
    ...(ofSeries ? { of_series: true as const } : {}),
  })
}

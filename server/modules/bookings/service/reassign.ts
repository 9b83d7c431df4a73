import type { BookableService } from '../../catalog/index.ts'
import { allow } from '../../chat/index.ts'
import { changePayable } from '../../payments/index.ts'
import type { Context } from '../../../platform/context.ts'
import { decide, type Decision } from '../../../time/slots.ts'
import { expireOverdue, loads, moveAlone, spanAround, type Seat } from './seats.ts'
import { insertHistory, type BookingRow } from '../queries/bookings.ts'
import { setProvider } from '../queries/passing.ts'
import type { StandingSession } from '../queries/sessions.ts'
import { chooseOffer, type Party } from '../rules.ts'
import type { Refusal } from '../../../time/explain.ts'
import { minutesOf, questionOf, readKnowledge, sourceOf } from './question.ts'

/**
 * A session passes to somebody else: what was booked stays as it was agreed on, at its time and for its price, and its claims move in one statement. Everybody who
 * sits in it goes along, since one session is given by one person.
 */

/** A session with the bookings that stand in it; whoever calls has locked all of them, and everybody and every room that may be taken. */
export type Held = { session: StandingSession; bookings: readonly BookingRow[] }

type Wish = {
  /** To whom; null: to whoever is free and has least to do that day. */
  providerId: number | null
  /** Only into this room; else it stays where it is if it can. */
  roomId?: string | undefined
}

/**
 * The service as it was agreed on for a session: of the rules of the slots those hold that are about who is free and when they work. Notice, window and grid bind
 * whoever chooses a time, and the time was chosen long ago.
 */
function asAgreed(service: BookableService, { session, bookings }: Held, people: readonly number[]): BookableService {
  const { room_id: room } = session
  return {
    ...service,
    providerIds: [...people],
    durationMinutes: minutesOf(session.ends_at) - minutesOf(session.starts_at),
    bufferBefore: session.buffer_before,
    bufferAfter: session.buffer_after,
    stepMinutes: 1,
    minNoticeMinutes: 0,
    maxAdvanceDays: null,
    capacity: Math.max(service.capacity, seatsOf(bookings)),
    roomIds: room === null ? [] : [...new Set([...service.roomIds, room])].toSorted(),
    needsRoom: room !== null,
  }
}

const seatsOf = (bookings: readonly BookingRow[]): number => bookings.reduce((sum, { seats }) => sum + seats, 0)

/** Who of the service may take a session over: not who gives it, nor anybody who sits in it. */
const heirsOf = (service: BookableService, { session, bookings }: Held): number[] =>
  service.providerIds.filter(
    (id) => id !== session.provider_id && !bookings.some(({ customer_id }) => customer_id === id),
  )

/** Passes a session on. Answers who gives it from now on, or why nobody can; then nothing has changed. */
export async function passOn(
  ctx: Context,
  service: BookableService,
  held: Held,
  wish: Wish,
): Promise<{ seat: Seat; refusal: null } | { seat: null; refusal: Refusal }> {
  const { session, bookings } = held
  const heirs = heirsOf(service, held).filter((id) => wish.providerId === null || id === wish.providerId)
  const agreed = asAgreed(service, held, heirs)
  const { starts_at: startsAt, ends_at: endsAt } = session
  await expireOverdue(ctx, { providerIds: heirs, roomIds: agreed.roomIds, ...spanAround(agreed, startsAt, endsAt) })
  const read = await readKnowledge(ctx, {
    services: [agreed],
    from: startsAt,
    to: startsAt.add({ minutes: 1 }),
    seats: 1,
    moving: { bookingId: bookings[0]!.id, source: sourceOf(session.id) },
  })
  // Two sessions do not become one: what others give at that time stands in the way.
  const knowledge = { ...read, sessions: [] }
  const decideIn = (roomId: string | null): Decision =>
    decide(questionOf(ctx, agreed, { seats: seatsOf(bookings), roomId }, knowledge), minutesOf(startsAt))
  let decision = decideIn(wish.roomId ?? session.room_id)
  if (!decision.accepted && wish.roomId === undefined && session.room_id !== null) decision = decideIn(null)
  if (!decision.accepted) return { seat: null, refusal: decision.refusal }
  const offer = chooseOffer(decision.slot.providers, await loads(ctx, decision.slot, startsAt))
  const roomId = (decision.slot.rooms[0] as string | undefined) ?? null
  const seat: Seat = { providerId: Number(offer.id), roomId, joins: null, startsAt, endsAt }
  await moveAlone(ctx, agreed, session.id, seat)
  await setProvider(
    ctx,
    bookings.map(({ id }) => id),
    seat.providerId,
  )
  return { seat, refusal: null }
}

/** What follows from a session's having passed on, for each of its bookings; `quiet`: of a series, or of many at once, of which whoever gave them is told once. */
export async function notePassed(
  ctx: Context,
  { session, bookings }: Held,
  providerId: number,
  by: Party,
  { ofSeries, quiet }: { ofSeries: (booking: BookingRow) => boolean; quiet: boolean },
): Promise<void> {
  for (const booking of bookings) {
    await changePayable(ctx, { kind: 'booking', id: booking.id }, { providerId })
    const { customer_id: customerId, service_id: serviceId, id: bookingId } = booking
    if (customerId !== null) await allow(ctx, { bookingId, serviceId, customerId, providerId })
    const status = booking.status as 'pending' | 'confirmed'
    await insertHistory(ctx, bookingId, 'reassigned', status, { from: session.provider_id, to: providerId })
    await ctx.house.jobs.publish(ctx, 'booking.rescheduled', {
      booking_id: bookingId,
      from: session.starts_at.toString(),
      by,
      status,
      from_provider_id: session.provider_id,
      ...(session.room_id === null ? {} : { from_room_id: session.room_id }),
      ...(ofSeries(booking) ? { of_series: true as const } : {}),
      ...(quiet ? { quiet: true as const } : {}),
    })
  }
}

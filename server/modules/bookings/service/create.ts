import { parsePhone } from '../../accounts/index.ts'
import { getServiceForBooking, recallBookable, type BookableService } from '../../catalog/index.ts'
import { allow } from '../../chat/index.ts'
import { openPayables } from '../../payments/index.ts'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { AppError, conflict, denied, invalid, notFound } from '../../../platform/errors.ts'
import { findBooking, insertBooking } from '../queries/bookings.ts'
import { beginning } from '../rules.ts'
import type { BookingInput, BookingView } from '../schema.ts'
import { runsService } from '../policy.ts'
import { viewBooking } from '../view.ts'
import { feeOfBooking, requireMethod } from './no-show.ts'
import { chooseSeat, lockTime, settle, sitDown } from './seats.ts'

const minuteNs = 60_000_000_000n

/** The moment that a person picked, to the minute. @throws VALIDATION_ERROR when it has seconds or any part of one: no start has. */
export function momentOf(date: string): Temporal.Instant {
  const moment = Temporal.Instant.from(date)
  if (moment.epochNanoseconds % minuteNs !== 0n)
    throw invalid('date', 'Bookings do not begin at this minute', 'D4', { code: 'off_grid' })
  return moment
}

export type Buyer = {
  customer_id: number | null
  guest_name: string | null
  guest_phone: string | null
  guest_email: string | null
}

/** Who the booking is for: whoever asks, or, when the staff of the service ask, a person without an account. */
async function buyerOf(
  ctx: Context,
  service: BookableService,
  { guest, provider_id: wished }: Pick<BookingInput, 'guest' | 'provider_id'>,
): Promise<Buyer> {
  const actor = actorOf(ctx)
  const runs = await runsService(ctx, service)
  if (guest) {
    if (!runs) throw denied('Only the staff of a service book for others')
    const phone = guest.phone === undefined ? null : parsePhone(guest.phone)
    if (guest.phone !== undefined && phone === null)
      throw invalid('guest.phone', 'This is not a valid phone number', 'phone')
    return { customer_id: null, guest_name: guest.name, guest_phone: phone, guest_email: guest.email ?? null }
  }
  if (actor.role !== 'customer' && actor.role !== 'provider')
    throw denied('Customers and providers book; an administrator books for a guest')
  if (
    service.seller.providerId === actor.userId ||
    wished === actor.userId ||
    (service.providerIds.length === 1 && service.providerIds[0] === actor.userId)
  )
    throw denied('Nobody books their own service')
  return { customer_id: actor.userId, guest_name: null, guest_phone: null, guest_email: null }
}

/** The refusal of a service that was archived, or whose provider has gone. */
export const notOffered = () =>
  conflict('This service is not offered now', {
    details: [{ field: 'service', message: 'This service is not offered now', rule: 'inactive' }],
  })

/** @throws CONFLICT for a service that is not offered, VALIDATION_ERROR for a wish that it cannot fulfil. */
function checkWishes(service: BookableService, input: Pick<BookingInput, 'provider_id' | 'room_id' | 'seats'>): void {
  if (!service.isActive) throw notOffered()
  if (input.provider_id && !service.providerIds.includes(input.provider_id))
    throw invalid('provider_id', 'This person does not offer the service', 'not_staff')
  if (input.room_id && !service.roomIds.includes(input.room_id))
    throw invalid('room_id', 'The service does not take place in this room', 'not_allowed')
  if ((input.seats ?? 1) > service.capacity)
    throw invalid('seats', 'The service does not have so many seats', 'capacity', { capacity: service.capacity })
}

export type BookingWish = {
  startsAt: Temporal.Instant
  /** With only those who may give it to this buyer. */
  service: BookableService
  /** The very object that was read. */
  read: BookableService
  buyer: Buyer
  seats: number
}

/** As often a service is looked at that others change at every look. */
const mostLooks = 5

/**
 * What somebody wants, read and checked: from when, for whom, and the service (as it was recalled, or else as it is) with only those who may give it to them.
 * @throws NOT_FOUND, CONFLICT for a service that is not offered, VALIDATION_ERROR for a wish that it cannot fulfil, PERMISSION_DENIED for one's own service
 */
export async function readWish(ctx: Context, input: BookingInput, recalled?: BookableService): Promise<BookingWish> {
  const startsAt = momentOf(input.date)
  const service = recalled ?? (await getServiceForBooking(ctx, input.service))
  if (!service.isActive && !(await runsService(ctx, service))) throw notFound('service')
  checkWishes(service, input)
  const buyer = await buyerOf(ctx, service, input)
  const providerIds = (input.provider_id ? [input.provider_id] : service.providerIds).filter(
    (id) => id !== buyer.customer_id,
  )
  return { startsAt, service: { ...service, providerIds }, read: service, buyer, seats: input.seats ?? 1 }
}

/**
 * Books a service (SPEC section 10): everybody and every room it may take is locked in ascending order, what has expired is freed, and the very rules that list
 * the slots decide with fresh facts. Price, currency, policy, buffers and title are frozen on the booking.
 * @throws CONFLICT when others have the time, VALIDATION_ERROR when it is a wrong one to ask for, PERMISSION_DENIED for one's own service.
 */
export async function createBooking(ctx: Context, input: BookingInput): Promise<BookingView> {
  // Whoever books has mostly looked at the service a moment ago. Under the lock it is read again, and where it is another by now all begins anew.
  const recalled = recallBookable(ctx, input.service)
  const wish = recalled && (await readWish(ctx, input, recalled).catch(unlessRefused))
  let made = wish ? await book(ctx, input, wish) : null
  for (let looks = 0; made === null && looks < mostLooks; looks++)
    made = await book(ctx, input, await readWish(ctx, input))
  if (made === null) throw notOffered()
  return made
}

/** Null for a refusal, which may be of what the service was. */
function unlessRefused(error: unknown): null {
  if (error instanceof AppError) return null
  throw error
}

/** Null, with nothing done, where the service is not what it was when it was read. */
async function book(
  ctx: Context,
  input: BookingInput,
  { startsAt, service, read, buyer, seats }: BookingWish,
): Promise<BookingView | null> {
  const wish = { seats, roomId: input.room_id }
  const { customer_id: customerId } = buyer
  return inTransaction(ctx, async (tx) => {
    const locked = await lockTime(tx, service, read, customerId, startsAt, wish)
    if (!locked) return null
    const { knowledge, ground } = locked
    const seat = await chooseSeat(tx, service, startsAt, wish, knowledge)
    await requireMethod(tx, service, customerId, seats)
    const { status, expiresAt } = beginning(guestStands(service, buyer), tx.now, startsAt, tx.house.config.HOLD_MINUTES)
    const bookingId = ground.booking_id
    const sessionId = await sitDown(tx, service, seat, seats, expiresAt, ground.session_id)
    const booking = await insertBooking(
      tx,
      {
        ...buyer,
        id: bookingId,
        session_id: sessionId,
        service_id: service.id,
        provider_id: seat.providerId,
        organization_id: service.seller.organizationId,
        starts_at: startsAt,
        ends_at: seat.endsAt,
        seats,
        status,
        ...termsOf(service, buyer, seats),
        note: input.note ?? '',
        expires_at: expiresAt,
      },
      {
        provider_name: service.names.get(seat.providerId) ?? '',
        customer_name: ground.customer_name ?? '',
        room_id: seat.roomId,
        room_name: seat.roomId === null ? null : (service.roomNames.get(seat.roomId) ?? null),
      },
    )
    if (seat.joins !== null) await settle(tx, sessionId)
    const owes = await owe(tx, service, buyer, [{ bookingId, providerId: seat.providerId }], { seats, expiresAt })
    if (customerId !== null && !ground.chats.includes(seat.providerId))
      await allow(tx, { bookingId, serviceId: service.id, customerId, providerId: seat.providerId })
    await tx.house.jobs.publish(tx, 'booking.created', { booking_id: bookingId, status })
    // Who joins others may sit in a room that the service takes no more.
    return viewBooking(owes || seat.joins !== null ? (await findBooking(tx, bookingId))! : booking)
  })
}

/** What is frozen on a booking when it is made. */
export const termsOf = (service: BookableService, buyer: Buyer, seats: number) => ({
  title: service.title,
  price_minor: service.priceMinor * seats,
  deposit_minor: service.depositMinor === null ? null : service.depositMinor * seats,
  no_show_fee_minor: feeOfBooking(service, buyer.customer_id, seats),
  currency: service.currency,
  payment: buyer.customer_id === null ? ('on_site' as const) : service.payment,
  requires_approval: service.requiresApproval,
  cancellation_policy: service.cancellationPolicy,
  location_type: service.locationType,
})

/** What the staff enter for a guest stands at once: they have approved it, and it is paid on site. */
export const guestStands = (service: BookableService, buyer: Buyer) =>
  buyer.customer_id === null ? { requiresApproval: false, payment: 'on_site', priceMinor: service.priceMinor } : service

type Made = { bookingId: number; providerId: number }

/** Opens what is to be paid online for bookings of a service, if anything is; what is free or paid on site, and what guests book, is no matter of the payments. */
export async function owe(
  ctx: Context,
  service: BookableService,
  buyer: Buyer,
  made: readonly Made[],
  { seats, expiresAt }: { seats: number; expiresAt: Temporal.Instant | null },
): Promise<boolean> {
  const payerId = buyer.customer_id
  if (service.payment !== 'online' || service.priceMinor === 0 || payerId === null) return false
  await openPayables(
    ctx,
    made.map(({ bookingId, providerId }) => ({
      source: { kind: 'booking', id: bookingId },
      title: service.title,
      payerId,
      providerId,
      organizationId: service.seller.organizationId,
      amountMinor: service.priceMinor * seats,
      depositMinor: service.depositMinor ? service.depositMinor * seats : null,
      currency: service.currency,
      expiresAt,
    })),
  )
  return true
}

import type { Refusal, RefusalCode } from '../../time/explain.ts'
import { isConflict } from '../../time/explain.ts'
import { AppError, type Detail } from '../../platform/errors.ts'

export const bookingStatuses = ['pending', 'confirmed', 'cancelled', 'completed', 'no_show'] as const
export type BookingStatus = (typeof bookingStatuses)[number]

/** Who acts on a booking: who bought it, who sells it (its provider, or the organization), or the platform (an administrator, a job). */
export type Party = 'customer' | 'provider' | 'platform'

const steps: Record<BookingStatus, readonly BookingStatus[]> = {
  pending: ['confirmed', 'cancelled'],
  confirmed: ['completed', 'cancelled', 'no_show'],
  cancelled: [],
  completed: [],
  no_show: [],
}

/** May a booking go from one status to the other (SPEC section 4)? */
export const isStep = (from: BookingStatus, to: BookingStatus): boolean => steps[from].includes(to)

/** Why a booking ended where nobody has typed a reason: words of ours, from which things follow. */
const ownReasons: readonly string[] = ['expired', 'account_deleted']

/** A reason as somebody has typed it: read as it is, and never as a word of ours, or whoever knows them would have money held back and people told what is not so. */
export const typedReason = (reason: string | undefined): string | undefined =>
  reason !== undefined && ownReasons.includes(reason) ? reason[0]!.toUpperCase() + reason.slice(1) : reason

/** The room that a booking has left for another one, as its event tells. */
export const leftRoom = (before: string | null, after: string | null): { from_room_id?: string } =>
  before === null || before === after ? {} : { from_room_id: before }

export type PolicyStep = { hours_before: number; refund_percent: number }

/**
 * What percentage comes back when the customer cancels (SPEC section 10): the step with the longest notice that is still kept; without a policy all of it
 * comes back until the start, with one nothing after its last step. Whom the policy does not bind gives everything back.
 */
export function refundPercent(
  policy: readonly PolicyStep[],
  party: Party,
  startsAt: Temporal.Instant,
  now: Temporal.Instant,
): number {
  if (party !== 'customer') return 100
  if (policy.length === 0) return 100
  const hours = (startsAt.epochMilliseconds - now.epochMilliseconds) / 3_600_000
  const kept = policy.filter((step) => hours >= step.hours_before).map((step) => step.refund_percent)
  return kept.length === 0 ? 0 : Math.max(...kept)
}

/** Until when the customer can cancel and get everything back: null when never, the start without a policy. */
export function freeUntil(policy: readonly PolicyStep[], startsAt: Temporal.Instant): Temporal.Instant | null {
  if (policy.length === 0) return startsAt
  const hours = policy.filter((step) => step.refund_percent === 100).map((step) => step.hours_before)
  return hours.length === 0 ? null : startsAt.subtract({ minutes: Math.round(Math.min(...hours) * 60) })
}

/** A booking that waits for approval holds its time until the earlier of 48 hours and its start (SPEC section 10). */
export function approvalExpiry(now: Temporal.Instant, startsAt: Temporal.Instant): Temporal.Instant {
  const latest = now.add({ hours: 48 })
  return Temporal.Instant.compare(startsAt, latest) < 0 ? startsAt : latest
}

export type Beginning = { requiresApproval: boolean; payment: string; priceMinor: number }

/** How a new booking begins: confirmed at once when nobody has to approve it and nothing is to be paid online, else pending with a hold. */
export function beginning(
  service: Beginning,
  now: Temporal.Instant,
  startsAt: Temporal.Instant,
  holdMinutes: number,
): { status: 'pending' | 'confirmed'; expiresAt: Temporal.Instant | null } {
  if (service.requiresApproval) return { status: 'pending', expiresAt: approvalExpiry(now, startsAt) }
  if (service.payment === 'online' && service.priceMinor > 0)
    return { status: 'pending', expiresAt: now.add({ minutes: holdMinutes }) }
  return { status: 'confirmed', expiresAt: null }
}

/** So many days after its end a booking can be reviewed by its customer; by a guest as long as their link serves. */
const reviewDays = 90
/** A manage-link serves until so many days after the end of its booking. */
export const manageDays = 30

/** Until when a review of a booking can be written: null unless it is completed and none was written yet. */
export function reviewableUntil(booking: {
  status: string
  ends_at: Temporal.Instant
  reviewed_at: Temporal.Instant | null
  customer_id: number | null
}): Temporal.Instant | null {
  if (booking.status !== 'completed' || booking.reviewed_at !== null) return null
  return booking.ends_at.add({ hours: 24 * (booking.customer_id === null ? manageDays : reviewDays) })
}

export const bookingPaymentStatuses = [
  'not_required',
  'on_site',
  'unpaid',
  'processing',
  'paid',
  'deposit_paid',
  'partially_refunded',
  'refunded',
] as const

export type Money = {
  payment: string
  price_minor: number
  due_minor: number | null
  paid_minor: number | null
  refunded_minor: number | null
  is_processing: boolean | null
}

/** What is told of the money of a booking: what was paid and came back, where it is paid online. */
export function paymentStatus(money: Money): (typeof bookingPaymentStatuses)[number] {
  const { payment, price_minor, due_minor, paid_minor: paid, refunded_minor: refunded, is_processing } = money
  if (price_minor === 0) return 'not_required'
  if (due_minor === null || paid === null || refunded === null) return payment === 'on_site' ? 'on_site' : 'unpaid'
  if (paid > 0 && refunded >= paid) return 'refunded'
  if (refunded > 0) return 'partially_refunded'
  if (paid >= due_minor) return 'paid'
  if (is_processing) return 'processing'
  return paid > 0 ? 'deposit_paid' : 'unpaid'
}

const sentences: Record<RefusalCode, string> = {
  outside_span: 'This time is outside the dates asked for',
  past: 'This time has passed',
  too_soon: 'This time is too soon: the service asks for more notice',
  no_provider: 'Nobody offers this service now',
  too_far: 'This time is too far ahead: it cannot be booked yet',
  outside_hours: 'This time is outside the working hours',
  time_off: 'The provider is away at this time',
  off_grid: 'Bookings do not begin at this minute',
  too_long: 'The service would not end within the working hours',
  busy: 'The provider is busy at this time',
  booked: 'This time is already booked',
  full: 'Not enough seats are left at this time',
  room_taken: 'No room is free at this time',
  room_closed: 'No room is open at this time',
}

const instant = (minute: number): string => Temporal.Instant.fromEpochMilliseconds(minute * 60_000).toString()

/** Why a time is refused, as a detail: the D-rule of TIME.md, a stable code, and the interval to blame. */
export function refusalDetail({ rule, code, blame }: Refusal): Detail {
  const params = { code, ...(blame ? { from: instant(blame.from), to: instant(blame.to) } : {}) }
  return { field: 'date', message: sentences[code], rule, params }
}

/** The refusal of a time: 409 where others take it (D9 to D11), 400 where it is a wrong time to ask for (SPEC section 10). */
export function refusalError(refusal: Refusal): AppError {
  return new AppError(isConflict(refusal.rule) ? 'CONFLICT' : 'VALIDATION_ERROR', sentences[refusal.code], {
    details: [refusalDetail(refusal)],
  })
}

/** Of several masters who can take a start: whoever joins people already booked, then who has the fewest minutes booked that day, then the first by id. */
export function chooseOffer<O extends { id: string | number; joins: boolean }>(
  offers: readonly O[],
  bookedMinutes: ReadonlyMap<number, number>,
): O {
  const load = (offer: O): number => bookedMinutes.get(Number(offer.id)) ?? 0
  return offers.toSorted(
    (a, b) => Number(b.joins) - Number(a.joins) || load(a) - load(b) || Number(a.id) - Number(b.id),
  )[0]!
}

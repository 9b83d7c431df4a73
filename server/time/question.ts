import type { Schedule } from './hours.ts'
import type { Intervals } from './intervals.ts'
import type { Zone } from './zones.ts'

/** Whatever tells providers and rooms apart; of one type within a query. Sorted as numbers or by code units. */
export type Id = string | number

/** The service that is asked for. All in minutes but `maxAdvanceDays` (calendar days; null = no window). */
export interface Service {
  /** At least 1. */
  readonly durationMinutes: number
  readonly bufferBefore: number
  readonly bufferAfter: number
  /** At least 1. */
  readonly stepMinutes: number
  readonly minNoticeMinutes: number
  readonly maxAdvanceDays: number | null
  readonly capacity: number
  /** The allowed rooms; null or empty = no room is needed. */
  readonly roomIds: readonly Id[] | null
}

/** A booking that stands. `start` is an epoch minute; the buffers are those it was booked with. */
export interface Booking {
  readonly start: number
  readonly durationMinutes: number
  readonly bufferBefore: number
  readonly bufferAfter: number
  /** Of the service that is asked for: only then can it be joined (D10). */
  readonly sameService: boolean
  readonly seats: number
  readonly roomId: Id | null
}

/**
 * `busy` is a flat list `from, to, ...` of epoch minutes in any order (ascending is fastest), overlapping or not. What
 * stands in `bookings` must not be repeated in it: busy time can be joined by nobody (D10).
 */
export interface Provider {
  readonly id: Id
  readonly schedule: Schedule
  readonly busy: Intervals
  readonly bookings: readonly Booking[]
}

/**
 * A room; `busy` has the buffers of whatever takes it. Bookings of the providers in the question take their rooms as
 * well, repeated in `busy` or not; those of other providers must stand in `busy`. Without a schedule it is open always.
 */
export interface Room {
  readonly id: Id
  readonly schedule: Schedule | null
  readonly busy: Intervals
}

/**
 * What is asked, as numbers: whoever asks brings all busy time and bookings that `busyWindow` names. `now` is in epoch
 * minutes with a fraction for its seconds. `days` (D5) are dates as day numbers, both included, in `zone`, the
 * customer's; without them any instant is asked for (a booking command names its start itself).
 */
export interface Question {
  readonly now: number
  readonly zone: Zone
  readonly seats: number
  readonly days: { readonly from: number; readonly to: number } | null
  readonly service: Service
  readonly providers: readonly Provider[]
  readonly rooms: readonly Room[]
}

/** A question about a span of dates. */
export type SlotQuery = Question & { readonly days: { readonly from: number; readonly to: number } }

/** How one provider takes a start: `joins` an existing session in its `roomId`, or begins one in a room of the slot's. */
export interface Offer {
  readonly id: Id
  readonly seatsLeft: number
  readonly joins: boolean
  readonly roomId: Id | null
}

/** A free start: `start` is an epoch minute, `offset` that of the customer's zone then (D12: dates.ts `localText`). */
export interface Slot {
  readonly start: number
  readonly offset: number
  /** Sorted by id, at least one. */
  readonly providers: readonly Offer[]
  /** The free allowed rooms, sorted; empty when none is needed or all offers join. */
  readonly rooms: readonly Id[]
}

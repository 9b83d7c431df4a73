import type { BookableService } from '../../catalog/index.ts'
import type { Facts } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import type { Refusal } from '../../../time/explain.ts'
import type { Offer, Slot } from '../../../time/question.ts'
import { decide, type Decision } from '../../../time/slots.ts'
import { bookedMinutes, type SessionRow } from '../queries/sessions.ts'
import { chooseOffer } from '../rules.ts'
import { minutesOf, instantOf, questionOf, readKnowledge, sourceOf, type Knowledge } from './question.ts'
import type { Seat } from './seats.ts'

/** One start that is wanted: with whom it has to be, and in which room it would best be. */
export type Wish = {
  startsAt: Temporal.Instant
  seats: number
  providerId?: number | undefined
  roomId?: string | null
}

export type Planned = { startsAt: Temporal.Instant } & (
  | { seat: Seat; refusal: null }
  | { seat: null; refusal: Refusal }
)

export type PlanAsk = {
  /** Only this room. */
  roomId?: string | null | undefined
  /** One person for all, as far as that goes; else spread over all, whoever has least to do first. */
  sameProvider: boolean
  /** Bookings that are being moved: their seats are free, and the time of sessions that are theirs alone. */
  moving?: readonly { session_id: number; seats: number; isAlone: boolean }[]
}

/**
 * Decides several starts of a service by the very rules that list the slots (TIME.md), with facts read once for the whole span. Each that is accepted takes its
 * time from those after it. What a preview finds free under no lock can be booked under all of them, as long as nothing has changed.
 */
export async function planStarts(
  ctx: Context,
  service: BookableService,
  wishes: readonly Wish[],
  ask: PlanAsk,
): Promise<Planned[]> {
  const sorted = wishes.toSorted((a, b) => Temporal.Instant.compare(a.startsAt, b.startsAt))
  const [from, to] = [sorted[0]!.startsAt, sorted.at(-1)!.startsAt.add({ minutes: 1 })]
  const read = await readKnowledge(ctx, { services: [service], from, to, seats: 1, roomId: ask.roomId })
  const knowledge = within(service, sorted, withoutMoved(read, ask.moving ?? []))
  const decideFor = ({ startsAt, seats, providerId }: Wish): Decision =>
    decide(questionOf(ctx, service, { seats, providerId, roomId: ask.roomId }, knowledge), minutesOf(startsAt))
  const rank = await rankOf(ctx, service, sorted, ask, decideFor)
  let room: string | null = null
  return sorted.map((wish): Planned => {
    const { startsAt } = wish
    const decision = decideFor(wish)
    if (!decision.accepted) return { startsAt, seat: null, refusal: decision.refusal }
    const seat = seatOf(service, startsAt, decision.slot, rank(decision.slot, startsAt), knowledge, wish.roomId ?? room)
    take(knowledge, service, seat)
    room ??= seat.roomId
    return { startsAt, seat, refusal: null }
  })
}

function seatOf(
  service: BookableService,
  startsAt: Temporal.Instant,
  slot: Slot,
  offer: Offer,
  { sessions }: Knowledge,
  wishedRoom: string | null,
): Seat {
  const providerId = Number(offer.id)
  const joined = offer.joins
    ? sessions.find((session) => session.provider_id === providerId && session.starts_at.equals(startsAt))
    : undefined
  const rooms = slot.rooms as readonly string[]
  return {
    providerId,
    roomId: joined ? joined.room_id : (rooms.find((id) => id === wishedRoom) ?? rooms[0] ?? null),
    joins: joined?.id ?? null,
    startsAt,
    endsAt: joined?.ends_at ?? instantOf(minutesOf(startsAt) + service.durationMinutes),
  }
}

const dayOf = (at: Temporal.Instant): number => Math.floor(minutesOf(at) / 1440)

type Choose = (slot: Slot, startsAt: Temporal.Instant) => Offer

/** How one of several masters is chosen: for all alike whoever can give most of them and has least to do; or each time whoever has least to do, this series counted. */
async function rankOf(
  ctx: Context,
  service: BookableService,
  wishes: readonly Wish[],
  { sameProvider }: PlanAsk,
  decideFor: (wish: Wish) => Decision,
): Promise<Choose> {
  if (service.providerIds.length < 2) return (slot) => chooseOffer(slot.providers, new Map())
  const [first, last] = [dayOf(wishes[0]!.startsAt), dayOf(wishes.at(-1)!.startsAt) + 1]
  const loads = await bookedMinutes(ctx, service.providerIds, instantOf(first * 1440), instantOf(last * 1440))
  if (!sameProvider) {
    const given = new Map(loads)
    return (slot) => {
      const offer = chooseOffer(slot.providers, given)
      given.set(Number(offer.id), (given.get(Number(offer.id)) ?? 0) + service.durationMinutes)
      return offer
    }
  }
  const can = new Map<number, number>()
  for (const wish of wishes) {
    const decision = decideFor(wish)
    if (!decision.accepted) continue
    for (const { id } of decision.slot.providers) can.set(Number(id), (can.get(Number(id)) ?? 0) + 1)
  }
  const order = service.providerIds.toSorted(
    (a, b) => (can.get(b) ?? 0) - (can.get(a) ?? 0) || (loads.get(a) ?? 0) - (loads.get(b) ?? 0) || a - b,
  )
  return (slot) => slot.providers.toSorted((a, b) => order.indexOf(Number(a.id)) - order.indexOf(Number(b.id)))[0]!
}

/** An accepted start is taken for those after it: they may overlap it where a service lasts longer than the way to the next. */
function take({ facts }: Knowledge, service: BookableService, seat: Seat): void {
  if (seat.joins !== null) return
  const from = minutesOf(seat.startsAt) - service.bufferBefore
  const to = minutesOf(seat.endsAt) + service.bufferAfter
  for (const id of [seat.providerId, seat.roomId]) {
    const known = id === null ? undefined : facts.get(id)
    known?.busy.push(from, to)
    known?.claims.push({ source_kind: 'booking_session', source_id: 'new', from, to, exclusive: true })
  }
}

function withoutMoved(knowledge: Knowledge, moving: NonNullable<PlanAsk['moving']>): Knowledge {
  if (moving.length === 0) return knowledge
  const alone = new Set(moving.filter(({ isAlone }) => isAlone).map(({ session_id }) => sourceOf(session_id).id))
  const left = new Map(moving.map(({ session_id, seats }) => [session_id, seats]))
  const sessions = knowledge.sessions.flatMap((session): SessionRow[] =>
    alone.has(String(session.id)) ? [] : [{ ...session, seats: session.seats - (left.get(session.id) ?? 0) }],
  )
  const isLeft = (claim: Facts['claims'][number]): boolean =>
    !(claim.source_kind === 'booking_session' && alone.has(claim.source_id))
  return { ...knowledge, sessions, facts: onlyClaims(knowledge.facts, isLeft) }
}

/** Only what overlaps one of the starts with its buffers: nothing else can stand in their way, and a year of others need not be looked through for each. */
function within(service: BookableService, wishes: readonly Wish[], knowledge: Knowledge): Knowledge {
  const starts = wishes.map(({ startsAt }) => minutesOf(startsAt))
  const isNear = ({ from, to }: Facts['claims'][number]): boolean => {
    // The first start whose blocked stretch ends after the claim begins; those after it begin later still.
    let [low, high] = [0, starts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (starts[middle]! + service.durationMinutes + service.bufferAfter > from) high = middle
      else low = middle + 1
    }
    return low < starts.length && starts[low]! - service.bufferBefore < to
  }
  return { ...knowledge, facts: onlyClaims(knowledge.facts, isNear) }
}

function onlyClaims(
  facts: Knowledge['facts'],
  isKept: (claim: Facts['claims'][number]) => boolean,
): Knowledge['facts'] {
  return new Map(
    [...facts].map(([id, known]) => {
      const claims = known.claims.filter(isKept)
      const besides = claims.filter(({ source_kind }) => source_kind !== 'booking_session')
      return [
        id,
        {
          ...known,
          claims,
          busy: claims.flatMap(({ from, to }) => [from, to]),
          busyBesideSessions: besides.flatMap(({ from, to }) => [from, to]),
        },
      ]
    }),
  )
}

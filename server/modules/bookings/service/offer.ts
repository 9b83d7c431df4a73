import { getServiceForBooking, type BookableService } from '../../catalog/index.ts'
import { notify } from '../../notifications/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { listSlots } from '../../../time/slots.ts'
import { zoneOf } from '../../../time/zones.ts'
import { findBooking, type BookingRow } from '../queries/bookings.ts'
import { listSessions } from '../queries/sessions.ts'
import {
  insertFreed,
  insertOffer,
  insertOpened,
  lockCandidates,
  lockDueFreed,
  setNext,
  type Candidate,
  type Freed,
  type Opening,
  type Stretch,
} from '../queries/waiting.ts'
import { instantOf, minutesOf, questionOf, readKnowledge } from './question.ts'
import { spanOf } from './slots.ts'

/** So long a person has the time to themselves before the next one is told of it. */
const turnMinutes = 30
/** So many days from its beginning on an opened time is looked through. */
const mostDaysAhead = 90
/** Of so many people the first is found for whom the seats suffice. */
const mostAsked = 50

/** Hears that a booking was cancelled or has expired: its time is offered to who waits. */
export async function offerCancelled(ctx: Context, { booking_id }: { booking_id: number }): Promise<void> {
  const booking = await findBooking(ctx, booking_id)
  if (booking) await offerTime(ctx, booking, booking.provider_id, booking.room_id, booking.starts_at)
}

/** Hears that a booking was moved: the time it had is offered, of whoever gave it then and of the room that it took. */
export async function offerMoved(
  ctx: Context,
  {
    booking_id,
    from,
    from_provider_id,
    from_room_id,
  }: { booking_id: number; from: string; from_provider_id?: number; from_room_id?: string },
): Promise<void> {
  const booking = await findBooking(ctx, booking_id)
  if (!booking) return
  const providerId = from_provider_id ?? booking.provider_id
  await offerTime(ctx, booking, providerId, from_room_id ?? booking.room_id, Temporal.Instant.from(from))
}

type Opened = { user_id: number | null; room_id: string | null; at: string; spans: [from: number, to: number][] }

/** Hears that hours were opened: the times are offered to who waited for them before; who began to wait later saw them. */
export async function offerOpened(ctx: Context, { user_id, room_id, at, spans }: Opened): Promise<void> {
  const stretches = spans
    .map(([from, to]) => ({ from: instantOf(from), to: instantOf(to) }))
    .filter(({ to }) => Temporal.Instant.compare(to, ctx.now) > 0)
  const before = Temporal.Instant.from(at)
  if (stretches.length > 0) await offer(ctx, { providerId: user_id, roomId: room_id, before, stretches })
}

/** Hears that a service can begin where it could not before: by somebody who gives it now too, or because of its own terms. */
export async function offerService(
  ctx: Context,
  { service_id, provider_ids, at }: { service_id: number; provider_ids: number[] | null; at: string },
): Promise<void> {
  const told: number[] = []
  for (const id of await insertOpened(ctx, service_id, provider_ids ?? [null], Temporal.Instant.from(at)))
    await tellNext(ctx, { id, told })
}

async function offerTime(
  ctx: Context,
  booking: BookingRow,
  providerId: number,
  roomId: string | null,
  startsAt: Temporal.Instant,
): Promise<void> {
  const endsAt = startsAt.add(booking.starts_at.until(booking.ends_at))
  if (Temporal.Instant.compare(endsAt, ctx.now) <= 0) return
  const [session] = await listSessions(ctx, [booking.session_id])
  const from = startsAt.subtract({ minutes: session?.buffer_before ?? 0 })
  const to = endsAt.add({ minutes: session?.buffer_after ?? 0 })
  await offer(ctx, { providerId, roomId, before: null, stretches: [{ from, to }] })
}

/** Tells somebody of each of these times for each service that somebody waits for; of several at once everybody of one. */
async function offer(ctx: Context, freed: Opening): Promise<void> {
  const told: number[] = []
  for (const id of await insertFreed(ctx, freed)) await tellNext(ctx, { id, told })
}

/** Tells the next person of every time that is still free half an hour after the one before was told. A job of every minute. */
export async function offerDue(ctx: Context): Promise<void> {
  let more: boolean
  do {
    more = await inTransaction(ctx, (tx) => tellNext(tx))
  } while (more)
}

/**
 * Tells one person of one freed time, and answers whether there was a time to tell of. One that is taken by now, or that nobody waits for, is done with. Of the times
 * that have become free at once (`told`: who was told of the others) the next person is told of the next one.
 */
async function tellNext(ctx: Context, { id, told = [] }: { id?: number; told?: number[] } = {}): Promise<boolean> {
  const freed = await lockDueFreed(ctx, id)
  if (!freed) return false
  const service = await getServiceForBooking(ctx, freed.service_id)
  const starts = startsOf(service, freed)
  const fresh = ctx.now.subtract({ minutes: turnMinutes })
  const which = { starts, fresh, besides: told, limit: mostAsked }
  const candidates = service.isActive ? await lockCandidates(ctx, freed, which) : []
  for (const candidate of candidates) {
    const found = await freeStart(ctx, service, freed, starts, candidate)
    if (!found) continue
    await insertOffer(ctx, freed.id, candidate.id, found.startsAt)
    await tell(ctx, service, candidate, found)
    await setNext(ctx, freed.id, ctx.now.add({ minutes: turnMinutes }))
    told.push(candidate.customer_id)
    return true
  }
  await setNext(ctx, freed.id, null)
  return true
}

/** The starts of a service that need some of what has become free, both ends excluded. */
const startsOf = ({ durationMinutes, bufferBefore, bufferAfter }: BookableService, freed: Freed): Stretch => ({
  from: freed.starts_at.subtract({ minutes: durationMinutes + bufferAfter }),
  to: freed.ends_at.add({ minutes: bufferBefore }),
})

type Free = { startsAt: Temporal.Instant; provider: string; providerId: number }

/**
 * The first start that needs some of what has become free and that this person could book, by the rules that list the slots: one that needs nothing else where there
 * is one.
 */
async function freeStart(
  ctx: Context,
  service: BookableService,
  freed: Freed,
  starts: Stretch,
  candidate: Candidate,
): Promise<Free | undefined> {
  const from = later(later(starts.from.add({ minutes: 1 }), candidate.from_at), ctx.now)
  const to = earlier(earlier(starts.to, candidate.to_at), from.add({ hours: 24 * mostDaysAhead }))
  if (Temporal.Instant.compare(from, to) >= 0) return undefined
  const ask = { seats: candidate.seats, providerId: candidate.provider_id ?? freed.provider_id }
  const offered = { ...service, providerIds: service.providerIds.filter((one) => one !== candidate.customer_id) }
  const knowledge = await readKnowledge(ctx, { ...ask, services: [offered], from, to })
  const { days } = spanOf(dateOf(from), dateOf(to), 'UTC')
  const slots = listSlots({ ...questionOf(ctx, offered, ask, knowledge), zone: zoneOf('UTC'), days })
  const free = slots.filter(({ start }) => start >= minutesOf(from) && start < minutesOf(to))
  const first = minutesOf(freed.starts_at) + service.bufferBefore
  const last = minutesOf(freed.ends_at) - service.bufferAfter - service.durationMinutes
  const slot = free.find(({ start }) => start >= first && start <= last) ?? free[0]
  const provider = slot?.providers[0]
  if (!slot || !provider) return undefined
  const providerId = Number(provider.id)
  return { startsAt: instantOf(slot.start), provider: service.names.get(providerId) ?? '', providerId }
}

const later = (a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant =>
  Temporal.Instant.compare(a, b) >= 0 ? a : b
const earlier = (a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant =>
  Temporal.Instant.compare(a, b) <= 0 ? a : b
const dateOf = (instant: Temporal.Instant): string => instant.toZonedDateTimeISO('UTC').toPlainDate().toString()

const title = 'A place has become free'
const body = '{service} with {provider}: {at}. Book it before somebody else does.'

async function tell(ctx: Context, service: BookableService, candidate: Candidate, free: Free): Promise<void> {
  const params = { service: service.title, provider: free.provider, at: free.startsAt.toString() }
  const target = { kind: 'service', id: service.id }
  await notify(ctx, {
    userId: candidate.customer_id,
    kind: 'waiting_list_offer',
    title,
    body,
    params,
    people: { provider: free.providerId },
    target,
    mail: {
      button: 'Book this time',
      path: `/services/${service.id}/?start=${encodeURIComponent(params.at)}`,
    },
    usefulUntil: free.startsAt,
  })
}

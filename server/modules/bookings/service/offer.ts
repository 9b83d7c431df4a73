import { getServiceForBooking, type BookableService } from '../../catalog/index.ts'
import { notify } from '../../notifications/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { listSlots } from '../../../time/slots.ts'
import { zoneOf } from '../../../time/zones.ts'
import { findBooking } from '../queries/bookings.ts'
import {
  insertFreed,
  insertOffer,
  lockCandidates,
  lockDueFreed,
  setNext,
  type Candidate,
  type Freed,
} from '../queries/waiting.ts'
import { instantOf, minutesOf, questionOf, readKnowledge } from './question.ts'
import { spanOf } from './slots.ts'

/** So long a person has the time to themselves before the next one is told of it. */
const turnMinutes = 30
/** Of so many people the first is found for whom the seats suffice. */
const mostAsked = 50

/** Hears that a booking was cancelled or has expired: its time is offered to who waits. */
export async function offerCancelled(ctx: Context, { booking_id }: { booking_id: number }): Promise<void> {
  const booking = await findBooking(ctx, booking_id)
  if (booking) await offer(ctx, booking, booking.provider_id, booking.starts_at)
}

/** Hears that a booking was moved: the time it had is offered, with whoever gave it then. */
export async function offerMoved(
  ctx: Context,
  { booking_id, from, from_provider_id }: { booking_id: number; from: string; from_provider_id?: number },
): Promise<void> {
  const booking = await findBooking(ctx, booking_id)
  if (booking) await offer(ctx, booking, from_provider_id ?? booking.provider_id, Temporal.Instant.from(from))
}

async function offer(
  ctx: Context,
  booking: { service_id: number; starts_at: Temporal.Instant; ends_at: Temporal.Instant },
  providerId: number | null,
  startsAt: Temporal.Instant,
): Promise<void> {
  const endsAt = startsAt.add(booking.starts_at.until(booking.ends_at))
  if (Temporal.Instant.compare(endsAt, ctx.now) <= 0) return
  const id = await insertFreed(ctx, {
    service_id: booking.service_id,
    provider_id: providerId,
    starts_at: startsAt,
    ends_at: endsAt,
  })
  if (id !== undefined) await tellNext(ctx, id)
}

/** Tells the next person of every time that is still free half an hour after the one before was told. A job of every minute. */
export async function offerDue(ctx: Context): Promise<void> {
  let more: boolean
  do {
    more = await inTransaction(ctx, (tx) => tellNext(tx))
  } while (more)
}

/** Tells one person of one freed time, and answers whether there was a time to tell of. One that is taken by now, or that nobody waits for, is done with. */
async function tellNext(ctx: Context, id?: number): Promise<boolean> {
  const freed = await lockDueFreed(ctx, id)
  if (!freed) return false
  const service = await getServiceForBooking(ctx, freed.service_id)
  const fresh = ctx.now.subtract({ minutes: turnMinutes })
  const candidates = service.isActive ? await lockCandidates(ctx, freed, fresh, mostAsked) : []
  for (const candidate of candidates) {
    const found = await freeStart(ctx, service, freed, candidate)
    if (!found) continue
    await insertOffer(ctx, freed.id, candidate.id, found.startsAt)
    await tell(ctx, service, candidate, found)
    await setNext(ctx, freed.id, ctx.now.add({ minutes: turnMinutes }))
    return true
  }
  await setNext(ctx, freed.id, null)
  return true
}

type Free = { startsAt: Temporal.Instant; provider: string; providerId: number }

/** The first start within the freed time that this person could book, by the rules that list the slots. */
async function freeStart(
  ctx: Context,
  service: BookableService,
  freed: Freed,
  candidate: Candidate,
): Promise<Free | undefined> {
  const from = later(freed.starts_at, candidate.from_at)
  const to = earlier(freed.ends_at, candidate.to_at)
  if (Temporal.Instant.compare(from, to) >= 0) return undefined
  const ask = { seats: candidate.seats, providerId: candidate.provider_id ?? freed.provider_id }
  const offered = { ...service, providerIds: service.providerIds.filter((one) => one !== candidate.customer_id) }
  const knowledge = await readKnowledge(ctx, { ...ask, services: [offered], from, to })
  const { days } = spanOf(dateOf(from), dateOf(to), 'UTC')
  const slots = listSlots({ ...questionOf(ctx, offered, ask, knowledge), zone: zoneOf('UTC'), days })
  const slot = slots.find(({ start }) => start >= minutesOf(from) && start < minutesOf(to))
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

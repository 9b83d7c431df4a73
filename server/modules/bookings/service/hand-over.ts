import { getServiceForBooking, type BookableService } from '../../catalog/index.ts'
import { notify } from '../../notifications/index.ts'
import { requireMember, requireOrgRole } from '../../organizations/index.ts'
import { resourcesFor, lockResources } from '../../scheduling/index.ts'
import { audit } from '../../../platform/audit.ts'
import { actorOf, hasPermission, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, invalid } from '../../../platform/errors.ts'
import { iso } from '../../../platform/http/shapes.ts'
import type { Refusal } from '../../../time/explain.ts'
import type { BookingRow } from '../queries/bookings.ts'
import { lockOfSessions } from '../queries/passing.ts'
import { listSessions } from '../queries/sessions.ts'
import { listSessionsToCome } from '../queries/standing.ts'
import { refusalDetail, refusalError, typedReason, type Party } from '../rules.ts'
import type { HandOverInput, HandOverView } from '../schema-hand-over.ts'
import { cancelMany } from './cancel-many.ts'
import { notePassed, passOn, type Held } from './reassign.ts'
import { expire } from './seats.ts'

/** So many sessions are handed over at once: a transaction that holds a salon's time for seconds is in everybody's way. */
const most = 200

/** Everybody and every room that these sessions may take or have, ascending in one statement. */
async function lockAll(
  ctx: Context,
  services: ReadonlyMap<number, BookableService>,
  all: readonly Held['session'][],
): Promise<void> {
  const offered = [...services.values()]
  const people = new Set([...offered.flatMap((one) => one.providerIds), ...all.map((one) => one.provider_id)])
  const rooms = new Map<string, string>()
  for (const { roomIds, seller } of offered) for (const id of roomIds) rooms.set(id, seller.organizationId ?? '')
  for (const { room_id, service_id } of all)
    if (room_id !== null) rooms.set(room_id, services.get(service_id)?.seller.organizationId ?? '')
  const refs = [
    ...[...people].map((userId) => ({ userId })),
    ...[...rooms].map(([roomId, organizationId]) => ({ roomId, organizationId })),
  ]
  await lockResources(ctx, await resourcesFor(ctx, refs))
}

/** Sessions under the locks of all that they may take, with the bookings that stand in them; what ended or passed on meanwhile is left out. */
async function holdSessions(
  ctx: Context,
  sessionIds: readonly number[],
  providerId: number,
): Promise<{ held: Held[]; services: ReadonlyMap<number, BookableService> }> {
  if (sessionIds.length === 0) return { held: [], services: new Map() }
  const services = new Map<number, BookableService>()
  const seen = await listSessions(ctx, sessionIds)
  for (const id of new Set(seen.map(({ service_id }) => service_id)))
    services.set(id, await getServiceForBooking(ctx, id))
  await lockAll(ctx, services, seen)
  const rows = await lockOfSessions(ctx, sessionIds)
  // Asked again under the locks: who has left meanwhile takes nothing over.
  for (const [id, { providerIds }] of services) {
    const fresh = await getServiceForBooking(ctx, id)
    services.set(id, { ...fresh, providerIds: fresh.providerIds.filter((one) => providerIds.includes(one)) })
  }
  const stands = ({ starts_at, expires_at }: BookingRow): boolean =>
    Temporal.Instant.compare(starts_at, ctx.now) > 0 &&
    (expires_at === null || Temporal.Instant.compare(expires_at, ctx.now) > 0)
  // A hold that has run out ends with whom it was: else it would stay with them when its session passes on, and a late payment confirm it there.
  for (const row of rows)
    if (row.status === 'pending' && row.expires_at && Temporal.Instant.compare(row.expires_at, ctx.now) <= 0)
      await expire(ctx, row)
  const bySession = Map.groupBy(rows.filter(stands), (row) => row.session_id)
  const held = (await listSessions(ctx, sessionIds)).flatMap((session): Held[] => {
    const bookings = bySession.get(session.id) ?? []
    return bookings.length === 0 || session.provider_id !== providerId ? [] : [{ session, bookings }]
  })
  return { held, services }
}

/**
 * Another person of the service gives a booking from now on, at its time: everybody who sits in its session goes along.
 * @throws VALIDATION_ERROR for who does not offer the service, CONFLICT or VALIDATION_ERROR with the rule of TIME.md where they cannot take it, CONFLICT for a booking that is over
 */
export async function reassign(
  ctx: Context,
  seen: BookingRow,
  party: Party,
  wish: { providerId: number; roomId?: string | undefined },
): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const { held, services } = await holdSessions(tx, [seen.session_id], seen.provider_id)
    const [one] = held
    if (!one?.bookings.some(({ id }) => id === seen.id))
      throw conflict('A booking that has begun, has ended or was cancelled stays with who gave it')
    const service = services.get(seen.service_id)!
    if (!service.providerIds.includes(wish.providerId))
      throw invalid('provider_id', 'This person does not offer the service', 'not_staff')
    if (wish.roomId !== undefined && !service.roomIds.includes(wish.roomId))
      throw invalid('room_id', 'The service does not take place in this room', 'not_allowed')
    if (one.bookings.some(({ customer_id }) => customer_id === wish.providerId))
      throw conflict('Nobody gives what they have booked themselves')
    const { seat, refusal } = await passOn(tx, service, one, wish)
    if (!seat) throw refusalError(refusal)
    await notePassed(tx, one, seat.providerId, party, { ofSeries: () => false, quiet: false })
  })
}

/** As whom somebody hands a person's bookings over: themselves, an admin of the organization, or `booking_management`. @throws NOT_FOUND, PERMISSION_DENIED */
async function partyOf(ctx: Context, { organization_id, provider_id }: HandOverInput): Promise<Party> {
  if (hasPermission(ctx.actor, 'booking_management')) return 'platform'
  if (provider_id === actorOf(ctx).userId) await requireMember(ctx, organization_id)
  else await requireOrgRole(ctx, organization_id, ['admin'])
  return 'provider'
}

type Outcome = { held: Held; providerId: number | null; refusal: Refusal | null }

/**
 * Passes on what a person is to give for an organization: each session to the person named, else to whoever of its service is free and has least to do that day;
 * or cancels it, with everything paid going back, as when the provider cancels. What nobody can take is left, or cancelled where that was asked for.
 * @throws NOT_FOUND for outsiders, PERMISSION_DENIED for members who hand over what others give, VALIDATION_ERROR for who cannot be the heir
 */
export async function handOver(ctx: Context, input: HandOverInput): Promise<HandOverView> {
  const { action, to_provider_id: heir, provider_id: providerId, reason } = input
  if (heir === providerId) throw invalid('to_provider_id', 'They give these bookings already', 'same')
  return inTransaction(ctx, async (tx) => {
    const party = await partyOf(tx, input)
    const ids = await listSessionsToCome(
      tx,
      {
        organizationId: input.organization_id,
        providerId,
        serviceId: input.service,
        bookingIds: input.booking_ids,
      },
      most + 1,
    )
    const { held, services } = await holdSessions(tx, ids.slice(0, most), providerId)
    // A number that was mistaken must not read as nobody's being free, which may cancel everything.
    if (heir !== undefined && held.length > 0 && !services.values().some((one) => one.providerIds.includes(heir)))
      throw invalid('to_provider_id', 'This person does not offer the service', 'not_staff')
    // A class passes on whole; what is cancelled is nobody's but those named.
    const named = ({ session, bookings }: Held): Held => ({
      session,
      bookings: bookings.filter(({ id }) => input.booking_ids?.includes(id) ?? true),
    })
    const outcomes: Outcome[] = []
    for (const one of held) {
      if (action === 'cancel') outcomes.push({ held: named(one), providerId: null, refusal: null })
      else {
        const service = services.get(one.session.service_id)!
        const { seat, refusal } = await passOn(tx, service, one, { providerId: heir ?? null })
        outcomes.push({ held: seat ? one : named(one), providerId: seat?.providerId ?? null, refusal })
      }
    }
    const cancels = ({ providerId: to, refusal }: Outcome): boolean =>
      to === null && (refusal === null || action === 'reassign_or_cancel')
    await notePassedOn(tx, outcomes, party, providerId)
    await cancelAll(tx, outcomes.filter(cancels), party, typedReason(reason))
    if (party === 'platform') await noteAudit(tx, input, outcomes)
    return {
      reassigned: outcomes.flatMap(({ held: { session, bookings }, providerId: to }) =>
        to === null
          ? []
          : bookings.map(({ id }) => ({
              booking_id: id,
              date: iso(session.starts_at),
              provider: { id: to, name: services.get(session.service_id)!.names.get(to) ?? '' },
            })),
      ),
      cancelled: outcomes
        .filter(cancels)
        .flatMap(({ held: { session, bookings } }) =>
          bookings.map(({ id }) => ({ booking_id: id, date: iso(session.starts_at) })),
        ),
      left: outcomes.flatMap((outcome) =>
        outcome.refusal === null || cancels(outcome) ? [] : leftOf(outcome.held, outcome.refusal),
      ),
      more: ids.length > most,
    }
  })
}

function leftOf({ session, bookings }: Held, refusal: Refusal): HandOverView['left'] {
  const { message, rule = '' } = refusalDetail(refusal)
  return bookings.map(({ id }) => ({ booking_id: id, date: iso(session.starts_at), rule, code: refusal.code, message }))
}

/** The bookings of series of which several are among these: both sides are told of them once. */
function seriesAmong(outcomes: readonly Outcome[]): Map<number, BookingRow[]> {
  const bySeries = Map.groupBy(
    outcomes.flatMap(({ held }) => held.bookings),
    ({ series_id }) => series_id,
  )
  return new Map([...bySeries].flatMap(([id, rows]) => (id === null || rows.length < 2 ? [] : [[id, rows] as const])))
}

async function notePassedOn(ctx: Context, all: readonly Outcome[], party: Party, fromId: number): Promise<void> {
  const outcomes = all.filter(({ providerId }) => providerId !== null)
  const series = seriesAmong(outcomes)
  const ofSeries = ({ series_id }: BookingRow): boolean => series_id !== null && series.has(series_id)
  for (const { held, providerId } of outcomes)
    await notePassed(ctx, held, providerId!, party, { ofSeries, quiet: true })
  for (const [series_id, rows] of series)
    await ctx.house.jobs.publish(ctx, 'booking_series.reassigned', {
      series_id,
      booking_ids: rows.map(({ id }) => id),
      by: party,
    })
  if (outcomes.length === 0 || ctx.actor?.userId === fromId) return
  await notify(ctx, {
    userId: fromId,
    kind: 'booking_handed_over',
    topic: 'customer_bookings',
    title: 'Others give bookings of yours now',
    body: 'Bookings handed over: {count}, the first at {at}',
    params: {
      count: outcomes.flatMap(({ held }) => held.bookings).length,
      at: iso(outcomes[0]!.held.session.starts_at),
    },
  })
}

async function cancelAll(
  ctx: Context,
  outcomes: readonly Outcome[],
  party: Party,
  reason: string | undefined,
): Promise<void> {
  const series = seriesAmong(outcomes)
  const isTold = ({ series_id }: BookingRow): boolean => series_id !== null && series.has(series_id)
  await cancelMany(
    ctx,
    outcomes.flatMap(({ held }) => held.bookings),
    party,
    reason,
    isTold,
  )
  for (const [series_id, rows] of series)
    await ctx.house.jobs.publish(ctx, 'booking_series.cancelled', {
      series_id,
      booking_ids: rows.map(({ id }) => id),
      by: party,
      reason: reason ?? null,
    })
}

const noteAudit = (ctx: Context, input: HandOverInput, outcomes: readonly Outcome[]): Promise<void> =>
  audit(ctx, {
    action: 'bookings.hand_over',
    target: { kind: 'user', id: input.provider_id },
    after: {
      organization_id: input.organization_id,
      action: input.action,
      bookings: outcomes.flatMap(({ held }) => held.bookings.map(({ id }) => id)),
    },
  })

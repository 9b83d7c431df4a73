import type { BookableService } from '../../catalog/index.ts'
import { allow } from '../../chat/index.ts'
import { factsOf, findResources, lockResources } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { translate } from '../../../platform/i18n/index.ts'
import { fromMinor } from '../../../platform/money.ts'
import { instantText, localText } from '../../../time/dates.ts'
import { offsetAt, zoneOf } from '../../../time/zones.ts'
import { insertSeries } from '../queries/series.ts'
import { insertBookings, insertHistories } from '../queries/series-writes.ts'
import { givingStatement } from '../queries/standing.ts'
import { beginning, refusalDetail } from '../rules.ts'
import { inWords, readRule, seriesRefusal } from '../rules-series.ts'
import type { SeriesInput, SeriesPreviewInput, SeriesPreviewView, SeriesView } from '../schema-series.ts'
import { guestStands, notOffered, owe, readWish, termsOf, type Buyer } from './create.ts'
import { requireMethod } from './no-show.ts'
import { minutesOf } from './question.ts'
import { expireOverdue, resourcesOf, spanAround } from './seats.ts'
import { planStarts, type Planned } from './series-plan.ts'
import { getSeries } from './series-read.ts'
import { settleSessions, sitDownAll } from './series-seats.ts'

type Wanted = {
  /** With only those who may give it. */
  service: BookableService
  buyer: Buyer
  seats: number
  rule: string
  zone: string
  starts: Temporal.Instant[]
}

/** What somebody wants, read and checked as for one booking. */
async function wantedOf(ctx: Context, input: SeriesPreviewInput): Promise<Wanted> {
  const { startsAt, ...wish } = await readWish(ctx, input)
  const zone = input.time_zone ?? (await zoneOfSchedules(ctx, wish.service))
  const { rule, starts } = readRule(input.recurrence_rule, zone, startsAt)
  return { ...wish, rule, zone, starts }
}

/** The zone of the schedule of who gives the service; of several the first. */
async function zoneOfSchedules(ctx: Context, { providerIds }: BookableService): Promise<string> {
  const ids = (
    await findResources(
      ctx,
      providerIds.map((userId) => ({ userId })),
    )
  ).filter((id) => id !== null)
  const [facts] = (await factsOf(ctx, ids.slice(0, 1), ctx.now, ctx.now.add({ minutes: 1 }))).values()
  return facts?.schedule?.zone.id ?? ctx.actor?.timeZone ?? 'UTC'
}

const plan = (ctx: Context, { service, seats, starts }: Wanted, input: SeriesPreviewInput): Promise<Planned[]> =>
  planStarts(
    ctx,
    service,
    starts.map((startsAt) => ({ startsAt, seats })),
    { roomId: input.room_id, sameProvider: input.same_provider ?? true },
  )

/**
 * Tells which bookings of a series could be made, with whom, and why not the others; nothing is booked. What it finds free can be booked as long as nobody else
 * takes it.
 * @throws as `createSeries`, but for times that cannot be had
 */
export async function previewSeries(ctx: Context, input: SeriesPreviewInput): Promise<SeriesPreviewView> {
  const wanted = await wantedOf(ctx, input)
  const { service, seats, zone, rule, starts } = wanted
  const planned = await plan(ctx, wanted, input)
  const free = planned.filter(({ seat }) => seat !== null).length
  return {
    recurrence_rule: rule,
    description: inWords(rule, zone, starts[0]!, ctx.locale),
    time_zone: zone,
    free,
    price: fromMinor(service.priceMinor * seats * free, service.currency),
    currency: service.currency,
    occurrences: planned.map(({ startsAt, seat, refusal }) => {
      const start = minutesOf(startsAt)
      const { message = '', params = {} } = refusal ? refusalDetail(refusal) : {}
      return {
        date: instantText(start),
        end: seat ? instantText(minutesOf(seat.endsAt)) : instantText(start + service.durationMinutes),
        local: localText(start, offsetAt(zoneOf(zone), start)),
        provider: seat && { id: seat.providerId, name: service.names.get(seat.providerId) ?? '' },
        room: seat?.roomId ? { id: seat.roomId, name: service.roomNames.get(seat.roomId) ?? '' } : null,
        refusal: refusal && {
          rule: refusal.rule,
          code: refusal.code,
          message: translate(ctx.locale, message),
          from: (params['from'] as string | undefined) ?? null,
          to: (params['to'] as string | undefined) ?? null,
        },
      }
    }),
  }
}

/**
 * Books a service again and again at the same time of day. All that it may take is locked once, in ascending order, for the whole span; each start is decided by the
 * rules that list the slots. Each is an ordinary booking from then on.
 * @throws CONFLICT or VALIDATION_ERROR naming each start that cannot be had (with `skip` only when none can), VALIDATION_ERROR for a rule that is none,
 * PERMISSION_DENIED for one's own service.
 */
export async function createSeries(ctx: Context, input: SeriesInput): Promise<SeriesView> {
  const wanted = await wantedOf(ctx, input)
  const { service, starts } = wanted
  const id = await inTransaction(ctx, async (tx) => {
    await lockResources(tx, await resourcesOf(tx, service))
    await expireOverdue(tx, {
      providerIds: service.providerIds,
      roomIds: service.roomIds,
      ...spanAround(service, starts[0]!, starts.at(-1)!.add({ minutes: service.durationMinutes })),
    })
    const planned = await plan(tx, wanted, input)
    const refused = planned.filter((one) => one.refusal !== null)
    const free = planned.filter((one) => one.seat !== null)
    if (free.length === 0 || (refused.length > 0 && input.clashes !== 'skip')) throw seriesRefusal(refused)
    // While this waited for the lock, the service may have been archived, or its provider may have gone.
    const providerIds = [...new Set(free.map(({ seat }) => seat.providerId))]
    const giving = await tx.db.executeQuery(givingStatement(tx, service.id, providerIds))
    if (giving.rows.length < providerIds.length) throw notOffered()
    await requireMethod(tx, service, wanted.buyer.customer_id, wanted.seats)
    return write(tx, wanted, { free, refused, providerIds, note: input.note ?? '' })
  })
  return getSeries(ctx, id)
}

type Chosen = {
  free: Extract<Planned, { refusal: null }>[]
  refused: Extract<Planned, { seat: null }>[]
  providerIds: number[]
  note: string
}

/** Writes a series: a few statements, whatever the number of its bookings. */
async function write(
  ctx: Context,
  { service, buyer, seats, rule, zone, starts }: Wanted,
  { free, refused, providerIds, note }: Chosen,
): Promise<number> {
  // Who has to approve decides about all of them, before the first.
  const { status, expiresAt } = beginning(
    guestStands(service, buyer),
    ctx.now,
    free[0]!.startsAt,
    ctx.house.config.HOLD_MINUTES,
  )
  const seriesId = await insertSeries(ctx, {
    service_id: service.id,
    organization_id: service.seller.organizationId,
    customer_id: buyer.customer_id,
    rule,
    time_zone: zone,
    starts_at: starts[0]!,
    seats,
    skipped: refused.map(({ startsAt, refusal }) => ({
      date: startsAt.toString(),
      rule: refusal.rule,
      code: refusal.code,
      message: refusalDetail(refusal).message,
    })),
    held_until: expiresAt,
  })
  const sessionIds = await sitDownAll(
    ctx,
    service,
    free.map(({ seat }) => ({ seat, seats, expiresAt })),
  )
  const bookingIds = await insertBookings(ctx, {
    common: {
      ...buyer,
      ...termsOf(service, buyer, seats),
      series_id: seriesId,
      service_id: service.id,
      organization_id: service.seller.organizationId,
      seats,
      status,
      note,
      expires_at: expiresAt,
    },
    each: free.map(({ seat }, i) => ({
      session_id: sessionIds[i]!,
      provider_id: seat.providerId,
      starts_at: seat.startsAt,
      ends_at: seat.endsAt,
    })),
  })
  await settleSessions(
    ctx,
    free.flatMap(({ seat }) => (seat.joins === null ? [] : [seat.joins])),
  )
  const made = free.map(({ seat }, i) => ({ bookingId: bookingIds[i]!, providerId: seat.providerId }))
  await owe(ctx, service, buyer, made, { seats, expiresAt })
  if (buyer.customer_id !== null)
    for (const providerId of providerIds) {
      const { bookingId } = made.find((one) => one.providerId === providerId)!
      await allow(ctx, { bookingId, serviceId: service.id, customerId: buyer.customer_id, providerId })
    }
  await insertHistories(
    ctx,
    'created',
    status,
    bookingIds.map((bookingId) => ({ bookingId })),
  )
  await ctx.house.jobs.publishAll(
    ctx,
    'booking.created',
    bookingIds.map((booking_id) => ({ booking_id, status, of_series: true as const })),
  )
  await ctx.house.jobs.publish(ctx, 'booking_series.created', { series_id: seriesId, status })
  return seriesId
}

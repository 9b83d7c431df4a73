import { getServiceForBooking, type BookableService } from '../../catalog/index.ts'
import { holdPayables } from '../../payments/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied } from '../../../platform/errors.ts'
import { listShared, type OccurrenceRow } from '../queries/series.ts'
import { insertHistories, updateMoved } from '../queries/series-writes.ts'
import { approvalExpiry, leftRoom } from '../rules.ts'
import { keptUntil, movedAlong, seriesRefusal } from '../rules-series.ts'
import type { SeriesMove, SeriesView } from '../schema-series.ts'
import { momentOf } from './create.ts'
import { expireOverdue, resourcesOf, spanAround } from './seats.ts'
import { hold, idsOf, restOf } from './series-hold.ts'
import { planStarts } from './series-plan.ts'
import { getSeries, requireSeries } from './series-read.ts'
import { settleSessions, sitDownAll, standUpAll } from './series-seats.ts'

/**
 * Moves what is left of a series, from one of its bookings on: all or nothing, each with whom it is. What was moved singly before stays where it was put, unless it
 * is the very one that is named. A service that needs approval needs it again.
 * @throws NOT_FOUND for strangers, PERMISSION_DENIED for the provider of somebody with an account, CONFLICT and VALIDATION_ERROR naming each start that cannot be had
 */
export async function moveSeries(ctx: Context, id: number, input: SeriesMove): Promise<SeriesView> {
  const to = momentOf(input.date)
  const { series, party } = await requireSeries(ctx, id)
  if (party !== 'customer' && series.customer_id !== null)
    throw denied('Propose another time of a booking; only its customer moves a series')
  const offered = await getServiceForBooking(ctx, series.service_id)
  await inTransaction(ctx, async (tx) => {
    const { rows } = await hold(tx, id, await resourcesOf(tx, offered))
    const rest = restOf(tx, rows, input.from_booking_id)
    const moved = rest.filter((row) => row.id === input.from_booking_id || row.starts_at.equals(row.occurrence_at!))
    const [first] = moved
    if (!first) throw conflict('Nothing of this series is left to change')
    const providerIds = [...new Set([...offered.providerIds, ...moved.map((row) => row.provider_id)])]
    const service = { ...offered, providerIds: providerIds.toSorted((a, b) => a - b) }
    const targets = new Map(
      moved.map((row) => [row, movedAlong(row.occurrence_at!, first.occurrence_at!, to, series.time_zone)]),
    )
    const times = [...targets.values()]
    if (moved.every((row) => targets.get(row)!.equals(row.starts_at))) return
    await expireOverdue(tx, {
      providerIds,
      roomIds: service.roomIds,
      ...spanAround(service, times[0]!, times.at(-1)!.add({ minutes: service.durationMinutes })),
    })
    await shift(tx, series.id, service, moved, targets, {
      again: offered.requiresApproval && party === 'customer',
      secured: series.secured_at !== null,
    })
    await tx.house.jobs.publish(tx, 'booking_series.moved', {
      series_id: id,
      booking_ids: idsOf(moved),
      from: first.starts_at.toString(),
      by: party,
    })
  })
  return getSeries(ctx, id)
}

/** Whose seats are free for the move; and which of them have their session's time to themselves. */
async function movingOf(ctx: Context, moved: readonly OccurrenceRow[]) {
  const shared = await listShared(ctx, moved)
  return moved.map(({ session_id, seats }) => ({ session_id, seats, isAlone: !shared.includes(session_id) }))
}

async function shift(
  ctx: Context,
  seriesId: number,
  service: BookableService,
  moved: readonly OccurrenceRow[],
  targets: ReadonlyMap<OccurrenceRow, Temporal.Instant>,
  { again, secured }: { again: boolean; secured: boolean },
): Promise<void> {
  const planned = await planStarts(
    ctx,
    service,
    moved.map((row) => ({
      startsAt: targets.get(row)!,
      seats: row.seats,
      providerId: row.provider_id,
      roomId: row.room_id,
    })),
    { sameProvider: true, moving: await movingOf(ctx, moved) },
  )
  const refused = planned.filter((one) => one.seat === null)
  if (refused.length > 0) throw seriesRefusal(refused)
  const seatAt = new Map(planned.map((one) => [one.startsAt.epochMilliseconds, one.seat!]))
  const approval = again ? approvalExpiry(ctx.now, planned[0]!.startsAt) : null
  const changes = moved.map((row) => {
    const startsAt = targets.get(row)!
    const status = again ? ('pending' as const) : (row.status as 'pending' | 'confirmed')
    const unpaid = row.expires_at !== null && secured && !row.requires_approval
    const kept = unpaid ? keptUntil(ctx.now, startsAt, ctx.house.config.HOLD_MINUTES) : row.expires_at
    return { row, status, startsAt, expiresAt: again ? approval : kept, seat: seatAt.get(startsAt.epochMilliseconds)! }
  })
  // All leave before any arrives: one may go where another is now.
  await standUpAll(ctx, moved)
  const sessionIds = await sitDownAll(
    ctx,
    service,
    changes.map(({ seat, row, expiresAt }) => ({ seat, seats: row.seats, expiresAt })),
  )
  await updateMoved(
    ctx,
    changes.map(({ row, status, startsAt, seat, expiresAt }, i) => ({
      id: row.id,
      sessionId: sessionIds[i]!,
      status,
      startsAt,
      endsAt: seat.endsAt,
      expiresAt,
    })),
  )
  await settleSessions(ctx, [...moved.map((row) => row.session_id), ...sessionIds])
  await holdPayables(
    ctx,
    changes.map(({ row, expiresAt }) => ({ source: { kind: 'booking', id: row.id }, expiresAt })),
  )
  for (const status of ['pending', 'confirmed'] as const) {
    const of = changes.filter((change) => change.status === status)
    await insertHistories(
      ctx,
      'rescheduled',
      status,
      of.map(({ row, startsAt }) => ({
        bookingId: row.id,
        details: { from: row.starts_at.toString(), to: startsAt.toString(), series: seriesId },
      })),
    )
  }
  await ctx.house.jobs.publishAll(
    ctx,
    'booking.rescheduled',
    changes.map(({ row, status, seat }) => ({
      booking_id: row.id,
      from: row.starts_at.toString(),
      by: row.customer_id === null ? ('provider' as const) : ('customer' as const),
      status,
      of_series: true as const,
      ...leftRoom(row.room_id, seat.roomId),
    })),
  )
}

import { requireStillMember } from '../../organizations/index.ts'
import { lockSources, resourcesFor } from '../../scheduling/index.ts'
import type { Context } from '../../../platform/context.ts'
import { conflict, invalid } from '../../../platform/errors.ts'
import { lockOfSeries, type OccurrenceRow } from '../queries/series.ts'
import { requireSeries, type Known } from './series-read.ts'

/**
 * Locks whose time a series has, and more, ascending in one statement; then its bookings. Answers it as it is under the locks. A booking that was moved onto another
 * resource at this very moment is locked late: two who then wait for each other are told apart by the database, and the transaction is tried again.
 */
export async function hold(
  ctx: Context,
  id: number,
  more: readonly number[] = [],
  read: typeof requireSeries = requireSeries,
): Promise<Known> {
  const { rows } = await read(ctx, id)
  const people = [...new Set(rows.map((row) => row.provider_id))].map((userId) => ({ userId }))
  await lockSources(
    ctx,
    'booking_session',
    rows.map((row) => String(row.session_id)),
    [...more, ...(await resourcesFor(ctx, people))],
  )
  await lockOfSeries(ctx, id)
  const known = await read(ctx, id)
  if (known.party === 'provider') await requireStillMember(ctx, known.series.organization_id)
  return known
}

const isAfter = (a: Temporal.Instant, b: Temporal.Instant): boolean => Temporal.Instant.compare(a, b) > 0

/** Bookings that are still to come and stand, from one of the series on. @throws VALIDATION_ERROR for one of another series, CONFLICT when there are none. */
export function restOf(
  ctx: Context,
  rows: readonly OccurrenceRow[],
  fromId: number | null | undefined,
): OccurrenceRow[] {
  const from = fromId ? rows.find((row) => row.id === fromId) : undefined
  if (fromId && !from) throw invalid('from_booking_id', 'This booking is not of the series', 'not_of_series')
  const rest = rows.filter(
    (row) =>
      (row.status === 'confirmed' ||
        (row.status === 'pending' && (row.expires_at === null || isAfter(row.expires_at, ctx.now)))) &&
      isAfter(row.starts_at, ctx.now) &&
      (!from || !isAfter(from.occurrence_at!, row.occurrence_at!)),
  )
  if (rest.length === 0) throw conflict('Nothing of this series is left to change')
  return rest
}

export const idsOf = (rows: readonly OccurrenceRow[]): number[] => rows.map((row) => row.id)

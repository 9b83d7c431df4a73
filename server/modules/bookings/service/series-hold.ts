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

/** The bookings of a series from one of them on; without one all. @throws VALIDATION_ERROR for one of another series */
function fromOneOn(rows: readonly OccurrenceRow[], fromId: number | null | undefined): readonly OccurrenceRow[] {
  if (!fromId) return rows
  const from = rows.find((row) => row.id === fromId)
  if (!from) throw invalid('from_booking_id', 'This booking is not of the series', 'not_of_series')
  return rows.filter((row) => !isAfter(from.occurrence_at!, row.occurrence_at!))
}

const isOver = (ctx: Context, { status, expires_at }: OccurrenceRow): boolean =>
  status === 'cancelled' || (status === 'pending' && expires_at !== null && !isAfter(expires_at, ctx.now))
const stands = (ctx: Context, row: OccurrenceRow): boolean =>
  (row.status === 'confirmed' || row.status === 'pending') && !isOver(ctx, row) && isAfter(row.starts_at, ctx.now)

/** Bookings that are still to come and stand, from one of the series on. @throws VALIDATION_ERROR for one of another series, CONFLICT when there are none. */
export function restOf(
  ctx: Context,
  rows: readonly OccurrenceRow[],
  fromId: number | null | undefined,
): OccurrenceRow[] {
  const rest = fromOneOn(rows, fromId).filter((row) => stands(ctx, row))
  if (rest.length === 0) throw conflict('Nothing of this series is left to change')
  return rest
}

/** Is what one would cancel cancelled already? Whoever asks twice is answered as for a single booking: it stays as it is. */
export function isCancelledFrom(
  ctx: Context,
  rows: readonly OccurrenceRow[],
  fromId: number | null | undefined,
): boolean {
  const meant = fromOneOn(rows, fromId)
  return !meant.some((row) => stands(ctx, row)) && meant.some((row) => isOver(ctx, row))
}

export const idsOf = (rows: readonly OccurrenceRow[]): number[] => rows.map((row) => row.id)

import type { Context } from '../../../platform/context.ts'
import { invalid, notFound } from '../../../platform/errors.ts'
import { findBooking } from '../queries/bookings.ts'
import { listNoticed, type Noticed } from '../queries/notices.ts'
import { findSeries, type SeriesRow } from '../queries/series.ts'
import { manageDays, typedReason } from '../rules.ts'
import { inWords } from '../rules-series.ts'
import type { ManagedSeriesCancel, ManagedSeriesView } from '../schema-managed.ts'
import { anonymous, manageToken, viewManaged } from './manage.ts'
import { cancelRest } from './series-change.ts'
import { requireGuestSeries } from './series-read.ts'
import { step } from './status.ts'

const purpose = 'manage series'

/** The link in the mails about a guest's series: whoever has it may see all of its bookings, and cancel one, one and those after it, or all. */
export function manageSeriesLink(ctx: Context, seriesId: number): string {
  const token = `${seriesId}.${ctx.house.secrets.hmac(purpose, String(seriesId))}`
  return `${ctx.house.config.PUBLIC_URL}/bookings/manage/?series=${token}`
}

/** The guest's series that a token opens, until 30 days after the end of the last of its bookings. @throws NOT_FOUND for a forged, foreign or old one. */
async function findManaged(ctx: Context, token: string): Promise<{ series: SeriesRow; all: Noticed[] }> {
  const [, id, signature] = /^([1-9]\d{0,14})\.([0-9a-f]{64})$/.exec(token) ?? []
  if (id === undefined || !ctx.house.secrets.verifies(purpose, id, signature!)) throw notFound('series')
  const series = await findSeries(ctx, Number(id))
  if (!series || series.customer_id !== null) throw notFound('series')
  const all = await listNoticed(ctx, series.id)
  const serves = ({ booking }: Noticed): boolean =>
    Temporal.Instant.compare(booking.ends_at.add({ hours: 24 * manageDays }), ctx.now) > 0
  if (!all.some(serves)) throw notFound('series')
  return { series, all }
}

/** What the link of a series shows; looking changes nothing. */
export async function getManagedSeries(ctx: Context, token: string): Promise<ManagedSeriesView> {
  const { series, all } = await findManaged(ctx, token)
  const [first] = all as [Noticed]
  const bookings = all.map((noticed) => ({
    id: noticed.booking.id,
    token: manageToken(ctx, noticed.booking.id),
    ...viewManaged(ctx, noticed),
  }))
  return {
    service: { id: series.service_id, title: first.booking.title },
    name: first.buyer.name,
    organization: first.organization?.name ?? null,
    recurrence_rule: series.rule,
    description: inWords(series.rule, series.time_zone, series.starts_at, ctx.locale),
    time_zone: series.time_zone,
    can_change: bookings.some(({ can_change }) => can_change),
    bookings,
  }
}

/**
 * Cancels bookings of a guest's series, as their customer, each by its own policy: the one that is named, it and those after it, or all that are to come.
 * @throws VALIDATION_ERROR for a booking of something else, CONFLICT when all has taken place
 */
export async function cancelManagedSeries(
  ctx: Context,
  token: string,
  input: ManagedSeriesCancel,
): Promise<ManagedSeriesView> {
  const { series, all } = await findManaged(ctx, token)
  const { booking_id: id, reason, scope = id === undefined ? 'all' : 'this' } = input
  if (scope !== 'all' && !all.some(({ booking }) => booking.id === id))
    throw invalid('booking_id', 'This booking is not of the series', 'not_of_series')
  const guest = anonymous(ctx)
  if (scope === 'this') await step(guest, (await findBooking(ctx, id!))!, 'customer', 'cancelled', typedReason(reason))
  else
    await cancelRest(
      guest,
      series.id,
      { ...(scope === 'all' ? {} : { from_booking_id: id! }), ...(reason === undefined ? {} : { reason }) },
      requireGuestSeries,
    )
  return getManagedSeries(ctx, token)
}

import { findMembership, requireOrgRole } from '../../organizations/index.ts'
import { actorOf, hasPermission, isAdministrative, type Context } from '../../../platform/context.ts'
import { denied, notFound } from '../../../platform/errors.ts'
import { pageOf, type Page } from '../../../platform/http/page.ts'
import { iso, isoOrNull } from '../../../platform/http/shapes.ts'
import { translate } from '../../../platform/i18n/index.ts'
import { fromMinor } from '../../../platform/money.ts'
import {
  findSeries,
  listOfSeries,
  selectSeries,
  type ListedSeries,
  type OccurrenceRow,
  type SeriesRow,
  type SkippedOccurrence,
} from '../queries/series.ts'
import type { Party } from '../rules.ts'
import { inWords } from '../rules-series.ts'
import type { SeriesQuery, SeriesRowView, SeriesView } from '../schema-series.ts'
import { viewBooking } from '../view.ts'
import { asSeen } from './former.ts'

/** A series with those of its bookings that somebody may see, and as whom they act on them. */
export type Known = { series: SeriesRow; rows: OccurrenceRow[]; party: Party }

/**
 * A series for its customer, an admin of its organization and `booking_management`; a master sees those of its bookings that they give.
 * @throws NOT_FOUND for everybody else
 */
export async function requireSeries(ctx: Context, id: number): Promise<Known> {
  const { actor } = ctx
  const series = actor ? await findSeries(ctx, id) : undefined
  if (!series || !actor) throw notFound('series')
  const rows = await listOfSeries(ctx, id)
  if (series.customer_id === actor.userId) return { series, rows, party: 'customer' }
  if (hasPermission(actor, 'booking_management')) return { series, rows, party: 'platform' }
  if (series.organization_id !== null) {
    const membership = await findMembership(ctx, series.organization_id)
    if (membership?.role === 'admin') return { series, rows, party: 'provider' }
  }
  const own = rows.filter((row) => row.provider_id === actor.userId)
  if (own.length === 0) throw notFound('series')
  return { series, rows: await asSeen(ctx, own), party: 'provider' }
}

/** A guest's series, for whoever has its link; asks nobody's leave. @throws NOT_FOUND where it is not a guest's */
export async function requireGuestSeries(ctx: Context, id: number): Promise<Known> {
  const series = await findSeries(ctx, id)
  if (!series || series.customer_id !== null) throw notFound('series')
  return { series, rows: await listOfSeries(ctx, id), party: 'customer' }
}

function view(ctx: Context, { series, rows }: Known): SeriesView {
  const [first] = rows
  if (!first) throw notFound('series')
  const counted = rows.filter(({ status }) => status !== 'cancelled')
  return {
    id: series.id,
    service: { id: series.service_id, title: first.title },
    customer: first.customer_id === null ? null : { id: first.customer_id, name: first.customer_name },
    guest: first.guest_name === null ? null : { name: first.guest_name },
    organization_id: series.organization_id,
    recurrence_rule: series.rule,
    description: inWords(series.rule, series.time_zone, series.starts_at, ctx.locale),
    time_zone: series.time_zone,
    date: iso(series.starts_at),
    seats: series.seats,
    price: fromMinor(
      counted.reduce((sum, row) => sum + row.price_minor, 0),
      first.currency,
    ),
    currency: first.currency,
    skipped: (series.skipped as SkippedOccurrence[]).map(({ date, rule, code, message }) => ({
      date,
      rule,
      code,
      message: translate(ctx.locale, message),
    })),
    bookings: rows.map(viewBooking),
    created_at: iso(series.created_at),
  }
}

/** One series with its bookings. @throws NOT_FOUND for whoever has nothing to do with it. */
export async function getSeries(ctx: Context, id: number): Promise<SeriesView> {
  return view(ctx, await requireSeries(ctx, id))
}

const viewRow = (ctx: Context, row: ListedSeries): SeriesRowView => ({
  id: row.id,
  service: { id: row.service_id, title: row.title },
  customer: row.customer_id === null ? null : { id: row.customer_id, name: row.customer_name },
  guest: row.guest_name === null ? null : { name: row.guest_name },
  organization_id: row.organization_id,
  recurrence_rule: row.rule,
  description: inWords(row.rule, row.time_zone, row.starts_at, ctx.locale),
  time_zone: row.time_zone,
  date: iso(row.starts_at),
  seats: row.seats,
  created_at: iso(row.created_at),
  booked: row.booked,
  next_date: isoOrNull(row.next_at),
  last_date: isoOrNull(row.last_at),
})

/**
 * The series that one has bought and those one gives something of; of an organization for its admins; all for `booking_management`. The newest first.
 * @throws PERMISSION_DENIED for an administrator without that permission
 */
export async function listSeries(ctx: Context, query: SeriesQuery): Promise<Page<SeriesRowView>> {
  const { userId, role } = actorOf(ctx)
  const manages = hasPermission(ctx.actor, 'booking_management')
  if (isAdministrative(role) && !manages) throw denied()
  let rows = selectSeries(ctx)
  if (query.organization_id !== undefined) {
    if (!manages) await requireOrgRole(ctx, query.organization_id, ['admin'])
    rows = rows.where('series.organization_id', '=', query.organization_id)
  } else if (!manages) {
    rows = rows.where((eb) =>
      eb.or([
        eb('series.customer_id', '=', userId),
        eb(
          'series.id',
          'in',
          eb
            .selectFrom('bookings as given')
            .where('given.provider_id', '=', userId)
            .where('given.series_id', 'is not', null)
            .select('given.series_id')
            .$castTo<{ series_id: number }>(),
        ),
      ]),
    )
  }
  if (query.service !== undefined) rows = rows.where('series.service_id', '=', query.service)
  const { page: _page, page_size: _size, ...filters } = query
  const page = await pageOf(ctx, query, `series of ${userId} ${JSON.stringify(filters)}`, rows)
  // Without an organization named, and without a permission, whoever has not bought it gives some of it.
  const seen = await asSeen(
    ctx,
    page.results.map((row) => ({ ...row, provider_id: query.organization_id === undefined ? userId : 0 })),
  )
  return { ...page, results: seen.map((row) => viewRow(ctx, row)) }
}

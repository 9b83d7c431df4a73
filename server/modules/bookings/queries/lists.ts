import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import { limitIn, limitOf, offsetOf } from '../../../platform/http/page.ts'
import type { BookingQuery } from '../schema.ts'
import { selectBookings, type BookingRow } from './bookings.ts'

/** Whose bookings: those a person has bought, those a person gives, or everybody's. */
export type List = { customer_id?: number; provider_id?: never } | { customer_id?: never; provider_id?: number }

type Filter = Pick<
  BookingQuery,
  'organization_id' | 'provider_id' | 'service' | 'series' | 'status' | 'from' | 'to' | 'page' | 'page_size'
>
type Order = { by: 'id' | 'starts_at'; descending: boolean }

const sideOf = ({ customer_id, provider_id }: List) =>
  customer_id !== undefined
    ? (['bookings.customer_id', unseen(customer_id, 'bigint')] as const)
    : provider_id !== undefined
      ? (['bookings.provider_id', unseen(provider_id, 'bigint')] as const)
      : null

function filtered(ctx: Context, list: List, filter: Filter) {
  let rows = ctx.db.selectFrom('bookings')
  const side = sideOf(list)
  // Said as a span of one, which has an order by whose it is: that is their index’s alone, whatever share of all bookings the planner takes anybody to have.
  if (side) rows = rows.where(sql<boolean>`${sql.ref(side[0])} BETWEEN ${side[1]} AND ${side[1]}`)
  if (filter.organization_id !== undefined) rows = rows.where('bookings.organization_id', '=', filter.organization_id)
  if (filter.provider_id !== undefined) rows = rows.where('bookings.provider_id', '=', filter.provider_id)
  if (filter.service !== undefined) rows = rows.where('bookings.service_id', '=', filter.service)
  if (filter.series !== undefined) rows = rows.where('bookings.series_id', '=', filter.series)
  if (filter.status !== undefined) rows = rows.where('bookings.status', '=', filter.status)
  if (filter.from !== undefined) rows = rows.where('bookings.starts_at', '>=', Temporal.Instant.from(filter.from))
  if (filter.to !== undefined) rows = rows.where('bookings.starts_at', '<', Temporal.Instant.from(filter.to))
  return rows
}

/**
 * One page of the bookings of these lists together, with everything that is shown of them. Each list is read along its own index, as far as the page reaches, and
 * only the rows of the page are joined with what is shown beside them.
 */
export async function listBookingRows(
  ctx: Context,
  lists: readonly List[],
  filter: Filter,
  { by, descending }: Order,
): Promise<BookingRow[]> {
  const direction = descending ? 'desc' : 'asc'
  const [limit, offset] = [limitOf(filter), offsetOf(filter)]
  // The first page names its length in the statement: for any length the planner takes a tenth of the list, and would plan each request anew.
  const reach = offset === 0 ? limitIn(limit) : offset + limit
  const [first, ...others] = lists.map((list) => {
    const [rows, side] = [filtered(ctx, list, filter).select(['bookings.id', 'bookings.starts_at']), sideOf(list)]
    // In the direction in which their index is read as a whole: the one by id has the newest first.
    const along = by === 'id' ? (descending ? 'asc' : 'desc') : direction
    const whose = side ? rows.orderBy(side[0], along) : rows
    const ordered = by === 'id' ? whose : whose.orderBy('bookings.starts_at', direction)
    const near = ordered.orderBy('bookings.id', direction).limit(reach).as('near')
    return ctx.db.selectFrom(near).select(['id', 'starts_at'])
  })
  const ids = others.reduce((all, next) => all.union(next), first!)
  const found = ctx.db.selectFrom(ids.as('found')).select(['id', 'starts_at'])
  const page = (by === 'id' ? found : found.orderBy('starts_at', direction))
    .orderBy('id', direction)
    .limit(limitIn(limit))
  const rows = selectBookings(ctx.db).innerJoin(
    (offset === 0 ? page : page.offset(offset)).as('page'),
    'page.id',
    'bookings.id',
  )
  const ordered = by === 'id' ? rows : rows.orderBy('bookings.starts_at', direction)
  return ordered.orderBy('bookings.id', direction).execute()
}

/** The bookings of these lists, to be counted. */
export const countedBookings = (ctx: Context, lists: readonly List[], filter: Filter) => {
  const [first, ...others] = lists.map((list) => filtered(ctx, list, filter).select('bookings.id'))
  return others.reduce((all, next) => all.union(next), first!)
}

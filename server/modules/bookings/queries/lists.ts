import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { builtOnce } from '../../../platform/db/built-once.ts'
import type { Db } from '../../../platform/db/database.ts'
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

/** The column that says whose a list is; null where it is everybody's. */
type Side = 'customer_id' | 'provider_id' | null

const sideOf = ({ customer_id, provider_id }: List): Side =>
  customer_id !== undefined ? 'customer_id' : provider_id !== undefined ? 'provider_id' : null

/** What the statements of a list are asked with; what is not filtered by is undefined. */
const valuesOf = (lists: readonly List[], filter: Filter) => ({
  own_customer_id: lists.find(({ customer_id }) => customer_id !== undefined)?.customer_id,
  own_provider_id: lists.find(({ provider_id }) => provider_id !== undefined)?.provider_id,
  organization_id: filter.organization_id,
  provider_id: filter.provider_id,
  service: filter.service,
  series: filter.series,
  status: filter.status,
  from: filter.from === undefined ? undefined : Temporal.Instant.from(filter.from),
  to: filter.to === undefined ? undefined : Temporal.Instant.from(filter.to),
})
type Values = ReturnType<typeof valuesOf>

function filtered(db: Db, side: Side, values: Values) {
  let rows = db.selectFrom('bookings')
  // Said as a span of one, which has an order by whose it is: that is their index’s alone, whatever share of all bookings the planner takes anybody to have.
  if (side) {
    const whose = unseen(values[`own_${side}`], 'bigint')
    rows = rows.where(sql<boolean>`${sql.ref(`bookings.${side}`)} BETWEEN ${whose} AND ${whose}`)
  }
  if (values.organization_id !== undefined) rows = rows.where('bookings.organization_id', '=', values.organization_id)
  if (values.provider_id !== undefined) rows = rows.where('bookings.provider_id', '=', values.provider_id)
  if (values.service !== undefined) rows = rows.where('bookings.service_id', '=', values.service)
  if (values.series !== undefined) rows = rows.where('bookings.series_id', '=', values.series)
  if (values.status !== undefined) rows = rows.where('bookings.status', '=', values.status)
  if (values.from !== undefined) rows = rows.where('bookings.starts_at', '>=', values.from)
  if (values.to !== undefined) rows = rows.where('bookings.starts_at', '<', values.to)
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
  const [limit, offset] = [limitOf(filter), offsetOf(filter)]
  const further = offset === 0 ? {} : { offset, reach: offset + limit }
  const shape = { sides: lists.map(sideOf), by, descending, limit }
  const query = pageOfLists(ctx.db, { ...valuesOf(lists, filter), ...further }, shape)
  return (await ctx.db.executeQuery(query)).rows
}

type Further = { offset?: number; reach?: number }
type Shape = Order & { sides: readonly Side[]; limit: number }

const pageOfLists = builtOnce((db, values: Values & Further, { sides, by, descending, limit }: Shape) => {
  const direction = descending ? 'desc' : 'asc'
  const [first, ...others] = sides.map((side) => {
    const rows = filtered(db, side, values).select(['bookings.id', 'bookings.starts_at'])
    // In the direction in which their index is read as a whole: the one by id has the newest first.
    const along = by === 'id' ? (descending ? 'asc' : 'desc') : direction
    const whose = side ? rows.orderBy(`bookings.${side}`, along) : rows
    const ordered = by === 'id' ? whose : whose.orderBy('bookings.starts_at', direction)
    // The first page names its length in the statement: for any length the planner takes a tenth of the list, and would plan each request anew.
    const near = ordered.orderBy('bookings.id', direction).limit(values.reach ?? limitIn(limit))
    return db.selectFrom(near.as('near')).select(['id', 'starts_at'])
  })
  const ids = others.reduce((all, next) => all.union(next), first!)
  const found = db.selectFrom(ids.as('found')).select(['id', 'starts_at'])
  const page = (by === 'id' ? found : found.orderBy('starts_at', direction))
    .orderBy('id', direction)
    .limit(limitIn(limit))
  const rows = selectBookings(db).innerJoin(
    (values.offset === undefined ? page : page.offset(values.offset)).as('page'),
    'page.id',
    'bookings.id',
  )
  const ordered = by === 'id' ? rows : rows.orderBy('bookings.starts_at', direction)
  return ordered.orderBy('bookings.id', direction).compile()
})

/** The bookings of these lists, to be counted. */
export const countedBookings = (ctx: Context, lists: readonly List[], filter: Filter) => {
  const values = valuesOf(lists, filter)
  const [first, ...others] = lists.map((list) => filtered(ctx.db, sideOf(list), values).select('bookings.id'))
  return others.reduce((all, next) => all.union(next), first!)
}

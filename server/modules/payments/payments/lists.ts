import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import { limitIn, limitOf, offsetOf } from '../../../platform/http/page.ts'
import { selectPayments, sourceKinds } from './queries.ts'
import type { PaymentQuery } from './schema.ts'

/** Whose payments: those a person has made, those they were paid, or everybody's. */
export type PaymentList = { payer_id?: number; provider_id?: never } | { payer_id?: never; provider_id: number }

const sideOf = ({ payer_id, provider_id }: PaymentList) =>
  payer_id !== undefined
    ? (['payments.payer_id', unseen(payer_id, 'bigint')] as const)
    : provider_id !== undefined
      ? (['payments.provider_id', unseen(provider_id, 'bigint')] as const)
      : null

function filtered(ctx: Context, list: PaymentList, query: PaymentQuery) {
  let rows = ctx.db.selectFrom('payments').select('payments.id')
  const side = sideOf(list)
  // Said as a span of one, which has an order by whose it is: that is their index’s alone, whatever share of all payments the planner takes anybody to have.
  if (side) rows = rows.where(sql<boolean>`${sql.ref(side[0])} BETWEEN ${side[1]} AND ${side[1]}`)
  if (query.organization_id !== undefined) rows = rows.where('payments.organization_id', '=', query.organization_id)
  if (query.status !== undefined) rows = rows.where('payments.status', '=', query.status)
  if (query.booking_id === undefined && query.purpose === undefined) return rows
  const kinds = query.purpose === undefined ? sourceKinds : [query.purpose === 'booking' ? 'booking' : 'no_show']
  const paid = rows
    .innerJoin('payables', 'payables.id', 'payments.payable_id')
    .where('payables.source_kind', 'in', [...kinds])
  return query.booking_id === undefined ? paid : paid.where('payables.source_id', '=', query.booking_id)
}

/**
 * One page of the payments of these lists together, the newest first. Each list is read along its own index as far as the page reaches: for one who either pays or
 * is paid the planner would go through everybody's payments until it has found enough.
 */
export function selectPaymentPage(ctx: Context, lists: readonly PaymentList[], query: PaymentQuery) {
  const [limit, offset] = [limitOf(query), offsetOf(query)]
  const reach = offset === 0 ? limitIn(limit) : offset + limit
  const [first, ...others] = lists.map((list) => {
    const [rows, side] = [filtered(ctx, list, query), sideOf(list)]
    const ordered = (side ? rows.orderBy(side[0]) : rows).orderBy('payments.id', 'desc')
    const near = ordered.limit(reach).as('near')
    return ctx.db.selectFrom(near).select('near.id')
  })
  const found = others.reduce((all, next) => all.union(next), first!).as('found')
  const page = ctx.db.selectFrom(found).select('found.id').orderBy('found.id', 'desc').limit(limitIn(limit))
  return selectPayments(ctx)
    .innerJoin((offset === 0 ? page : page.offset(offset)).as('page'), 'page.id', 'payments.id')
    .orderBy('payments.id', 'desc')
}

/** The payments of these lists, to be counted. */
export const countedPayments = (ctx: Context, lists: readonly PaymentList[], query: PaymentQuery) => {
  const [first, ...others] = lists.map((list) => filtered(ctx, list, query))
  return others.reduce((all, next) => all.union(next), first!)
}

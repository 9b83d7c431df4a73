import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import { limitIn, limitOf, offsetOf } from '../../../platform/http/page.ts'
import type { ReviewQuery } from '../schema.ts'
import { inOrder, selectReviews } from './reviews.ts'

/** Whose reviews: those a person has written, those of what a person gave, or everybody's. */
export type ReviewList = { of: 'customer_id' | 'provider_id'; userId: number } | null

function filtered(ctx: Context, list: ReviewList, query: ReviewQuery) {
  let rows = ctx.db.selectFrom('reviews').select(['reviews.id', 'reviews.rating'])
  if (list) {
    // Said as a span of one, which has an order by whose it is: that is their index’s alone, whatever share of all reviews the planner takes anybody to have.
    const person = unseen(list.userId, 'bigint')
    rows = rows.where(sql<boolean>`${sql.ref(`reviews.${list.of}`)} BETWEEN ${person} AND ${person}`)
  }
  if (query.organization_id !== undefined) rows = rows.where('reviews.organization_id', '=', query.organization_id)
  if (query.provider_id !== undefined) rows = rows.where('reviews.provider_id', '=', query.provider_id)
  if (query.service !== undefined) rows = rows.where('reviews.service_id', '=', query.service)
  if (query.rating !== undefined) rows = rows.where('reviews.rating', '=', query.rating)
  if (query.answered !== undefined) rows = rows.where('reviews.answered_at', query.answered ? 'is not' : 'is', null)
  if (query.hidden !== undefined) rows = rows.where('reviews.hidden_at', query.hidden ? 'is not' : 'is', null)
  return rows
}

/**
 * One page of the reviews of these lists together. Each list is read along its own index as far as the page reaches: for one who has either written or received
 * them the planner would go through everybody's until it has found enough.
 */
export function selectReviewPage(ctx: Context, lists: readonly ReviewList[], query: ReviewQuery) {
  const { ordering = '-created_at' } = query
  const direction = ordering.startsWith('-') ? 'desc' : 'asc'
  const byRating = ordering.endsWith('rating')
  const [limit, offset] = [limitOf(query), offsetOf(query)]
  const [first, ...others] = lists.map((list) => {
    const rows = filtered(ctx, list, query)
    const sided = list ? rows.orderBy(`reviews.${list.of}`, direction) : rows
    const ordered = (byRating ? sided.orderBy('reviews.rating', direction) : sided).orderBy('reviews.id', direction)
    const near = ordered.limit(offset === 0 ? limitIn(limit) : offset + limit).as('near')
    return ctx.db.selectFrom(near).select(['near.id', 'near.rating'])
  })
  const found = ctx.db.selectFrom(others.reduce((all, next) => all.union(next), first!).as('found')).select('found.id')
  const page = (byRating ? found.orderBy('found.rating', direction) : found)
    .orderBy('found.id', direction)
    .limit(limitIn(limit))
  return inOrder(
    selectReviews(ctx).innerJoin((offset === 0 ? page : page.offset(offset)).as('page'), 'page.id', 'reviews.id'),
    ordering,
  )
}

/** The reviews of these lists, to be counted. */
export const countedReviews = (ctx: Context, lists: readonly ReviewList[], query: ReviewQuery) => {
  const [first, ...others] = lists.map((list) => filtered(ctx, list, query))
  return others.reduce((all, next) => all.union(next), first!)
}

import { requireOrgRole } from '../../organizations/index.ts'
import { actorOf, hasPermission, isAdministrative, type Context } from '../../../platform/context.ts'
import { denied, notFound } from '../../../platform/errors.ts'
import { limitOf, offsetOf, withCount, type Page } from '../../../platform/http/page.ts'
import { countedReviews, selectReviewPage, type ReviewList } from '../queries/lists.ts'
import { findReview, isShown, listVisible, type Subject } from '../queries/reviews.ts'
import { findTotals } from '../queries/totals.ts'
import { summarize, type Stars } from '../rules.ts'
import type { OwnReviewView, PublicReviewQuery, ReviewQuery, ReviewSummaryView, ReviewView } from '../schema.ts'
import { moderates, requireSide } from '../policy.ts'
import { viewOwnReview, viewReview, viewSummary } from '../view.ts'

async function requireShown(ctx: Context, subject: Subject): Promise<void> {
  if (!(await isShown(ctx, subject))) throw notFound(subject.kind)
}

/** What everybody may read of a provider, a service or an organization. The totals tell the count, so nothing is counted. @throws NOT_FOUND for what nobody is shown, and past the end */
export async function listPublicReviews(
  ctx: Context,
  subject: Subject,
  query: PublicReviewQuery,
): Promise<Page<ReviewView>> {
  await requireShown(ctx, subject)
  const totals = await findTotals(ctx, subject)
  const count = query.rating === undefined ? summarize(totals).count : totals[query.rating as Stars]
  if (offsetOf(query) > 0 && offsetOf(query) >= count) throw notFound('page')
  if (count === 0) return { results: [], count }
  const { rating, ordering } = query
  const found = await listVisible(ctx, subject, {
    rating,
    ordering,
    limit: limitOf(query),
    offset: offsetOf(query),
  })
  return { results: found.map(viewReview), count }
}

/** The average and how many reviews give how many stars. @throws NOT_FOUND for what nobody is shown */
export async function summarizeReviews(ctx: Context, subject: Subject): Promise<ReviewSummaryView> {
  await requireShown(ctx, subject)
  return viewSummary(await findTotals(ctx, subject))
}

/** One review, for its two sides and moderators. @throws NOT_FOUND for everybody else */
export async function getReview(ctx: Context, id: number): Promise<OwnReviewView> {
  const row = await findReview(ctx, id)
  await requireSide(ctx, row)
  return viewOwnReview(row!)
}

/**
 * The reviews of who asks: those one has written and those of what one gave, by role as asked for; of an organization for its admins; all for moderators. The hidden
 * ones too.
 * @throws PERMISSION_DENIED for an administrator who does not moderate, and for members who are no admins
 */
export async function listReviews(ctx: Context, query: ReviewQuery): Promise<Page<OwnReviewView>> {
  const { userId, role } = actorOf(ctx)
  const all = hasPermission(ctx.actor, moderates)
  if (isAdministrative(role) && !all) throw denied()
  const sides = { customer: 'customer_id', provider: 'provider_id' } as const
  let lists: ReviewList[] = [null]
  if (query.role !== undefined) lists = [{ of: sides[query.role], userId }]
  else if (query.organization_id !== undefined && !all) await requireOrgRole(ctx, query.organization_id, ['admin'])
  else if (!all) lists = Object.values(sides).map((of) => ({ of, userId }))
  const results = await selectReviewPage(ctx, lists, query).execute()
  const { page: _page, page_size: _size, ordering: _ordering, ...filters } = query
  const key = `reviews of ${all ? `all, ${userId}` : userId} ${JSON.stringify(filters)}`
  const page = await withCount(ctx, query, key, results, () => countedReviews(ctx, lists, query))
  return { ...page, results: page.results.map(viewOwnReview) }
}

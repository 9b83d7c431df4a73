import { findMembership } from '../organizations/index.ts'
import { hasPermission, type Context } from '../../platform/context.ts'
import { notFound } from '../../platform/errors.ts'
import type { ReviewRow } from './queries/reviews.ts'

/** Who holds it decides over reviews, as over reported messages: both are about how people behave. */
export const moderates = 'user_management'

/** As whom somebody stands to a review: its author, who gave the booking (or an admin of the organization that sold it), or a moderator. */
export type Side = 'author' | 'provider' | 'platform'

/** Null for everybody else, who is told that there is no such review here: it can be read where everybody reads it. */
export async function sideOf(
  ctx: Context,
  review: Pick<ReviewRow, 'customer_id' | 'provider_id' | 'organization_id'>,
): Promise<Side | null> {
  const { actor } = ctx
  if (!actor) return null
  if (review.customer_id === actor.userId) return 'author'
  if (review.provider_id === actor.userId) return 'provider'
  if (review.organization_id !== null && (await findMembership(ctx, review.organization_id))?.role === 'admin')
    return 'provider'
  return hasPermission(actor, moderates) ? 'platform' : null
}

/** @throws NOT_FOUND for whoever has nothing to do with the review. */
export async function requireSide(ctx: Context, review: ReviewRow | undefined): Promise<Side> {
  const side = review ? await sideOf(ctx, review) : null
  if (!side) throw notFound('review')
  return side
}

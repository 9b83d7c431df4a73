import { lockReviewed } from '../../bookings/index.ts'
import type { Context } from '../../../platform/context.ts'
import { conflict, notFound } from '../../../platform/errors.ts'
import { findBookingId, findReview, type ReviewRow } from '../queries/reviews.ts'

/** A review under the lock of its booking, so that its changes take their turns. @throws NOT_FOUND */
export async function lockReview(ctx: Context, id: number): Promise<ReviewRow> {
  const bookingId = await findBookingId(ctx, id)
  if (bookingId === undefined) throw notFound('review')
  await lockReviewed(ctx, bookingId)
  const row = await findReview(ctx, id)
  if (!row) throw notFound('review')
  return row
}

/** A refusal that a client can tell apart by its rule. */
export const refused = (message: string, rule: string, params: Record<string, string | number> = {}) =>
  conflict(message, { params, details: [{ message, rule, params }] })

/** A hidden review stays as it was hidden, until a moderator restores it: else its author would only write it anew. */
export function refuseHidden(review: ReviewRow): void {
  if (review.hidden_at !== null) throw refused('This review was hidden by an administrator', 'hidden')
}

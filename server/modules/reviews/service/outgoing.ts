import type { Context } from '../../../platform/context.ts'
import { peopleOf, type Outgoing } from '../../../platform/outgoing.ts'
import { findReview } from '../queries/reviews.ts'
import type { OwnReviewView } from '../schema.ts'
import { viewOwnReview } from '../view.ts'

/** A review as its two sides see it, for who sends it on to whom it is of; null where it is gone. Asks nobody's leave. */
export async function reviewToSend(ctx: Context, id: number): Promise<Outgoing<OwnReviewView> | null> {
  const row = await findReview(ctx, id)
  if (!row) return null
  return {
    data: viewOwnReview(row),
    organizationId: row.organization_id,
    providerId: row.provider_id,
    people: peopleOf(row.customer_id, row.provider_id),
  }
}

import { addRating } from '../../accounts/index.ts'
import { ratingChanged } from '../../catalog/index.ts'
import { addOrganizationRating } from '../../organizations/index.ts'
import type { Context } from '../../../platform/context.ts'
import type { Subject } from '../queries/reviews.ts'
import { addTotals } from '../queries/totals.ts'
import { difference, type Stars } from '../rules.ts'

type Counted = { provider_id: number; service_id: number; organization_id: string | null }

/** The pages a review stands on. */
const subjectsOf = ({ provider_id, service_id, organization_id }: Counted): Subject[] => [
  { kind: 'provider', id: provider_id },
  { kind: 'service', id: service_id },
  ...(organization_id === null ? [] : [{ kind: 'organization' as const, id: organization_id }]),
]

/**
 * Counts one review anew, in its transaction: what it gave before and gives now, null where it was or is not to be seen. The locks are taken in one order by
 * every change: booking, provider, organization, services, totals.
 */
export async function recountOne(
  ctx: Context,
  review: Counted,
  before: Stars | null,
  after: Stars | null,
): Promise<void> {
  if (before === after) return
  const { sum, count, totals } = difference(before, after)
  await addRating(ctx, review.provider_id, sum, count)
  if (review.organization_id !== null) await addOrganizationRating(ctx, review.organization_id, sum, count)
  await ratingChanged(ctx, review.provider_id)
  await addTotals(ctx, subjectsOf(review), totals)
}

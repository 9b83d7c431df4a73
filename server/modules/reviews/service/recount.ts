import { addRating } from '../../accounts/index.ts'
import { noteReview } from '../../bookings/index.ts'
import { ratingChanged } from '../../catalog/index.ts'
import { addOrganizationRating } from '../../organizations/index.ts'
import type { Command } from '../../../platform/console.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, invalid } from '../../../platform/errors.ts'
import { listDifferences, lockReviews, replaceTotals, type Difference } from '../queries/recount.ts'
import { findReviewOfBooking } from '../queries/reviews.ts'

const wordsOf = ({ what, key, kept, counted }: Difference): string =>
  `${what} ${key}: kept ${kept || 'nothing'}, counted ${counted || 'nothing'}`

async function repair(ctx: Context): Promise<string[]> {
  return inTransaction(ctx, async (tx) => {
    await lockReviews(tx)
    const differences = await listDifferences(tx)
    await replaceTotals(tx)
    for (const { what, key, sum, count } of differences) {
      if (what === 'booking') {
        const row = await findReviewOfBooking(tx, Number(key))
        await noteReview(tx, Number(key), row ? { id: row.id, rating: row.rating } : null)
      }
      if (what === 'organization') await addOrganizationRating(tx, key, sum, count)
      if (what === 'provider') {
        await addRating(tx, Number(key), sum, count)
        await ratingChanged(tx, Number(key))
      }
    }
    return [
      ...differences.map((difference) => `put right  ${wordsOf(difference)}`),
      'The ratings are what the reviews say.',
    ]
  })
}

/** @throws CONFLICT that names every difference, so that the console ends with 1 */
async function check(ctx: Context): Promise<string[]> {
  const differences = await listDifferences(ctx)
  if (differences.length > 0)
    throw conflict('Ratings differ from the reviews in {count} places', {
      params: { count: differences.length },
      details: differences.map((difference) => ({ message: wordsOf(difference) })),
    })
  return ['The ratings are what the reviews say.']
}

export const commands: Record<string, Command> = {
  'reviews-recount': {
    summary: 'prove that ratings are what the reviews say; with --repair put them right',
    run: async (ctx, { options: { repair: wanted, ...others } }) => {
      if (Object.keys(others).length > 0) throw invalid('repair', 'Say --repair, and nothing else')
      return wanted === undefined ? check(ctx) : repair(ctx)
    },
  },
}

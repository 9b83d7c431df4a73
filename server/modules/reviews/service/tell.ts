import { notify } from '../../notifications/index.ts'
import type { Context } from '../../../platform/context.ts'
import { listAdmins, type ReviewRow } from '../queries/reviews.ts'
import { viewReview } from '../view.ts'

/** What the two sides of a review are told. English sentences, the keys of their translations. */

/** Of a large organization so many admins are told. */
const mostAdmins = 20
const mailed = (id: number) => ({ button: 'See the review', path: `/reviews/${id}/` })

/** The words of a review are not told, only how many stars it gives: whoever wants them reads it, as it stands by then. */
export async function tellReceived(ctx: Context, row: ReviewRow): Promise<void> {
  const { name } = viewReview(row).author
  const admins = row.organization_id === null ? [] : await listAdmins(ctx, row.organization_id, mostAdmins)
  const told = new Set([row.provider_id, ...admins.map(({ id }) => id)])
  for (const userId of told)
    await notify(ctx, {
      userId,
      kind: 'review_received',
      title: 'New review',
      body: name === null ? '{service}: {rating} of 5' : '{customer} reviewed {service}: {rating} of 5',
      params: { service: row.title, rating: row.rating, ...(name === null ? {} : { customer: name }) },
      people: { customer: row.customer_id },
      target: { kind: 'review', id: row.id },
      mail: mailed(row.id),
    })
}

/** Whoever wrote a review hears that it was answered. Guests hear nothing: their link is for the booking. */
export async function tellAnswered(ctx: Context, row: ReviewRow): Promise<void> {
  if (row.customer_id === null) return
  await notify(ctx, {
    userId: row.customer_id,
    kind: 'review_answered',
    title: 'Your review was answered',
    body: '{provider} answered your review of {service}',
    params: { provider: row.provider_name, service: row.title },
    people: { provider: row.provider_id },
    target: { kind: 'review', id: row.id },
    mail: mailed(row.id),
  })
}

/** Whoever wrote a review hears that it was hidden, and why. */
export async function tellHidden(ctx: Context, row: ReviewRow, reason: string): Promise<void> {
  if (row.customer_id === null) return
  await notify(ctx, {
    userId: row.customer_id,
    kind: 'review_hidden',
    title: 'Your review was hidden',
    body:
      reason === ''
        ? 'Your review of {service} is on no page any more.'
        : 'Your review of {service} is on no page any more. Reason: {reason}',
    params: { service: row.title, reason },
    target: { kind: 'review', id: row.id },
    mail: mailed(row.id),
  })
}

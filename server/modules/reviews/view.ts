import { iso, isoOrNull } from '../../platform/http/shapes.ts'
import type { ReviewRow } from './queries/reviews.ts'
import { changeableUntil, shownGuest, shownName, summarize, type Totals } from './rules.ts'
import type { OwnReviewView, ReviewSummaryView, ReviewView } from './schema.ts'

const commonOf = (row: ReviewRow) => ({
  id: row.id,
  rating: row.rating,
  text: row.text,
  provider: { id: row.provider_id, name: row.provider_name },
  service: { id: row.service_id, title: row.title },
  answer:
    row.answer === null || row.answered_at === null
      ? null
      : { text: row.answer, created_at: iso(row.answered_at), edited_at: isoOrNull(row.answer_edited_at) },
  created_at: iso(row.created_at),
  edited_at: isoOrNull(row.edited_at),
})

/** A review as everybody may read it. */
export const viewReview = (row: ReviewRow): ReviewView => ({
  ...commonOf(row),
  author:
    row.guest_name === null
      ? { name: shownName(row.customer_first_name ?? '', row.customer_last_name ?? ''), is_guest: false }
      : { name: shownGuest(row.guest_name), is_guest: true },
})

/** A review as its two sides see it. */
export const viewOwnReview = (row: ReviewRow): OwnReviewView => ({
  ...commonOf(row),
  booking_id: row.booking_id,
  organization_id: row.organization_id,
  customer:
    row.customer_id === null
      ? null
      : { id: row.customer_id, name: `${row.customer_first_name ?? ''} ${row.customer_last_name ?? ''}`.trim() },
  guest_name: row.guest_name,
  can_change_until: isoOrNull(changeableUntil(row)),
  is_hidden: row.hidden_at !== null,
  hidden_reason: row.hidden_reason,
})

export function viewSummary(totals: Totals): ReviewSummaryView {
  const { average, count } = summarize(totals)
  return {
    average,
    count,
    stars: { '1': totals[1], '2': totals[2], '3': totals[3], '4': totals[4], '5': totals[5] },
  }
}

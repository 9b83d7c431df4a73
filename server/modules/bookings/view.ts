import { iso, isoOrNull } from '../../platform/http/shapes.ts'
import { fromMinor } from '../../platform/money.ts'
import { feeStatus } from './no-show-rules.ts'
import type { BookingRow } from './queries/bookings.ts'
import { paymentStatus, reviewableUntil, type BookingStatus, type PolicyStep } from './rules.ts'
import type { BookingView } from './schema.ts'

/** What was said of a booking, and until when its customer can say it. */
export const reviewOf = (row: BookingRow): Pick<BookingView, 'review' | 'can_review_until'> => ({
  review: row.review_id === null ? null : { id: row.review_id, rating: row.review_rating ?? 0 },
  can_review_until: isoOrNull(reviewableUntil(row)),
})

/** A booking as its two sides see it. */
export function viewBooking(row: BookingRow): BookingView {
  return {
    id: row.id,
    service: { id: row.service_id, title: row.title },
    provider: { id: row.provider_id, name: row.provider_name },
    customer: row.customer_id === null ? null : { id: row.customer_id, name: row.customer_name },
    guest: row.guest_name === null ? null : { name: row.guest_name, phone: row.guest_phone, email: row.guest_email },
    organization_id: row.organization_id,
    series_id: row.series_id,
    date: iso(row.starts_at),
    end: iso(row.ends_at),
    status: row.status as BookingStatus,
    price: fromMinor(row.price_minor, row.currency),
    deposit: row.deposit_minor === null ? null : fromMinor(row.deposit_minor, row.currency),
    no_show_fee: row.no_show_fee_minor === null ? null : fromMinor(row.no_show_fee_minor, row.currency),
    no_show_fee_status: feeStatus(row),
    currency: row.currency,
    payment: row.payment as 'online' | 'on_site',
    payment_status: paymentStatus(row),
    room: row.room_id === null ? null : { id: row.room_id, name: row.room_name ?? '' },
    seats: row.seats,
    note: row.note,
    location_type: row.location_type,
    meeting_url: row.meeting_url,
    requires_approval: row.requires_approval,
    cancellation_policy: row.cancellation_policy as PolicyStep[],
    proposed_date: isoOrNull(row.proposed_at),
    expires_at: isoOrNull(row.expires_at),
    cancelled_by: row.cancelled_by,
    cancel_reason: row.cancel_reason,
    ...reviewOf(row),
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  }
}

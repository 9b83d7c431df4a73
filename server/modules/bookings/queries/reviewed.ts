import type { Context } from '../../../platform/context.ts'

/** SQL on what bookings keep of their reviews. */

/** A booking as whoever reviews it needs it, locked until the transaction ends: whatever happens to its review takes its turn here. */
export async function lockReviewed(ctx: Context, id: number) {
  return ctx.db
    .selectFrom('bookings')
    .innerJoin('users as provider', 'provider.id', 'bookings.provider_id')
    .where('bookings.id', '=', id)
    .select([
      'bookings.id',
      'bookings.status',
      'bookings.ends_at',
      'bookings.provider_id',
      'bookings.service_id',
      'bookings.organization_id',
      'bookings.customer_id',
      'bookings.guest_email',
      'bookings.reviewed_at',
      'provider.deleted_at as provider_deleted_at',
    ])
    .forNoKeyUpdate('bookings')
    .executeTakeFirst()
}

export type ReviewedBooking = NonNullable<Awaited<ReturnType<typeof lockReviewed>>>

/** Keeps beside a booking what its review says; with null that it was deleted. That there was one stays. */
export async function noteReview(
  ctx: Context,
  bookingId: number,
  review: { id: number; rating: number } | null,
): Promise<void> {
  await ctx.db
    .updateTable('bookings')
    .set({
      review_id: review?.id ?? null,
      review_rating: review?.rating ?? null,
      reviewed_at: (eb) => eb.fn.coalesce('reviewed_at', eb.val(ctx.now)),
    })
    .where('id', '=', bookingId)
    .execute()
}

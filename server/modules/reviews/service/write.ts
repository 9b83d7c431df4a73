import {
  lockReviewed,
  managedBookingId,
  noteReview,
  reviewableUntil,
  type ReviewedBooking,
} from '../../bookings/index.ts'
import { findMembership } from '../../organizations/index.ts'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction, violates } from '../../../platform/db/transaction.ts'
import { denied, notFound } from '../../../platform/errors.ts'
import {
  deleteReviewRow,
  findReview,
  findReviewOfBooking,
  insertReview,
  isOfSeller,
  updateReviewRow,
  type ReviewRow,
} from '../queries/reviews.ts'
import { changeableUntil, changeDays, type Stars } from '../rules.ts'
import type { OwnReviewView, ReviewChange, ReviewInput } from '../schema.ts'
import { requireSide } from '../policy.ts'
import { viewOwnReview } from '../view.ts'
import { recountOne } from './count.ts'
import { lockReview, refused, refuseHidden } from './guards.ts'
import { tellReceived } from './tell.ts'

/** What lets a booking be reviewed at all. @throws CONFLICT that names what is in the way. */
function requireReviewable(ctx: Context, booking: ReviewedBooking): void {
  if (booking.reviewed_at !== null) throw refused('This booking was reviewed before', 'reviewed')
  const until = reviewableUntil(booking)
  if (until === null) throw refused('Only completed bookings can be reviewed', 'status')
  if (Temporal.Instant.compare(until, ctx.now) <= 0)
    throw refused('The time to review this booking has passed', 'too_late')
  if (booking.provider_deleted_at !== null) throw refused('Who gave this booking has deleted their account', 'deleted')
}

async function write(ctx: Context, booking: ReviewedBooking, input: ReviewInput): Promise<ReviewRow> {
  requireReviewable(ctx, booking)
  const { provider_id, service_id, organization_id, customer_id } = booking
  const text = input.text?.trim() ?? ''
  const { rating } = input
  try {
    const id = await insertReview(ctx, {
      booking_id: booking.id,
      provider_id,
      service_id,
      organization_id,
      customer_id,
      rating,
      text,
    })
    await noteReview(ctx, booking.id, { id, rating })
    await recountOne(ctx, booking, null, rating as Stars)
    await ctx.house.jobs.publish(ctx, 'review.created', { review_id: id, provider_id })
    const row = (await findReview(ctx, id))!
    await tellReceived(ctx, row)
    return row
  } catch (error) {
    if (violates(error, 'reviews_once')) throw refused('This booking was reviewed before', 'reviewed')
    throw error
  }
}

/**
 * The customer of a completed booking reviews it, once in its life, until 90 days after its end.
 * @throws NOT_FOUND for strangers; PERMISSION_DENIED for who gave it and for members of the organization that sold it; CONFLICT where there is nothing to review
 */
export async function writeReview(ctx: Context, bookingId: number, input: ReviewInput): Promise<OwnReviewView> {
  const { userId } = actorOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const booking = await lockReviewed(tx, bookingId)
    const { organization_id } = booking ?? {}
    const membership = organization_id ? await findMembership(tx, organization_id) : undefined
    const isOurs = booking?.provider_id === userId || (booking !== undefined && membership?.role === 'admin')
    if (!booking || (booking.customer_id !== userId && !isOurs)) throw notFound('booking')
    if (booking.customer_id !== userId) throw denied('Only the customer reviews a booking')
    if (isOurs || membership) throw denied('Nobody reviews what their own organization has sold')
    return viewOwnReview(await write(tx, booking, input))
  })
}

/** The same by the link of a guest, while it serves. @throws NOT_FOUND for a forged or old token; PERMISSION_DENIED where the link went to the seller's own address */
export async function writeManagedReview(ctx: Context, token: string, input: ReviewInput): Promise<OwnReviewView> {
  const id = await managedBookingId(ctx, token)
  return inTransaction(anonymous(ctx), async (tx) => {
    const booking = await lockReviewed(tx, id)
    if (!booking) throw notFound('booking')
    const { guest_email, provider_id, organization_id } = booking
    if (guest_email !== null && (await isOfSeller(tx, guest_email, provider_id, organization_id)))
      throw denied('Nobody reviews what their own organization has sold')
    return viewOwnReview(await write(tx, booking, input))
  })
}

/** What a guest wrote. @throws NOT_FOUND where there is no review yet, or no such link. */
export async function getManagedReview(ctx: Context, token: string): Promise<OwnReviewView> {
  const row = await findReviewOfBooking(ctx, await managedBookingId(ctx, token))
  if (!row) throw notFound('review')
  return viewOwnReview(row)
}

async function change(ctx: Context, row: ReviewRow, input: ReviewChange): Promise<OwnReviewView> {
  refuseHidden(row)
  if (row.answered_at !== null) throw refused('This review was answered; it stays as it is', 'answered')
  const until = changeableUntil(row)
  if (until === null || Temporal.Instant.compare(until, ctx.now) <= 0)
    throw refused('A review can be changed for {count} day|A review can be changed for {count} days', 'too_late', {
      count: changeDays,
      days: changeDays,
    })
  const { rating = row.rating } = input
  const text = input.text?.trim() ?? row.text
  if (rating === row.rating && text === row.text) return viewOwnReview(row)
  await updateReviewRow(ctx, row.id, { rating, text, edited_at: ctx.now })
  if (rating !== row.rating) {
    await noteReview(ctx, row.booking_id, { id: row.id, rating })
    await recountOne(ctx, row, row.rating as Stars, rating as Stars)
  }
  await ctx.house.jobs.publish(ctx, 'review.changed', { review_id: row.id, provider_id: row.provider_id })
  return viewOwnReview((await findReview(ctx, row.id))!)
}

async function remove(ctx: Context, row: ReviewRow): Promise<void> {
  refuseHidden(row)
  await deleteReviewRow(ctx, row.id)
  await noteReview(ctx, row.booking_id, null)
  await recountOne(ctx, row, row.rating as Stars, null)
  await ctx.house.jobs.publish(ctx, 'review.deleted', {
    review_id: row.id,
    provider_id: row.provider_id,
    organization_id: row.organization_id,
  })
}

async function lockAuthored(ctx: Context, id: number): Promise<ReviewRow> {
  const row = await lockReview(ctx, id)
  if ((await requireSide(ctx, row)) !== 'author') throw denied('Only its author changes a review')
  return row
}

/** Its author changes a review: for 30 days, until it is answered. What is left out stays. @throws NOT_FOUND, PERMISSION_DENIED for its other side, CONFLICT */
export const updateReview = (ctx: Context, id: number, input: ReviewChange): Promise<OwnReviewView> =>
  inTransaction(ctx, async (tx) => change(tx, await lockAuthored(tx, id), input))

/** Its author deletes a review, with its answer and for good: the booking is reviewed no second time. @throws as `updateReview` */
export const deleteReview = (ctx: Context, id: number): Promise<void> =>
  inTransaction(ctx, async (tx) => remove(tx, await lockAuthored(tx, id)))

async function lockManaged(ctx: Context, bookingId: number): Promise<ReviewRow> {
  await lockReviewed(ctx, bookingId)
  const row = await findReviewOfBooking(ctx, bookingId)
  if (!row) throw notFound('review')
  return row
}

/** The same by a guest's link. */
export async function updateManagedReview(ctx: Context, token: string, input: ReviewChange): Promise<OwnReviewView> {
  const id = await managedBookingId(ctx, token)
  return inTransaction(anonymous(ctx), async (tx) => change(tx, await lockManaged(tx, id), input))
}
export async function deleteManagedReview(ctx: Context, token: string): Promise<void> {
  const id = await managedBookingId(ctx, token)
  await inTransaction(anonymous(ctx), async (tx) => remove(tx, await lockManaged(tx, id)))
}

/** The link acts for the guest, whoever else may be signed in in that browser. */
const anonymous = (ctx: Context): Context => ({ ...ctx, actor: null })

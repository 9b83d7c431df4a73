import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import type { ReviewOrdering } from '../schema.ts'

/** SQL on reviews. Reading joins the names that are shown, so that a list costs one statement. */

const nameOf = (alias: string) =>
  sql<string>`trim(${sql.ref(`${alias}.first_name`)} || ' ' || ${sql.ref(`${alias}.last_name`)})`

/** Reviews with everything that is shown of them; the caller adds whose and which. */
export const selectReviews = (ctx: Context) =>
  ctx.db
    .selectFrom('reviews')
    .innerJoin('bookings', 'bookings.id', 'reviews.booking_id')
    .innerJoin('users as provider', 'provider.id', 'reviews.provider_id')
    .leftJoin('users as customer', 'customer.id', 'reviews.customer_id')
    .select([
      'reviews.id',
      'reviews.booking_id',
      'reviews.provider_id',
      'reviews.service_id',
      'reviews.organization_id',
      'reviews.customer_id',
      'reviews.rating',
      'reviews.text',
      'reviews.answer',
      'reviews.answered_by',
      'reviews.answered_at',
      'reviews.answer_edited_at',
      'reviews.hidden_at',
      'reviews.hidden_reason',
      'reviews.created_at',
      'reviews.edited_at',
      'bookings.title',
      'bookings.guest_name',
      'customer.first_name as customer_first_name',
      'customer.last_name as customer_last_name',
    ])
    .select(nameOf('provider').as('provider_name'))

export type ReviewRow = NonNullable<Awaited<ReturnType<typeof findReview>>>
export type Selection = ReturnType<typeof selectReviews>

export const findReview = (ctx: Context, id: number) =>
  selectReviews(ctx).where('reviews.id', '=', id).executeTakeFirst()

export const findReviewOfBooking = (ctx: Context, bookingId: number) =>
  selectReviews(ctx).where('reviews.booking_id', '=', bookingId).executeTakeFirst()

/** The booking of a review, by whose lock its changes take their turns. */
export async function findBookingId(ctx: Context, id: number): Promise<number | undefined> {
  return (await ctx.db.selectFrom('reviews').where('id', '=', id).select('booking_id').executeTakeFirst())?.booking_id
}

/** Reviews in the order asked for; ids are given in the order of writing. */
export function inOrder(rows: Selection, ordering: ReviewOrdering = '-created_at'): Selection {
  const direction = ordering.startsWith('-') ? 'desc' : 'asc'
  return (ordering.endsWith('rating') ? rows.orderBy('reviews.rating', direction) : rows).orderBy(
    'reviews.id',
    direction,
  )
}

/** Whose page a review stands on. */
export type Subject =
  | { kind: 'provider'; id: number }
  | { kind: 'service'; id: number }
  | { kind: 'organization'; id: string }

type Wanted = { rating?: number | undefined; ordering?: ReviewOrdering | undefined; limit: number; offset: number }

/** The ids of a page of the visible reviews of one of them, along one index. */
export function visibleIds({ kind, id }: Subject, { rating, ordering = '-created_at', limit, offset }: Wanted) {
  const direction = sql.raw(ordering.startsWith('-') ? 'DESC' : 'ASC')
  return sql<{ id: number }>`
    SELECT id FROM reviews WHERE hidden_at IS NULL AND ${sql.ref(`${kind}_id`)} = ${id}
      ${rating === undefined ? sql`` : sql`AND rating = ${rating}`}
    ORDER BY ${ordering.endsWith('rating') ? sql`rating ${direction}, ` : sql``} id ${direction} LIMIT ${limit} OFFSET ${offset}`
}

/** A page of the visible reviews of one of them: the ids first, so that nothing is joined for what is skipped. */
export async function listVisible(ctx: Context, subject: Subject, wanted: Wanted): Promise<ReviewRow[]> {
  const { rows } = await visibleIds(subject, wanted).execute(ctx.db)
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  return inOrder(selectReviews(ctx).where(sql<boolean>`reviews.id = ANY(${ids}::bigint[])`), wanted.ordering).execute()
}

/** Is there such a page for everybody to see: an open account that gives something, a service on offer, an organization that stands? */
export async function isShown(ctx: Context, subject: Subject): Promise<boolean> {
  const { rows } =
    subject.kind === 'provider'
      ? await sql`SELECT FROM provider_listings l JOIN users u ON u.id = l.user_id AND u.is_active AND u.deleted_at IS NULL
          WHERE l.user_id = ${subject.id} AND l.is_listed`.execute(ctx.db)
      : subject.kind === 'service'
        ? await sql`SELECT FROM services WHERE id = ${subject.id} AND is_listed`.execute(ctx.db)
        : await sql`SELECT FROM organizations WHERE id = ${subject.id} AND archived_at IS NULL`.execute(ctx.db)
  return rows.length > 0
}

export type NewReview = {
  booking_id: number
  provider_id: number
  service_id: number
  organization_id: string | null
  customer_id: number | null
  rating: number
  text: string
}

/** Breaks `reviews_once` where the booking has one. */
export async function insertReview(ctx: Context, review: NewReview): Promise<number> {
  const { id } = await ctx.db
    .insertInto('reviews')
    .values({ ...review, created_at: ctx.now })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

type ReviewSet = Partial<{
  rating: number
  text: string
  edited_at: Temporal.Instant
  answer: string | null
  answered_by: number | null
  answered_at: Temporal.Instant | null
  answer_edited_at: Temporal.Instant | null
  hidden_at: Temporal.Instant | null
  hidden_reason: string | null
}>

export async function updateReviewRow(ctx: Context, id: number, set: ReviewSet): Promise<void> {
  await ctx.db.updateTable('reviews').set(set).where('id', '=', id).execute()
}

export async function deleteReviewRow(ctx: Context, id: number): Promise<void> {
  await ctx.db.deleteFrom('reviews').where('id', '=', id).execute()
}

/** Is this the e-mail of who gives the booking, or of anybody in the organization that sells it? */
export async function isOfSeller(
  ctx: Context,
  email: string,
  providerId: number,
  organizationId: string | null,
): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM users u WHERE u.email_key = ${email.trim().toLowerCase()} AND u.deleted_at IS NULL
      AND (u.id = ${providerId} OR EXISTS (SELECT FROM memberships m WHERE m.user_id = u.id AND m.organization_id = ${organizationId}::uuid))`.execute(
    ctx.db,
  )
  return rows.length > 0
}

/** The admins of an organization, and how its people are called. */
export const listAdmins = (ctx: Context, organizationId: string, limit: number) =>
  ctx.db
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .where('memberships.organization_id', '=', organizationId)
    .where('memberships.role', '=', 'admin')
    .where('users.deleted_at', 'is', null)
    .select('users.id')
    .orderBy('users.id')
    .limit(limit)
    .execute()

/** Takes the name off what an erased person wrote, and deletes their answers: these say who they are. */
export async function forgetPerson(ctx: Context, userId: number): Promise<void> {
  await ctx.db.updateTable('reviews').set({ customer_id: null }).where('customer_id', '=', userId).execute()
  await ctx.db
    .updateTable('reviews')
    .set({ answer: null, answered_by: null, answered_at: null, answer_edited_at: null })
    .where('answered_by', '=', userId)
    .execute()
}

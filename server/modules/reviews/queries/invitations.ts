import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** SQL on invitations to review. */

const nameOf = (alias: string) =>
  sql<string>`trim(${sql.ref(`${alias}.first_name`)} || ' ' || ${sql.ref(`${alias}.last_name`)})`

/** A booking that waits for its review, with who could write it and how they are reached; nothing where there is nothing to invite to. */
export const findInvitable = (ctx: Context, bookingId: number) =>
  ctx.db
    .selectFrom('bookings')
    .innerJoin('users as provider', 'provider.id', 'bookings.provider_id')
    .leftJoin('users as customer', 'customer.id', 'bookings.customer_id')
    .where('bookings.id', '=', bookingId)
    .where('bookings.status', '=', 'completed')
    .where('bookings.reviewed_at', 'is', null)
    .where('provider.deleted_at', 'is', null)
    .where('customer.deleted_at', 'is', null)
    .select([
      'bookings.id',
      'bookings.title',
      'bookings.status',
      'bookings.ends_at',
      'bookings.reviewed_at',
      'bookings.customer_id',
      'bookings.guest_email',
      'bookings.provider_id',
      'bookings.organization_id',
      'provider.locale as provider_locale',
    ])
    .select(nameOf('provider').as('provider_name'))
    .executeTakeFirst()

/** Notes that somebody is invited; answers false where they have been. */
export async function noteInvitation(ctx: Context, bookingId: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await ctx.db
    .insertInto('review_invitations')
    .values({ booking_id: bookingId, invited_at: ctx.now })
    .onConflict((on) => on.doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

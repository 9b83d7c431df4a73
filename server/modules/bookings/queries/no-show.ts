import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import type { FeeAsked } from '../no-show-rules.ts'

/** SQL about no-show fees. */

/** What has come of asking for the fee of `bookings`, to be selected: read only of those to which nobody came, so that lists of others cost nothing for it. */
export const feeAsked = sql<FeeAsked | null>`CASE WHEN bookings.no_show_outcome = 'collected' THEN (
  SELECT json_build_object('amount', f.amount_minor, 'paid', f.paid_minor, 'refunded', f.refunded_minor, 'is_processing', f.is_processing,
    'is_closed', f.closed_at IS NOT NULL) FROM payables f WHERE f.source_kind = 'no_show' AND f.source_id = bookings.id) END`

/** Has this customer a booking that stands and has a fee which nothing that they have paid for it covers? */
export async function hasPledged(ctx: Context, customerId: number): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('bookings')
    .leftJoin('payables as paid', (join) =>
      join.onRef('paid.source_id', '=', 'bookings.id').on('paid.source_kind', '=', 'booking'),
    )
    .where('customer_id', '=', customerId)
    .where('status', 'in', ['pending', 'confirmed'])
    .where('no_show_fee_minor', 'is not', null)
    .where((eb) => eb.or([eb('bookings.expires_at', 'is', null), eb('bookings.expires_at', '>', ctx.now)]))
    .where((eb) =>
      eb(
        eb.fn.coalesce(sql<number>`paid.paid_minor - paid.refunded_minor`, sql<number>`0`),
        '<',
        eb.ref('no_show_fee_minor'),
      ),
    )
    .select('bookings.id')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

import type { Context } from '../../../platform/context.ts'

/** SQL about no-show fees; what is owed is a payable like any other, of the kind `no_show`. */

/** Of these people, who still has an account. */
export async function listPresent(ctx: Context, userIds: readonly number[]): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('users')
    .where('id', 'in', [...userIds])
    .where('deleted_at', 'is', null)
    .select('id')
    .execute()
  return rows.map((row) => row.id)
}

/** The bookings for which somebody still owes a fee, or is owed one as their own seller: what an organization sold is owed to it. */
export async function listFeesDue(ctx: Context, userId: number): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('payables')
    .where('source_kind', '=', 'no_show')
    .where((eb) =>
      eb.or([eb('payer_id', '=', userId), eb.and([eb('provider_id', '=', userId), eb('organization_id', 'is', null)])]),
    )
    .where('closed_at', 'is', null)
    .where((eb) => eb('paid_minor', '<', eb.ref('amount_minor')))
    .select('source_id')
    .orderBy('source_id')
    .execute()
  return rows.map((row) => row.source_id)
}

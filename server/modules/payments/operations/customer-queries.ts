import type { Context } from '../../../platform/context.ts'

export const findCustomer = (ctx: Context, userId: number, gateway: string) =>
  ctx.db
    .selectFrom('gateway_customers')
    .selectAll()
    .where('user_id', '=', userId)
    .where('gateway', '=', gateway)
    .executeTakeFirst()

export async function putCustomer(ctx: Context, userId: number, gateway: string, customerId: string): Promise<void> {
  await ctx.db
    .insertInto('gateway_customers')
    .values({ user_id: userId, gateway, customer_id: customerId, created_at: ctx.now })
    .onConflict((on) => on.columns(['user_id', 'gateway']).doNothing())
    .execute()
}

/** How a person is known to the gateway. */
export async function findPerson(ctx: Context, userId: number): Promise<{ email: string; name: string }> {
  const person = await ctx.db
    .selectFrom('users')
    .where('id', '=', userId)
    .select(['email', 'first_name', 'last_name'])
    .executeTakeFirstOrThrow()
  return { email: person.email, name: `${person.first_name} ${person.last_name}`.trim() }
}

/** Forgets how a person was told to the gateway; that a call was made stays. */
export async function forgetPerson(ctx: Context, userId: number): Promise<void> {
  await ctx.db
    .updateTable('gateway_operations')
    .set({ request: '{}' })
    .where('kind', '=', 'customer.create')
    .where('subject_id', '=', userId)
    .execute()
}

import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import type { PaymentMethod } from '../gateway/gateway.ts'

/** SQL on the payment methods that people have saved, as far as the gateway has told of them. */

/** A saved method with the customer at the gateway whose it is. */
export type SavedMethod = { method_id: string; customer_id: string; gateway: string }

/** The method that somebody is charged by: the one they have chosen last, else saved last. */
export const findDefaultMethod = (ctx: Context, userId: number, gateway: string): Promise<SavedMethod | undefined> =>
  ctx.db
    .selectFrom('saved_methods as m')
    .innerJoin('gateway_customers as c', (join) =>
      join.onRef('c.user_id', '=', 'm.user_id').onRef('c.gateway', '=', 'm.gateway'),
    )
    .where('m.user_id', '=', userId)
    .where('m.gateway', '=', gateway)
    .select(['m.method_id', 'c.customer_id', 'm.gateway'])
    .orderBy('m.chosen_at', 'desc')
    .orderBy('m.id', 'desc')
    .limit(1)
    .executeTakeFirst()

/** Has somebody a saved method? It stays until the transaction ends: whoever removes it waits. */
export async function holdMethod(ctx: Context, userId: number, gateway: string): Promise<boolean> {
  const rows = await ctx.db
    .selectFrom('saved_methods')
    .where('user_id', '=', userId)
    .where('gateway', '=', gateway)
    .select('id')
    .orderBy('id')
    .forKeyShare()
    .execute()
  return rows.length > 0
}

/**
 * Takes the turn of a customer at the gateway: whoever writes down what they have saved, or removes it, waits here for the other. Then locks the methods, which
 * whoever books on them holds; answers their ids.
 */
export async function lockMethods(ctx: Context, userId: number, gateway: string): Promise<string[]> {
  await lockCustomer(ctx, userId, gateway)
  const rows = await ctx.db
    .selectFrom('saved_methods')
    .where('user_id', '=', userId)
    .where('gateway', '=', gateway)
    .select('method_id')
    .orderBy('id')
    .forUpdate()
    .execute()
  return rows.map((row) => row.method_id)
}

const lockCustomer = (ctx: Context, userId: number, gateway: string) =>
  ctx.db
    .selectFrom('gateway_customers')
    .where('user_id', '=', userId)
    .where('gateway', '=', gateway)
    .select('user_id')
    .forUpdate()
    .execute()

/** Under which key a method is taken off its customer, once. */
export const detachKey = (methodId: string): string => `detach:${methodId}`

/** Of these, what was not removed here: a list of the gateway may be older than a removal. Under the turn of their customer. */
async function kept<M extends { id: string }>(ctx: Context, methods: readonly M[]): Promise<M[]> {
  const rows = await ctx.db
    .selectFrom('gateway_operations')
    .where(
      'business_key',
      'in',
      methods.map(({ id }) => detachKey(id)),
    )
    .select('business_key')
    .execute()
  const removed = new Set(rows.map((row) => row.business_key))
  return methods.filter(({ id }) => !removed.has(detachKey(id)))
}

/** Writes down what a person has saved, but for what they have removed here, and answers it; a method that is known already keeps its turn. */
export async function putMethods(
  ctx: Context,
  userId: number,
  gateway: string,
  methods: readonly PaymentMethod[],
): Promise<PaymentMethod[]> {
  if (methods.length === 0) return []
  await lockCustomer(ctx, userId, gateway)
  const standing = await kept(ctx, methods)
  if (standing.length === 0) return []
  await ctx.db
    .insertInto('saved_methods')
    .values(
      // The gateway tells the newest first: what is written down later counts as newer.
      standing.toReversed().map(({ id, type, card }) => ({
        user_id: userId,
        gateway,
        method_id: id,
        type,
        brand: card?.brand ?? null,
        last4: card?.last4 ?? null,
        saved_at: ctx.now,
        chosen_at: ctx.now,
      })),
    )
    .onConflict((on) => on.constraint('saved_methods_once').doNothing())
    .execute()
  return standing
}

/** Forgets what the gateway does not list any more, of what was saved before it was asked. */
export async function keepOnly(
  ctx: Context,
  userId: number,
  gateway: string,
  { methodIds, askedAt }: { methodIds: readonly string[]; askedAt: Temporal.Instant },
): Promise<void> {
  await ctx.db
    .deleteFrom('saved_methods')
    .where('user_id', '=', userId)
    .where('gateway', '=', gateway)
    .where('saved_at', '<', askedAt)
    .where(sql<boolean>`method_id <> ALL(${[...methodIds]}::text[])`)
    .execute()
}

/** Makes a method the one that is charged; false where it is not theirs. */
export async function chooseMethodRow(
  ctx: Context,
  userId: number,
  gateway: string,
  methodId: string,
): Promise<boolean> {
  const { numUpdatedRows } = await ctx.db
    .updateTable('saved_methods')
    .set({ chosen_at: ctx.now })
    .where('user_id', '=', userId)
    .where('gateway', '=', gateway)
    .where('method_id', '=', methodId)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

export async function deleteMethod(ctx: Context, gateway: string, methodId: string): Promise<void> {
  await ctx.db.deleteFrom('saved_methods').where('gateway', '=', gateway).where('method_id', '=', methodId).execute()
}

export async function deleteMethodsOf(ctx: Context, userId: number): Promise<void> {
  await ctx.db.deleteFrom('saved_methods').where('user_id', '=', userId).execute()
}

/** Whose customer this is at the gateway. */
export async function findUserOfCustomer(
  ctx: Context,
  gateway: string,
  customerId: string,
): Promise<number | undefined> {
  const row = await ctx.db
    .selectFrom('gateway_customers')
    .innerJoin('users', 'users.id', 'gateway_customers.user_id')
    .where('gateway', '=', gateway)
    .where('customer_id', '=', customerId)
    .where('users.deleted_at', 'is', null)
    .select('user_id')
    .executeTakeFirst()
  return row?.user_id
}

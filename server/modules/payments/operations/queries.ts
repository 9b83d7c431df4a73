import type { Context } from '../../../platform/context.ts'

/** SQL on the calls to the gateway: a row is written before a call is made, and ended with its outcome. */

export const operationKinds = [
  'intent.create',
  'intent.confirm',
  'intent.charge',
  'intent.cancel',
  'refund.create',
  'customer.create',
  'method.detach',
] as const
export type OperationKind = (typeof operationKinds)[number]

export type NewOperation = {
  kind: OperationKind
  gateway: string
  /** The payment, refund or user that it is about. */
  subjectId: number
  /** What must not be done twice; it is the gateway's idempotency key too. */
  businessKey: string
  request: object
  /** When the poller does it if nobody has; two minutes from now for what its maker does at once. */
  nextAt?: Temporal.Instant
}

const select = (ctx: Context) => ctx.db.selectFrom('gateway_operations').selectAll()
export type OperationRow = NonNullable<Awaited<ReturnType<typeof findOperation>>>

export const findOperation = (ctx: Context, id: number) => select(ctx).where('id', '=', id).executeTakeFirst()

export const findOperationByKey = (ctx: Context, businessKey: string) =>
  select(ctx).where('business_key', '=', businessKey).executeTakeFirst()

export const lockOperation = (ctx: Context, id: number): Promise<OperationRow> =>
  select(ctx).where('id', '=', id).forUpdate().executeTakeFirstOrThrow()

/** A call of this kind about this thing that was begun and has not ended. */
export const findUnfinished = (ctx: Context, kind: OperationKind, subjectId: number) =>
  select(ctx)
    .where('kind', '=', kind)
    .where('subject_id', '=', subjectId)
    .where('state', '=', 'begun')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()

/** Transaction 1: writes a call down, in the transaction of `ctx`; one with the same key is found again. Answers its id. */
export async function beginOperation(ctx: Context, operation: NewOperation): Promise<number> {
  const { kind, gateway, subjectId, businessKey, request, nextAt } = operation
  const made = await ctx.db
    .insertInto('gateway_operations')
    .values({
      kind,
      gateway,
      subject_id: subjectId,
      business_key: businessKey,
      request: JSON.stringify(request),
      next_at: nextAt ?? ctx.now.add({ minutes: 2 }),
      created_at: ctx.now,
    })
    .onConflict((on) => on.constraint('gateway_operations_one_a_key').doNothing())
    .returning('id')
    .executeTakeFirst()
  return made?.id ?? (await findOperationByKey(ctx, businessKey))!.id
}

/** Counts an attempt and says when the next one is due if this one does not end. */
export async function noteAttempt(ctx: Context, id: number, nextAt: Temporal.Instant): Promise<void> {
  await ctx.db
    .updateTable('gateway_operations')
    .set((eb) => ({ attempts: eb('attempts', '+', 1), next_at: nextAt }))
    .where('id', '=', id)
    .execute()
}

export async function noteFailure(ctx: Context, id: number, message: string): Promise<void> {
  await ctx.db
    .updateTable('gateway_operations')
    .set({ last_error: message.slice(0, 500) })
    .where('id', '=', id)
    .execute()
}

export async function endOperation(ctx: Context, id: number, result: object): Promise<void> {
  await ctx.db
    .updateTable('gateway_operations')
    .set({ state: 'done', result: JSON.stringify(result), finished_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

/** Calls that were begun and are due again, the longest waiting first. */
export async function listDueOperations(ctx: Context, gateway: string, limit: number): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('gateway_operations')
    .where('state', '=', 'begun')
    .where('next_at', '<=', ctx.now)
    .where('gateway', '=', gateway)
    .orderBy('next_at')
    .limit(limit)
    .select('id')
    .execute()
  return rows.map((row) => row.id)
}

import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import type { EventTypeName } from '../types.ts'

/** SQL on messages, deliveries and what came of them. */

export type NewMessage = { id: string; type: EventTypeName; body: string; people: readonly number[] }

/** Writes a message and one delivery of it for each endpoint, to be made at once. Answers the deliveries' ids in the order of the endpoints. */
export async function insertMessage(
  ctx: Context,
  { people, ...message }: NewMessage,
  endpointIds: readonly string[],
): Promise<string[]> {
  await ctx.db
    .insertInto('webhook_messages')
    .values({ ...message, people: [...people], created_at: ctx.now })
    .execute()
  const rows = endpointIds.map((endpoint_id) => ({
    id: uuid7(ctx.now),
    endpoint_id,
    message_id: message.id,
    next_attempt_at: ctx.now,
    created_at: ctx.now,
  }))
  await ctx.db.insertInto('webhook_deliveries').values(rows).execute()
  return rows.map(({ id }) => id)
}

const lastOf = (column: 'status_code' | 'error') =>
  sql`(SELECT ${sql.ref(column)} FROM webhook_attempts a WHERE a.delivery_id = webhook_deliveries.id ORDER BY number DESC LIMIT 1)`

export const selectDeliveries = (ctx: Context, endpointId: string) =>
  ctx.db
    .selectFrom('webhook_deliveries')
    .innerJoin('webhook_messages as message', 'message.id', 'webhook_deliveries.message_id')
    .where('endpoint_id', '=', endpointId)
    .select([
      'webhook_deliveries.id',
      'endpoint_id',
      'message_id',
      'message.type',
      'status',
      'reason',
      'attempts',
      'next_attempt_at',
      'webhook_deliveries.created_at',
      'finished_at',
    ])
    .select([
      sql<number | null>`${lastOf('status_code')}`.as('last_status_code'),
      sql<string | null>`${lastOf('error')}`.as('last_error'),
    ])
    .orderBy('webhook_deliveries.id', 'desc')

export type DeliveryRow = Awaited<ReturnType<ReturnType<typeof selectDeliveries>['execute']>>[number]

export const findDelivery = (ctx: Context, endpointId: string, id: string) =>
  selectDeliveries(ctx, endpointId).where('webhook_deliveries.id', '=', id).select('message.body').executeTakeFirst()

export const listAttempts = (ctx: Context, deliveryId: string) =>
  ctx.db
    .selectFrom('webhook_attempts')
    .where('delivery_id', '=', deliveryId)
    .select(['number', 'at', 'duration_ms', 'status_code', 'error', 'response_body'])
    .orderBy('number', 'desc')
    .limit(50)
    .execute()

/** Puts deliveries back, to be made at once and by the whole schedule again. What is being made at this moment goes on. Answers how many. */
export async function putBack(
  ctx: Context,
  endpointId: string,
  which: { id: string } | { failedSince: Temporal.Instant; until: Temporal.Instant | undefined },
): Promise<number> {
  let query = ctx.db
    .updateTable('webhook_deliveries')
    .set({ status: 'pending', reason: null, tries: 0, next_attempt_at: ctx.now, finished_at: null })
    .where('endpoint_id', '=', endpointId)
    .where(sql<boolean>`(leased_until IS NULL OR leased_until <= ${ctx.now})`)
    .where(sql<boolean>`EXISTS (SELECT FROM webhook_messages m WHERE m.id = message_id AND m.body IS NOT NULL)`)
  if ('id' in which) query = query.where('id', '=', which.id)
  else {
    query = query.where('status', '=', 'failed').where('created_at', '>=', which.failedSince)
    if (which.until) query = query.where('created_at', '<', which.until)
  }
  return (await query.returning('id').execute()).length
}

/** Gives up all that waits for an endpoint. */
export async function giveUp(ctx: Context, endpointId: string): Promise<void> {
  await ctx.db
    .updateTable('webhook_deliveries')
    .set({ status: 'failed', reason: 'endpoint_off', next_attempt_at: null, finished_at: ctx.now })
    .where('endpoint_id', '=', endpointId)
    .where('status', '=', 'pending')
    .execute()
}

/** Gives up all that waits, of every endpoint. Answers how much that was. */
export async function giveUpEverything(ctx: Context): Promise<number> {
  const rows = await ctx.db
    .updateTable('webhook_deliveries')
    .set({ status: 'failed', reason: 'exhausted', next_attempt_at: null, finished_at: ctx.now })
    .where('status', '=', 'pending')
    .returning('id')
    .execute()
  return rows.length
}

/** Takes out what was sent of a person, and what was answered to it; what still waits is not sent. */
export async function eraseMessagesOf(ctx: Context, userId: number): Promise<void> {
  const erased = await ctx.db
    .updateTable('webhook_messages')
    .set({ body: null })
    .where(sql<boolean>`people @> ARRAY[${userId}]::bigint[]`)
    .returning('id')
    .execute()
  if (erased.length === 0) return
  const ids = erased.map(({ id }) => id)
  await sql`
    UPDATE webhook_attempts SET response_body = NULL WHERE delivery_id IN (
      SELECT id FROM webhook_deliveries WHERE message_id = ANY(${ids}::uuid[]))`.execute(ctx.db)
  await ctx.db
    .updateTable('webhook_deliveries')
    .set({ status: 'failed', reason: 'erased', next_attempt_at: null, finished_at: ctx.now })
    .where(sql<boolean>`message_id = ANY(${ids}::uuid[])`)
    .where('status', '=', 'pending')
    .execute()
}

/** Deletes up to so many old messages with their deliveries, and those that no endpoint has any more. Answers how many. */
export async function deleteOldMessages(ctx: Context, before: Temporal.Instant, limit: number): Promise<number> {
  const { rows } = await sql`
    DELETE FROM webhook_messages WHERE id IN (
      SELECT id FROM webhook_messages m
      WHERE (created_at < ${before} AND NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.message_id = m.id AND d.status = 'pending'))
        OR NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.message_id = m.id)
      LIMIT ${limit}) RETURNING 1`.execute(ctx.db)
  return rows.length
}

/** How many deliveries are due or will be tried again. */
export async function countWaiting(ctx: Context): Promise<number> {
  const row = await ctx.db
    .selectFrom('webhook_deliveries')
    .where('status', '=', 'pending')
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return row.count
}

import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** SQL by which processes share the deliveries among them. */

export type Claimed = {
  id: string
  endpointId: string
  messageId: string
  body: string
  url: string
  secret: string
  previousSecret: string | null
  previousUntil: Temporal.Instant | null
  /** Which attempt this is, over all replays. */
  number: number
  /** Which of the schedule. */
  tries: number
}

/**
 * Takes what is due, for this process alone until `until`: of `failing` endpoints one delivery at a time, of others up to four; at most `room`. Which endpoints
 * come first is left to chance, so that one with much to send holds nobody back.
 */
export async function claimDue(
  ctx: Context,
  { room, failing, until }: { room: number; failing: boolean; until: Temporal.Instant },
): Promise<Claimed[]> {
  const { rows } = await sql<Claimed>`
    WITH RECURSIVE waiting AS (
      (SELECT endpoint_id FROM webhook_deliveries WHERE status = 'pending' ORDER BY endpoint_id LIMIT 1)
      UNION ALL
      SELECT (SELECT d.endpoint_id FROM webhook_deliveries d WHERE d.status = 'pending' AND d.endpoint_id > waiting.endpoint_id ORDER BY d.endpoint_id LIMIT 1)
      FROM waiting WHERE waiting.endpoint_id IS NOT NULL),
    candidates AS (
      SELECT due.id FROM waiting
      JOIN webhook_endpoints e ON e.id = waiting.endpoint_id AND (e.failing_since IS NOT NULL) = ${failing}::boolean
      CROSS JOIN LATERAL (
        SELECT d.id FROM webhook_deliveries d
        WHERE d.endpoint_id = waiting.endpoint_id AND d.status = 'pending' AND d.next_attempt_at <= ${ctx.now}
        ORDER BY d.next_attempt_at, d.id
        LIMIT greatest(0, CASE WHEN e.failing_since IS NULL THEN 4 ELSE 1 END - (
          SELECT count(*) FROM webhook_deliveries b WHERE b.endpoint_id = waiting.endpoint_id AND b.status = 'pending' AND b.leased_until > ${ctx.now}))) due
      ORDER BY random() LIMIT ${room}::int),
    mine AS MATERIALIZED (
      SELECT id FROM webhook_deliveries WHERE id IN (SELECT id FROM candidates) AND status = 'pending' AND next_attempt_at <= ${ctx.now}
      FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE webhook_deliveries d
    SET leased_until = ${until}, next_attempt_at = ${until}, attempts = d.attempts + 1, tries = d.tries + 1
    FROM mine, webhook_endpoints e, webhook_messages m
    WHERE d.id = mine.id AND e.id = d.endpoint_id AND m.id = d.message_id AND m.body IS NOT NULL
    RETURNING d.id, d.endpoint_id AS "endpointId", d.message_id AS "messageId", m.body, e.url, e.secret, e.previous_secret AS "previousSecret",
      e.previous_until AS "previousUntil", d.attempts AS number, d.tries`.execute(ctx.db)
  return rows
}

export type Attempt = {
  number: number
  at: Temporal.Instant
  duration_ms: number
  status_code: number | null
  error: string | null
  response_body: string | null
}

/** Writes down how a call went; of one whose delivery is gone meanwhile, nothing. */
export async function insertAttempt(ctx: Context, deliveryId: string, attempt: Attempt): Promise<void> {
  await sql`
    INSERT INTO webhook_attempts (delivery_id, number, at, duration_ms, status_code, error, response_body)
    SELECT d.id, ${attempt.number}, ${attempt.at}, ${attempt.duration_ms}::int, ${attempt.status_code}::int, ${attempt.error}::text,
      CASE WHEN m.body IS NULL THEN NULL ELSE ${attempt.response_body}::text END
    FROM webhook_deliveries d JOIN webhook_messages m ON m.id = d.message_id WHERE d.id = ${deliveryId}::uuid
    ON CONFLICT ON CONSTRAINT webhook_attempts_once DO NOTHING`.execute(ctx.db)
}

export type Settled =
  | { status: 'delivered' }
  | { status: 'pending'; nextAt: Temporal.Instant }
  | { status: 'failed'; reason: 'exhausted' | 'endpoint_off' }

/** Ends a call: the delivery is done, waits for its next try, or is given up. Only while it is this very call's. */
export async function settle(ctx: Context, { id, number }: Claimed, to: Settled): Promise<void> {
  await ctx.db
    .updateTable('webhook_deliveries')
    .set({
      status: to.status,
      reason: to.status === 'failed' ? to.reason : null,
      next_attempt_at: to.status === 'pending' ? to.nextAt : null,
      finished_at: to.status === 'pending' ? null : ctx.now,
      leased_until: null,
    })
    .where('id', '=', id)
    .where('attempts', '=', number)
    // What arrived has arrived, also where its endpoint was switched off while it was on its way.
    .where('status', 'in', to.status === 'delivered' ? ['pending', 'failed'] : ['pending'])
    .execute()
}

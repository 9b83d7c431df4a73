import { notify } from '../../notifications/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { giveUp } from '../queries/deliveries.ts'
import { insertAttempt, settle, type Claimed, type Settled } from '../queries/dispatch.ts'
import {
  findEndpoint,
  listCaretakers,
  lockEndpoint,
  updateEndpointRow,
  type EndpointRow,
} from '../queries/endpoints.ts'
import { failingSince, isGivenUp, waitAfter, type Outcome } from '../rules.ts'
import { countCall } from './measure.ts'

export type Call = {
  outcome: Outcome
  at: Temporal.Instant
  durationMs: number
  status: number | null
  body: string | null
  resealed: string | null
}

/** Writes down how a call went, and what follows for the delivery and its endpoint, in one transaction. */
export async function noteCall(ctx: Context, delivery: Claimed, made: Call): Promise<void> {
  const { outcome } = made
  countCall(ctx.house, outcome.kind, made.durationMs)
  ctx.log.info(
    {
      endpoint: delivery.endpointId,
      delivery: delivery.id,
      attempt: delivery.number,
      status: made.status,
      error: outcome.kind === 'failed' ? outcome.error : null,
      ms: made.durationMs,
    },
    'a webhook was called',
  )
  await inTransaction(ctx, async (tx) => {
    const isFine = outcome.kind === 'delivered'
    const endpoint = await (isFine ? findEndpoint : lockEndpoint)(tx, delivery.endpointId)
    // Deleted while it was called.
    if (!endpoint) return
    await insertAttempt(tx, delivery.id, {
      number: delivery.number,
      at: made.at,
      duration_ms: made.durationMs,
      status_code: made.status,
      error: isFine ? null : outcome.kind === 'gone' ? 'gone' : outcome.error,
      response_body: made.body,
    })
    const next = nextOf(tx, delivery, outcome)
    await settle(tx, delivery, next)
    await keepHealth(tx, endpoint, outcome)
    if (made.resealed !== null && delivery.secret === endpoint.secret)
      await updateEndpointRow(tx, endpoint.id, { secret: made.resealed })
    // What is due within the minute does not wait for the look of each minute.
    if (next.status === 'pending' && Temporal.Instant.compare(next.nextAt, tx.now.add({ minutes: 1 })) < 0)
      await tx.house.jobs.enqueue(tx, 'webhooks.deliver', {}, { startAfter: next.nextAt })
  })
}

function nextOf(ctx: Context, { tries }: Claimed, outcome: Outcome): Settled {
  if (outcome.kind === 'delivered') return { status: 'delivered' }
  if (outcome.kind === 'gone') return { status: 'failed', reason: 'endpoint_off' }
  const wait = waitAfter(tries, Math.random(), outcome.retryAfter)
  if (wait === null) return { status: 'failed', reason: 'exhausted' }
  return { status: 'pending', nextAt: ctx.now.add({ milliseconds: Math.round(wait * 1000) }) }
}

/** What a call tells of an endpoint: whether it is well, since when it is not, and whether it is to be left alone. */
async function keepHealth(ctx: Context, endpoint: EndpointRow, outcome: Outcome): Promise<void> {
  if (outcome.kind === 'delivered') {
    const { failing_since, last_success_at: last } = endpoint
    // Not at each of thousands of calls.
    const isKnown = last !== null && Temporal.Instant.compare(last.add({ minutes: 1 }), ctx.now) > 0
    if (failing_since !== null || !isKnown)
      await updateEndpointRow(ctx, endpoint.id, { failing_since: null, last_success_at: ctx.now })
    return
  }
  const since = failingSince(endpoint, ctx.now)
  await updateEndpointRow(ctx, endpoint.id, { failing_since: since, last_failure_at: ctx.now })
  if (!endpoint.is_active) return
  if (outcome.kind === 'gone') await switchOff(ctx, endpoint, 'gone')
  else if (isGivenUp(since, ctx.now)) await switchOff(ctx, endpoint, 'failing')
}

const bodies = {
  failing:
    'For five days nothing could be delivered to {host}. Mend what receives it, switch the webhook on again and have the deliveries repeated.',
  gone: '{host} has answered that it wants nothing any more (410).',
}

/** Switches an endpoint off whose row is locked: what waits for it is given up and can be replayed; who takes care of it is told, unless it was their own doing. */
export async function switchOff(
  ctx: Context,
  endpoint: EndpointRow,
  reason: 'owner' | 'failing' | 'gone',
): Promise<void> {
  await updateEndpointRow(ctx, endpoint.id, { is_active: false, off_reason: reason, off_at: ctx.now })
  await giveUp(ctx, endpoint.id)
  if (reason === 'owner') return
  for (const userId of await listCaretakers(ctx, endpoint))
    await notify(ctx, {
      userId,
      kind: 'webhook_switched_off',
      title: 'A webhook was switched off',
      body: bodies[reason],
      // The rest of the address may be a secret.
      params: { host: new URL(endpoint.url).host },
      target: { kind: 'webhook', id: endpoint.id },
    })
}

import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import type { Movement } from '../gateway/gateway.ts'
import { gatewayOf } from '../gateway/index.ts'

/** What the books say moved at the gateway for one of its objects, in minor units as the gateway counts them. */
type Posted = { source: string | null; what: string; kind: string; currency: string; amount: number; returned: number }

/**
 * Compares the books with what the gateway says moved, object by object: names every sum that one of them has and the other has not. What is under way at this
 * moment may differ for as long as it is.
 * @throws CONFLICT where there is no gateway
 */
export async function reconcile(ctx: Context): Promise<string[]> {
  const began = Temporal.Instant.fromEpochMilliseconds(0)
  const movements = await gatewayOf(ctx).listMovements(began)
  return compare(movements, await listPosted(ctx))
}

/** Pure: the differences in words. */
export function compare(movements: readonly Movement[], posted: readonly Posted[]): string[] {
  const differences: string[] = []
  const atGateway = new Map<string, { amount: number; kind: string; currency: string }>()
  for (const { sourceId, id, amountMinor, kind, currency } of movements) {
    const key = sourceId ?? id
    const known = atGateway.get(key)
    if (known) known.amount += amountMinor
    else atGateway.set(key, { amount: amountMinor, kind, currency })
  }
  // What was fetched back of transfers: Stripe counts it at the reversal, the sandbox at the transfer itself.
  const elsewhere = new Map<string, number>()
  for (const { source, what, kind, currency, amount, returned } of posted) {
    const there = source === null ? undefined : atGateway.get(source)
    if (source !== null) atGateway.delete(source)
    const theirs = there?.amount ?? 0
    const isWhole = kind === 'payout' && theirs === amount && returned > 0
    if (isWhole) elsewhere.set(currency, (elsewhere.get(currency) ?? 0) + returned)
    if ((there && there.currency !== currency) || (theirs !== amount + returned && !isWhole))
      differences.push(
        `${what} (${source ?? 'unknown to the gateway'}): the books say ${amount + returned} ${currency}, the gateway ${theirs}`,
      )
  }
  for (const [currency, expected] of elsewhere) {
    const reversals = [...atGateway].filter(([, each]) => each.kind === 'transfer' && each.currency === currency)
    const sum = reversals.reduce((total, [, { amount }]) => total + amount, 0)
    if (sum !== expected)
      differences.push(`transfers: the books say that ${expected} ${currency} came back, the gateway ${sum}`)
    for (const [id] of reversals) atGateway.delete(id)
  }
  for (const [id, { kind, amount, currency }] of atGateway) {
    if (amount !== 0 && kind !== 'other')
      differences.push(`${id}: the gateway has a ${kind} of ${amount} ${currency}, the books nothing`)
  }
  return differences
}

/** Everything that was ever posted at the gateway, by the object it is about. */
async function listPosted(ctx: Context): Promise<Posted[]> {
  const { rows } = await sql<Posted>`
    SELECT CASE o.kind WHEN 'charge' THEN p.intent_id WHEN 'refund' THEN r.refund_id
        WHEN 'dispute' THEN substr(o.reference, 9) ELSE w.transfer_id END AS source,
      min(CASE WHEN o.kind = 'payout_return' THEN 'payout:' || w.id ELSE o.reference END) AS what,
      CASE WHEN o.kind = 'payout_return' THEN 'payout' ELSE o.kind END AS kind, o.currency,
      COALESCE(sum(e.amount_minor) FILTER (WHERE o.kind <> 'payout_return'), 0)::bigint AS amount,
      COALESCE(sum(e.amount_minor) FILTER (WHERE o.kind = 'payout_return'), 0)::bigint AS returned
    FROM ledger_entries e
    JOIN ledger_accounts a ON a.id = e.account_id AND a.kind = 'gateway'
    JOIN ledger_transactions t ON t.id = e.transaction_id
    JOIN ledger_transactions o ON o.id = COALESCE(t.reverses_id, t.id)
    LEFT JOIN payments p ON o.kind = 'charge' AND p.id = o.payment_id
    LEFT JOIN refunds r ON o.kind = 'refund' AND o.reference = 'refund:' || r.id
    LEFT JOIN withdrawals w ON o.kind IN ('payout', 'payout_return') AND w.id = o.withdrawal_id
    GROUP BY 1, 3, 4, CASE WHEN o.kind IN ('payout', 'payout_return') THEN 'payout:' || w.id ELSE o.reference END
    ORDER BY min(e.id)`.execute(ctx.db)
  return rows
}

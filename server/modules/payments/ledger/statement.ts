import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import { pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'

export type StatementRow = {
  id: number
  reference: string
  kind: string
  at: Temporal.Instant
  amount_minor: number
  balance_minor: number
  payment_id: number | null
  withdrawal_id: number | null
}

/**
 * What moved a seller's account, newest first, with the balance after each: sums as the seller sees them, so what was earned is positive. `before` goes on below
 * an entry by its id, which costs the same however far down; `page` counts from there.
 */
export async function statementOf(
  ctx: Context,
  accountId: number,
  request: PageRequest & { before?: number },
): Promise<Page<StatementRow>> {
  const { before } = request
  // As a span of one, in the order of accounts, a plan made for any account reads along their index, however few entries this one has.
  const account = unseen(accountId, 'bigint')
  let entries = ctx.db
    .selectFrom('ledger_entries as e')
    .where(sql<boolean>`e.account_id BETWEEN ${account} AND ${account}`)
  if (before !== undefined) entries = entries.where('e.id', '<', before)
  const rows = entries
    .innerJoin('ledger_transactions as t', 't.id', 'e.transaction_id')
    .select(['e.id', 't.reference', 't.kind', 't.at', 't.payment_id', 't.withdrawal_id'])
    .select([sql<number>`0 - e.amount_minor`.as('amount_minor'), sql<number>`0 - e.balance_minor`.as('balance_minor')])
    .orderBy('e.account_id', 'desc')
    .orderBy('e.id', 'desc')
  return pageOf(ctx, request, `statement of ${accountId} before ${before}`, rows, entries.select('e.id'))
}

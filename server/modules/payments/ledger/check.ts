import { sql, type RawBuilder } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'

/** At most this many differences of one kind are named: where there are more, one mistake made them all. */
const mostNamed = 100

type Proof = { what: string; differences: RawBuilder<{ difference: string }> }

/** What each movement puts where, as SQL: the same table as `linesOf` of the rules, written a second time so that neither proves itself. */
const expected = sql`(
  SELECT t.id, t.reference, s.sign, o.kind, o.amount_minor, o.fee_minor,
    s.sign * CASE o.kind WHEN 'charge' THEN o.amount_minor WHEN 'payout_return' THEN o.amount_minor
      WHEN 'refund' THEN -o.amount_minor WHEN 'dispute' THEN -o.amount_minor
      WHEN 'payout' THEN -o.amount_minor ELSE 0 END AS outside,
    s.sign * CASE o.kind WHEN 'charge' THEN -o.fee_minor WHEN 'refund' THEN o.fee_minor WHEN 'dispute' THEN o.fee_minor ELSE 0 END AS fee,
    s.sign * CASE o.kind WHEN 'withdrawal' THEN -o.amount_minor WHEN 'payout' THEN o.amount_minor ELSE 0 END AS payouts,
    s.sign * CASE o.kind WHEN 'charge' THEN o.fee_minor - o.amount_minor WHEN 'refund' THEN o.amount_minor - o.fee_minor
      WHEN 'dispute' THEN o.amount_minor - o.fee_minor WHEN 'withdrawal' THEN o.amount_minor
      WHEN 'payout_return' THEN -o.amount_minor ELSE 0 END AS seller
  FROM ledger_transactions t
  JOIN ledger_transactions o ON o.id = COALESCE(t.reverses_id, t.id)
  CROSS JOIN LATERAL (SELECT CASE WHEN t.reverses_id IS NULL THEN 1 ELSE -1 END AS sign) s)`

/** The sum of each transaction's entries by the kind of account. */
const found = sql`(
  SELECT e.transaction_id AS id,
    COALESCE(sum(e.amount_minor) FILTER (WHERE a.kind IN ('gateway', 'bank')), 0) AS outside,
    COALESCE(sum(e.amount_minor) FILTER (WHERE a.kind = 'platform_fee'), 0) AS fee,
    COALESCE(sum(e.amount_minor) FILTER (WHERE a.kind = 'payouts'), 0) AS payouts,
    COALESCE(sum(e.amount_minor) FILTER (WHERE a.kind = 'seller'), 0) AS seller,
    count(DISTINCT a.id) FILTER (WHERE a.kind = 'seller') AS sellers
  FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id GROUP BY e.transaction_id)`

const proofs: Proof[] = [
  {
    what: 'every transaction balances, in one currency',
    differences: sql`SELECT t.reference || ': its entries come to ' || COALESCE(sum(e.amount_minor), 0) || ' and not to nothing'
      AS difference FROM ledger_transactions t LEFT JOIN ledger_entries e ON e.transaction_id = t.id
      LEFT JOIN ledger_accounts a ON a.id = e.account_id
      GROUP BY t.id HAVING count(e.id) < 2 OR sum(e.amount_minor) <> 0 OR bool_or(a.currency <> t.currency)`,
  },
  {
    what: 'every transaction has the entries of its kind',
    differences: sql`SELECT x.reference || ': the entries are not those of a ' || x.kind || ' of ' || x.amount_minor AS difference
      FROM ${expected} x LEFT JOIN ${found} f ON f.id = x.id
      WHERE f.id IS NULL OR (f.outside, f.fee, f.payouts, f.seller) IS DISTINCT FROM (x.outside, x.fee, x.payouts, x.seller) OR f.sellers > 1`,
  },
  {
    what: 'every seller’s balance is the sum of the entries',
    differences: sql`SELECT a.seller || ' ' || a.currency || ': after entry ' || s.id || ' the balance is ' || COALESCE(s.balance_minor::text, 'missing')
      || ', the entries come to ' || s.running AS difference
      FROM (SELECT id, account_id, balance_minor, sum(amount_minor) OVER (PARTITION BY account_id ORDER BY id) AS running FROM ledger_entries) s
      JOIN ledger_accounts a ON a.id = s.account_id
      WHERE a.kind = 'seller' AND s.balance_minor IS DISTINCT FROM s.running`,
  },
  {
    what: 'what is left of each payment’s share is what its entries leave',
    differences: sql`SELECT 'payment ' || g.payment_id || ': its earnings are ' || g.net_minor || ', the entries leave ' || COALESCE(e.net, 0) AS difference
      FROM ledger_earnings g LEFT JOIN (
        SELECT t.payment_id, e.account_id, -sum(e.amount_minor) AS net FROM ledger_transactions t
        JOIN ledger_entries e ON e.transaction_id = t.id JOIN ledger_accounts a ON a.id = e.account_id AND a.kind = 'seller'
        WHERE t.payment_id IS NOT NULL GROUP BY 1, 2) e ON e.payment_id = g.payment_id AND e.account_id = g.account_id
      WHERE g.net_minor <> COALESCE(e.net, 0)
      UNION ALL SELECT t.reference || ': it has no earnings' FROM ledger_transactions t
      LEFT JOIN ledger_earnings g ON g.payment_id = t.payment_id WHERE t.kind = 'charge' AND g.payment_id IS NULL
      UNION ALL SELECT 'payment ' || g.payment_id || ': it is available at ' || g.available_at || ', its booking says ' || COALESCE(r.available_at, 'infinity')
      FROM ledger_earnings g LEFT JOIN ledger_releases r ON r.booking_id = g.booking_id
      WHERE g.available_at <> COALESCE(r.available_at, 'infinity')`,
  },
  {
    what: 'every payment has its charge, and every charge its payment',
    differences: sql`SELECT 'payment ' || COALESCE(p.id, t.payment_id) || ': ' || CASE
        WHEN p.id IS NULL THEN 'there is a charge, but no such payment that succeeded'
        WHEN t.id IS NULL THEN 'it succeeded, and there is no charge'
        ELSE 'the charge is of another sum, currency or seller' END AS difference
      FROM (SELECT id, amount_minor, fee_minor, currency, ${sellerOfRow('payments')} AS seller FROM payments
        WHERE status IN ('succeeded', 'refunded', 'partially_refunded')) p
      FULL JOIN (SELECT t.*, a.seller FROM ledger_transactions t LEFT JOIN ledger_earnings g ON g.payment_id = t.payment_id
        LEFT JOIN ledger_accounts a ON a.id = g.account_id WHERE t.kind = 'charge') t ON t.reference = 'charge:' || p.id
      WHERE p.id IS NULL OR t.id IS NULL
        OR (p.amount_minor, p.fee_minor, p.currency, p.seller) IS DISTINCT FROM (t.amount_minor, t.fee_minor, t.currency, t.seller)`,
  },
  {
    what: 'every refund has its posting, and every posting its refund',
    differences: sql`SELECT 'refund ' || COALESCE(r.id::text, substr(t.reference, 8)) || ': ' || CASE
        WHEN r.id IS NULL THEN 'it is posted, but there is no such refund'
        WHEN r.status = 'succeeded' AND t.id IS NULL THEN 'it succeeded and is not posted'
        WHEN r.status = 'succeeded' AND back.id IS NOT NULL THEN 'it succeeded, and its posting is taken back'
        WHEN r.status <> 'succeeded' THEN 'it is ' || r.status || ' and posted'
        ELSE 'the posting is of another sum or payment' END AS difference
      FROM refunds r FULL JOIN (SELECT * FROM ledger_transactions WHERE kind = 'refund') t ON t.reference = 'refund:' || r.id
      LEFT JOIN ledger_transactions back ON back.reverses_id = t.id
      WHERE r.id IS NULL OR (r.status = 'succeeded' AND (t.id IS NULL OR back.id IS NOT NULL))
        OR (r.status <> 'succeeded' AND t.id IS NOT NULL AND back.id IS NULL)
        OR (t.id IS NOT NULL AND (r.amount_minor, r.payment_id) IS DISTINCT FROM (t.amount_minor, t.payment_id))
        OR (t.id IS NOT NULL AND r.status = 'succeeded' AND r.fee_minor <> t.fee_minor)`,
  },
  {
    what: 'every dispute has its posting, and every posting its dispute',
    differences: sql`SELECT 'dispute ' || COALESCE(d.id, substr(t.reference, 9)) || ': ' || CASE
        WHEN d.id IS NULL THEN 'it is posted, but there is no such dispute'
        WHEN t.id IS NULL THEN 'it holds money back and is not posted'
        WHEN d.status = 'won' THEN 'it is won, and the money is not back'
        ELSE 'it is ' || d.status || ', and its posting is taken back or of another sum' END AS difference
      FROM (SELECT d.* FROM disputes d JOIN payments p ON p.id = d.payment_id AND p.status IN ('succeeded', 'refunded', 'partially_refunded')) d
      FULL JOIN (SELECT * FROM ledger_transactions WHERE kind = 'dispute') t ON t.reference = 'dispute:' || d.id
      LEFT JOIN ledger_transactions back ON back.reverses_id = t.id
      WHERE d.id IS NULL OR (t.id IS NULL AND d.status NOT LIKE 'warning%' AND d.status <> 'prevented')
        OR (t.id IS NOT NULL AND (d.status = 'won') <> (back.id IS NOT NULL))
        OR (t.id IS NOT NULL AND (d.amount_minor, d.payment_id) IS DISTINCT FROM (t.amount_minor, t.payment_id))`,
  },
  {
    what: 'every withdrawal is set aside, given back or paid as its state says',
    differences: sql`SELECT 'withdrawal ' || COALESCE(w.id::text, substr(t.reference, 12)) || ': ' || CASE
        WHEN w.id IS NULL THEN 'it is posted, but there is no such withdrawal'
        WHEN t.id IS NULL THEN 'it is not posted'
        WHEN (w.status IN ('rejected', 'cancelled')) <> (back.id IS NOT NULL) THEN 'it is ' || w.status || ', and what was set aside says otherwise'
        WHEN (w.status = 'paid') <> (p.id IS NOT NULL) THEN 'it is ' || w.status || ', and the payout says otherwise'
        ELSE 'the postings are of another sum, seller or way' END AS difference
      FROM withdrawals w FULL JOIN (SELECT * FROM ledger_transactions WHERE kind = 'withdrawal') t ON t.reference = 'withdrawal:' || w.id
      LEFT JOIN ledger_transactions back ON back.reverses_id = t.id
      LEFT JOIN ledger_transactions p ON p.reference = 'payout:' || w.id
      LEFT JOIN LATERAL (SELECT bool_or(a.kind = 'gateway') AS by_gateway FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id
        WHERE e.transaction_id = p.id) way ON true
      WHERE w.id IS NULL OR t.id IS NULL OR (w.status IN ('rejected', 'cancelled')) <> (back.id IS NOT NULL)
        OR (w.status = 'paid') <> (p.id IS NOT NULL) OR w.amount_minor <> t.amount_minor OR w.currency <> t.currency
        OR (p.id IS NOT NULL AND (w.amount_minor <> p.amount_minor OR way.by_gateway <> (w.transfer_id IS NOT NULL)))
        OR NOT EXISTS (SELECT FROM ledger_entries e WHERE e.transaction_id = t.id AND e.account_id = w.account_id AND e.amount_minor = w.amount_minor)
      UNION ALL SELECT t.reference || ': there is no such withdrawal' FROM ledger_transactions t
        LEFT JOIN withdrawals w ON t.reference = 'payout:' || w.id WHERE t.kind = 'payout' AND w.id IS NULL`,
  },
  {
    what: 'what was fetched back of transfers is posted, and nothing else',
    differences: sql`SELECT 'transfer return ' || COALESCE(r.id::text, substr(t.reference, 15)) || ': it is ' || COALESCE(r.status, 'unknown')
        || ' and ' || CASE WHEN t.id IS NULL THEN 'not posted' ELSE 'posted' END AS difference
      FROM transfer_returns r FULL JOIN (SELECT * FROM ledger_transactions WHERE kind = 'payout_return') t ON t.reference = 'payout_return:' || r.id
      WHERE r.id IS NULL OR (r.status = 'done') <> (t.id IS NOT NULL) OR (t.id IS NOT NULL AND r.amount_minor <> t.amount_minor)
      UNION ALL SELECT 'withdrawal ' || w.id || ': it says that ' || w.returned_minor || ' came back, its returns are ' || COALESCE(sum(r.amount_minor), 0)
      FROM withdrawals w LEFT JOIN transfer_returns r ON r.withdrawal_id = w.id AND r.status <> 'refused'
      GROUP BY w.id HAVING w.returned_minor <> COALESCE(sum(r.amount_minor), 0)`,
  },
]

function sellerOfRow(table: string) {
  const column = (name: string) => sql.ref(`${table}.${name}`)
  return sql`COALESCE('organization:' || ${column('organization_id')}, 'provider:' || ${column('provider_id')})`
}

export type Checked = { what: string; differences: string[] }

/**
 * Proves the books (SPEC section 4): that every transaction balances, that every balance is the sum of its entries, and that every payment, refund, dispute
 * and withdrawal has exactly its postings. One snapshot, so that it may run beside a busy house. Names what differs.
 */
export async function checkLedger(ctx: Context): Promise<Checked[]> {
  return inTransaction(
    ctx,
    async (tx) => {
      // A million entries may take longer than any request should.
      await sql`SET LOCAL statement_timeout = 0`.execute(tx.db)
      const results: Checked[] = []
      for (const { what, differences } of proofs) {
        const { rows } = await sql<{ difference: string }>`${differences} LIMIT ${sql.lit(mostNamed)}`.execute(tx.db)
        results.push({ what, differences: rows.map((row) => row.difference) })
      }
      return results
    },
    'repeatable read',
  )
}

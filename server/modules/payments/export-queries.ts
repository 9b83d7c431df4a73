import { sql } from 'kysely'
import type { Context } from '../../platform/context.ts'
import { inPieces, type ExportOf } from '../../platform/export.ts'
import { fromMinor } from '../../platform/money.ts'

type Money = { id: number; amount_minor: number; currency: string }
const inMajor = <Row extends Money>({ amount_minor, ...row }: Row) => ({
  ...row,
  amount: fromMinor(amount_minor, row.currency),
})

/** What a person paid, and what was paid to them in their own name; an organization's money is the organization's. */
const mine = (userId: number) =>
  sql`(p.payer_id = ${userId} OR (p.provider_id = ${userId} AND p.organization_id IS NULL))`

async function paymentsAfter(ctx: Context, userId: number, after: number, limit: number) {
  const { rows } = await sql<Money>`
    SELECT p.id, CASE WHEN p.payer_id = ${userId} THEN 'payer' ELSE 'seller' END AS as_whom, y.source_kind, y.source_id, y.title, p.amount_minor,
      p.currency, p.status, p.card_brand, p.card_last4, p.paid_at, p.created_at
    FROM payments p JOIN payables y ON y.id = p.payable_id WHERE ${mine(userId)} AND p.id > ${after} ORDER BY p.id LIMIT ${limit}`.execute(
    ctx.db,
  )
  return rows.map(inMajor)
}

async function refundsAfter(ctx: Context, userId: number, after: number, limit: number) {
  const { rows } = await sql<Money>`
    SELECT r.id, r.payment_id, r.amount_minor, p.currency, r.status, r.cause, r.reason, r.created_at
    FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE ${mine(userId)} AND r.id > ${after} ORDER BY r.id LIMIT ${limit}`.execute(
    ctx.db,
  )
  return rows.map(inMajor)
}

/** A receipt says what it said when it was issued; names are not part of it. */
async function receiptsAfter(ctx: Context, userId: number, after: number, limit: number) {
  const { rows } = await sql<{ id: number }>`
    SELECT r.id, r.kind, r.number, r.payment_id, r.refund_id, r.data, r.issued_at
    FROM receipts r JOIN payments p ON p.id = r.payment_id WHERE ${mine(userId)} AND r.id > ${after} ORDER BY r.id LIMIT ${limit}`.execute(
    ctx.db,
  )
  return rows
}

async function methodsAfter(ctx: Context, userId: number, after: number, limit: number) {
  const { rows } = await sql<{ id: number }>`
    SELECT id, gateway, type, brand, last4, saved_at FROM saved_methods WHERE user_id = ${userId} AND id > ${after} ORDER BY id LIMIT ${limit}`.execute(
    ctx.db,
  )
  return rows
}

async function withdrawalsAfter(ctx: Context, userId: number, after: number, limit: number) {
  const rows = await ctx.db
    .selectFrom('withdrawals')
    .where('requested_by', '=', userId)
    .where('id', '>', after)
    .select([
      'id',
      'amount_minor',
      'currency',
      'method',
      'status',
      'reference',
      'reason',
      'decided_at',
      'paid_at',
      'created_at',
    ])
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(inMajor)
}

/** A person's money here: payments, refunds, receipts, saved payment methods, withdrawals. Names at the gateway stay out. */
export const exportOf: ExportOf = async function* (ctx, userId) {
  const all = {
    payments: paymentsAfter,
    refunds: refundsAfter,
    receipts: receiptsAfter,
    saved_methods: methodsAfter,
    withdrawals: withdrawalsAfter,
  }
  for (const [name, read] of Object.entries(all))
    yield {
      name: `payments/${name}.json`,
      rows: inPieces<{ id: number }>((after, limit) => read(ctx, userId, after, limit)),
    }
}

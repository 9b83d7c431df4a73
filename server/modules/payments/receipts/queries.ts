import type { Context } from '../../../platform/context.ts'
import type { ReceiptKind } from './rules.ts'

/** All SQL on receipts, their series and what sellers have printed on them. */

/** What is frozen when a receipt is issued. */
export type ReceiptData = {
  title: string
  currency: string
  amount_minor: number
  paid_at: string
  /** In whose zone its dates are written. */
  time_zone: string
  /** Empty where it is a person's own name, which is read when it is printed. */
  seller_name: string
  seller_address: string
  tax_number: string
  tax_name: string
  tax_rate: number | null
  tax_minor: number
  card: string | null
  /** The receipt that a credit note takes back from. */
  of?: string
  /** Where it is not for the thing itself: `no_show_fee`. */
  purpose?: string
}

export type Receipt = {
  kind: ReceiptKind
  number: number
  payment_id: number
  refund_id: number | null
  data: ReceiptData
  issued_at: Temporal.Instant
}

export async function listReceipts(ctx: Context, paymentId: number): Promise<Receipt[]> {
  const rows = await ctx.db
    .selectFrom('receipts')
    .where('payment_id', '=', paymentId)
    .select(['kind', 'number', 'payment_id', 'refund_id', 'data', 'issued_at'])
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ ...row, kind: row.kind as ReceiptKind, data: row.data as ReceiptData }))
}

/** The next number of a seller's series; the series is locked until the transaction ends, and rolled back with it. */
export async function takeNumber(ctx: Context, seller: string, kind: ReceiptKind): Promise<number> {
  const row = await ctx.db
    .insertInto('receipt_series')
    .values({ seller, kind, last: 1 })
    .onConflict((on) =>
      on.columns(['seller', 'kind']).doUpdateSet((eb) => ({ last: eb('receipt_series.last', '+', 1) })),
    )
    .returning('last')
    .executeTakeFirstOrThrow()
  return row.last
}

export async function insertReceipt(ctx: Context, seller: string, receipt: Receipt): Promise<void> {
  await ctx.db
    .insertInto('receipts')
    .values({ ...receipt, seller, data: JSON.stringify(receipt.data) })
    .execute()
}

/** A payment with what its receipt says, its row locked, so that one receipt is issued for it at a time. */
export const lockPaid = (ctx: Context, paymentId: number) =>
  ctx.db
    .selectFrom('payments as p')
    .innerJoin('payables as b', 'b.id', 'p.payable_id')
    .innerJoin('users as u', 'u.id', 'p.provider_id')
    .leftJoin('organizations as o', 'o.id', 'p.organization_id')
    .where('p.id', '=', paymentId)
    .where('p.paid_at', 'is not', null)
    .select([
      'p.id',
      'p.amount_minor',
      'p.currency',
      'p.paid_at',
      'p.card_brand',
      'p.card_last4',
      'b.title',
      'b.source_kind',
    ])
    .select(['p.provider_id', 'p.organization_id', 'u.time_zone', 'o.name as organization_name'])
    .select(['o.time_zone as organization_zone', 'o.address as organization_address', 'o.city as organization_city'])
    .forNoKeyUpdate('p')
    .executeTakeFirst()

/** Refunds of a payment that were made, in the order in which they were asked for. */
export const listMadeRefunds = (ctx: Context, paymentId: number) =>
  ctx.db
    .selectFrom('refunds')
    .where('payment_id', '=', paymentId)
    .where('status', '=', 'succeeded')
    .select(['id', 'amount_minor'])
    .orderBy('id')
    .execute()

/** The names of both sides as they are now: an erased account has none. */
export async function findNames(ctx: Context, paymentId: number): Promise<{ payer: string; provider: string }> {
  const row = await ctx.db
    .selectFrom('payments as p')
    .innerJoin('users as payer', 'payer.id', 'p.payer_id')
    .innerJoin('users as provider', 'provider.id', 'p.provider_id')
    .where('p.id', '=', paymentId)
    .select(['payer.first_name as a', 'payer.last_name as b', 'provider.first_name as c', 'provider.last_name as d'])
    .executeTakeFirstOrThrow()
  return { payer: `${row.a} ${row.b}`.trim(), provider: `${row.c} ${row.d}`.trim() }
}

export type Settings = {
  legal_name: string
  address: string
  tax_number: string
  tax_name: string
  tax_rate: number | null
}

export const findSettings = (ctx: Context, seller: string): Promise<Settings | undefined> =>
  ctx.db
    .selectFrom('receipt_settings')
    .where('seller', '=', seller)
    .select(['legal_name', 'address', 'tax_number', 'tax_name', 'tax_rate'])
    .executeTakeFirst()

/** Writes what is given of a seller's settings and nothing else, so that two who change different things at once keep both. */
export async function putSettings(ctx: Context, seller: string, given: Partial<Settings>): Promise<void> {
  const fields = { ...given, updated_at: ctx.now }
  await ctx.db
    .insertInto('receipt_settings')
    .values({ legal_name: '', address: '', tax_number: '', tax_name: '', tax_rate: null, ...fields, seller })
    .onConflict((on) => on.column('seller').doUpdateSet(fields))
    .execute()
}

import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import type { CloseReason, OpenStatus, PaymentStatus } from './rules.ts'
import { openStatuses } from './rules.ts'

/** SQL on payables, payments and refunds. Whoever changes any of them has locked the payable's row first: one lock for all that belongs to it. */

/** What is paid for: a booking, or what is owed for not having come to one (by the booking's id). */
export const sourceKinds = ['booking', 'no_show'] as const
export type SourceKind = (typeof sourceKinds)[number]
export type Source = { kind: SourceKind; id: number }

const selectPayables = (ctx: Context) => ctx.db.selectFrom('payables').selectAll()
export type PayableRow = NonNullable<Awaited<ReturnType<typeof findPayable>>>

export const findPayable = (ctx: Context, { kind, id }: Source) =>
  selectPayables(ctx).where('source_kind', '=', kind).where('source_id', '=', id).executeTakeFirst()

/** The payable under its lock, as fresh as it can be. */
export const lockPayable = (ctx: Context, { kind, id }: Source): Promise<PayableRow | undefined> =>
  selectPayables(ctx).where('source_kind', '=', kind).where('source_id', '=', id).forNoKeyUpdate().executeTakeFirst()

/** Locks what is to be paid for these things, in the order of ids: in one statement. */
export const lockPayables = (ctx: Context, kind: Source['kind'], ids: readonly number[]): Promise<PayableRow[]> =>
  selectPayables(ctx)
    .where('source_kind', '=', kind)
    .where(sql<boolean>`source_id = ANY(${[...ids]}::bigint[])`)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()

/** Nothing is to be paid of these any more. */
export async function closeRows(ctx: Context, ids: readonly number[], reason: CloseReason): Promise<void> {
  await ctx.db
    .updateTable('payables')
    .set({ closed_at: ctx.now, close_reason: reason })
    .where(sql<boolean>`id = ANY(${[...ids]}::bigint[])`)
    .execute()
}

const lockPayableById = (ctx: Context, id: number): Promise<PayableRow> =>
  selectPayables(ctx).where('id', '=', id).forNoKeyUpdate().executeTakeFirstOrThrow()

export type NewPayable = {
  source: Source
  title: string
  payerId: number
  providerId: number
  organizationId: string | null
  amountMinor: number
  depositMinor: number | null
  currency: string
  expiresAt: Temporal.Instant | null
}

export const insertPayable = (ctx: Context, payable: NewPayable): Promise<void> => insertPayables(ctx, [payable])

export async function insertPayables(ctx: Context, payables: readonly NewPayable[]): Promise<void> {
  if (payables.length === 0) return
  await ctx.db
    .insertInto('payables')
    .values(
      payables.map((payable) => ({
        source_kind: payable.source.kind,
        source_id: payable.source.id,
        title: payable.title,
        payer_id: payable.payerId,
        provider_id: payable.providerId,
        organization_id: payable.organizationId,
        amount_minor: payable.amountMinor,
        deposit_minor: payable.depositMinor,
        currency: payable.currency,
        expires_at: payable.expiresAt,
        created_at: ctx.now,
      })),
    )
    .execute()
}

/** Sets until when several are held (null: due), in one statement that locks them in ascending order. */
export async function updateHolds(
  ctx: Context,
  holds: readonly { source: Source; expiresAt: Temporal.Instant | null }[],
): Promise<void> {
  await sql`
    WITH held AS (
      SELECT p.id, asked.until FROM unnest(${holds.map(({ source }) => source.kind)}::text[], ${holds.map(({ source }) => source.id)}::bigint[],
        ${holds.map(({ expiresAt }) => expiresAt?.toString() ?? null)}::timestamptz[]) AS asked (kind, source_id, until)
        JOIN payables p ON p.source_kind = asked.kind AND p.source_id = asked.source_id
      ORDER BY p.id FOR NO KEY UPDATE OF p
    )
    UPDATE payables SET expires_at = held.until FROM held WHERE payables.id = held.id`.execute(ctx.db)
}

type PayableSet = {
  provider_id?: number
  paid_minor?: number
  refunded_minor?: number
  is_processing?: boolean
  expires_at?: Temporal.Instant | null
  closed_at?: Temporal.Instant | null
  close_reason?: CloseReason | null
}
export async function updatePayable(ctx: Context, id: number, set: PayableSet): Promise<void> {
  await ctx.db.updateTable('payables').set(set).where('id', '=', id).execute()
}

/** Payments with what is shown of what they pay for. */
export const selectPayments = (ctx: Context) =>
  ctx.db
    .selectFrom('payments')
    .innerJoin('payables as payable', 'payable.id', 'payments.payable_id')
    .selectAll('payments')
    .select(['payable.source_kind', 'payable.source_id', 'payable.title', 'payable.closed_at'])
export type PaymentRow = NonNullable<Awaited<ReturnType<typeof findPayment>>>

export const findPayment = (ctx: Context, id: number) =>
  selectPayments(ctx).where('payments.id', '=', id).executeTakeFirst()

export const findPaymentOfIntent = (ctx: Context, intentId: string) =>
  selectPayments(ctx).where('payments.intent_id', '=', intentId).executeTakeFirst()

/** The payment of an intent that the gateway tells of: by its id, or, where the answer that brought the id was lost, by what we wrote on it. */
export async function findPaymentTold(
  ctx: Context,
  intentId: string | null,
  metadata: Record<string, string> = {},
): Promise<PaymentRow | undefined> {
  const known = intentId === null ? undefined : await findPaymentOfIntent(ctx, intentId)
  const id = metadata['payment_id'] ?? ''
  return known ?? (/^\d{1,15}$/.test(id) ? findPayment(ctx, Number(id)) : undefined)
}

export const listPaymentsOf = (ctx: Context, payableId: number): Promise<PaymentRow[]> =>
  selectPayments(ctx).where('payments.payable_id', '=', payableId).orderBy('payments.id', 'desc').execute()

/** The payments of several payables, the latest first. */
export const listPaymentsOfAll = (ctx: Context, payableIds: readonly number[]): Promise<PaymentRow[]> =>
  selectPayments(ctx)
    .where(sql<boolean>`payments.payable_id = ANY(${[...payableIds]}::bigint[])`)
    .orderBy('payments.id', 'desc')
    .execute()

export const findOpenPayment = (ctx: Context, payableId: number) =>
  selectPayments(ctx)
    .where('payments.payable_id', '=', payableId)
    .where('payments.status', 'in', [...openStatuses])
    .executeTakeFirst()

/** A payment with its payable, both read under the payable's lock. */
export async function lockPayment(ctx: Context, id: number): Promise<{ payment: PaymentRow; payable: PayableRow }> {
  const seen = await findPayment(ctx, id)
  if (!seen) throw new Error(`there is no payment ${id}`)
  const payable = await lockPayableById(ctx, seen.payable_id)
  return { payable, payment: (await findPayment(ctx, id))! }
}

export async function insertPayment(
  ctx: Context,
  payable: PayableRow,
  { amountMinor, feeMinor, gateway }: { amountMinor: number; feeMinor: number; gateway: string },
): Promise<number> {
  const status: OpenStatus = 'requires_payment_method'
  const { id } = await ctx.db
    .insertInto('payments')
    .values({
      payable_id: payable.id,
      payer_id: payable.payer_id,
      provider_id: payable.provider_id,
      organization_id: payable.organization_id,
      amount_minor: amountMinor,
      fee_minor: feeMinor,
      currency: payable.currency,
      status,
      gateway,
      created_at: ctx.now,
      updated_at: ctx.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

type PaymentSet = {
  status?: PaymentStatus
  refunded_minor?: number
  refunding_minor?: number
  disputed_minor?: number
  intent_id?: string
  client_secret?: string | null
  card_brand?: string | null
  card_last4?: string | null
  failure_code?: string | null
  decline_code?: string | null
  told_at?: Temporal.Instant
  check_at?: Temporal.Instant | null
  checks?: number
  paid_at?: Temporal.Instant
}
export async function updatePayment(ctx: Context, id: number, set: PaymentSet): Promise<void> {
  await ctx.db
    .updateTable('payments')
    .set({ ...set, updated_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

/** Payments of a gateway that it is to be asked about now, the longest waiting first. */
export const listPaymentsToCheck = (ctx: Context, gateway: string, limit: number) =>
  ctx.db
    .selectFrom('payments')
    .where('check_at', '<=', ctx.now)
    .where('gateway', '=', gateway)
    .orderBy('check_at')
    .limit(limit)
    .select(['id', 'checks'])
    .execute()

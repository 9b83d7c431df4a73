import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { sellerKey, type Seller } from '../ledger/index.ts'
import type { WithdrawalStatus } from './schema.ts'

/** All SQL on withdrawals, connected accounts and what is fetched back. */

const columns = [
  'w.id',
  'w.account_id',
  'w.currency',
  'w.requested_by',
  'w.amount_minor',
  'w.method',
  'w.status',
  'w.reference',
  'w.reason',
  'w.decided_by',
  'w.decided_at',
  'w.paid_at',
  'w.destination',
  'w.transfer_id',
  'w.transfer_open',
  'w.transfer_error',
  'w.refusals',
  'w.returned_minor',
  'w.created_at',
  'w.updated_at',
  'a.provider_id',
  'a.organization_id',
] as const

const selectAll = (ctx: Context) =>
  ctx.db.selectFrom('withdrawals as w').innerJoin('ledger_accounts as a', 'a.id', 'w.account_id').select(columns)

export type WithdrawalRow = NonNullable<Awaited<ReturnType<typeof findWithdrawal>>>
export type WithdrawalFilter = {
  status?: WithdrawalStatus | undefined
  currency?: string | undefined
  sellers: string[]
}

/** Withdrawals, newest first: of these sellers, or of everybody for null. */
export function selectWithdrawals(ctx: Context, scope: string[] | null, filter: WithdrawalFilter) {
  let query = selectAll(ctx).orderBy('w.id', 'desc')
  if (scope) query = query.where(ofSellers(scope))
  if (filter.sellers.length > 0) query = query.where(ofSellers(filter.sellers))
  if (filter.status) query = query.where('w.status', '=', filter.status)
  if (filter.currency) query = query.where('w.currency', '=', filter.currency)
  return query
}

const ofSellers = (sellers: string[]) =>
  sql<boolean>`w.account_id IN (SELECT id FROM ledger_accounts WHERE seller = ANY(${sellers}::text[]) AND kind = 'seller')`

/** One of these sellers' withdrawals, or of everybody's for null. */
export function findWithdrawal(ctx: Context, id: number, scope: string[] | null) {
  const query = selectAll(ctx).where('w.id', '=', id)
  return (scope ? query.where(ofSellers(scope)) : query).executeTakeFirst()
}

/** Its row, locked. The seller's turn is taken before, always in this order. */
export const lockWithdrawal = (ctx: Context, id: number): Promise<WithdrawalRow> =>
  selectAll(ctx).where('w.id', '=', id).forNoKeyUpdate('w').executeTakeFirstOrThrow()

export async function insertWithdrawal(
  ctx: Context,
  fields: { account_id: number; currency: string; requested_by: number; amount_minor: number; method: string },
): Promise<number> {
  const row = await ctx.db
    .insertInto('withdrawals')
    .values({ ...fields, status: 'pending', created_at: ctx.now, updated_at: ctx.now })
    .returning('id')
    .executeTakeFirstOrThrow()
  await ctx.house.jobs.publish(ctx, 'withdrawal.changed', { withdrawal_id: row.id, status: 'pending' })
  return row.id
}

export type WithdrawalFields = {
  status?: WithdrawalStatus
  reference?: string | null
  reason?: string | null
  decided_by?: number | null
  decided_at?: Temporal.Instant
  paid_by?: number | null
  paid_at?: Temporal.Instant
  destination?: string | null
  transfer_id?: string
  transfer_open?: boolean
  transfer_error?: string | null
  transfer_at?: Temporal.Instant | null
  refusals?: number
  returned_minor?: number
  method?: string
}

export async function changeWithdrawal(ctx: Context, id: number, fields: WithdrawalFields): Promise<void> {
  await ctx.db
    .updateTable('withdrawals')
    .set({ ...fields, updated_at: ctx.now })
    .where('id', '=', id)
    .execute()
  // Here, so that no step is taken of which nobody hears.
  if (fields.status)
    await ctx.house.jobs.publish(ctx, 'withdrawal.changed', { withdrawal_id: id, status: fields.status })
}

/** What was paid out of an account and has not come back. */
export async function withdrawnFrom(ctx: Context, accountId: number): Promise<number> {
  const row = await ctx.db
    .selectFrom('withdrawals')
    .where('account_id', '=', accountId)
    .where(sql<boolean>`status = 'paid'`)
    .select(sql<number>`COALESCE(sum(amount_minor - returned_minor), 0)::bigint`.as('withdrawn'))
    .executeTakeFirstOrThrow()
  return row.withdrawn
}

/** What is set aside of an account for withdrawals that nobody has paid yet; one whose transfer may have been made counts as paid. */
export async function setAside(ctx: Context, accountId: number): Promise<number> {
  const row = await ctx.db
    .selectFrom('withdrawals')
    .where('account_id', '=', accountId)
    .where('status', 'in', ['pending', 'approved'])
    .where('transfer_open', '=', false)
    .select(sql<number>`COALESCE(sum(amount_minor), 0)::bigint`.as('sum'))
    .executeTakeFirstOrThrow()
  return row.sum
}

/** The organizations that a person is an admin of, the oldest membership first. */
export async function organizationsAdministered(ctx: Context, userId: number): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('memberships')
    .where('user_id', '=', userId)
    .where('role', '=', 'admin')
    .select('organization_id')
    .orderBy('joined_at')
    .execute()
  return rows.map((row) => row.organization_id)
}

/** Is this person a master of the organization: named in the staff of one of its services? */
export async function isMasterOf(ctx: Context, userId: number, organizationId: string): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('service_staff')
    .innerJoin('services', 'services.id', 'service_staff.service_id')
    .innerJoin('memberships', (join) =>
      join
        .onRef('memberships.organization_id', '=', 'services.organization_id')
        .onRef('memberships.user_id', '=', 'service_staff.user_id'),
    )
    .where('service_staff.user_id', '=', userId)
    .where('services.organization_id', '=', organizationId)
    .where('services.archived_at', 'is', null)
    .select('services.id')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export async function findDestination(ctx: Context, seller: Seller, gateway: string): Promise<string | undefined> {
  const row = await ctx.db
    .selectFrom('connected_accounts')
    .where('seller', '=', sellerKey(seller))
    .where('gateway', '=', gateway)
    .select('destination')
    .executeTakeFirst()
  return row?.destination
}

/** Says where a seller is paid to from now on; what is under way goes where it was sent. */
export async function connect(ctx: Context, seller: string, gateway: string, destination: string): Promise<void> {
  await ctx.db
    .insertInto('connected_accounts')
    .values({ seller, gateway, destination, created_at: ctx.now })
    .onConflict((on) => on.columns(['seller', 'gateway']).doUpdateSet({ destination, created_at: ctx.now }))
    .execute()
}

export async function listDueTransfers(ctx: Context): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('withdrawals')
    .where('transfer_at', '<=', ctx.now)
    .select('id')
    .orderBy('transfer_at')
    .limit(500)
    .execute()
  return rows.map((row) => row.id)
}

/** Transfers of an account of which not everything has come back, the newest first. */
export const listReturnable = (ctx: Context, accountId: number) =>
  ctx.db
    .selectFrom('withdrawals')
    .where('account_id', '=', accountId)
    .where('transfer_id', 'is not', null)
    .whereRef('returned_minor', '<', 'amount_minor')
    .select(['id', 'amount_minor', 'returned_minor'])
    .orderBy('id', 'desc')
    .execute()

/** What is being fetched back for an account, its end not known yet. */
export async function pendingReturns(ctx: Context, accountId: number): Promise<number> {
  const row = await ctx.db
    .selectFrom('transfer_returns as r')
    .innerJoin('withdrawals as w', 'w.id', 'r.withdrawal_id')
    .where('w.account_id', '=', accountId)
    .where('r.status', '=', 'pending')
    .select(sql<number>`COALESCE(sum(r.amount_minor), 0)::bigint`.as('sum'))
    .executeTakeFirstOrThrow()
  return row.sum
}

export async function insertReturn(ctx: Context, withdrawalId: number, amountMinor: number): Promise<number> {
  const row = await ctx.db
    .insertInto('transfer_returns')
    .values({
      withdrawal_id: withdrawalId,
      amount_minor: amountMinor,
      status: 'pending',
      try_at: ctx.now,
      created_at: ctx.now,
      updated_at: ctx.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

export const findReturn = (ctx: Context, id: number) =>
  ctx.db
    .selectFrom('transfer_returns as r')
    .innerJoin('withdrawals as w', 'w.id', 'r.withdrawal_id')
    .where('r.id', '=', id)
    .select(['r.id', 'r.withdrawal_id', 'r.amount_minor', 'r.status', 'w.account_id', 'w.currency', 'w.transfer_id'])
    .executeTakeFirstOrThrow()

export async function changeReturn(
  ctx: Context,
  id: number,
  fields: { status?: 'pending' | 'done' | 'refused'; reason?: string; try_at: Temporal.Instant | null },
): Promise<void> {
  await ctx.db
    .updateTable('transfer_returns')
    .set({ ...fields, updated_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

export async function listDueReturns(ctx: Context): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('transfer_returns')
    .where('try_at', '<=', ctx.now)
    .select('id')
    .orderBy('try_at')
    .limit(500)
    .execute()
  return rows.map((row) => row.id)
}

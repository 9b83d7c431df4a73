import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { sellerKey, type Seller } from './sellers.ts'
import type { AccountKind } from './rules.ts'

/** All SQL that writes the books. */

export type AccountRow = {
  id: number
  seller: string
  provider_id: number | null
  organization_id: string | null
  currency: string
}

/** A seller's account, made on first use, held until the transaction ends: everything that moves the seller's money takes its turn here. */
export async function lockSellerAccount(ctx: Context, seller: Seller, currency: string): Promise<AccountRow> {
  let account = await findSellerAccount(ctx, seller, currency)
  if (!account) {
    await insertAccount(ctx, 'seller', seller, currency)
    account = (await findSellerAccount(ctx, seller, currency))!
  }
  await takeTurn(ctx, account.id)
  return account
}

const accountColumns = ['id', 'seller', 'provider_id', 'organization_id', 'currency'] as const

/** An UPDATE and not only a lock: under repeatable read (If-Match) it fails and the work begins anew, instead of going on with a balance of before. */
async function takeTurn(ctx: Context, accountId: number): Promise<void> {
  const turn = sql`UPDATE ledger_turns SET turns = turns + 1 WHERE account_id = ${accountId}`
  if ((await turn.execute(ctx.db)).numAffectedRows === 1n) return
  await sql`INSERT INTO ledger_turns (account_id) VALUES (${accountId}) ON CONFLICT DO NOTHING`.execute(ctx.db)
  await turn.execute(ctx.db)
}

export async function lockAccountById(ctx: Context, id: number): Promise<AccountRow> {
  await takeTurn(ctx, id)
  return ctx.db.selectFrom('ledger_accounts').where('id', '=', id).select(accountColumns).executeTakeFirstOrThrow()
}

export const findSellerAccount = (ctx: Context, seller: Seller, currency: string): Promise<AccountRow | undefined> =>
  ctx.db
    .selectFrom('ledger_accounts')
    .where('seller', '=', sellerKey(seller))
    .where('kind', '=', 'seller')
    .where('currency', '=', currency)
    .select(accountColumns)
    .executeTakeFirst()

/** The currencies in which a seller has an account, the one used last first. */
export async function currenciesOf(ctx: Context, seller: Seller): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('ledger_accounts')
    .where('seller', '=', sellerKey(seller))
    .where('kind', '=', 'seller')
    .select('currency')
    .orderBy(sql`(SELECT max(e.id) FROM ledger_entries e WHERE e.account_id = ledger_accounts.id) DESC NULLS LAST`)
    .execute()
  return rows.map((row) => row.currency)
}

async function insertAccount(ctx: Context, kind: AccountKind, seller: Seller | null, currency: string): Promise<void> {
  await ctx.db
    .insertInto('ledger_accounts')
    .values({
      kind,
      seller: seller ? sellerKey(seller) : '',
      provider_id: seller && 'providerId' in seller ? seller.providerId : null,
      organization_id: seller && 'organizationId' in seller ? seller.organizationId : null,
      currency,
      created_at: ctx.now,
    })
    .onConflict((on) => on.constraint('ledger_accounts_once').doNothing())
    .execute()
}

/** The ids of the platform's own accounts of these kinds, made on first use. They are never locked. */
export async function sharedAccounts(
  ctx: Context,
  kinds: readonly AccountKind[],
  currency: string,
): Promise<Map<string, number>> {
  const read = async (): Promise<Map<string, number>> => {
    const rows = await ctx.db
      .selectFrom('ledger_accounts')
      .where('seller', '=', '')
      .where(sql<boolean>`kind = ANY(${[...kinds]}::text[])`)
      .where('currency', '=', currency)
      .select(['id', 'kind'])
      .execute()
    return new Map(rows.map((row) => [row.kind, row.id]))
  }
  const found = await read()
  if (found.size === kinds.length) return found
  for (const kind of kinds) if (!found.has(kind)) await insertAccount(ctx, kind, null, currency)
  return read()
}

export type TransactionFields = {
  reference: string
  kind: string
  currency: string
  amount_minor: number
  fee_minor: number
  payment_id?: number | null
  withdrawal_id?: number | null
  reverses_id?: number | null
}

/** Writes a transaction's head and answers its id, or undefined where its reference is posted already. */
export async function insertTransaction(ctx: Context, fields: TransactionFields): Promise<number | undefined> {
  const row = await ctx.db
    .insertInto('ledger_transactions')
    .values({ ...fields, at: ctx.now })
    .onConflict((on) => on.constraint('ledger_transactions_once').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id
}

export const findTransaction = (ctx: Context, reference: string) =>
  ctx.db.selectFrom('ledger_transactions').where('reference', '=', reference).selectAll().executeTakeFirst()

export const listEntries = (ctx: Context, transactionId: number) =>
  ctx.db
    .selectFrom('ledger_entries')
    .innerJoin('ledger_accounts', 'ledger_accounts.id', 'ledger_entries.account_id')
    .where('transaction_id', '=', transactionId)
    .select(['account_id', 'amount_minor', 'ledger_accounts.kind'])
    .orderBy('ledger_entries.id')
    .execute()

/** What is owed to the owner of a seller's account is minus this. Read it under the account's lock where something follows from it. */
export async function accountBalance(ctx: Context, accountId: number): Promise<number> {
  const row = await ctx.db
    .selectFrom('ledger_entries')
    .where('account_id', '=', accountId)
    .select('balance_minor')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.balance_minor ?? 0
}

export type EntryFields = {
  transaction_id: number
  account_id: number
  amount_minor: number
  balance_minor: number | null
}

export async function insertEntries(ctx: Context, entries: EntryFields[]): Promise<void> {
  await ctx.db.insertInto('ledger_entries').values(entries).execute()
}

/** The charge of a payment: how much, and what part of it the platform kept. */
export const findCharge = (ctx: Context, paymentId: number) =>
  ctx.db
    .selectFrom('ledger_transactions')
    .where('reference', '=', `charge:${paymentId}`)
    .select(['id', 'amount_minor', 'fee_minor'])
    .executeTakeFirst()

/** What refunds and disputes have taken back of a payment's charge so far, reversed ones left out. */
export async function takenBack(ctx: Context, paymentId: number): Promise<{ amount: number; fee: number }> {
  const row = await ctx.db
    .selectFrom('ledger_transactions as t')
    .where('payment_id', '=', paymentId)
    .where('kind', 'in', ['refund', 'dispute'])
    .where((eb) =>
      eb.not(
        eb.exists(eb.selectFrom('ledger_transactions as r').select('r.id').whereRef('r.reverses_id', '=', 't.id')),
      ),
    )
    .select([sql<number>`COALESCE(sum(amount_minor), 0)::bigint`.as('amount')])
    .select(sql<number>`COALESCE(sum(fee_minor), 0)::bigint`.as('fee'))
    .executeTakeFirstOrThrow()
  return row
}

/** Notes the seller's share of a payment; a booking released before says at once when it can be withdrawn. */
export async function insertEarning(
  ctx: Context,
  fields: { payment_id: number; account_id: number; booking_id: number; net_minor: number },
): Promise<void> {
  const { payment_id, account_id, booking_id, net_minor } = fields
  await sql`
    INSERT INTO ledger_earnings (payment_id, account_id, booking_id, net_minor, available_at)
    VALUES (${payment_id}, ${account_id}, ${booking_id}, ${net_minor},
      COALESCE((SELECT available_at FROM ledger_releases WHERE booking_id = ${booking_id}), 'infinity'))`.execute(
    ctx.db,
  )
}

export async function changeEarning(ctx: Context, paymentId: number, byMinor: number): Promise<void> {
  await ctx.db
    .updateTable('ledger_earnings')
    .set((eb) => ({ net_minor: eb('net_minor', '+', byMinor) }))
    .where('payment_id', '=', paymentId)
    .execute()
}

export async function findEarningAccount(ctx: Context, paymentId: number): Promise<number> {
  const row = await ctx.db
    .selectFrom('ledger_earnings')
    .where('payment_id', '=', paymentId)
    .select('account_id')
    .executeTakeFirstOrThrow()
  return row.account_id
}

/** Writes down when a booking's earnings can be withdrawn; answers false where that is written already. */
export async function insertRelease(
  ctx: Context,
  bookingId: number,
  completedAt: Temporal.Instant,
  availableAt: Temporal.Instant,
): Promise<boolean> {
  const row = await ctx.db
    .insertInto('ledger_releases')
    .values({ booking_id: bookingId, completed_at: completedAt, available_at: availableAt })
    .onConflict((on) => on.column('booking_id').doNothing())
    .returning('booking_id')
    .executeTakeFirst()
  return row !== undefined
}

export async function setAvailable(ctx: Context, bookingId: number, availableAt: Temporal.Instant): Promise<void> {
  await ctx.db
    .updateTable('ledger_earnings')
    .set({ available_at: availableAt })
    .where('booking_id', '=', bookingId)
    .execute()
}

/** Of a seller's account, what cannot be withdrawn yet: shares of bookings that have not taken place, or not long enough ago. One index range of the unreleased. */
export async function unreleased(ctx: Context, accountId: number): Promise<number> {
  const row = await ctx.db
    .selectFrom('ledger_earnings')
    .where('account_id', '=', accountId)
    .where('available_at', '>', ctx.now)
    .select(sql<number>`COALESCE(sum(GREATEST(net_minor, 0)), 0)::bigint`.as('pending'))
    .executeTakeFirstOrThrow()
  return row.pending
}

import { audit } from '../../../platform/audit.ts'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, invalid, notFound } from '../../../platform/errors.ts'
import { emptyPage, pageOf, type Page } from '../../../platform/http/page.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { fromMinor, isCurrency, toMinor } from '../../../platform/money.ts'
import { findGateway } from '../gateway/index.ts'
import {
  balanceOfAccount,
  currenciesOf,
  findSellerAccount,
  lockAccountById,
  lockSellerAccount,
  postPayout,
  postWithdrawal,
  postWithdrawalReturned,
  sellerKey,
  sellerOf,
  statementOf,
  type Seller,
} from '../ledger/index.ts'
import { ownSellers, refuseOwn, sellerToSee, sellerToWithdrawFor, visibleSellers } from './access.ts'
import { isCovered, notCovered } from './cover.ts'
import { tellRequester } from './notices.ts'
import {
  changeWithdrawal,
  findDestination,
  findWithdrawal,
  insertWithdrawal,
  lockWithdrawal,
  selectWithdrawals,
  withdrawnFrom,
  type WithdrawalRow,
} from './queries.ts'
import { mayBecome } from './rules.ts'
import type {
  BalanceQuery,
  BalanceView,
  StatementQuery,
  StatementView,
  WithdrawalChange,
  WithdrawalInput,
  WithdrawalQuery,
  WithdrawalStatus,
  WithdrawalView,
} from './schema.ts'
import { transferNow } from './transfers.ts'
import { view } from './view.ts'

/** The currency that is meant: the named one, else the one that the seller's account moved in last, else DEFAULT_CURRENCY. */
async function currencyMeant(ctx: Context, seller: Seller, given: string | undefined): Promise<string> {
  if (given === undefined) return (await currenciesOf(ctx, seller))[0] ?? ctx.house.config.DEFAULT_CURRENCY
  if (!isCurrency(given)) throw invalid('currency', 'This is no currency', 'currency')
  return given
}

/** What a seller has: available, pending and paid out so far, in one currency. For the seller, and for an organization's admins and masters. */
export async function getBalance(ctx: Context, query: BalanceQuery): Promise<BalanceView> {
  const seller = await sellerToSee(ctx, query.organization_id)
  const currency = await currencyMeant(ctx, seller, query.currency)
  const account = await findSellerAccount(ctx, seller, currency)
  const { available, pending } = account ? await balanceOfAccount(ctx, account.id) : { available: 0, pending: 0 }
  const withdrawn = account ? await withdrawnFrom(ctx, account.id) : 0
  return {
    available: signed(available, currency),
    pending: signed(pending, currency),
    withdrawn: signed(withdrawn, currency),
    currency,
  }
}

const signed = (minor: number, currency: string): number =>
  minor < 0 ? -fromMinor(-minor, currency) : fromMinor(minor, currency)

/** What moved a seller's money in one currency, newest first. For whom `getBalance` is. */
export async function getStatement(ctx: Context, query: StatementQuery): Promise<Page<StatementView>> {
  const seller = await sellerToSee(ctx, query.organization_id)
  const currency = await currencyMeant(ctx, seller, query.currency)
  const account = await findSellerAccount(ctx, seller, currency)
  if (!account) return emptyPage(query)
  const page = await statementOf(ctx, account.id, query)
  return {
    ...page,
    results: page.results.map(({ at, kind, amount_minor, balance_minor, ...row }) => ({
      ...row,
      at: iso(at),
      kind: kind as StatementView['kind'],
      amount: signed(amount_minor, currency),
      balance: signed(balance_minor, currency),
      currency,
    })),
  }
}

/** Withdrawals, newest first: one's own and those of organizations one is an admin of; all with `withdrawal_management`. */
export async function listWithdrawals(ctx: Context, query: WithdrawalQuery): Promise<Page<WithdrawalView>> {
  const scope = await visibleSellers(ctx)
  const { status, currency, organization_id: organizationId, provider_id: providerId } = query
  const sellers = [
    ...(organizationId === undefined ? [] : [sellerKey({ organizationId })]),
    ...(providerId === undefined ? [] : [sellerKey({ providerId })]),
  ]
  const filter = { status, currency, sellers }
  const key = `withdrawals of ${JSON.stringify([scope, filter])}`
  const page = await pageOf(ctx, query, key, selectWithdrawals(ctx, scope, filter))
  return { ...page, results: page.results.map(view) }
}

/** @throws NOT_FOUND for everybody but its seller and `withdrawal_management` */
export async function getWithdrawal(ctx: Context, id: number): Promise<WithdrawalView> {
  return view(await getRow(ctx, id, await visibleSellers(ctx)))
}

async function getRow(ctx: Context, id: number, scope: string[] | null): Promise<WithdrawalRow> {
  const row = await findWithdrawal(ctx, id, scope)
  if (!row) throw notFound('withdrawal')
  return row
}

/**
 * Asks for a part of what is available. The sum is set aside in the same transaction, under the seller's turn, so that a hundred requests at once get no more
 * than there is.
 * @throws VALIDATION_ERROR for a sum that is none, CONFLICT for more than is available
 */
export async function requestWithdrawal(ctx: Context, input: WithdrawalInput): Promise<WithdrawalView> {
  return inTransaction(ctx, async (tx) => {
    const seller = await sellerToWithdrawFor(tx, input.organization_id)
    const currency = await currencyMeant(tx, seller, input.currency)
    const amountMinor = toMinor(input.amount, currency)
    const account = await lockSellerAccount(tx, seller, currency)
    const { available } = await balanceOfAccount(tx, account.id)
    if (amountMinor > available)
      throw conflict('This is more than can be withdrawn now', {
        details: [
          {
            field: 'amount',
            rule: 'available',
            message: 'At most {available} {currency} can be withdrawn now',
            params: { available: Math.max(0, signed(available, currency)), currency },
          },
        ],
      })
    const gateway = findGateway(tx.house)
    const connected = gateway ? await findDestination(tx, seller, gateway.name) : undefined
    const id = await insertWithdrawal(tx, {
      account_id: account.id,
      currency,
      requested_by: actorOf(tx).userId,
      amount_minor: amountMinor,
      method: connected ? gateway!.name : (input.method ?? 'bank_transfer'),
    })
    await postWithdrawal(tx, account, id, amountMinor)
    return getWithdrawal(tx, id)
  })
}

/** Takes a request back while nobody has decided on it. @throws NOT_FOUND for another's, CONFLICT once it is decided */
export async function cancelWithdrawal(ctx: Context, id: number): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const seen = await getRow(tx, id, await ownSellers(tx))
    await lockAccountById(tx, seen.account_id)
    const row = await lockWithdrawal(tx, id)
    requireStep(row, 'cancelled')
    await changeWithdrawal(tx, id, { status: 'cancelled' })
    await postWithdrawalReturned(tx, id)
  })
}

/**
 * Approves, rejects or marks as paid; for `withdrawal_management`, never on one's own. An approved withdrawal of a seller with a connected account is
 * transferred by a job; `paid` without a reference transfers it now. Otherwise `paid` needs the reference of the payment that somebody made.
 * @throws CONFLICT for a step that it may not take, or when the gateway refuses the transfer; SERVICE_UNAVAILABLE when it does not answer
 */
export async function decideWithdrawal(ctx: Context, id: number, change: WithdrawalChange): Promise<WithdrawalView> {
  const isTransferred = await inTransaction(ctx, (tx) => decide(tx, id, change))
  // With If-Match a transaction stands around this, in which nobody waits for a gateway: then a job does it.
  if (isTransferred && ctx.transaction) await ctx.house.jobs.enqueue(ctx, 'payments.transfer', { withdrawal_id: id })
  else if (isTransferred) await transferNow(ctx, id)
  return getWithdrawal(ctx, id)
}

/** Answers whether the gateway has yet to be asked for a transfer, which no transaction may wait for. */
async function decide(ctx: Context, id: number, change: WithdrawalChange): Promise<boolean> {
  const seen = await getRow(ctx, id, await visibleSellers(ctx))
  await refuseOwn(ctx, seen.requested_by, sellerKey(sellerOf(seen)))
  const account = await lockAccountById(ctx, seen.account_id)
  const row = await lockWithdrawal(ctx, id)
  if (row.status === change.status) return false
  requireStep(row, change.status)
  const actor = actorOf(ctx)
  const decided = { decided_by: actor.userId, decided_at: ctx.now }
  if (change.status !== 'rejected' && !(await isCovered(ctx, row))) throw conflict(notCovered)
  if (change.status === 'paid' && row.destination !== null && change.reference === undefined) return true
  if (change.status !== 'approved' && row.transfer_open)
    throw conflict('A transfer of this withdrawal is under way; wait until its end is known')
  if (change.status === 'approved') await approve(ctx, row, decided)
  else if (change.status === 'rejected') {
    await changeWithdrawal(ctx, id, {
      ...decided,
      status: 'rejected',
      reason: change.reason ?? null,
      transfer_at: null,
      destination: null,
    })
    await postWithdrawalReturned(ctx, id)
  } else {
    if (change.reference === undefined)
      throw invalid('reference', 'Name the payment, by the reference that the bank gave it', 'required')
    await changeWithdrawal(ctx, id, {
      status: 'paid',
      reference: change.reference,
      paid_by: actor.userId,
      paid_at: ctx.now,
      transfer_at: null,
      destination: null,
    })
    await postPayout(ctx, account, id, row.amount_minor, 'bank')
  }
  await audit(ctx, {
    action: `withdrawals.${change.status}`,
    target: { kind: 'withdrawal', id },
    before: { status: row.status },
    after: { status: change.status, reference: change.reference ?? null, reason: change.reason ?? null },
  })
  await tellRequester(ctx, row, change.status, change)
  return false
}

async function approve(
  ctx: Context,
  row: WithdrawalRow,
  decided: { decided_by: number; decided_at: Temporal.Instant },
): Promise<void> {
  const gateway = findGateway(ctx.house)
  const destination = gateway ? await findDestination(ctx, sellerOf(row), gateway.name) : undefined
  await changeWithdrawal(ctx, row.id, {
    ...decided,
    status: 'approved',
    ...(destination ? { destination, method: gateway!.name, transfer_at: ctx.now } : {}),
  })
  if (destination) await ctx.house.jobs.enqueue(ctx, 'payments.transfer', { withdrawal_id: row.id })
}

function requireStep(row: WithdrawalRow, to: WithdrawalStatus): void {
  const status = row.status as WithdrawalStatus
  if (!mayBecome(status, to))
    throw conflict('A withdrawal that is {from} cannot become {to}', { params: { from: status, to } })
}

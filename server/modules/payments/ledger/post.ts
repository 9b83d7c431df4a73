import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { balanceOfAccount } from './balance.ts'
import {
  accountBalance,
  changeEarning,
  findCharge,
  findEarningAccount,
  findTransaction,
  insertEarning,
  insertEntries,
  insertRelease,
  insertTransaction,
  listEntries,
  lockAccountById,
  lockSellerAccount,
  setAvailable,
  sharedAccounts,
  takenBack,
  type AccountRow,
} from './queries.ts'
import { feeToReturn, linesOf, type Line, type MovementKind } from './rules.ts'
import type { Seller } from './sellers.ts'

/**
 * Posting: each of these runs inside the caller's transaction, is posted once however often it is called, and answers whether it was posted now. The
 * seller's account is locked first, before anything unique is written: two movements of one seller queue there and cannot deadlock. Amounts are minor units.
 */

export type Charge = {
  paymentId: number
  bookingId: number
  seller: Seller
  amountMinor: number
  feeMinor: number
  currency: string
}

/** A payment has succeeded: the gateway holds it, the platform keeps its fee, the rest is the seller's (pending until the booking has taken place). */
export async function postCharge(ctx: Context, charge: Charge): Promise<boolean> {
  const { paymentId, bookingId, seller, amountMinor, feeMinor, currency } = charge
  await lockBooking(ctx, bookingId)
  const account = await lockSellerAccount(ctx, seller, currency)
  const posted = await post(ctx, account, {
    reference: `charge:${paymentId}`,
    kind: 'charge',
    amountMinor,
    feeMinor,
    paymentId,
  })
  if (posted)
    await insertEarning(ctx, {
      payment_id: paymentId,
      account_id: account.id,
      booking_id: bookingId,
      net_minor: amountMinor - feeMinor,
    })
  return posted
}

export type Refund = {
  refundId: number
  paymentId: number
  seller: Seller
  amountMinor: number
  feeMinor: number
  currency: string
}

/** A refund has succeeded; `feeMinor` is the part of the platform's fee that goes back with it, see `feeToReturn`. @throws Error where the payment was never charged */
export async function postRefund(ctx: Context, refund: Refund): Promise<boolean> {
  const { refundId, paymentId, seller, amountMinor, feeMinor, currency } = refund
  const account = await lockSellerAccount(ctx, seller, currency)
  return takeBack(ctx, account, { reference: `refund:${refundId}`, kind: 'refund', amountMinor, feeMinor, paymentId })
}

/** A refund that had succeeded failed after all (a closed card account): everything goes back to where it was. False where it was not posted, or taken back before. */
export const postRefundFailed = (ctx: Context, refundId: number): Promise<boolean> => reverse(ctx, `refund:${refundId}`)

export type Dispute = {
  disputeId: string
  paymentId: number
  seller: Seller
  amountMinor: number
  currency: string
  /** null while it is open. */
  won: boolean | null
}

/**
 * A dispute was opened (the gateway takes the sum at once, so it is frozen for the seller too), won (everything goes back) or lost (nothing more moves). Told
 * in any order it ends in the same books. The platform's fee goes back in proportion, as with a refund.
 */
export async function postDispute(ctx: Context, dispute: Dispute): Promise<boolean> {
  const { disputeId, paymentId, seller, amountMinor, currency, won } = dispute
  const account = await lockSellerAccount(ctx, seller, currency)
  const reference = `dispute:${disputeId}`
  let posted = false
  if (!(await findTransaction(ctx, reference))) {
    const charge = await findCharge(ctx, paymentId)
    if (!charge) throw new Error(`the payment ${paymentId} of the dispute ${disputeId} was never charged`)
    const before = await takenBack(ctx, paymentId)
    const proportional = feeToReturn(
      { amountMinor: charge.amount_minor, feeMinor: charge.fee_minor, refundedMinor: before.amount },
      amountMinor,
    )
    const feeMinor = Math.max(0, Math.min(proportional, charge.fee_minor - before.fee, amountMinor))
    posted = await takeBack(ctx, account, { reference, kind: 'dispute', amountMinor, feeMinor, paymentId })
  }
  return won === true ? reverse(ctx, reference) : posted
}

/** A withdrawal was requested: its sum is set aside. The caller holds the account's lock and has seen that there is enough. */
export const postWithdrawal = (ctx: Context, account: AccountRow, id: number, amountMinor: number): Promise<boolean> =>
  post(ctx, account, { reference: `withdrawal:${id}`, kind: 'withdrawal', amountMinor, withdrawalId: id })

/** A withdrawal was cancelled or rejected: its sum is the seller's again. */
export const postWithdrawalReturned = (ctx: Context, id: number): Promise<boolean> => reverse(ctx, `withdrawal:${id}`)

/** A withdrawal was paid, by a transfer of the gateway or from the platform's bank. */
export const postPayout = (
  ctx: Context,
  account: AccountRow,
  id: number,
  amountMinor: number,
  from: 'gateway' | 'bank',
): Promise<boolean> =>
  post(ctx, account, { reference: `payout:${id}`, kind: 'payout', amountMinor, withdrawalId: id, from })

/** A part of a transfer was fetched back, because refunds or disputes left the seller owing. */
export const postPayoutReturn = (
  ctx: Context,
  account: AccountRow,
  returnId: number,
  withdrawalId: number,
  amountMinor: number,
): Promise<boolean> =>
  post(ctx, account, { reference: `payout_return:${returnId}`, kind: 'payout_return', amountMinor, withdrawalId })

export type Release = { bookingId: number; completedAt: Temporal.Instant }

/** A booking has taken place: what was paid for it, now or later, can be withdrawn PAYOUT_DELAY_DAYS (of 24 hours) after. Written once; answers whether now. */
export async function releaseEarnings(ctx: Context, { bookingId, completedAt }: Release): Promise<boolean> {
  await lockBooking(ctx, bookingId)
  const availableAt = completedAt.add({ hours: 24 * ctx.house.config.PAYOUT_DELAY_DAYS })
  const released = await insertRelease(ctx, bookingId, completedAt, availableAt)
  if (released) await setAvailable(ctx, bookingId, availableAt)
  return released
}

/** A charge that looks for a release and a release that looks for charges must not miss each other. */
async function lockBooking(ctx: Context, bookingId: number): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`ledger.booking:${bookingId}`}, 0))`.execute(ctx.db)
}

type Movement = {
  reference: string
  kind: MovementKind
  amountMinor: number
  feeMinor?: number
  paymentId?: number
  withdrawalId?: number
  from?: 'gateway' | 'bank'
}

async function takeBack(
  ctx: Context,
  account: AccountRow,
  movement: Movement & { paymentId: number },
): Promise<boolean> {
  const posted = await post(ctx, account, movement)
  if (!posted) return false
  if (!(await findCharge(ctx, movement.paymentId)))
    throw new Error(`${movement.reference} takes back the payment ${movement.paymentId}, which was never charged`)
  await changeEarning(ctx, movement.paymentId, (movement.feeMinor ?? 0) - movement.amountMinor)
  // The seller may have been paid it already: then as much is fetched back from transfers as there were.
  if ((await balanceOfAccount(ctx, account.id)).available < 0)
    await ctx.house.jobs.enqueue(ctx, 'payments.return-transfers', { account_id: account.id })
  return true
}

async function post(ctx: Context, account: AccountRow, movement: Movement): Promise<boolean> {
  const { reference, kind, amountMinor, feeMinor = 0, paymentId = null, withdrawalId = null, from } = movement
  const id = await insertTransaction(ctx, {
    reference,
    kind,
    currency: account.currency,
    amount_minor: amountMinor,
    fee_minor: feeMinor,
    payment_id: paymentId,
    withdrawal_id: withdrawalId,
  })
  if (id === undefined) {
    const before = await findTransaction(ctx, reference)
    if (before?.amount_minor !== amountMinor || before.fee_minor !== feeMinor || before.currency !== account.currency)
      throw new Error(`${reference} was posted before with another sum`)
    return false
  }
  await writeLines(ctx, id, account, linesOf(kind, amountMinor, feeMinor, from))
  return true
}

/** Takes a transaction back by its mirror image, once. */
async function reverse(ctx: Context, reference: string): Promise<boolean> {
  const original = await findTransaction(ctx, reference)
  if (!original) return false
  const entries = await listEntries(ctx, original.id)
  const sellers = entries.find(({ kind }) => kind === 'seller')
  // With a fee of 100 % nothing of it is the seller's, and still it takes its turn among the seller's movements.
  const accountId = sellers?.account_id ?? (await findEarningAccount(ctx, original.payment_id!))
  const account = await lockAccountById(ctx, accountId)
  const id = await insertTransaction(ctx, {
    reference: `${reference}:reversed`,
    kind: 'reversal',
    currency: original.currency,
    amount_minor: original.amount_minor,
    fee_minor: original.fee_minor,
    payment_id: original.payment_id,
    withdrawal_id: original.withdrawal_id,
    reverses_id: original.id,
  })
  if (id === undefined) return false
  const lines = entries.map((entry): Line => ({
    account: entry.kind as Line['account'],
    amountMinor: -entry.amount_minor,
  }))
  await writeLines(ctx, id, account, lines)
  if (original.payment_id !== null)
    await changeEarning(ctx, original.payment_id, original.amount_minor - original.fee_minor)
  return true
}

async function writeLines(ctx: Context, transactionId: number, account: AccountRow, lines: Line[]): Promise<void> {
  const kinds = lines.map((line) => line.account).filter((kind) => kind !== 'seller')
  const shared = await sharedAccounts(ctx, kinds, account.currency)
  let balance = await accountBalance(ctx, account.id)
  const entries = lines.map(({ account: kind, amountMinor }) => {
    const isSellers = kind === 'seller'
    if (isSellers) balance += amountMinor
    return {
      transaction_id: transactionId,
      account_id: isSellers ? account.id : shared.get(kind)!,
      amount_minor: amountMinor,
      balance_minor: isSellers ? balance : null,
    }
  })
  await insertEntries(ctx, entries)
}

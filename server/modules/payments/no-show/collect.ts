import type { Context } from '../../../platform/context.ts'
import { findGateway } from '../gateway/index.ts'
import { performSoon } from '../operations/soon.ts'
import { beginRefund, closePayable } from '../payables/service.ts'
import { findDefaultMethod, holdMethod } from '../payments/method-queries.ts'
import {
  findPayable,
  insertPayable,
  listPaymentsOf,
  lockPayable,
  lockPayment,
  type Source,
} from '../payments/queries.ts'
import { refundableOf } from '../payments/rules.ts'
import { beginFee } from './charge.ts'
import { tellFeeDue } from './notices.ts'
import { listFeesDue, listPresent } from './queries.ts'

const feeOf = (bookingId: number): Source => ({ kind: 'no_show', id: bookingId })

/** Has this person a saved payment method, which stays until the transaction of `ctx` ends? Where there is no gateway nobody has. */
export async function hasPaymentMethod(ctx: Context, userId: number): Promise<boolean> {
  const gateway = findGateway(ctx.house)
  return gateway !== null && (await holdMethod(ctx, userId, gateway.name))
}

/** Nobody came: nothing of the booking itself is to be paid any more, what was paid stays. In the transaction that says so. */
export const endPayable = (ctx: Context, bookingId: number): Promise<void> =>
  closePayable(ctx, { kind: 'booking', id: bookingId }, { reason: 'no_show', refundPercent: 0 })

export type NoShowFee = {
  bookingId: number
  feeMinor: number
  currency: string
  title: string
  payerId: number
  providerId: number
  organizationId: string | null
}

/**
 * Asks for the fee of a booking to which nobody came, in the transaction that says so: what has been paid for the booking counts towards it, and what is missing is
 * charged to the saved payment method of the customer, soon. Where there is none, the customer owes it. `covered` when nothing is missing, `erased` when there is
 * nobody any more to ask.
 */
export async function collectNoShowFee(ctx: Context, fee: NoShowFee): Promise<'covered' | 'collected' | 'erased'> {
  await endPayable(ctx, fee.bookingId)
  const missing = fee.feeMinor - (await keptOf(ctx, fee.bookingId))
  if (missing <= 0) return 'covered'
  if ((await listPresent(ctx, [fee.payerId])).length === 0) return 'erased'
  await insertPayable(ctx, {
    source: feeOf(fee.bookingId),
    title: fee.title,
    payerId: fee.payerId,
    providerId: fee.providerId,
    organizationId: fee.organizationId,
    amountMinor: missing,
    depositMinor: null,
    currency: fee.currency,
    expiresAt: null,
  })
  const payable = (await lockPayable(ctx, feeOf(fee.bookingId)))!
  const gateway = findGateway(ctx.house)
  const method = gateway ? await findDefaultMethod(ctx, fee.payerId, gateway.name) : undefined
  if (method) await beginFee(ctx, payable, method)
  else await tellFeeDue(ctx, payable)
  return 'collected'
}

/** What was paid for a booking and neither went back nor is about to. */
async function keptOf(ctx: Context, bookingId: number): Promise<number> {
  const payable = await findPayable(ctx, { kind: 'booking', id: bookingId })
  if (!payable) return 0
  const payments = await listPaymentsOf(ctx, payable.id)
  return payments.reduce((sum, payment) => sum - payment.refunding_minor, payable.paid_minor - payable.refunded_minor)
}

/** The fee of a booking is asked for no more; what was paid of it goes back. Harmless where there is none, or it is waived already. */
export const waiveNoShowFee = (ctx: Context, bookingId: number): Promise<void> =>
  closePayable(ctx, feeOf(bookingId), { reason: 'waived', refundPercent: 100 })

/** Nobody is asked for fees whose account is erased, and nobody owes one to such an account: there is nobody to write to, and who could have the money. */
export async function waiveFeesOf(ctx: Context, userId: number): Promise<void> {
  for (const bookingId of await listFeesDue(ctx, userId)) await waiveNoShowFee(ctx, bookingId)
}

/** A job: money came in for what nobody was to pay any more. All of that payment goes back, once. */
export async function giveBack(ctx: Context, { payment_id }: { payment_id: number }): Promise<void> {
  const { payment } = await lockPayment(ctx, payment_id)
  const amountMinor = refundableOf(payment)
  if (amountMinor > 0)
    await performSoon(ctx, await beginRefund(ctx, payment, { amountMinor, cause: 'late', reason: null }))
}

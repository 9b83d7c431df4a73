import type { FastifyInstance } from 'fastify'
import { ledgerCommands, releaseEarnings } from './ledger/index.ts'
import { forgetPerson } from './operations/customer-queries.ts'
import { performQuietly } from './operations/perform.ts'
import { giveBack, waiveFeesOf } from './no-show/collect.ts'
import type { IsBuyer } from './payments/intents.ts'
import { deleteMethodsOf } from './payments/method-queries.ts'
import type { NeedsMethod } from './payments/methods.ts'
import type { SourceKind } from './payments/queries.ts'
import { paymentRoutes } from './payments/routes.ts'
import { poll, syncJob } from './payments/sync.ts'
import { receiptRoutes } from './receipts/index.ts'
import { webhookRoutes } from './webhooks/routes.ts'
import { withdrawalCommands, withdrawalJobs, withdrawalRoutes } from './withdrawals/index.ts'
import type { WithdrawalStatus } from './withdrawals/schema.ts'
import type { Context } from '../../platform/context.ts'
import { inTransaction } from '../../platform/db/transaction.ts'

type OfSource = { payment_id: number; source_kind: SourceKind; source_id: number }

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    'payment.succeeded': OfSource
    'payment.refunded': OfSource & { refund_id: number }
    /** It was asked for, or has gone a step. */
    'withdrawal.changed': { withdrawal_id: number; status: WithdrawalStatus }
  }
  interface JobData {
    'payments.perform': { operation_id: number }
    'payments.sync': { payment_id: number }
    'payments.poll': Record<string, never>
    'payments.give-back': { payment_id: number }
  }
}

export { exportOf } from './export-queries.ts'
export { collectNoShowFee, endPayable, hasPaymentMethod, waiveNoShowFee } from './no-show/collect.ts'
export { paymentToSend, withdrawalToSend } from './outgoing.ts'
export { refreshMethods } from './payments/methods.ts'
export { examplePayment, Payment } from './payments/schema.ts'
export { exampleWithdrawal, Withdrawal } from './withdrawals/schema.ts'
export { issueReceipts } from './receipts/index.ts'
export { gatewayState, measureGateway, openGateway } from './gateway/index.ts'
export { checkLedger } from './ledger/index.ts'
export { openPrinter } from './receipts/pdf.ts'
export {
  changePayable,
  closePayable,
  closePayables,
  holdPayables,
  openPayable,
  openPayables,
  previewRefund,
  refundLatePayment,
  reopenPayable,
} from './payables/service.ts'

/** Hears that a booking has taken place, or that its customer did not come: its money can be withdrawn PAYOUT_DELAY_DAYS later. */
export async function release(ctx: Context, { booking_id }: { booking_id: number }): Promise<void> {
  await releaseEarnings(ctx, { bookingId: booking_id, completedAt: ctx.now })
}

/** Hears that a booking was cancelled: what its policy leaves to the seller is earned. One that expired may be booked again by a late payment. */
export async function releaseCancelled(
  ctx: Context,
  { booking_id, reason }: { booking_id: number; reason: string | null },
): Promise<void> {
  if (reason !== 'expired') await release(ctx, { booking_id })
}

/** Hears that an account was erased: the name and e-mail that its customer was made with at the gateway go too, and what it has saved; nobody is asked for its fees. */
export async function accountDeleted(ctx: Context, { user_id }: { user_id: number }): Promise<void> {
  await forgetPerson(ctx, user_id)
  await deleteMethodsOf(ctx, user_id)
  await waiveFeesOf(ctx, user_id)
}

const perform = async (ctx: Context, data: { operation_id: number }): Promise<void> => {
  await performQuietly(ctx, data)
}

const giveBackJob = (ctx: Context, data: { payment_id: number }): Promise<void> =>
  inTransaction(ctx, (tx) => giveBack(tx, data))

export const jobs = {
  'payments.perform': { queue: 'gateway' as const, handle: perform },
  'payments.sync': { queue: 'gateway' as const, handle: syncJob },
  'payments.give-back': { handle: giveBackJob },
  'payments.poll': { cron: '* * * * *', queue: 'gateway' as const, handle: poll },
  ...withdrawalJobs,
}

export const commands = { ...ledgerCommands, ...withdrawalCommands }

/**
 * `isBuyer` tells who has bought what nothing is to be paid for here, `needsMethod` who has a booking whose fee a saved payment method stands for: bookings knows,
 * which is to the right.
 */
export function routes(app: FastifyInstance, isBuyer: IsBuyer, needsMethod: NeedsMethod): void {
  paymentRoutes(app, isBuyer, needsMethod)
  webhookRoutes(app)
  withdrawalRoutes(app)
  receiptRoutes(app)
}

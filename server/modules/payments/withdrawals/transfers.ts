import { audit } from '../../../platform/audit.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, unavailable } from '../../../platform/errors.ts'
import { findGateway, gatewayOf } from '../gateway/index.ts'
import { errorFields } from '../../../platform/log.ts'
import { GatewayRefusal, GatewayUnavailable, type Transfer } from '../gateway/gateway.ts'
import { lockAccountById, postPayout } from '../ledger/index.ts'
import { isCovered, notCovered } from './cover.ts'
import { tellRequester } from './notices.ts'
import { changeWithdrawal, findWithdrawal, listDueTransfers, lockWithdrawal, type WithdrawalRow } from './queries.ts'
import { waitAfterRefusal, waitAfterSilence } from './rules.ts'

/**
 * Paying an approved withdrawal by the gateway's transfer: transaction 1 (it is begun, under this key), the call, transaction 2 (what became of it). While
 * nobody knows the end, each try bears the same key, so the money leaves once; after a refusal the next try bears a new one, since a gateway answers a key
 * as it did at first.
 */
export async function attemptTransfer(ctx: Context, id: number): Promise<Outcome> {
  const gateway = gatewayOf(ctx)
  const begun = await inTransaction(ctx, (tx) => begin(tx, id))
  if ('outcome' in begun) return begun
  const { amount_minor: amountMinor, currency, destination, refusals } = begun
  let transfer: Transfer
  try {
    transfer = await gateway.transfer(
      { amountMinor, currency, destination: destination!, metadata: { withdrawal_id: String(id) } },
      `withdrawal:${id}:${refusals}`,
    )
  } catch (error) {
    if (error instanceof GatewayUnavailable) {
      ctx.log.warn({ withdrawal: id, error: error.message }, 'nobody knows what became of a transfer')
      return { outcome: 'silence' }
    }
    if (!(error instanceof GatewayRefusal)) throw error
    await inTransaction(ctx, (tx) => refuse(tx, begun, error.message))
    return { outcome: 'refused', reason: error.message }
  }
  await inTransaction(ctx, (tx) => finish(tx, begun, transfer.id))
  return { outcome: 'paid' }
}

type Outcome = { outcome: 'paid' | 'silence' | 'nothing to do' } | { outcome: 'refused'; reason: string }

async function begin(ctx: Context, id: number): Promise<WithdrawalRow | Outcome> {
  const seen = await findWithdrawal(ctx, id, null)
  if (!seen) return { outcome: 'nothing to do' }
  await lockAccountById(ctx, seen.account_id)
  const row = await lockWithdrawal(ctx, id)
  if (row.status !== 'approved' || row.destination === null) return { outcome: 'nothing to do' }
  if (!(await isCovered(ctx, row))) {
    const again = ctx.now.add({ minutes: waitAfterRefusal(row.refusals + 1) })
    await changeWithdrawal(ctx, id, { transfer_error: notCovered, transfer_at: again })
    return { outcome: 'refused', reason: notCovered }
  }
  // Should this process die now, the next look finds it here.
  await changeWithdrawal(ctx, id, { transfer_open: true, transfer_at: ctx.now.add({ minutes: waitAfterSilence }) })
  return row
}

async function refuse(ctx: Context, { id, refusals }: WithdrawalRow, reason: string): Promise<void> {
  const row = await lockWithdrawal(ctx, id)
  if (row.status !== 'approved' || row.refusals !== refusals) return
  await changeWithdrawal(ctx, id, {
    transfer_open: false,
    transfer_error: reason,
    refusals: refusals + 1,
    transfer_at: ctx.now.add({ minutes: waitAfterRefusal(refusals + 1) }),
  })
}

async function finish(ctx: Context, begun: WithdrawalRow, transferId: string): Promise<void> {
  const account = await lockAccountById(ctx, begun.account_id)
  const row = await lockWithdrawal(ctx, begun.id)
  if (row.status === 'paid') return
  if (row.status !== 'approved') throw new Error(`the withdrawal ${row.id} was transferred though it is ${row.status}`)
  await changeWithdrawal(ctx, row.id, {
    status: 'paid',
    reference: transferId,
    transfer_id: transferId,
    transfer_open: false,
    transfer_error: null,
    transfer_at: null,
    paid_by: ctx.actor?.userId ?? null,
    paid_at: ctx.now,
  })
  await postPayout(ctx, account, row.id, row.amount_minor, 'gateway')
  if (ctx.actor)
    await audit(ctx, {
      action: 'withdrawals.paid',
      target: { kind: 'withdrawal', id: row.id },
      before: { status: row.status },
      after: { status: 'paid', reference: transferId },
    })
  await tellRequester(ctx, row, 'paid', { reference: transferId })
}

/** The same while somebody waits. @throws CONFLICT with the gateway's reason, SERVICE_UNAVAILABLE when it does not answer (a job goes on) */
export async function transferNow(ctx: Context, id: number): Promise<void> {
  const result = await attemptTransfer(ctx, id)
  if (result.outcome === 'silence') throw unavailable('The payment gateway does not answer; the transfer goes on')
  if (result.outcome === 'refused')
    throw conflict('The gateway refused the transfer: {reason}', { params: { reason: result.reason } })
  if (result.outcome === 'nothing to do' && (await findWithdrawal(ctx, id, null))?.status !== 'paid')
    throw conflict('This withdrawal has changed meanwhile')
}

/** Job: the transfers that are due, new ones and those that were refused or not answered. */
export async function transferDue(ctx: Context): Promise<void> {
  if (!findGateway(ctx.house)) return
  for (const id of await listDueTransfers(ctx)) {
    try {
      await attemptTransfer(ctx, id)
    } catch (error) {
      // One that cannot be done must not keep the others waiting; it is due again with them.
      ctx.log.error({ withdrawal: id, ...errorFields(error) }, 'a transfer failed')
    }
  }
}

import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { errorFields } from '../../../platform/log.ts'
import { GatewayRefusal, GatewayUnavailable } from '../gateway/gateway.ts'
import { findGateway, gatewayOf } from '../gateway/index.ts'
import { balanceOfAccount, lockAccountById, postPayoutReturn } from '../ledger/index.ts'
import { tellReturned } from './notices.ts'
import {
  changeReturn,
  changeWithdrawal,
  findReturn,
  insertReturn,
  listDueReturns,
  listReturnable,
  lockWithdrawal,
  pendingReturns,
} from './queries.ts'
import { waitAfterSilence } from './rules.ts'

/**
 * Job: a refund or dispute has left a seller owing after transfers were paid; as much as is owed is fetched back from them, the newest first (SPEC section
 * 10). What cannot be fetched back stays owed, and later earnings cover it.
 */
export async function returnTransfers(ctx: Context, { account_id: accountId }: { account_id: number }): Promise<void> {
  const made = await inTransaction(ctx, async (tx) => {
    await lockAccountById(tx, accountId)
    const { available } = await balanceOfAccount(tx, accountId)
    let owed = -available - (await pendingReturns(tx, accountId))
    const ids: number[] = []
    if (owed <= 0) return ids
    for (const paid of await listReturnable(tx, accountId)) {
      if (owed <= 0) break
      const part = Math.min(owed, paid.amount_minor - paid.returned_minor)
      ids.push(await insertReturn(tx, paid.id, part))
      await changeWithdrawal(tx, paid.id, { returned_minor: paid.returned_minor + part })
      owed -= part
    }
    return ids
  })
  for (const id of made) await attemptReturn(ctx, id)
}

/** Job: what is due again because nobody knows what became of it. */
export async function returnDue(ctx: Context): Promise<void> {
  if (!findGateway(ctx.house)) return
  for (const id of await listDueReturns(ctx)) {
    try {
      await attemptReturn(ctx, id)
    } catch (error) {
      ctx.log.error({ transfer_return: id, ...errorFields(error) }, 'a transfer could not be fetched back')
    }
  }
}

/** The row is transaction 1; then the call under its key, then what became of it. */
async function attemptReturn(ctx: Context, id: number): Promise<void> {
  const wanted = await findReturn(ctx, id)
  if (wanted.status !== 'pending') return
  try {
    const key = `transfer_return:${id}`
    const metadata = { withdrawal_id: String(wanted.withdrawal_id), return_id: String(id) }
    await gatewayOf(ctx).reverseTransfer(wanted.transfer_id!, wanted.amount_minor, wanted.currency, metadata, key)
  } catch (error) {
    if (error instanceof GatewayUnavailable) {
      await changeReturn(ctx, id, { try_at: ctx.now.add({ minutes: waitAfterSilence }) })
      return
    }
    if (!(error instanceof GatewayRefusal)) throw error
    ctx.log.warn({ transfer_return: id, error: error.message }, 'a transfer cannot be fetched back; the seller owes it')
    await inTransaction(ctx, (tx) => end(tx, id, error.message))
    return
  }
  await inTransaction(ctx, (tx) => end(tx, id, null))
}

async function end(ctx: Context, id: number, refusal: string | null): Promise<void> {
  const seen = await findReturn(ctx, id)
  const account = await lockAccountById(ctx, seen.account_id)
  const row = await lockWithdrawal(ctx, seen.withdrawal_id)
  const { status, amount_minor: amountMinor } = await findReturn(ctx, id)
  if (status !== 'pending') return
  if (refusal !== null) {
    await changeReturn(ctx, id, { status: 'refused', reason: refusal, try_at: null })
    await changeWithdrawal(ctx, row.id, { returned_minor: row.returned_minor - amountMinor })
    return
  }
  await changeReturn(ctx, id, { status: 'done', try_at: null })
  await postPayoutReturn(ctx, account, id, row.id, amountMinor)
  await tellReturned(ctx, row, amountMinor)
}

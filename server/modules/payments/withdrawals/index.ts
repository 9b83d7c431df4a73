import type { Command } from '../../../platform/console.ts'
import { AppError } from '../../../platform/errors.ts'
import { findGateway } from '../gateway/index.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { sellerKey } from '../ledger/index.ts'
import { connect } from './queries.ts'
import { returnDue, returnTransfers } from './returns.ts'
import { attemptTransfer, transferDue } from './transfers.ts'

declare module '../../../platform/jobs/jobs.ts' {
  interface JobData {
    'payments.transfer': { withdrawal_id: number }
    'payments.transfer-due': Record<string, never>
    'payments.return-transfers': { account_id: number }
    'payments.return-due': Record<string, never>
  }
}

export { withdrawalRoutes } from './routes.ts'

export const withdrawalJobs = {
  'payments.transfer': {
    handle: async (ctx: Parameters<typeof transferDue>[0], { withdrawal_id: id }: { withdrawal_id: number }) => {
      await attemptTransfer(ctx, id)
    },
  },
  'payments.transfer-due': { cron: '* * * * *', handle: transferDue },
  'payments.return-transfers': { handle: returnTransfers },
  'payments.return-due': { cron: '* * * * *', handle: returnDue },
}

export const withdrawalCommands: Record<string, Command> = {
  'connect-account': {
    summary:
      'pay a seller’s withdrawals to an account at the gateway: --provider ID | --organization ID, --account acct_...',
    run: async (ctx, { options: { provider, organization, account } }) => {
      const gateway = findGateway(ctx.house)
      if (!gateway) throw new AppError('CONFLICT', 'Online payment is not available here')
      const isNamed = organization === undefined ? /^\d{1,15}$/.test(provider ?? '') : provider === undefined
      if (!account || !isNamed)
        throw new AppError('VALIDATION_ERROR', 'Name the seller (--provider or --organization) and the --account')
      const seller = sellerKey(
        organization === undefined ? { providerId: Number(provider) } : { organizationId: organization },
      )
      await inTransaction(ctx, (tx) => connect(tx, seller, gateway.name, account))
      return [`Withdrawals of ${seller} are paid to ${account}.`]
    },
  },
}

import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { cleanTwoFactor } from '../queries/two-factor.ts'
import { deleteOldAddresses, deleteOldCodes, deleteOldSessions, dropLateEmails } from '../queries/clean.ts'
import { resealSecrets } from './second-factor.ts'

/** Every night (SPEC section 6): codes and links that have expired, sessions over for 30 days with their tokens, addresses unseen for 90 days, and e-mails that nobody confirmed. */
export async function cleanAccounts(ctx: Context): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    // A day longer than they live, so that who comes late is told the truth, and the count of the last hour holds.
    await deleteOldCodes(tx, tx.now.subtract({ hours: 24 }))
    await dropLateEmails(tx)
  })
  await deleteOldSessions(ctx, ctx.now.subtract({ hours: 30 * 24 }))
  await cleanTwoFactor(ctx, ctx.now.subtract({ hours: 24 }))
  await resealSecrets(ctx)
  await deleteOldAddresses(ctx, ctx.now.subtract({ hours: 90 * 24 }))
}

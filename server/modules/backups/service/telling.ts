import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { notify } from '../../notifications/index.ts'
import { failuresSince, operators } from '../queries.ts'
import type { Kind } from '../rules.ts'

const sentences = {
  database: {
    title: 'The database could not be backed up',
    body: 'The backup of {at} failed: {reason}. It is tried again for about two hours, and tomorrow.',
  },
  files: {
    title: 'The files could not be backed up',
    body: 'The backup of {at} failed: {reason}. It is tried again for about two hours, and tomorrow.',
  },
} as const

/** Tells operators of a failure, at most once in twelve hours for each kind: its tries would tell them nine times. */
export async function tellFailure(ctx: Context, kind: Kind, reason: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    if ((await failuresSince(tx, kind, tx.now.subtract({ hours: 12 }))) > 1) return
    for (const userId of await operators(tx))
      await notify(tx, {
        userId,
        kind: 'security_backup_failed',
        ...sentences[kind],
        params: { at: tx.now.toString(), reason: reason.slice(0, 300) },
      })
  })
}

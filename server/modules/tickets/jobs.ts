import type { Context } from '../../platform/context.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { findTicket, takeDue } from './queries/tickets.ts'
import { tellDue } from './service/tell.ts'

const portion = 200

/** Says of tickets that their time has passed, or soon will have, each once; some in each transaction, with the note that it was said. A job of every five minutes. */
export async function remind(ctx: Context): Promise<void> {
  for (const what of ['breach', 'warn'] as const) {
    let taken: number
    do {
      taken = await inTransaction(ctx, async (tx) => {
        const ids = await takeDue(tx, what, portion)
        for (const id of ids) {
          const row = await findTicket(tx, id)
          if (row) await tellDue(tx, row, what === 'warn' ? 'due_soon' : 'overdue')
        }
        return ids.length
      })
    } while (taken === portion)
  }
}

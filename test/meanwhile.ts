import { setTimeout as sleep } from 'node:timers/promises'
import { authenticate } from '../server/modules/accounts/index.ts'
import type { Context } from '../server/platform/context.ts'
import { inTransaction } from '../server/platform/db/transaction.ts'
import type { House, Person } from './support.ts'

/**
 * What somebody is answered who has looked before, and waits while, another changes what they looked at: `work` is done in a transaction, `ask` begins, and the
 * transaction is committed once `ask` stands before one of its locks (or has ended without one).
 */
export async function meanwhile<T>(
  house: House,
  work: (tx: Context) => Promise<unknown>,
  ask: () => Promise<T>,
): Promise<T> {
  const asked = await inTransaction(house.ctx(), async (tx) => {
    await work(tx)
    const answer = ask()
    const ended = answer.then(
      () => true,
      () => true,
    )
    while (!(await Promise.race([ended, sleep(5, false)]))) if (await someoneWaits(house)) break
    return { answer }
  })
  return asked.answer
}

/** The transaction as one of this person. */
export const actingAs = async (tx: Context, { token }: Person): Promise<Context> => ({
  ...tx,
  actor: await authenticate(tx.house, token, tx.now),
})

/** Until a statement of this house stands before the lock of another. */
export async function untilSomebodyWaits(house: House): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (await someoneWaits(house)) return
    await sleep(10)
  }
  throw new Error('nobody waits for a lock')
}

/** Does a statement of this house stand before the lock of another? */
export const someoneWaits = async ({ house }: House): Promise<boolean> => {
  const { rows } = await house.pool.query(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  )
  return rows.length > 0
}

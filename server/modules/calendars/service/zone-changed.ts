import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { lockEvent } from '../queries/events.ts'
import { listZoneless } from '../queries/participants.ts'
import { horizon, takeTime } from './claims.ts'
import { planReminders } from './reminders.ts'
import { wholeOf } from './whole.ts'

/**
 * Hears that an account has changed, perhaps its time zone: floating events and whole days are read in it, so they take the person's time at other instants now,
 * and are reminded of at others. The events stay as they are; so do their rooms, which have zones of their own.
 */
export async function accountChanged(ctx: Context, { user_id }: { user_id: number }): Promise<void> {
  for (const { id, calendar_id } of await listZoneless(ctx, user_id))
    await inTransaction(ctx, async (tx) => {
      const until = await horizon(tx)
      const event = await lockEvent(tx, id)
      if (!event) return
      await takeTime(tx, [await wholeOf(tx, event)], { until, policy: 'skip', keepsRoom: true })
      await planReminders(tx, { event_id: id, calendar_id })
    })
}

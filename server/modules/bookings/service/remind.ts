import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { completeEnded, insertDueReminders } from '../queries/notices.ts'
import { tellBoth } from './notices.ts'
import { remindToPay } from './series-pay.ts'

/** A booking is reminded of a day and two hours before; `from` keeps them apart where the first was missed. Hours. */
const reminders = [
  { kind: '24h', from: 2, to: 24 },
  { kind: '2h', from: 0, to: 2 },
]
const portion = 200

/** Sends the reminders that are due, some in each transaction, with the note that they were sent (SPEC section 6: each once). A job of every five minutes. */
export async function remind(ctx: Context): Promise<void> {
  for (const reminder of reminders) {
    let sent: number
    do {
      sent = await inTransaction(ctx, async (tx) => {
        const due = await insertDueReminders(tx, { ...reminder, limit: portion })
        for (const { booking_id } of due) await tellBoth(tx, booking_id, 'reminder', {})
        return due.length
      })
    } while (sent === portion)
  }
  await remindToPay(ctx)
}

/** A provider has this many hours after the end to say that somebody did not come. */
const graceHours = 24

/** Completes confirmed bookings a day after their end. A job of every quarter of an hour. */
export async function completePast(ctx: Context): Promise<void> {
  let done: number
  do {
    done = await inTransaction(ctx, async (tx) => {
      const ids = await completeEnded(tx, tx.now.subtract({ hours: graceHours }), portion)
      for (const booking_id of ids) await tx.house.jobs.publish(tx, 'booking.completed', { booking_id })
      return ids.length
    })
  } while (done === portion)
}

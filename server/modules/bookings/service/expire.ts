import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { findBooking, listExpiredIds, listHeld, listOfSession } from '../queries/bookings.ts'
import { lockWithTime } from './lock-booking.ts'
import { expire } from './seats.ts'

/** Ends every hold that has run out, each in a transaction of its own; a job of every minute. */
export async function expireHolds(ctx: Context): Promise<void> {
  for (;;) {
    const ids = await listExpiredIds(ctx, 200)
    for (const id of ids) await expireOne(ctx, id)
    if (ids.length < 200) return
  }
}

async function expireOne(ctx: Context, id: number): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const booking = await lockWithTime(tx, (await findBooking(tx, id))!)
    // Meanwhile it may have been confirmed, paid or cancelled.
    if (
      booking.status !== 'pending' ||
      booking.expires_at === null ||
      Temporal.Instant.compare(booking.expires_at, tx.now) > 0
    )
      return
    await expire(tx, booking)
  })
}

const mostAtOnce = 100

/**
 * When the next hold on a seat of a class runs out: its time may be others' for good, so that no claim says it. What has run out by now is ended here, so that
 * whoever watches need not wait for the job of every minute.
 */
export async function seatsUntil(ctx: Context, serviceId: number): Promise<Temporal.Instant | null> {
  const holds = await listHeld(ctx, serviceId, mostAtOnce)
  const due = holds.filter(({ expires_at: at }) => Temporal.Instant.compare(at!, ctx.now) <= 0)
  for (const { id } of due) await expireOne(ctx, id)
  return holds[due.length]?.expires_at ?? (due.length === mostAtOnce ? ctx.now : null)
}

/** Hears that scheduling has given away the expired time of a session: its holds end, if nobody has ended them yet. */
export async function claimExpired(
  ctx: Context,
  { source_kind, source_id }: { source_kind: string; source_id: string },
): Promise<void> {
  if (source_kind !== 'booking_session') return
  for (const id of await listOfSession(ctx, Number(source_id))) await expireOne(ctx, id)
}

import { findNoticed } from '../../bookings/index.ts'
import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { ConsentGone } from '../client/errors.ts'
import { platformCalendar } from '../client/index.ts'
import { findEvent, listDirty, listUnknown, markDirty } from '../queries/events.ts'
import { eventIdOf } from '../rules.ts'
import { consentLost } from './end.ts'
import { placeFor } from './places.ts'
import { writeBooking } from './write.ts'

/** The id of a booking's event in a calendar of Google's. */
export const idOf = ({ house }: Context, bookingId: number, createdAt: Temporal.Instant): string =>
  eventIdOf(new URL(house.config.PUBLIC_URL).host, bookingId, createdAt)

/**
 * Hears of every step of a booking: what stands of it in a Google calendar is looked at again, and a confirmed one is written where its provider's bookings go.
 * That it is to be done is noted in the transaction of the event, and done by a job.
 */
export async function bookingChanged(ctx: Context, { booking_id }: { booking_id: number }): Promise<void> {
  const known = await findEvent(ctx, booking_id)
  if (!known && !(await isToWrite(ctx, booking_id))) return
  const noticed = known ? null : await findNoticed(ctx, booking_id)
  await markDirty(ctx, booking_id, noticed ? idOf(ctx, booking_id, noticed.booking.created_at) : null)
  await ctx.house.jobs.enqueue(ctx, 'google.write', { booking_id })
}

async function isToWrite(ctx: Context, bookingId: number): Promise<boolean> {
  const noticed = await findNoticed(ctx, bookingId)
  return noticed?.booking.status === 'confirmed' && (await hasPlace(ctx, noticed.booking.provider_id))
}

/** Is there a calendar for the bookings that somebody gives? */
export async function hasPlace(ctx: Context, providerId: number): Promise<boolean> {
  try {
    return (await placeFor(ctx, providerId)) !== null
  } catch (error) {
    if (!(error instanceof ConsentGone)) throw error
    // Its key is gone: there remains the platform's.
    await consentLost(ctx, error)
    return hasPlace(ctx, providerId)
  }
}

/** Writes one booking; while another process is at it, a little later. */
export async function writeJob(ctx: Context, { booking_id }: { booking_id: number }): Promise<void> {
  if ((await writeBooking(ctx, booking_id)) !== 'busy') return
  await ctx.house.jobs.enqueue(
    ctx,
    'google.write',
    { booking_id },
    { startAfter: ctx.house.clock().add({ seconds: 5 }) },
  )
}

/** So many bookings are looked after in one run. */
const portion = 500

/**
 * Every quarter of an hour: what has been waiting for an hour (its job was given up, or Google had refused it) is tried again, and what was confirmed before the
 * platform had a calendar is written into it.
 */
export async function repair(ctx: Context): Promise<void> {
  for (const booking_id of await listDirty(ctx, ctx.now.subtract({ hours: 1 }), portion))
    await ctx.house.jobs.enqueue(ctx, 'google.write', { booking_id })
  if (platformCalendar(ctx) === null) return
  for (const { id: booking_id, created_at } of await listUnknown(ctx, portion))
    await inTransaction(ctx, async (tx) => {
      await markDirty(tx, booking_id, idOf(tx, booking_id, created_at))
      await tx.house.jobs.enqueue(tx, 'google.write', { booking_id })
    })
}

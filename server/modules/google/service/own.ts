import { findNoticed, proposeTime } from '../../bookings/index.ts'
import { notify } from '../../notifications/index.ts'
import type { Context } from '../../../platform/context.ts'
import { AppError } from '../../../platform/errors.ts'
import { iso } from '../../../platform/http/shapes.ts'
import type { GoogleEvent } from '../client/calendar.ts'
import type { ConnectionRow } from '../queries/connections.ts'
import { listStandingOf, markDirty, updateSettled, type EventRow } from '../queries/events.ts'
import { spanOf } from '../rules.ts'

/**
 * What its person has done in Google to the event of a booking. A booking is an agreement of two, so a hand in a calendar does not change it: a move is proposed to
 * the customer where that time can be had, a deletion is told; the booking stands meanwhile, and so does its event.
 */

/** A booking's event as Google tells it, in the transaction of a sync. What we are about to write anyway is no news. */
export async function ownChanged(
  ctx: Context,
  connection: ConnectionRow,
  row: EventRow,
  event: GoogleEvent,
  zone: string,
): Promise<void> {
  if (row.connection_id !== connection.id || row.calendar_id === null || row.written === null || row.is_removed) return
  if (event.status === 'cancelled') return removed(ctx, connection, row)
  const span = spanOf(event, zone)
  if (!span || !row.written_from || !row.written_to) return
  if (span.from.equals(row.written_from) && span.to.equals(row.written_to)) return
  // It goes back to where the booking is, whatever becomes of the wish.
  if (!(await updateSettled(ctx, row.booking_id, { written: null }))) return
  await markDirty(ctx, row.booking_id, null)
  await ctx.house.jobs.enqueue(ctx, 'google.write', { booking_id: row.booking_id })
  const date = span.from.equals(row.written_from) ? null : iso(span.from)
  await ctx.house.jobs.enqueue(ctx, 'google.moved', { booking_id: row.booking_id, user_id: connection.user_id, date })
}

/** After a whole calendar was read: what of ours it does not have any more was deleted. */
export async function ownMissing(ctx: Context, connection: ConnectionRow, seen: ReadonlySet<string>): Promise<void> {
  for (const row of await listStandingOf(ctx, connection.id, ctx.now))
    if (!seen.has(row.event_id) && !row.is_removed) await removed(ctx, connection, row)
}

async function removed(ctx: Context, { user_id: userId }: ConnectionRow, row: EventRow): Promise<void> {
  const noticed = await findNoticed(ctx, row.booking_id)
  const { booking } = noticed ?? {}
  const isOpen = booking?.status === 'pending' || booking?.status === 'confirmed'
  if (!isOpen || Temporal.Instant.compare(booking.ends_at, ctx.now) <= 0) return
  if (!(await updateSettled(ctx, row.booking_id, { is_removed: true }))) return
  await tell(ctx, row.booking_id, userId, {
    kind: 'booking_event_deleted',
    title: 'You have deleted the event of a booking in Google Calendar',
    body: '{service} for {customer}: {at}. The booking stands. Cancel it here if it is not to take place.',
  })
}

export type MovedEvent = { booking_id: number; user_id: number; date: string | null }

/** Proposes to the customer the time to which the provider has moved the event, or tells the provider why not. */
export async function eventMoved(ctx: Context, { booking_id: id, user_id: userId, date }: MovedEvent): Promise<void> {
  const noticed = await findNoticed(ctx, id)
  if (!noticed || noticed.booking.provider_id !== userId) return
  const back = '{service} for {customer}: {at}. The booking stays at this time, and so does its event.'
  const title = 'Your change in Google Calendar does not move the booking'
  if (date === null || noticed.buyer.id === null) {
    await tell(ctx, id, userId, { kind: 'booking_event_moved', title, body: back })
    return
  }
  try {
    await proposeTime(ctx, id, Temporal.Instant.from(date))
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    ctx.log.debug({ booking: id, reason: error.message }, 'a move in Google cannot be proposed')
    await tell(ctx, id, userId, {
      kind: 'booking_event_moved',
      title,
      body: '{service} for {customer}: {at}. It cannot be moved to {date_at}, so it stays at this time, and so does its event.',
      params: { date_at: date },
    })
  }
}

type Words = { kind: string; title: string; body: string; params?: Record<string, string> }

async function tell(ctx: Context, bookingId: number, userId: number, { params, ...words }: Words): Promise<void> {
  const noticed = await findNoticed(ctx, bookingId)
  if (!noticed) return
  const { booking, buyer } = noticed
  await notify(ctx, {
    userId,
    ...words,
    topic: 'customer_bookings',
    params: { service: booking.title, customer: buyer.name, at: iso(booking.starts_at), ...params },
    people: { customer: buyer.id },
    target: { kind: 'booking', id: bookingId },
    usefulUntil: booking.starts_at,
  })
}

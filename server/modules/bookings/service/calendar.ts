import type { Context } from '../../../platform/context.ts'
import { calendarFile, type CalendarEntry } from '../calendar-file.ts'
import { findBooking, type BookingRow } from '../queries/bookings.ts'
import { countChanges, findNoticed, listNoticed, type Noticed } from '../queries/notices.ts'
import { requireParty } from '../policy.ts'
import { oneAsSeen } from './former.ts'
import { requireSeries } from './series-read.ts'

const statusOf: Record<string, CalendarEntry['status']> = { pending: 'TENTATIVE', cancelled: 'CANCELLED' }

/** Where a booking takes place, in one line; empty where that is up to the two of them. */
export function placeOf({
  booking,
  organization,
}: {
  booking: Pick<BookingRow, 'location_type' | 'meeting_url' | 'room_name'>
  organization: Noticed['organization']
}): string {
  if (booking.location_type === 'online') return booking.meeting_url ?? ''
  if (booking.location_type === 'at_customer') return ''
  const { name = '', address = '', city = '' } = organization ?? {}
  return [booking.room_name ?? '', name, address, city].filter((part) => part !== '').join(', ')
}

/** A booking as an entry of a calendar; each side reads whom it meets. */
export const entryOf = async (ctx: Context, noticed: Noticed, side: 'buyer' | 'provider'): Promise<CalendarEntry> =>
  (await entriesOf(ctx, [noticed], side))[0]!

/** Several bookings as entries of a calendar. */
export async function entriesOf(
  ctx: Context,
  all: readonly Noticed[],
  side: 'buyer' | 'provider',
): Promise<CalendarEntry[]> {
  const changes = await countChanges(
    ctx,
    all.map(({ booking }) => booking.id),
  )
  return all.map((noticed) => entryWith(ctx, noticed, side, changes.get(noticed.booking.id) ?? 0))
}

function entryWith(ctx: Context, noticed: Noticed, side: 'buyer' | 'provider', sequence: number): CalendarEntry {
  const { booking, provider, buyer } = noticed
  const { PUBLIC_URL } = ctx.house.config
  return {
    // The same for both sides and for ever: a calendar that has it already changes it.
    uid: `booking-${booking.id}@${new URL(PUBLIC_URL).hostname}`,
    sequence,
    status: statusOf[booking.status] ?? 'CONFIRMED',
    startsAt: booking.starts_at,
    endsAt: booking.ends_at,
    createdAt: booking.created_at,
    changedAt: booking.updated_at,
    summary: [booking.title, side === 'buyer' ? provider.name : buyer.name].filter((part) => part !== '').join(': '),
    description: booking.note,
    location: placeOf(noticed),
    url: booking.customer_id === null && side === 'buyer' ? null : `${PUBLIC_URL}/bookings/${booking.id}/`,
  }
}

/** What a master who has left reads of it: not whom they met, nor their words. */
async function noticedAsSeen(ctx: Context, noticed: Noticed): Promise<Noticed> {
  const booking = await oneAsSeen(ctx, noticed.booking)
  return booking === noticed.booking ? noticed : { ...noticed, booking, buyer: { ...noticed.buyer, name: '' } }
}

/** The iCalendar file of a booking, for its two sides. @throws NOT_FOUND for whoever has nothing to do with it. */
export async function getCalendarFile(ctx: Context, id: number): Promise<string> {
  const party = await requireParty(ctx, await findBooking(ctx, id))
  const noticed = (await findNoticed(ctx, id))!
  return calendarFile(
    await entryOf(ctx, await noticedAsSeen(ctx, noticed), party === 'customer' ? 'buyer' : 'provider'),
  )
}

/** The iCalendar file of a series, of what its two sides may see of it. @throws NOT_FOUND for whoever has nothing to do with it */
export async function getSeriesFile(ctx: Context, id: number): Promise<string> {
  const { rows, party } = await requireSeries(ctx, id)
  const ids = new Set(rows.map((row) => row.id))
  const all = []
  for (const noticed of await listNoticed(ctx, id))
    if (ids.has(noticed.booking.id)) all.push(await noticedAsSeen(ctx, noticed))
  return calendarFile(...(await entriesOf(ctx, all, party === 'customer' ? 'buyer' : 'provider')))
}

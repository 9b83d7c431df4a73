import { actorOf, type Context } from '../../../platform/context.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { listOfDay } from '../queries/pages.ts'
import type { BookingStatus } from '../rules.ts'
import type { AgendaView } from '../schema-pages.ts'
import { placeOf } from './calendar.ts'
import { startOfLocalDay } from './days.ts'
import { asSeen } from './former.ts'

const most = 200

/** What the person who asks has today, by the clock of their profile, as customer and as provider: small, for a phone that may lose its network. */
export async function getToday(ctx: Context): Promise<AgendaView> {
  const { userId, timeZone } = actorOf(ctx)
  const [from, to] = startOfLocalDay(ctx.now, timeZone)
  const local = (moment: Temporal.Instant): string =>
    moment.toZonedDateTimeISO(timeZone).toString({ timeZoneName: 'never', smallestUnit: 'second' })
  const rows = await asSeen(ctx, await listOfDay(ctx, userId, from, to, most))
  return {
    date: from.toZonedDateTimeISO(timeZone).toPlainDate().toString(),
    time_zone: timeZone,
    bookings: rows.map((row) => {
      const serves = row.provider_id === userId
      const { organization_name: name, organization_address: address, organization_city: city } = row
      return {
        id: row.id,
        role: serves ? 'provider' : 'customer',
        title: row.title,
        with: serves ? (row.guest_name ?? row.customer_name) : row.provider_name,
        date: iso(row.starts_at),
        end: iso(row.ends_at),
        local: local(row.starts_at),
        local_end: local(row.ends_at),
        status: row.status as BookingStatus,
        seats: row.seats,
        place: placeOf({
          booking: row,
          organization: name === null ? null : { name, address: address ?? '', city: city ?? '' },
        }),
        meeting_url: row.meeting_url,
        note: row.note,
      }
    }),
  }
}

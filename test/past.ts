import { sql } from 'kysely'
import type { House } from './support.ts'

/** Makes of a booking one that ended so many days ago with this status: nobody waits for it here, and tokens do not outlive the waiting. */
export async function moveToPast(house: House, bookingId: number, status: string, daysAgo: number): Promise<void> {
  const end = house.ctx().now.subtract({ minutes: Math.round(1440 * daysAgo) })
  await sql`UPDATE bookings SET status = ${status}, starts_at = ${end.subtract({ hours: 1 })}, ends_at = ${end} WHERE id = ${bookingId}`.execute(
    house.house.db,
  )
}

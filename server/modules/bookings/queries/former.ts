import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** SQL on what a person gave for an organization that they have left. */

/** The bookings that a person gave for an organization, and the series of which they are. */
export async function listGivenFor(
  ctx: Context,
  userId: number,
  organizationId: string,
): Promise<{ bookings: number[]; series: number[] }> {
  const rows = await ctx.db
    .selectFrom('bookings')
    .where('provider_id', '=', userId)
    .where('organization_id', '=', organizationId)
    .select(['id', 'series_id'])
    .execute()
  const series = rows.flatMap((row) => (row.series_id === null ? [] : [row.series_id]))
  return { bookings: rows.map((row) => row.id), series: [...new Set(series)] }
}

/** With whom a person has a booking that is not given by them for that organization: those they know otherwise too. */
export async function listPeopleBeside(ctx: Context, userId: number, organizationId: string): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT customer_id AS id FROM bookings
    WHERE provider_id = ${userId} AND organization_id IS DISTINCT FROM ${organizationId}::uuid AND customer_id IS NOT NULL
    UNION SELECT provider_id FROM bookings WHERE customer_id = ${userId}`.execute(ctx.db)
  return rows.map((row) => row.id)
}

import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { defaultHours, type DueHours } from '../rules.ts'

/** What an organization has settled about its tickets. */
export type Desk = { hours: DueHours; categories: string[] }

type DeskRow = {
  low_hours: number
  normal_hours: number
  high_hours: number
  urgent_hours: number
  categories: string[]
}
const deskOf = (row: DeskRow): Desk => ({
  hours: { low: row.low_hours, normal: row.normal_hours, high: row.high_hours, urgent: row.urgent_hours },
  categories: row.categories,
})

/** The desk of an organization; as it is by default where nobody has settled anything. */
export async function findDesk(ctx: Context, organizationId: string): Promise<Desk> {
  const row = await ctx.db
    .selectFrom('ticket_desks')
    .where('organization_id', '=', organizationId)
    .select(['low_hours', 'normal_hours', 'high_hours', 'urgent_hours', 'categories'])
    .executeTakeFirst()
  return row ? deskOf(row) : { hours: defaultHours, categories: [] }
}

/** The next number of an organization's tickets; the row stays locked until the transaction ends, so that none is left out. */
export async function takeNumber(ctx: Context, organizationId: string): Promise<number> {
  const row = await ctx.db
    .insertInto('ticket_desks')
    .values({ organization_id: organizationId, last_number: 1, updated_at: ctx.now })
    .onConflict((on) =>
      on.column('organization_id').doUpdateSet({ last_number: sql<number>`ticket_desks.last_number + 1` }),
    )
    .returning('last_number')
    .executeTakeFirstOrThrow()
  return row.last_number
}

type DeskChange = { hours: Partial<DueHours> | undefined; categories: string[] | undefined }

/** Writes what is given, and only that: what somebody else settles at the same moment stays. */
export async function saveDesk(ctx: Context, organizationId: string, { hours, categories }: DeskChange): Promise<void> {
  const { low, normal, high, urgent } = hours ?? {}
  const values = {
    ...(low !== undefined && { low_hours: low }),
    ...(normal !== undefined && { normal_hours: normal }),
    ...(high !== undefined && { high_hours: high }),
    ...(urgent !== undefined && { urgent_hours: urgent }),
    ...(categories !== undefined && { categories }),
    updated_at: ctx.now,
  }
  await ctx.db
    .insertInto('ticket_desks')
    .values({ organization_id: organizationId, ...values })
    .onConflict((on) => on.column('organization_id').doUpdateSet(values))
    .execute()
}

import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { sourcesOf } from '../rules.ts'

/** What was imported of a connection's calendar, as scheduling has it: read only, it is changed through scheduling's front door. */
export type Imported = { source_id: string; from_at: Temporal.Instant; to_at: Temporal.Instant }

/** The sources of all that was ever imported of a connection's calendar, what has ended included. */
export async function listSources(ctx: Context, connectionId: number): Promise<string[]> {
  const prefix = sourcesOf(connectionId)
  const { rows } = await sql<{ source_id: string }>`
    SELECT DISTINCT source_id FROM claims
    WHERE source_kind = 'import' AND source_id >= ${prefix} AND source_id < ${`${prefix}~`}`.execute(ctx.db)
  return rows.map((row) => row.source_id)
}

/** Sources, of whichever connection, whose time ended before an instant. */
export async function listEnded(ctx: Context, before: Temporal.Instant, limit: number): Promise<string[]> {
  const { rows } = await sql<{ source_id: string }>`
    SELECT source_id FROM claims WHERE source_kind = 'import' AND source_id LIKE 'google-%' AND upper(during) < ${before}
    LIMIT ${limit}`.execute(ctx.db)
  return rows.map((row) => row.source_id)
}

/** What of it has not ended. A source has one stretch of time. */
export async function listImported(ctx: Context, connectionId: number, after: Temporal.Instant): Promise<Imported[]> {
  const prefix = sourcesOf(connectionId)
  const { rows } = await sql<Imported>`
    SELECT source_id, lower(during) AS from_at, upper(during) AS to_at FROM claims
    WHERE source_kind = 'import' AND source_id >= ${prefix} AND source_id < ${`${prefix}~`} AND upper(during) > ${after}`.execute(
    ctx.db,
  )
  return rows
}

import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** The advisory lock around the horizon: every change of events holds it shared, moving the horizon on holds it alone for a moment. */
const lockKey = 7_041

/** Until when events claim time. Whoever has read it knows that it stays until their transaction ends. To be asked before any other lock is taken. */
export async function readHorizon(ctx: Context, first: Temporal.Instant): Promise<Temporal.Instant> {
  await sql`SELECT pg_advisory_xact_lock_shared(${lockKey}::bigint)`.execute(ctx.db)
  const row = await ctx.db.selectFrom('claim_horizon').select('until').executeTakeFirst()
  if (row) return row.until
  await ctx.db
    .insertInto('claim_horizon')
    .values({ until: first })
    .onConflict((on) => on.doNothing())
    .execute()
  return (await ctx.db.selectFrom('claim_horizon').select('until').executeTakeFirstOrThrow()).until
}

/** Waits for all changes of events that are under way and keeps new ones waiting until the transaction ends. */
export async function lockHorizon(ctx: Context): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${lockKey}::bigint)`.execute(ctx.db)
}

export async function moveHorizon(ctx: Context, until: Temporal.Instant): Promise<void> {
  await ctx.db
    .insertInto('claim_horizon')
    .values({ until })
    .onConflict((on) => on.column('one').doUpdateSet({ until }))
    .execute()
}

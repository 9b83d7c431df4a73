import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** All SQL on what has been reminded of. */

/** Notes that an event has reminders; `from`: none before it is told. Where it is known already, what was told stays told. Of an event that is being deleted, nothing. */
export async function keepReminding(
  ctx: Context,
  eventId: string,
  { from, next }: { from: Temporal.Instant; next: Temporal.Instant | null },
): Promise<void> {
  await sql`
    INSERT INTO event_reminding (event_id, told_until, next_at)
    SELECT id, ${from}, ${next} FROM events WHERE id = ${eventId} FOR KEY SHARE
    ON CONFLICT (event_id) DO UPDATE SET next_at = excluded.next_at`.execute(ctx.db)
}

export const findReminding = (ctx: Context, eventId: string) =>
  ctx.db
    .selectFrom('event_reminding')
    .where('event_id', '=', eventId)
    .select('told_until')
    .forUpdate()
    .executeTakeFirst()

/** Some events with a reminder that is due, locked; those that another process has in hand are passed over. */
export async function lockDueReminding(
  ctx: Context,
  limit: number,
): Promise<{ event_id: string; told_until: Temporal.Instant }[]> {
  const { rows } = await sql<{ event_id: string; told_until: Temporal.Instant }>`
    SELECT event_id, told_until FROM event_reminding WHERE next_at <= ${ctx.now}
    ORDER BY next_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`.execute(ctx.db)
  return rows
}

/** Everything up to now has been told. */
export async function setReminded(ctx: Context, eventId: string, next: Temporal.Instant | null): Promise<void> {
  await ctx.db
    .updateTable('event_reminding')
    .set({ told_until: ctx.now, next_at: next })
    .where('event_id', '=', eventId)
    .execute()
}

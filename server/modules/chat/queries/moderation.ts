import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** SQL on blocks and reports. */

/** Notes that somebody wants to hear nothing more of another. Answers when; the first time stays. */
export async function insertBlock(ctx: Context, blockerId: number, blockedId: number): Promise<Temporal.Instant> {
  const { created_at } = await ctx.db
    .insertInto('blocks')
    .values({ blocker_id: blockerId, blocked_id: blockedId, created_at: ctx.now })
    .onConflict((on) =>
      on.columns(['blocker_id', 'blocked_id']).doUpdateSet((row) => ({ created_at: row.ref('blocks.created_at') })),
    )
    .returning('created_at')
    .executeTakeFirstOrThrow()
  return created_at
}

export async function deleteBlock(ctx: Context, blockerId: number, blockedId: number): Promise<boolean> {
  const { numDeletedRows } = await ctx.db
    .deleteFrom('blocks')
    .where('blocker_id', '=', blockerId)
    .where('blocked_id', '=', blockedId)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

const name = (table: string) =>
  sql<string>`trim(COALESCE(${sql.ref(`${table}.first_name`)} || ' ' || ${sql.ref(`${table}.last_name`)}, ''))`

export const selectBlocks = (ctx: Context, blockerId: number) =>
  ctx.db
    .selectFrom('blocks as b')
    .innerJoin('users as u', 'u.id', 'b.blocked_id')
    .where('b.blocker_id', '=', blockerId)
    .select(['b.blocked_id as id', 'b.created_at'])
    .select(name('u').as('name'))
    .orderBy('b.created_at', 'desc')
    .orderBy('b.blocked_id', 'desc')

/** Reports a message; the same person reports it once. Answers null where they have done so before. */
export async function insertReport(
  ctx: Context,
  report: { message_id: number; reporter_id: number; reason: string; text: string },
): Promise<number | null> {
  const row = await ctx.db
    .insertInto('reports')
    .values({ ...report, created_at: ctx.now })
    .onConflict((on) => on.constraint('reports_once').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

export const selectReports = (ctx: Context, filter: { id?: number; status?: string | undefined }) => {
  let query = ctx.db
    .selectFrom('reports as r')
    .innerJoin('messages as m', 'm.id', 'r.message_id')
    .innerJoin('users as reporter', 'reporter.id', 'r.reporter_id')
    .leftJoin('users as author', 'author.id', 'm.sender_id')
    .select([
      'r.id',
      'r.message_id',
      'm.chat_id',
      'r.text',
      'm.sender_id',
      'r.reporter_id',
      'r.reason',
      'r.status',
      'r.note',
      'r.created_at',
      'r.resolved_at',
    ])
    .select([name('author').as('author_name'), name('reporter').as('reporter_name')])
    .orderBy('r.id', 'desc')
  if (filter.id !== undefined) query = query.where('r.id', '=', filter.id)
  if (filter.status !== undefined) query = query.where('r.status', '=', filter.status)
  return query
}

export type ReportRow = NonNullable<Awaited<ReturnType<ReturnType<typeof selectReports>['executeTakeFirst']>>>

/** Decides an open report; answers false where somebody else has done so. */
export async function closeReport(
  ctx: Context,
  id: number,
  decision: { status: string; note: string; resolved_by: number },
): Promise<boolean> {
  const { numUpdatedRows } = await ctx.db
    .updateTable('reports')
    .set({ ...decision, resolved_at: ctx.now })
    .where('id', '=', id)
    .where('status', '=', 'open')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Forgets whom a person has blocked and who has blocked them, and the words of reports by them and about them. */
export async function forgetModeration(ctx: Context, userId: number): Promise<void> {
  await ctx.db
    .deleteFrom('blocks')
    .where((row) => row.or([row('blocker_id', '=', userId), row('blocked_id', '=', userId)]))
    .execute()
  await sql`UPDATE reports r SET reason = CASE WHEN r.reporter_id = ${userId} THEN '' ELSE r.reason END,
      text = CASE WHEN m.sender_id = ${userId} THEN '' ELSE r.text END
    FROM messages m WHERE m.id = r.message_id AND (r.reporter_id = ${userId} OR m.sender_id = ${userId})`.execute(
    ctx.db,
  )
}

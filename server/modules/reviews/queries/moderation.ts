import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** SQL on reports of reviews. */

/** Reports a review; the same person reports it once. Answers null where they have done so before. */
export async function insertReport(
  ctx: Context,
  report: { review_id: number; reporter_id: number; reason: string; text: string; answer: string | null },
): Promise<number | null> {
  const row = await ctx.db
    .insertInto('review_reports')
    .values({ ...report, created_at: ctx.now })
    .onConflict((on) => on.constraint('review_reports_once').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

export const selectReports = (ctx: Context) =>
  ctx.db
    .selectFrom('review_reports')
    .innerJoin('users as reporter', 'reporter.id', 'review_reports.reporter_id')
    .select([
      'review_reports.id',
      'review_reports.review_id',
      'review_reports.text',
      'review_reports.answer',
      'review_reports.reporter_id',
      'review_reports.reason',
      'review_reports.status',
      'review_reports.note',
      'review_reports.created_at',
      'review_reports.resolved_at',
    ])
    .select(sql<string>`trim(reporter.first_name || ' ' || reporter.last_name)`.as('reporter_name'))

export const findReport = (ctx: Context, id: number) =>
  selectReports(ctx).where('review_reports.id', '=', id).executeTakeFirst()
export type ReportRow = NonNullable<Awaited<ReturnType<typeof findReport>>>

/** Decides an open report; answers false where somebody else has done so. */
export async function closeReport(
  ctx: Context,
  id: number,
  decision: { status: string; note: string; resolved_by: number },
): Promise<boolean> {
  const { numUpdatedRows } = await ctx.db
    .updateTable('review_reports')
    .set({ ...decision, resolved_at: ctx.now })
    .where('id', '=', id)
    .where('status', '=', 'open')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Forgets the words of an erased person's reports, and their answers in the reports of others. */
export async function forgetReporter(ctx: Context, userId: number): Promise<void> {
  await ctx.db.updateTable('review_reports').set({ reason: '' }).where('reporter_id', '=', userId).execute()
  await sql`UPDATE review_reports p SET answer = NULL FROM reviews r
    WHERE r.id = p.review_id AND r.answered_by = ${userId}`.execute(ctx.db)
}

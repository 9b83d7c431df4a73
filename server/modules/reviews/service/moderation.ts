import { audit } from '../../../platform/audit.ts'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, notFound } from '../../../platform/errors.ts'
import { pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { iso, isoOrNull } from '../../../platform/http/shapes.ts'
import { closeReport, findReport, insertReport, selectReports, type ReportRow } from '../queries/moderation.ts'
import { findReview, updateReviewRow, type ReviewRow } from '../queries/reviews.ts'
import type { Stars } from '../rules.ts'
import type { DecideReviewReport, OwnReviewView, ReviewReportView } from '../schema.ts'
import { viewOwnReview } from '../view.ts'
import { removeAnswer } from './answer.ts'
import { recountOne } from './count.ts'
import { lockReview, refused } from './guards.ts'
import { tellHidden } from './tell.ts'

/** Tells the administrators of a review, or of its answer, that anybody can read. @throws NOT_FOUND, also for a hidden one; CONFLICT for one's own, or reported before */
export async function reportReview(ctx: Context, id: number, reason: string): Promise<ReviewReportView> {
  const { userId } = actorOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const row = await findReview(tx, id)
    if (!row || row.hidden_at !== null) throw notFound('review')
    if (row.customer_id === userId && row.answer === null) throw conflict('Report what another person has written')
    const { text, answer } = row
    const reportId = await insertReport(tx, { review_id: id, reporter_id: userId, reason, text, answer })
    if (reportId === null) throw conflict('You have reported this review before')
    return viewReport((await findReport(tx, reportId))!)
  })
}

/** What was reported, newest first. */
export async function listReports(
  ctx: Context,
  request: PageRequest & { status?: ReviewReportView['status'] },
): Promise<Page<ReviewReportView>> {
  const { status } = request
  const all = selectReports(ctx).orderBy('review_reports.id', 'desc')
  const rows = status === undefined ? all : all.where('review_reports.status', '=', status)
  const page = await pageOf(ctx, request, `review reports ${status ?? ''}`, rows)
  return { ...page, results: page.results.map(viewReport) }
}

/** Decides a report, and hides the review or deletes its answer where that is wanted. @throws NOT_FOUND, CONFLICT when it was decided before */
export async function decideReport(
  ctx: Context,
  id: number,
  { status, note = '', hide = false, delete_answer = false }: DecideReviewReport,
): Promise<ReviewReportView> {
  return inTransaction(ctx, async (tx) => {
    const before = await findReport(tx, id)
    if (!before) throw notFound('report')
    const review = hide || delete_answer ? await lockReview(tx, before.review_id) : undefined
    if (!(await closeReport(tx, id, { status, note, resolved_by: actorOf(tx).userId })))
      throw conflict('This report was decided before')
    await audit(tx, {
      action: 'reviews.decide_report',
      target: { kind: 'review_report', id },
      before: { status: before.status },
      after: { status, note, hide, delete_answer },
    })
    if (review && hide && review.hidden_at === null) await hideLocked(tx, review, note)
    if (review && delete_answer && review.answer !== null) await removeAnswer(tx, review)
    return viewReport((await findReport(tx, id))!)
  })
}

async function hideLocked(ctx: Context, row: ReviewRow, reason: string): Promise<void> {
  await updateReviewRow(ctx, row.id, { hidden_at: ctx.now, hidden_reason: reason })
  await recountOne(ctx, row, row.rating as Stars, null)
  await audit(ctx, {
    action: 'reviews.hide',
    target: { kind: 'review', id: row.id },
    after: { reason, rating: row.rating, text: row.text },
  })
  await tellHidden(ctx, row, reason)
}

/** Takes a review off every page and out of every count; its author is told why. @throws NOT_FOUND, CONFLICT when it is hidden already */
export const hideReview = (ctx: Context, id: number, reason: string): Promise<OwnReviewView> =>
  inTransaction(ctx, async (tx) => {
    const row = await lockReview(tx, id)
    if (row.hidden_at !== null) throw refused('This review is hidden already', 'hidden')
    await hideLocked(tx, row, reason)
    return viewOwnReview((await findReview(tx, id))!)
  })

/** Puts it back where it stood. @throws NOT_FOUND, CONFLICT when it is not hidden */
export const restoreReview = (ctx: Context, id: number): Promise<OwnReviewView> =>
  inTransaction(ctx, async (tx) => {
    const row = await lockReview(tx, id)
    if (row.hidden_at === null) throw refused('This review is not hidden', 'not_hidden')
    await updateReviewRow(tx, id, { hidden_at: null, hidden_reason: null })
    await recountOne(tx, row, null, row.rating as Stars)
    await audit(tx, {
      action: 'reviews.restore',
      target: { kind: 'review', id },
      before: { reason: row.hidden_reason },
    })
    return viewOwnReview((await findReview(tx, id))!)
  })

const viewReport = (row: ReportRow): ReviewReportView => ({
  id: row.id,
  review_id: row.review_id,
  text: row.text,
  answer: row.answer,
  reporter: { id: row.reporter_id, name: row.reporter_name },
  reason: row.reason,
  status: row.status as ReviewReportView['status'],
  note: row.note,
  created_at: iso(row.created_at),
  resolved_at: isoOrNull(row.resolved_at),
})

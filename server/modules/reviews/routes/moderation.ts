import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams } from '../../../platform/http/shapes.ts'
import { exampleOwnReview, exampleReport } from '../examples.ts'
import { DecideReviewReport, HideReview, OwnReview, ReportReview, ReviewReport, ReviewReportQuery } from '../schema.ts'
import { decideReport, hideReview, listReports, reportReview, restoreReview } from '../service/moderation.ts'

const tag = 'Reviews'
const who = 'admin:user_management' as const

/** Reporting reviews, and hiding abusive ones. */
export function moderationRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'POST',
    path: '/reviews/{id}/report/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Report a review to the administrators',
    description:
      'The review or its answer; once for each person. For everybody who is signed in, since everybody reads them. The words are kept as they are now.',
    params: IdParams,
    body: ReportReview,
    data: ReviewReport,
    message: 'Review reported successfully',
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: { body: { reason: exampleReport.reason }, data: exampleReport },
    run: (ctx, { params, body }) => reportReview(ctx, params.id, body.reason),
  })
  list(app, {
    path: '/reviews/reports/',
    who,
    tag,
    summary: 'Reported reviews, newest first',
    query: ReviewReportQuery,
    data: ReviewReport,
    message: 'Reports retrieved successfully',
    example: { data: exampleReport },
    run: (ctx, { query }) => listReports(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/reviews/reports/{id}/decide/',
    who,
    tag,
    summary: 'Decide the report of a review',
    description: 'Once. With `hide` the review is hidden, with `delete_answer` its answer deleted. Audited.',
    params: IdParams,
    body: DecideReviewReport,
    data: ReviewReport,
    message: 'Report decided successfully',
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: {
      body: { status: 'resolved', note: 'Insults', hide: true },
      data: { ...exampleReport, status: 'resolved', note: 'Insults', resolved_at: '2026-01-17T10:00:00Z' },
    },
    run: (ctx, { params, body }) => decideReport(ctx, params.id, body),
  })
  operation(app, {
    method: 'POST',
    path: '/reviews/{id}/hide/',
    who,
    tag,
    summary: 'Hide a review',
    description: 'It stands on no page and counts in no rating until it is restored; its author is told why. Audited.',
    params: IdParams,
    body: HideReview,
    data: OwnReview,
    message: 'Review hidden successfully',
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: {
      body: { reason: 'Insults' },
      data: { ...exampleOwnReview, can_change_until: null, is_hidden: true, hidden_reason: 'Insults' },
    },
    run: (ctx, { params, body }) => hideReview(ctx, params.id, body.reason),
  })
  operation(app, {
    method: 'POST',
    path: '/reviews/{id}/restore/',
    who,
    tag,
    summary: 'Restore a hidden review',
    description: 'It stands where it stood, and counts again. Audited.',
    params: IdParams,
    data: OwnReview,
    message: 'Review restored successfully',
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: { data: exampleOwnReview },
    run: (ctx, { params }) => restoreReview(ctx, params.id),
  })
}

import { requireStillMember } from '../../organizations/index.ts'
import { actorOf, type Context } from '../../../platform/context.ts'
import { audit } from '../../../platform/audit.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { denied, invalid, notFound } from '../../../platform/errors.ts'
import { findReview, updateReviewRow, type ReviewRow } from '../queries/reviews.ts'
import type { OwnReviewView } from '../schema.ts'
import { requireSide } from '../policy.ts'
import { viewOwnReview } from '../view.ts'
import { lockReview, refused, refuseHidden } from './guards.ts'
import { tellAnswered } from './tell.ts'

async function lockAnswerable(ctx: Context, id: number): Promise<ReviewRow> {
  const row = await lockReview(ctx, id)
  if ((await requireSide(ctx, row)) !== 'provider') throw denied('Only who gave the booking answers a review')
  await requireStillMember(ctx, row.organization_id)
  refuseHidden(row)
  return row
}

function textOf(given: string): string {
  const text = given.trim()
  if (text === '') throw invalid('text', 'This must not be empty', 'minLength')
  return text
}

/**
 * Who gave the booking answers its review, or an admin of the organization that sold it; once, and in public.
 * @throws NOT_FOUND for strangers, PERMISSION_DENIED for its author, CONFLICT when it is answered or hidden
 */
export const answerReview = (ctx: Context, id: number, given: string): Promise<OwnReviewView> =>
  inTransaction(ctx, async (tx) => {
    const row = await lockAnswerable(tx, id)
    if (row.answered_at !== null) throw refused('This review was answered before', 'answered')
    const answer = textOf(given)
    await updateReviewRow(tx, id, { answer, answered_by: actorOf(tx).userId, answered_at: tx.now })
    await tx.house.jobs.publish(tx, 'review.answered', { review_id: id, provider_id: row.provider_id })
    const after = (await findReview(tx, id))!
    await tellAnswered(tx, after)
    return viewOwnReview(after)
  })

/** The same people change the answer. @throws NOT_FOUND where there is none yet */
export const updateAnswer = (ctx: Context, id: number, given: string): Promise<OwnReviewView> =>
  inTransaction(ctx, async (tx) => {
    const row = await lockAnswerable(tx, id)
    if (row.answered_at === null) throw notFound('answer')
    const answer = textOf(given)
    if (answer !== row.answer)
      await updateReviewRow(tx, id, { answer, answered_by: actorOf(tx).userId, answer_edited_at: tx.now })
    return viewOwnReview((await findReview(tx, id))!)
  })

/** An answer with its change, for PUT to be compared with what was seen. @throws NOT_FOUND */
export async function getAnswered(ctx: Context, id: number): Promise<OwnReviewView> {
  const row = await findReview(ctx, id)
  await requireSide(ctx, row)
  if (row!.answered_at === null) throw notFound('answer')
  return viewOwnReview(row!)
}

/** The same people take the answer back, after which the review can be changed and answered again; a moderator removes an abusive one (audited). */
export const deleteAnswer = (ctx: Context, id: number): Promise<OwnReviewView> =>
  inTransaction(ctx, async (tx) => {
    const row = await lockReview(tx, id)
    const side = await requireSide(tx, row)
    if (side === 'author') throw denied('Only who gave the booking answers a review')
    if (side === 'provider') await requireStillMember(tx, row.organization_id)
    if (row.answered_at === null) throw notFound('answer')
    if (side === 'platform') await removeAnswer(tx, row)
    else await clearAnswer(tx, id)
    return viewOwnReview((await findReview(tx, id))!)
  })

const clearAnswer = (ctx: Context, id: number): Promise<void> =>
  updateReviewRow(ctx, id, { answer: null, answered_by: null, answered_at: null, answer_edited_at: null })

/** A moderator removes an answer, in the transaction of `ctx`; the log keeps its words. */
export async function removeAnswer(ctx: Context, row: ReviewRow): Promise<void> {
  await clearAnswer(ctx, row.id)
  await audit(ctx, {
    action: 'reviews.delete_answer',
    target: { kind: 'review', id: row.id },
    before: { answer: row.answer },
  })
}

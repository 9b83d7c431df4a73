import type { Context } from '../../platform/context.ts'
import { notify } from '../notifications/index.ts'
import { reviewers, type DocumentRow } from './queries.ts'

/** What owners and reviewers are told; the mail and the push follow from their preferences. */

const mostReviewers = 50

/** Tells the reviewers that a document waits; never its owner. */
export async function tellReviewers(
  ctx: Context,
  document: { id: number; owner_id: number; title: string },
): Promise<void> {
  for (const userId of await reviewers(ctx, mostReviewers)) {
    if (userId === document.owner_id) continue
    await notify(ctx, {
      userId,
      // Not mailed unless a reviewer wishes it: the queue is where they look.
      kind: 'review_waiting',
      title: 'A document waits for review',
      body: '"{title}" was uploaded and waits for review.',
      params: { title: document.title },
      target: { kind: 'document', id: document.id },
    })
  }
}

const verdicts = {
  approved: { title: 'Your document was approved', body: '"{title}" was approved.' },
  rejected: { title: 'Your document was rejected', body: '"{title}" was rejected: {reason}' },
  expired: {
    title: 'Your document has expired',
    body: '"{title}" is no longer valid. Upload a new one to stay verified.',
  },
} as const

/** Tells the owner what became of a document. */
export async function tellOwner(
  ctx: Context,
  { id, owner_id: userId, title }: Pick<DocumentRow, 'id' | 'owner_id' | 'title'>,
  verdict: keyof typeof verdicts,
  reason: string | null = null,
): Promise<void> {
  await notify(ctx, {
    userId,
    kind: `document_${verdict}`,
    ...verdicts[verdict],
    params: { title, ...(reason === null ? {} : { reason }) },
    target: { kind: 'document', id },
  })
}

/** Tells a person that a file of theirs was infected and is gone. */
export async function tellInfected(ctx: Context, userId: number, name: string): Promise<void> {
  await notify(ctx, {
    userId,
    kind: 'file_infected',
    title: 'A file of yours was removed',
    body: '"{name}" is infected with a virus and was removed.',
    params: { name },
  })
}

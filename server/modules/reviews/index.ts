import type { FastifyInstance } from 'fastify'
import { moderationRoutes } from './routes/moderation.ts'
import { reviewPages } from './routes/pages.ts'
import { guestRoutes, publicRoutes } from './routes/public.ts'
import { answerRoutes, reviewRoutes } from './routes/reviews.ts'
import { invite, mailInvitation, type Invitation, type InvitationMail } from './service/invite.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    'review.created': { review_id: number; provider_id: number }
    'review.changed': { review_id: number; provider_id: number }
    'review.deleted': { review_id: number; provider_id: number; organization_id?: string | null }
    'review.answered': { review_id: number; provider_id: number }
  }
  interface JobData {
    'reviews.invite': Invitation
    'reviews.mail': InvitationMail
  }
}

export { exportOf } from './queries/export.ts'
export { exampleOwnReview } from './examples.ts'
export { OwnReview } from './schema.ts'
export { accountDeleted } from './service/erase.ts'
export { inviteLater } from './service/invite.ts'
export { reviewToSend } from './service/outgoing.ts'
export { commands } from './service/recount.ts'

export const jobs = {
  'reviews.invite': { handle: invite },
  'reviews.mail': { queue: 'mail' as const, handle: mailInvitation },
}

export function routes(app: FastifyInstance): void {
  reviewRoutes(app)
  answerRoutes(app)
  moderationRoutes(app)
  publicRoutes(app)
  guestRoutes(app)
  reviewPages(app)
}

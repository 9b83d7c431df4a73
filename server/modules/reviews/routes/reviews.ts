import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams, Nothing } from '../../../platform/http/shapes.ts'
import { exampleAnswered, exampleOwnReview } from '../examples.ts'
import { AnswerInput, OwnReview, ReviewChange, ReviewInput, ReviewQuery } from '../schema.ts'
import { answerReview, deleteAnswer, getAnswered, updateAnswer } from '../service/answer.ts'
import { getReview, listReviews } from '../service/read.ts'
import { deleteReview, updateReview, writeReview } from '../service/write.ts'

const tag = 'Reviews'
const { text } = exampleOwnReview

/** What customers say of bookings. */
export function reviewRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'POST',
    path: '/bookings/{id}/review/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Review a booking',
    description:
      'For the customer of a `completed` booking, once in its life, until 90 days after its end (`can_review_until` of the booking). Never of what one gave oneself, nor of one’s own organization. `details[0].rule` of a 409 says why: `status`, `reviewed`, `too_late`, `deleted`.',
    params: IdParams,
    body: ReviewInput,
    data: OwnReview,
    message: 'Review created successfully',
    errors: ['NOT_FOUND', 'PERMISSION_DENIED', 'CONFLICT'],
    example: { body: { rating: 5, text }, data: exampleOwnReview },
    run: (ctx, { params, body }) => writeReview(ctx, params.id, body),
  })
  list(app, {
    path: '/reviews/',
    who: 'any',
    tag,
    summary: 'Own reviews, by role',
    description:
      'Those one has written and those of what one gave; of an organization for its admins (`organization_id`); all of them for administrators with `user_management`. The hidden ones too.',
    query: ReviewQuery,
    data: OwnReview,
    message: 'Reviews retrieved successfully',
    errors: ['NOT_FOUND', 'PERMISSION_DENIED'],
    example: { data: exampleOwnReview },
    run: (ctx, { query }) => listReviews(ctx, query),
  })
  operation(app, {
    method: 'GET',
    path: '/reviews/{id}/',
    who: 'any',
    tag,
    summary: 'One review',
    description: 'For its two sides and administrators with `user_management`; everybody reads it below `public/`.',
    params: IdParams,
    data: OwnReview,
    message: 'Review retrieved successfully',
    errors: ['NOT_FOUND'],
    example: { data: exampleOwnReview },
    run: (ctx, { params }) => getReview(ctx, params.id),
  })
  operation(app, {
    method: 'PUT',
    path: '/reviews/{id}/',
    who: 'any',
    tag,
    summary: 'Change a review',
    description:
      'For its author, until `can_change_until`: 30 days from the writing, and only while it is not answered. What is left out stays.',
    params: IdParams,
    body: ReviewChange,
    data: OwnReview,
    message: 'Review updated successfully',
    errors: ['NOT_FOUND', 'PERMISSION_DENIED', 'CONFLICT'],
    example: {
      body: { rating: 4 },
      data: { ...exampleOwnReview, rating: 4, edited_at: '2026-01-16T19:00:00Z' },
    },
    run: (ctx, { params, body }) => updateReview(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/reviews/{id}/',
    who: 'any',
    tag,
    summary: 'Delete a review',
    description: 'For its author, with the answer and for good: the booking is not reviewed a second time.',
    params: IdParams,
    data: Nothing,
    message: 'Review deleted successfully',
    errors: ['NOT_FOUND', 'PERMISSION_DENIED', 'CONFLICT'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await deleteReview(ctx, params.id)
      return null
    },
  })
}

/** What whoever gave it says to that. */
export function answerRoutes(app: FastifyInstance): void {
  const path = '/reviews/{id}/answer/'
  const answered = { body: { text: exampleAnswered.answer.text }, data: exampleAnswered }
  operation(app, {
    method: 'GET',
    path,
    who: 'any',
    tag,
    summary: 'An answered review',
    description: 'For its two sides: the same as the review, but 404 while it is not answered.',
    params: IdParams,
    data: OwnReview,
    message: 'Answer retrieved successfully',
    errors: ['NOT_FOUND'],
    example: { data: exampleAnswered },
    run: (ctx, { params }) => getAnswered(ctx, params.id),
  })
  operation(app, {
    method: 'POST',
    path,
    who: 'any',
    tag,
    status: 201,
    summary: 'Answer a review',
    description:
      'For who gave the booking (in a salon the master) and the admins of the organization that sold it; once, in public. From then on the review stays as it is.',
    params: IdParams,
    body: AnswerInput,
    data: OwnReview,
    message: 'Answer created successfully',
    errors: ['NOT_FOUND', 'PERMISSION_DENIED', 'CONFLICT'],
    example: answered,
    run: (ctx, { params, body }) => answerReview(ctx, params.id, body.text),
  })
  operation(app, {
    method: 'PUT',
    path,
    who: 'any',
    tag,
    summary: 'Change the answer to a review',
    params: IdParams,
    body: AnswerInput,
    data: OwnReview,
    message: 'Answer updated successfully',
    errors: ['NOT_FOUND', 'PERMISSION_DENIED', 'CONFLICT'],
    example: answered,
    run: (ctx, { params, body }) => updateAnswer(ctx, params.id, body.text),
  })
  operation(app, {
    method: 'DELETE',
    path,
    who: 'any',
    tag,
    summary: 'Delete the answer to a review',
    description:
      'For those who may answer, and for administrators with `user_management` (audited). The review can be changed and answered again.',
    params: IdParams,
    data: OwnReview,
    message: 'Answer deleted successfully',
    errors: ['NOT_FOUND', 'PERMISSION_DENIED'],
    example: { data: exampleOwnReview },
    run: (ctx, { params }) => deleteAnswer(ctx, params.id),
  })
}

import type { FastifyInstance } from 'fastify'
import { TokenParams } from '../../bookings/index.ts'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams, Nothing, UuidParams } from '../../../platform/http/shapes.ts'
import { exampleOwnReview, exampleReview, exampleSummary } from '../examples.ts'
import { OwnReview, PublicReviewQuery, Review, ReviewChange, ReviewInput, ReviewSummary } from '../schema.ts'
import { listPublicReviews, summarizeReviews } from '../service/read.ts'
import { deleteManagedReview, getManagedReview, updateManagedReview, writeManagedReview } from '../service/write.ts'

const pages = [
  { kind: 'provider', path: '/public/providers/{id}/reviews/', of: 'a provider' },
  { kind: 'service', path: '/public/services/{id}/reviews/', of: 'a service' },
] as const

const told = 'Nothing private stands in them: of an author the first name and the initial of the last.'

/** What everybody may read. */
export function publicRoutes(app: FastifyInstance): void {
  const common = { who: 'public', tag: 'Public', errors: ['NOT_FOUND' as const] } as const
  const listed = {
    query: PublicReviewQuery,
    data: Review,
    message: 'Reviews retrieved successfully',
    example: { data: exampleReview },
    description: `Newest first. ${told}`,
  }
  const summed = {
    method: 'GET' as const,
    data: ReviewSummary,
    message: 'Summary retrieved successfully',
    example: { data: exampleSummary },
  }
  for (const { kind, path, of } of pages) {
    list(app, {
      ...common,
      ...listed,
      errors: ['NOT_FOUND'],
      path,
      summary: `Reviews of ${of}`,
      params: IdParams,
      run: (ctx, { params: { id }, query }) => listPublicReviews(ctx, { kind, id }, query),
    })
    operation(app, {
      ...common,
      ...summed,
      errors: ['NOT_FOUND'],
      path: `${path}summary/`,
      summary: `What the reviews of ${of} say on average`,
      params: IdParams,
      run: (ctx, { params: { id } }) => summarizeReviews(ctx, { kind, id }),
    })
  }
  const path = '/public/organizations/{id}/reviews/'
  list(app, {
    ...common,
    ...listed,
    errors: ['NOT_FOUND'],
    path,
    summary: 'Reviews of the services of an organization',
    params: UuidParams,
    run: (ctx, { params: { id }, query }) => listPublicReviews(ctx, { kind: 'organization', id }, query),
  })
  operation(app, {
    ...common,
    ...summed,
    errors: ['NOT_FOUND'],
    path: `${path}summary/`,
    summary: 'What the reviews of an organization say on average',
    params: UuidParams,
    run: (ctx, { params: { id } }) => summarizeReviews(ctx, { kind: 'organization', id }),
  })
}

/** The review of a guest, by the link in their mails. */
export function guestRoutes(app: FastifyInstance): void {
  const path = '/public/bookings/{token}/review/'
  const example = { ...exampleOwnReview, customer: null, guest_name: 'Olena' }
  const common = { path, who: 'public', tag: 'Reviews', limit: 'auth', params: TokenParams } as const
  operation(app, {
    ...common,
    method: 'GET',
    summary: 'The review of a manage-link',
    description: 'What the guest of the link wrote; 404 while there is nothing.',
    data: OwnReview,
    message: 'Review retrieved successfully',
    errors: ['NOT_FOUND'],
    example: { data: example },
    run: (ctx, { params }) => getManagedReview(ctx, params.token),
  })
  operation(app, {
    ...common,
    method: 'POST',
    status: 201,
    summary: 'Review the booking of a manage-link',
    description:
      'As `bookings/{id}/review/`, for guests without an account, until 30 days after the end of the booking.',
    body: ReviewInput,
    data: OwnReview,
    message: 'Review created successfully',
    errors: ['NOT_FOUND', 'PERMISSION_DENIED', 'CONFLICT'],
    example: { body: { rating: 5, text: example.text }, data: example },
    run: (ctx, { params, body }) => writeManagedReview(ctx, params.token, body),
  })
  operation(app, {
    ...common,
    method: 'PUT',
    summary: 'Change the review of a manage-link',
    description: 'While it is not answered. What is left out stays.',
    body: ReviewChange,
    data: OwnReview,
    message: 'Review updated successfully',
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: { body: { rating: 4 }, data: { ...example, rating: 4, edited_at: '2026-01-16T19:00:00Z' } },
    run: (ctx, { params, body }) => updateManagedReview(ctx, params.token, body),
  })
  operation(app, {
    ...common,
    method: 'DELETE',
    summary: 'Delete the review of a manage-link',
    description: 'For good: the booking is not reviewed a second time.',
    data: Nothing,
    message: 'Review deleted successfully',
    errors: ['NOT_FOUND', 'CONFLICT'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await deleteManagedReview(ctx, params.token)
      return null
    },
  })
}

import { Type, type Static } from 'typebox'
import { Id, Instant, Nullable, OneOf, pageQuery, Text, Uuid } from '../../platform/http/shapes.ts'

const Stars = Type.Integer({ minimum: 1, maximum: 5 })
const Person = Type.Object({ id: Id, name: Type.String() })

export const ReviewAnswer = Type.Object(
  { text: Type.String(), created_at: Instant, edited_at: Nullable(Instant) },
  { title: 'ReviewAnswer' },
)

const common = {
  id: Id,
  rating: Stars,
  text: Type.String(),
  provider: Person,
  service: Type.Object({ id: Id, title: Type.String() }),
  answer: Nullable(ReviewAnswer),
  created_at: Instant,
  edited_at: Nullable(Instant),
}

/** A review as everybody may read it. */
export const Review = Type.Object(
  {
    ...common,
    author: Type.Object({
      name: Nullable(Type.String({ description: 'First name and initial; null for who has erased their account.' })),
      is_guest: Type.Boolean({ description: 'Booked for without an account.' }),
    }),
  },
  { title: 'Review' },
)
export type ReviewView = Static<typeof Review>

/** A review as its two sides and the administrators see it. */
export const OwnReview = Type.Object(
  {
    ...common,
    booking_id: Id,
    organization_id: Nullable(Uuid),
    customer: Nullable(Person),
    guest_name: Nullable(Type.String()),
    can_change_until: Nullable(
      Type.String({
        format: 'date-time',
        description: 'Until when its author may change it; null once it is answered or hidden.',
      }),
    ),
    is_hidden: Type.Boolean({ description: 'Hidden by an administrator: on no page, and counted nowhere.' }),
    hidden_reason: Nullable(Type.String()),
  },
  { title: 'OwnReview' },
)
export type OwnReviewView = Static<typeof OwnReview>

export const ReviewInput = Type.Object({ rating: Stars, text: Type.Optional(Text(2000)) })
export type ReviewInput = Static<typeof ReviewInput>
export const ReviewChange = Type.Object({ rating: Type.Optional(Stars), text: Type.Optional(Text(2000)) })
export type ReviewChange = Static<typeof ReviewChange>
export const AnswerInput = Type.Object({ text: Text(2000, 1) })

export const reviewOrderings = ['-created_at', 'created_at', '-rating', 'rating'] as const
export type ReviewOrdering = (typeof reviewOrderings)[number]
const Ordering = OneOf(reviewOrderings, {
  description: 'The newest first (`-created_at`) unless it is said otherwise.',
})

export const PublicReviewQuery = Type.Object({
  ...pageQuery,
  rating: Type.Optional({ ...Stars, description: 'Only with this rating.' }),
  ordering: Type.Optional(Ordering),
})
export type PublicReviewQuery = Static<typeof PublicReviewQuery>

export const ReviewQuery = Type.Object({
  ...pageQuery,
  role: Type.Optional(
    OneOf(['customer', 'provider'], { description: 'Only those one has written, or only those of what one gave.' }),
  ),
  organization_id: Type.Optional({ ...Uuid, description: 'Of an organization, for its admins.' }),
  provider_id: Type.Optional(Id),
  service: Type.Optional(Id),
  rating: Type.Optional(Stars),
  answered: Type.Optional(Type.Boolean()),
  hidden: Type.Optional(Type.Boolean()),
  ordering: Type.Optional(Ordering),
})
export type ReviewQuery = Static<typeof ReviewQuery>

export const ReviewSummary = Type.Object(
  {
    average: Nullable(Type.Number({ description: 'To two decimals; null without a review.' })),
    count: Type.Integer(),
    stars: Type.Object(
      { '1': Type.Integer(), '2': Type.Integer(), '3': Type.Integer(), '4': Type.Integer(), '5': Type.Integer() },
      { description: 'How many reviews give so many stars.' },
    ),
  },
  { title: 'ReviewSummary' },
)
export type ReviewSummaryView = Static<typeof ReviewSummary>

export const reportStatuses = ['open', 'resolved', 'dismissed'] as const
export const ReviewReport = Type.Object(
  {
    id: Id,
    review_id: Id,
    text: Type.String({ description: 'The words of the review as they were when it was reported.' }),
    answer: Nullable(Type.String()),
    reporter: Person,
    reason: Type.String(),
    status: OneOf(reportStatuses),
    note: Type.String(),
    created_at: Instant,
    resolved_at: Nullable(Instant),
  },
  { title: 'ReviewReport' },
)
export type ReviewReportView = Static<typeof ReviewReport>

export const ReportReview = Type.Object({ reason: Text(1000, 1) })
export const ReviewReportQuery = Type.Object({ ...pageQuery, status: Type.Optional(OneOf(reportStatuses)) })
export const DecideReviewReport = Type.Object({
  status: OneOf(['resolved', 'dismissed']),
  note: Type.Optional(Text(1000)),
  hide: Type.Optional(Type.Boolean({ description: 'Hide the review, with the note as the reason.' })),
  delete_answer: Type.Optional(Type.Boolean({ description: 'Delete the answer.' })),
})
export type DecideReviewReport = Static<typeof DecideReviewReport>
export const HideReview = Type.Object({ reason: Text(500, 1) })

import type { OwnReviewView, ReviewReportView, ReviewSummaryView, ReviewView } from './schema.ts'

/** True examples for the document. */

const common = {
  id: 1,
  rating: 5,
  text: 'Calm hands, and on time to the minute. I shall come again.',
  provider: { id: 2, name: 'Jane Smith' },
  service: { id: 1, title: 'Massage' },
  answer: {
    text: 'Thank you, see you in March!',
    created_at: '2026-01-17T09:00:00Z',
    edited_at: null,
  },
  created_at: '2026-01-16T18:30:00Z',
  edited_at: null,
}

export const exampleReview = { ...common, author: { name: 'John D.', is_guest: false } } satisfies ReviewView

export const exampleOwnReview = {
  ...common,
  answer: null,
  booking_id: 1,
  organization_id: null,
  customer: { id: 3, name: 'John Doe' },
  guest_name: null,
  can_change_until: '2026-02-15T18:30:00Z',
  is_hidden: false,
  hidden_reason: null,
} satisfies OwnReviewView

export const exampleAnswered = {
  ...exampleOwnReview,
  answer: common.answer,
  can_change_until: null,
} satisfies OwnReviewView

export const exampleSummary = {
  average: 4.67,
  count: 3,
  stars: { '1': 0, '2': 0, '3': 0, '4': 1, '5': 2 },
} satisfies ReviewSummaryView

export const exampleReport = {
  id: 1,
  review_id: 1,
  text: common.text,
  answer: null,
  reporter: { id: 2, name: 'Jane Smith' },
  reason: 'These are insults',
  status: 'open',
  note: '',
  created_at: '2026-01-17T09:00:00Z',
  resolved_at: null,
} satisfies ReviewReportView

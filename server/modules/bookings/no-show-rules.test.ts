import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feeStatus, outcomeOf, type FeeAsked } from './no-show-rules.ts'

const starts_at = Temporal.Instant.from('2026-01-12T09:00:00Z')
const after = (hours: number): Temporal.Instant => starts_at.add({ hours })

test('a fee is asked for until a week after the start, unless it is waived or there is none', () => {
  const booking = { no_show_fee_minor: 4000, starts_at }

  const outcomes = [
    outcomeOf({ ...booking, no_show_fee_minor: null }, after(1), true),
    outcomeOf(booking, after(1), false),
    outcomeOf(booking, after(1), true),
    outcomeOf(booking, after(168), false),
    outcomeOf(booking, after(168).add({ seconds: 1 }), false),
    outcomeOf(booking, after(200), true),
  ]

  assert.deepEqual(outcomes, [null, 'ask', 'waived', 'ask', 'late', 'waived'])
})

const asked = (some: Partial<FeeAsked>): FeeAsked => ({
  amount: 4000,
  paid: 0,
  refunded: 0,
  is_processing: false,
  is_closed: false,
  ...some,
})
const status = (no_show_outcome: string | null, fee_asked: FeeAsked | null = null, of = 'no_show') =>
  feeStatus({ status: of, no_show_fee_minor: 4000, no_show_outcome, fee_asked })

test('how a fee stands follows from the booking, from what became of it and from what was paid', () => {
  const told = [
    feeStatus({ status: 'confirmed', no_show_fee_minor: null, no_show_outcome: null, fee_asked: null }),
    ...['pending', 'confirmed', 'completed', 'cancelled'].map((of) => status(null, null, of)),
    ...['covered', 'waived', 'late', 'erased'].map((outcome) => status(outcome)),
    status('collected', asked({ is_processing: true })),
    status('collected', asked({})),
    status('collected', asked({ is_closed: true })),
    status('collected', asked({ paid: 4000 })),
    // Waived, and its money is on the way back.
    status('collected', asked({ paid: 4000, is_closed: true })),
    status('collected', asked({ paid: 4000, refunded: 1 })),
    status('collected', asked({ paid: 4000, refunded: 4000 })),
  ]

  assert.deepEqual(told, [
    null,
    'agreed',
    'agreed',
    null,
    null,
    'covered',
    'waived',
    'lapsed',
    'lapsed',
    'charging',
    'due',
    'waived',
    'paid',
    'paid',
    'partially_refunded',
    'refunded',
  ])
})

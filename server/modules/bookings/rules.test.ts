import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approvalExpiry, beginning, bookingStatuses, chooseOffer, isStep, refundPercent } from './rules.ts'

const at = (text: string): Temporal.Instant => Temporal.Instant.from(text)
const start = at('2026-01-15T14:00:00Z')

test('the steps of a booking are the documented ones and no others', () => {
  const allowed = bookingStatuses.flatMap((from) =>
    bookingStatuses.filter((to) => isStep(from, to)).map((to) => `${from} ${to}`),
  )

  assert.deepEqual(allowed, [
    'pending confirmed',
    'pending cancelled',
    'confirmed cancelled',
    'confirmed completed',
    'confirmed no_show',
  ])
})

test('the policy binds the customer only: the longest notice that is kept counts, and after the last step nothing comes back', () => {
  const policy = [
    { hours_before: 48, refund_percent: 100 },
    { hours_before: 24, refund_percent: 50 },
  ]
  const back = (hours: number, party: 'customer' | 'provider' | 'platform' = 'customer') =>
    refundPercent(policy, party, start, start.subtract({ hours }))

  assert.deepEqual([back(49), back(48), back(47), back(24), back(23)], [100, 100, 50, 50, 0])
  assert.deepEqual([back(1, 'provider'), back(1, 'platform')], [100, 100])
  assert.equal(refundPercent([], 'customer', start, start.subtract({ minutes: 1 })), 100)
})

test('a booking that awaits approval holds its time until the earlier of 48 hours and its start', () => {
  assert.equal(approvalExpiry(at('2026-01-10T14:00:00Z'), start).toString(), '2026-01-12T14:00:00Z')
  assert.equal(approvalExpiry(at('2026-01-15T10:00:00Z'), start).toString(), '2026-01-15T14:00:00Z')
})

test('what needs no approval and no payment online is confirmed at once, what is to be paid online is held for a while', () => {
  const now = at('2026-01-12T08:00:00Z')
  const begins = (payment: string, priceMinor: number, requiresApproval = false) =>
    beginning({ payment, priceMinor, requiresApproval }, now, start, 30)

  assert.deepEqual(begins('on_site', 100), { status: 'confirmed', expiresAt: null })
  assert.deepEqual(begins('online', 0), { status: 'confirmed', expiresAt: null })
  assert.equal(begins('online', 100).expiresAt?.toString(), '2026-01-12T08:30:00Z')
  assert.equal(begins('on_site', 0, true).status, 'pending')
})

test('of several masters the one who joins people already booked is chosen, then the least booked, then the first', () => {
  const load = new Map([
    [1, 120],
    [2, 60],
    [3, 60],
  ])

  assert.equal(
    chooseOffer(
      [
        { id: 1, joins: false },
        { id: 3, joins: false },
        { id: 2, joins: false },
      ],
      load,
    ).id,
    2,
  )
  assert.equal(
    chooseOffer(
      [
        { id: 1, joins: true },
        { id: 2, joins: false },
      ],
      load,
    ).id,
    1,
  )
})

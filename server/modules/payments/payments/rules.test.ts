import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDelay, dueOf, nextStatus, refundDue, spread, type PaymentStatus } from './rules.ts'

const error = { code: 'card_declined', declineCode: 'generic_decline', message: 'no' }

test('a payment goes on by what is told, and never back from money that has arrived', () => {
  type Case = [
    from: PaymentStatus,
    told: Parameters<typeof nextStatus>[1]['status'],
    newer: boolean,
    to: PaymentStatus | null,
  ]
  const cases: Case[] = [
    ['requires_payment_method', 'succeeded', true, 'succeeded'],
    ['requires_payment_method', 'succeeded', false, 'succeeded'],
    ['cancelled', 'succeeded', false, 'succeeded'],
    ['failed', 'processing', true, 'processing'],
    ['processing', 'requires_action', false, null],
    ['requires_action', 'requires_action', true, null],
    ['processing', 'canceled', false, 'cancelled'],
    ['cancelled', 'processing', true, null],
    ['succeeded', 'canceled', true, null],
    ['partially_refunded', 'succeeded', true, null],
    ['refunded', 'processing', true, null],
    ['requires_payment_method', 'requires_capture', true, 'processing'],
    ['requires_payment_method', 'requires_confirmation', true, null],
  ]
  for (const [from, status, newer, to] of cases)
    assert.equal(nextStatus(from, { status, error: null }, newer), to, `${from} told ${status}, newer ${newer}`)
  assert.equal(nextStatus('processing', { status: 'requires_payment_method', error }, true), 'failed')
  assert.equal(nextStatus('failed', { status: 'requires_payment_method', error: null }, true), null)
})

const due = (deposit_minor: number | null, paid_minor: number) =>
  dueOf({ amount_minor: 100, deposit_minor, paid_minor })

test('the deposit is due first, then the rest, then nothing', () => {
  assert.deepEqual([due(null, 0), due(20, 0), due(20, 20), due(20, 100), due(null, 100)], [100, 20, 80, 0, 0])
})

test('what comes back is a percentage of what was paid, half up, less what has come back', () => {
  assert.equal(refundDue(9999, 0, 50), 5000)
  assert.equal(refundDue(9999, 0, 33), 3300)
  assert.equal(refundDue(9999, 4000, 50), 1000)
  assert.equal(refundDue(9999, 6000, 50), 0)
  assert.equal(refundDue(9_000_000_000_000_001, 0, 100), 9_000_000_000_000_001)
})

test('a sum that goes back is taken from the last payment first, and from none more than it has', () => {
  const payment = { status: 'succeeded', refunded_minor: 0, refunding_minor: 0, disputed_minor: 0 }
  const payments = [
    { ...payment, id: 1, amount_minor: 20 },
    { ...payment, id: 2, amount_minor: 80, refunded_minor: 10, refunding_minor: 5, disputed_minor: 5 },
    { ...payment, id: 3, amount_minor: 50, status: 'failed' },
  ]

  assert.deepEqual(spread(payments, 70), [
    { id: 2, amountMinor: 60 },
    { id: 1, amountMinor: 10 },
  ])
  assert.deepEqual(spread(payments, 0), [])
})

test('the gateway is asked again after 1, 2, 4 minutes and never less than every 6 hours', () => {
  assert.deepEqual(
    [0, 1, 2, 9, 50].map((checks) => checkDelay(checks).minutes),
    [1, 2, 4, 360, 360],
  )
})

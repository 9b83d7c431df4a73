import type { Intent } from '../gateway/gateway.ts'

export const openStatuses = ['requires_payment_method', 'requires_action', 'processing', 'failed'] as const
const paidStatuses = ['succeeded', 'partially_refunded', 'refunded'] as const
export const paymentStatuses = [...openStatuses, ...paidStatuses, 'cancelled'] as const
export type OpenStatus = (typeof openStatuses)[number]
export type PaymentStatus = (typeof paymentStatuses)[number]
export type CloseReason = 'expired' | 'cancelled' | 'no_show' | 'waived'

/** Has the money arrived (whatever went back since)? */
export const isPaid = (status: string): boolean => (paidStatuses as readonly string[]).includes(status)
export const isOpen = (status: string): boolean => (openStatuses as readonly string[]).includes(status)

/**
 * What a payment becomes by what the gateway tells of its intent; null when it stays. Money that arrived is never untold; what is neither paid nor cancelled
 * counts only if it is `newer` than what was told last, so that late and out-of-order deliveries change nothing.
 */
export function nextStatus(
  current: PaymentStatus,
  intent: Pick<Intent, 'status' | 'error'>,
  newer: boolean,
): PaymentStatus | null {
  if (isPaid(current)) return null
  if (intent.status === 'succeeded') return 'succeeded'
  if (current === 'cancelled') return null
  if (intent.status === 'canceled') return 'cancelled'
  if (!newer) return null
  const next = openStatusOf(current, intent)
  return next === current ? null : next
}

function openStatusOf(current: PaymentStatus, { status, error }: Pick<Intent, 'status' | 'error'>): PaymentStatus {
  if (status === 'processing' || status === 'requires_capture') return 'processing'
  if (status === 'requires_action') return 'requires_action'
  if (error) return 'failed'
  return current === 'failed' ? 'failed' : 'requires_payment_method'
}

/** What a payment is once so much of it has gone back. */
export const statusAfterRefund = (amountMinor: number, refundedMinor: number): PaymentStatus => {
  if (refundedMinor === 0) return 'succeeded'
  return refundedMinor >= amountMinor ? 'refunded' : 'partially_refunded'
}

export type Due = { amount_minor: number; deposit_minor: number | null; paid_minor: number }

/** What is due now: the deposit first where there is one, then the rest; minor units, 0 when all is paid. */
export function dueOf({ amount_minor, deposit_minor, paid_minor }: Due): number {
  const first = deposit_minor !== null && paid_minor < deposit_minor ? deposit_minor : amount_minor
  return Math.max(0, first - paid_minor)
}

/** What comes back of what was paid, by a percentage rounded half up, less what has come back before; minor units. */
export function refundDue(paidMinor: number, backMinor: number, percent: number): number {
  const whole = Number((2n * BigInt(paidMinor) * BigInt(Math.round(percent * 100)) + 10_000n) / 20_000n)
  return Math.max(0, whole - backMinor)
}

export type Refundable = {
  id: number
  status: string
  amount_minor: number
  refunded_minor: number
  refunding_minor: number
  disputed_minor: number
}

/** What of a payment can still go back: neither what has, nor what is about to, nor what a dispute has taken. */
export const refundableOf = (payment: Refundable): number =>
  isPaid(payment.status)
    ? Math.max(0, payment.amount_minor - payment.refunded_minor - payment.refunding_minor - payment.disputed_minor)
    : 0

/** How a sum that goes back is taken from several payments (deposit and rest), the last one first. */
export function spread(payments: readonly Refundable[], sumMinor: number): { id: number; amountMinor: number }[] {
  let left = sumMinor
  return payments
    .toSorted((a, b) => b.id - a.id)
    .flatMap((payment) => {
      const amountMinor = Math.min(left, refundableOf(payment))
      left -= amountMinor
      return amountMinor > 0 ? [{ id: payment.id, amountMinor }] : []
    })
}

/** How long until the gateway is asked again what no webhook told: 1, 2, 4 ... minutes, at most 6 hours. */
export const checkDelay = (checks: number): { minutes: number } => ({
  minutes: Math.min(360, 2 ** Math.min(checks, 9)),
})

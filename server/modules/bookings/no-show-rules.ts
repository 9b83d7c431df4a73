/** Pure: what is asked of a customer who does not come. */

/** So many days after the start a provider can still have the fee: later nobody remembers whether somebody came. */
export const feeDays = 7

export type Outcome = 'covered' | 'collected' | 'waived' | 'late' | 'erased'

/** What becomes of the fee when its provider says that nobody came; `ask` where the customer is to be asked for it, null where none was agreed on. */
export function outcomeOf(
  booking: { no_show_fee_minor: number | null; starts_at: Temporal.Instant },
  now: Temporal.Instant,
  waive: boolean,
): 'ask' | 'waived' | 'late' | null {
  if (booking.no_show_fee_minor === null) return null
  if (waive) return 'waived'
  return Temporal.Instant.compare(booking.starts_at.add({ hours: 24 * feeDays }), now) < 0 ? 'late' : 'ask'
}

export const feeStatuses = [
  'agreed',
  'covered',
  'charging',
  'due',
  'paid',
  'partially_refunded',
  'refunded',
  'waived',
  'lapsed',
] as const
export type FeeStatus = (typeof feeStatuses)[number]

/** What has come of asking for the fee: the sums of its payable. */
export type FeeAsked = { amount: number; paid: number; refunded: number; is_processing: boolean; is_closed: boolean }

/** How the fee of a booking stands, as both sides are told; null where there is none, and where it is not to be asked for any more. */
export function feeStatus(booking: {
  status: string
  no_show_fee_minor: number | null
  no_show_outcome: string | null
  fee_asked: FeeAsked | null
}): FeeStatus | null {
  const { status, no_show_fee_minor: fee, no_show_outcome: outcome, fee_asked: asked } = booking
  if (fee === null) return null
  if (status !== 'no_show') return status === 'pending' || status === 'confirmed' ? 'agreed' : null
  if (outcome === 'covered' || outcome === 'waived') return outcome
  if (asked === null) return 'lapsed'
  if (asked.refunded > 0) return asked.refunded >= asked.paid ? 'refunded' : 'partially_refunded'
  if (asked.paid >= asked.amount) return 'paid'
  if (asked.is_closed) return 'waived'
  return asked.is_processing ? 'charging' : 'due'
}

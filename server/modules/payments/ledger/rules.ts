/** Pure: how money is divided, and which entries each kind of movement makes. Debits are positive, credits negative. */

/** A part of a sum, rounded half up to the minor unit; in bigint, since the product may exceed what a number holds. */
const share = (amount: number, numerator: number, denominator: number): number =>
  Number((2n * BigInt(amount) * BigInt(numerator) + BigInt(denominator)) / (2n * BigInt(denominator)))

/** The platform's fee on a payment: `percent` has at most two decimals. Minor units, rounded half up; the seller gets the rest (SPEC section 10). */
export const platformFee = (amountMinor: number, percent: number): number =>
  share(amountMinor, Math.round(percent * 100), 10_000)

export type FeeBack = { amountMinor: number; feeMinor: number; refundedMinor: number }

/**
 * The part of the fee that goes back with a refund of `refundMinor`, in proportion (SPEC section 10). Counted from what has gone back before, so that many
 * small refunds give back neither more nor less than one large one, and the last of them the whole fee.
 */
export function feeToReturn({ amountMinor, feeMinor, refundedMinor }: FeeBack, refundMinor: number): number {
  const after = Math.min(refundedMinor + refundMinor, amountMinor)
  return share(feeMinor, after, amountMinor) - share(feeMinor, Math.min(refundedMinor, amountMinor), amountMinor)
}

export const sharedKinds = ['gateway', 'bank', 'platform_fee', 'payouts'] as const
export type AccountKind = (typeof sharedKinds)[number] | 'seller'

export type Line = { account: AccountKind; amountMinor: number }
export type MovementKind = 'charge' | 'refund' | 'dispute' | 'withdrawal' | 'payout' | 'payout_return'

/** The lines of a movement of `amountMinor`, of which `feeMinor` is the platform's; a line of nothing is left out. `from` is where a payout is paid from. */
export function linesOf(
  kind: MovementKind,
  amountMinor: number,
  feeMinor: number,
  from: 'gateway' | 'bank' = 'gateway',
): Line[] {
  const lines: Record<MovementKind, Line[]> = {
    charge: [line('gateway', amountMinor), line('platform_fee', -feeMinor), line('seller', feeMinor - amountMinor)],
    refund: [line('gateway', -amountMinor), line('platform_fee', feeMinor), line('seller', amountMinor - feeMinor)],
    // What is disputed leaves the gateway at once and comes back if the dispute is won: until then it is as frozen as if it had been refunded.
    dispute: [line('gateway', -amountMinor), line('platform_fee', feeMinor), line('seller', amountMinor - feeMinor)],
    // A requested withdrawal is set aside; it is paid from there, or given back.
    withdrawal: [line('seller', amountMinor), line('payouts', -amountMinor)],
    payout: [line('payouts', amountMinor), line(from, -amountMinor)],
    payout_return: [line('gateway', amountMinor), line('seller', -amountMinor)],
  }
  return lines[kind].filter(({ amountMinor: amount }) => amount !== 0)
}

const line = (account: AccountKind, amountMinor: number): Line => ({ account, amountMinor })

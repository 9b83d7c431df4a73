import type { WithdrawalStatus } from './schema.ts'

/** Pure: which steps a withdrawal may take (SPEC section 4), and when a failed transfer is tried again. */

const steps: Record<WithdrawalStatus, readonly WithdrawalStatus[]> = {
  pending: ['approved', 'rejected', 'cancelled'],
  approved: ['paid', 'rejected'],
  paid: [],
  rejected: [],
  cancelled: [],
}

export const mayBecome = (from: WithdrawalStatus, to: WithdrawalStatus): boolean => steps[from].includes(to)

/** Minutes until a refused transfer is tried again: 5, 10, 20, ... up to a day; somebody may have filled up the account meanwhile. */
export const waitAfterRefusal = (refusals: number): number => Math.min(5 * 2 ** Math.max(0, refusals - 1), 1440)

/** Minutes until a transfer is tried again that nobody knows the end of: soon, with the same key. */
export const waitAfterSilence = 2

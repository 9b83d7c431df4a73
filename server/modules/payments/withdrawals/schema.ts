import { Type, type Static } from 'typebox'
import { Id, Instant, Line, Nullable, OneOf, pageQuery, Uuid } from '../../../platform/http/shapes.ts'

export const withdrawalStatuses = ['pending', 'approved', 'paid', 'rejected', 'cancelled'] as const
export type WithdrawalStatus = (typeof withdrawalStatuses)[number]
export const transferStatuses = ['waiting', 'under_way', 'failed', 'done'] as const
export type TransferStatus = (typeof transferStatuses)[number]

const Status = OneOf(withdrawalStatuses, { title: 'WithdrawalStatus' })
const Currency = Type.String({ pattern: '^[A-Z]{3}$', maxLength: 3, examples: ['USD'] })
const Sum = Type.Number({ description: 'In major units.', examples: [100] })

export const Withdrawal = Type.Object(
  {
    id: Id,
    amount: Sum,
    currency: Currency,
    method: Type.String({ description: 'How it is paid: `stripe` for a connected account, else as was asked for.' }),
    status: Status,
    reference: Nullable(Type.String({ description: 'The bank’s or the gateway’s name for the payment.' })),
    reason: Nullable(Type.String({ description: 'Why it was rejected.' })),
    provider_id: Nullable(Id),
    organization_id: Nullable(Uuid),
    requested_by: Id,
    decided_by: Nullable(Id),
    decided_at: Nullable(Instant),
    paid_at: Nullable(Instant),
    transfer_status: Nullable(OneOf(transferStatuses)),
    transfer_error: Nullable(
      Type.String({ description: 'Why the gateway’s transfer failed last; it is tried again.' }),
    ),
    returned_amount: Type.Number({ description: 'What was fetched back after refunds and disputes.' }),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'Withdrawal' },
)
export type WithdrawalView = Static<typeof Withdrawal>

export const WithdrawalInput = Type.Object({
  amount: Type.Number({ exclusiveMinimum: 0, maximum: 1e13, examples: [100] }),
  currency: Type.Optional(Currency),
  method: Type.Optional(Line(50, 1)),
  organization_id: Type.Optional(Uuid),
})
export type WithdrawalInput = Static<typeof WithdrawalInput>

export const WithdrawalChange = Type.Object({
  status: OneOf(['approved', 'rejected', 'paid']),
  reference: Type.Optional(Line(200, 1)),
  reason: Type.Optional(Line(500, 1)),
})
export type WithdrawalChange = Static<typeof WithdrawalChange>

export const WithdrawalQuery = Type.Object({
  ...pageQuery,
  status: Type.Optional(Status),
  currency: Type.Optional(Currency),
  organization_id: Type.Optional(Uuid),
  provider_id: Type.Optional(Id),
})
export type WithdrawalQuery = Static<typeof WithdrawalQuery>

export const BalanceQuery = Type.Object({
  currency: Type.Optional(Currency),
  organization_id: Type.Optional(Uuid),
})
export type BalanceQuery = Static<typeof BalanceQuery>

export const BalanceShape = Type.Object(
  {
    available: Type.Number({
      description: 'Can be withdrawn now; negative after refunds and disputes of what had been withdrawn.',
    }),
    pending: Type.Number({ description: 'Earned, but its bookings have not taken place long enough ago.' }),
    withdrawn: Type.Number({ description: 'Paid out so far.' }),
    currency: Currency,
  },
  { title: 'Balance' },
)
export type BalanceView = Static<typeof BalanceShape>

export const StatementQuery = Type.Object({
  ...pageQuery,
  currency: Type.Optional(Currency),
  organization_id: Type.Optional(Uuid),
  before: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Only entries below this id: the quick way far down.' }),
  ),
})
export type StatementQuery = Static<typeof StatementQuery>

const kinds = ['charge', 'refund', 'dispute', 'withdrawal', 'payout_return', 'reversal'] as const
export const StatementEntry = Type.Object(
  {
    id: Id,
    at: Instant,
    kind: OneOf(kinds, { description: '`reversal` takes an earlier movement back, which `reference` names.' }),
    reference: Type.String(),
    amount: Type.Number({ description: 'What you have grew by it, the fee left out; negative where it shrank.' }),
    balance: Type.Number({ description: 'What you were owed after it, available or not.' }),
    currency: Currency,
    payment_id: Nullable(Id),
    withdrawal_id: Nullable(Id),
  },
  { title: 'StatementEntry' },
)
export type StatementView = Static<typeof StatementEntry>

export const exampleEntry = {
  id: 7,
  at: '2026-01-15T14:00:00Z',
  kind: 'charge',
  reference: 'charge:1',
  amount: 90,
  balance: 270,
  currency: 'USD',
  payment_id: 1,
  withdrawal_id: null,
} satisfies StatementView

export const exampleBalance = { available: 90, pending: 45, withdrawn: 180, currency: 'USD' } satisfies BalanceView

export const exampleWithdrawal = {
  id: 1,
  amount: 90,
  currency: 'USD',
  method: 'bank_transfer',
  status: 'pending',
  reference: null,
  reason: null,
  provider_id: 2,
  organization_id: null,
  requested_by: 2,
  decided_by: null,
  decided_at: null,
  paid_at: null,
  transfer_status: null,
  transfer_error: null,
  returned_amount: 0,
  created_at: '2026-01-15T14:00:00Z',
  updated_at: '2026-01-15T14:00:00Z',
} satisfies WithdrawalView

import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams, Nothing } from '../../../platform/http/shapes.ts'
import {
  BalanceQuery,
  BalanceShape,
  exampleBalance,
  exampleEntry,
  exampleWithdrawal,
  StatementEntry,
  StatementQuery,
  Withdrawal,
  WithdrawalChange,
  WithdrawalInput,
  WithdrawalQuery,
} from './schema.ts'
import {
  cancelWithdrawal,
  decideWithdrawal,
  getBalance,
  getStatement,
  getWithdrawal,
  listWithdrawals,
  requestWithdrawal,
} from './service.ts'

const tag = 'Withdrawals'
/** An organization's admin may have any of these roles: a membership gives no role, and a role no membership (SPEC section 10). */
const sellers = ['provider', 'customer'] as const

/** What sellers take out of what they have earned. */
export function withdrawalRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/withdrawals/',
    who: 'any',
    tag,
    summary: 'Withdrawals',
    description:
      'Newest first: your own and those of organizations that you are an admin of; with `withdrawal_management` everybody’s.',
    query: WithdrawalQuery,
    data: Withdrawal,
    message: 'Withdrawals retrieved successfully',
    example: { data: exampleWithdrawal },
    run: (ctx, { query }) => listWithdrawals(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/withdrawals/',
    who: sellers,
    tag,
    status: 201,
    summary: 'Ask for a withdrawal',
    description:
      'At most what is available in that currency. The sum is set aside at once, and comes back when the request is rejected or cancelled. An organization’s admin names `organization_id`. Without a currency it is the one in which you earned last.',
    body: WithdrawalInput,
    data: Withdrawal,
    message: 'Withdrawal requested successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT'],
    example: { body: { amount: 90 }, data: exampleWithdrawal },
    run: (ctx, { body }) => requestWithdrawal(ctx, body),
  })
  operation(app, {
    method: 'GET',
    path: '/withdrawals/balance/',
    who: sellers,
    tag,
    summary: 'Your balance',
    description:
      'In one currency: `currency`, or the one in which you earned last. For an organization (`organization_id`) its admins and masters see it. What you earn becomes available some days (PAYOUT_DELAY_DAYS) after a booking is completed.',
    query: BalanceQuery,
    data: BalanceShape,
    message: 'Balance retrieved successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    example: { data: exampleBalance },
    run: (ctx, { query }) => getBalance(ctx, query),
  })
  list(app, {
    path: '/withdrawals/statement/',
    who: sellers,
    tag,
    summary: 'Your statement',
    description:
      'Everything that moved your money in one currency, newest first, with the balance after it. For an organization (`organization_id`) its admins and masters see it.',
    query: StatementQuery,
    data: StatementEntry,
    message: 'Statement retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleEntry },
    run: (ctx, { query }) => getStatement(ctx, query),
  })
  operation(app, {
    method: 'GET',
    path: '/withdrawals/{id}/',
    who: 'any',
    tag,
    summary: 'One withdrawal',
    description: 'For its seller and for `withdrawal_management`; for everybody else it does not exist.',
    params: IdParams,
    data: Withdrawal,
    message: 'Withdrawal retrieved successfully',
    example: { data: exampleWithdrawal },
    run: (ctx, { params }) => getWithdrawal(ctx, params.id),
  })
  operation(app, {
    method: 'PUT',
    path: '/withdrawals/{id}/',
    who: 'admin:withdrawal_management',
    tag,
    summary: 'Approve, reject or mark as paid',
    description:
      'pending → approved → paid, or rejected. Nobody decides on their own. Approved, it is transferred by itself where the seller has a connected account (`paid` without a reference does so at once); otherwise `paid` needs the `reference` of the payment that you made.',
    params: IdParams,
    body: WithdrawalChange,
    data: Withdrawal,
    message: 'Withdrawal updated successfully',
    errors: ['CONFLICT', 'SERVICE_UNAVAILABLE'],
    example: {
      body: { status: 'approved' },
      data: { ...exampleWithdrawal, status: 'approved', decided_by: 5, decided_at: '2026-01-15T15:00:00Z' },
    },
    keyed: 'business',
    run: (ctx, { params, body }) => decideWithdrawal(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/withdrawals/{id}/',
    who: sellers,
    tag,
    summary: 'Take a request back',
    description: 'While nobody has decided on it.',
    params: IdParams,
    data: Nothing,
    message: 'Withdrawal cancelled successfully',
    errors: ['CONFLICT'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await cancelWithdrawal(ctx, params.id)
      return null
    },
  })
}

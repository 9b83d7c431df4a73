import type { Context } from '../../../platform/context.ts'
import { fromMinor } from '../../../platform/money.ts'
import { notify } from '../../notifications/index.ts'

/** What is told to whoever asked for a withdrawal. */

type About = { id: number; requested_by: number; amount_minor: number; currency: string }

const titles = {
  approved: 'Your withdrawal was approved',
  rejected: 'Your withdrawal was rejected',
  paid: 'Your withdrawal was paid',
} as const

/** Tells the step that a withdrawal took, in the transaction of the step. */
export async function tellRequester(
  ctx: Context,
  about: About,
  step: keyof typeof titles,
  more: { reference?: string; reason?: string } = {},
): Promise<void> {
  const { reference, reason } = more
  await tell(ctx, about, `withdrawal_${step}`, titles[step], {
    body:
      step === 'paid' && reference !== undefined
        ? '{amount} {currency}. Reference: {reference}'
        : step === 'rejected' && reason !== undefined
          ? '{amount} {currency}. Reason: {reason}'
          : '{amount} {currency}',
    params: { ...(reference === undefined ? {} : { reference }), ...(reason === undefined ? {} : { reason }) },
  })
}

/** Tells that a part of a transfer was fetched back. */
export const tellReturned = (ctx: Context, about: About, amountMinor: number): Promise<void> =>
  tell(
    ctx,
    { ...about, amount_minor: amountMinor },
    'withdrawal_returned',
    'A part of your withdrawal was fetched back',
    {
      body: '{amount} {currency}. Refunds or disputes took back more than you had left.',
      params: {},
    },
  )

async function tell(
  ctx: Context,
  about: About,
  kind: string,
  title: string,
  { body, params }: { body: string; params: Record<string, string> },
): Promise<void> {
  const { id, requested_by: userId, amount_minor: minor, currency } = about
  const amount = fromMinor(minor, currency)
  await notify(ctx, {
    userId,
    kind,
    title,
    body,
    params: { ...params, amount, currency },
    target: { kind: 'withdrawal', id },
  })
}

import type { Context } from '../../../platform/context.ts'
import { fromMinor } from '../../../platform/money.ts'
import { notify } from '../../notifications/index.ts'
import type { PayableRow } from '../payments/queries.ts'
import { listPresent } from './queries.ts'

type Sentences = { title: string; body: string }

async function tellBoth(
  ctx: Context,
  payable: PayableRow,
  amountMinor: number,
  { payer, provider }: { payer: Sentences; provider: Sentences },
): Promise<void> {
  const { payer_id, provider_id, source_id, currency, title } = payable
  const present = await listPresent(ctx, [payer_id, provider_id])
  const common = {
    kind: 'payment_no_show_fee',
    params: { amount: fromMinor(amountMinor, currency), currency, title },
    target: { kind: 'booking', id: source_id },
    mail: { button: 'See the booking', path: `/bookings/${source_id}/` },
  }
  if (present.includes(payer_id)) await notify(ctx, { ...common, ...payer, userId: payer_id })
  if (present.includes(provider_id)) await notify(ctx, { ...common, ...provider, userId: provider_id })
}

/** Tells both that the fee has arrived, in the transaction in which it does. */
export const tellFeePaid = (ctx: Context, payable: PayableRow, amountMinor: number): Promise<void> =>
  tellBoth(ctx, payable, amountMinor, {
    payer: {
      title: 'A no-show fee was charged',
      body: '{amount} {currency} for {title}, to which you did not come. If you did, write to who gives it: they can give the fee back.',
    },
    provider: {
      title: 'A no-show fee was paid',
      body: 'Your customer did not come and has paid {amount} {currency} for it: {title}',
    },
  })

/** Tells both that no saved payment method has paid the fee: the customer still owes it. */
export const tellFeeDue = (ctx: Context, payable: PayableRow): Promise<void> =>
  tellBoth(ctx, payable, payable.amount_minor, {
    payer: {
      title: 'A no-show fee is to be paid',
      body: '{amount} {currency} for {title}, to which you did not come. Your saved payment method could not be charged; please pay it yourself.',
    },
    provider: {
      title: 'A no-show fee could not be charged',
      body: '{amount} {currency} for {title}. Your customer was asked to pay it.',
    },
  })

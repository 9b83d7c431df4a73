import { iso, isoOrNull } from '../../../platform/http/shapes.ts'
import { fromMinor } from '../../../platform/money.ts'
import type { PaymentMethod } from '../gateway/gateway.ts'
import type { PaymentRow } from './queries.ts'
import type { RefundRow } from './refund-queries.ts'
import type { PaymentStatus } from './rules.ts'
import type { IntentView, MethodView, PaymentView, RefundView } from './schema.ts'

export function viewPayment(row: PaymentRow): PaymentView {
  const money = (minor: number): number => fromMinor(minor, row.currency)
  return {
    id: row.id,
    booking_id: row.source_id,
    purpose: row.source_kind === 'no_show' ? 'no_show_fee' : 'booking',
    title: row.title,
    payer_id: row.payer_id,
    provider_id: row.provider_id,
    organization_id: row.organization_id,
    amount: money(row.amount_minor),
    refunded_amount: money(row.refunded_minor),
    currency: row.currency,
    status: row.status as PaymentStatus,
    payment_intent_id: row.intent_id,
    card: row.card_brand === null ? null : { brand: row.card_brand, last4: row.card_last4 ?? '' },
    failure_code: row.failure_code,
    decline_code: row.decline_code,
    disputed_amount: money(row.disputed_minor),
    paid_at: isoOrNull(row.paid_at),
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  }
}

/** What its payer needs to go on with a payment; nobody else is given the client secret. */
export const viewIntent = (row: PaymentRow): IntentView => ({
  payment_intent_id: row.intent_id ?? '',
  client_secret: row.client_secret,
  amount: fromMinor(row.amount_minor, row.currency),
  currency: row.currency,
  status: row.status as PaymentStatus,
  payment: viewPayment(row),
})

export const viewRefund = (refund: RefundRow, payment: PaymentRow): RefundView => ({
  id: refund.id,
  payment_id: refund.payment_id,
  amount: fromMinor(refund.amount_minor, payment.currency),
  currency: payment.currency,
  status: refund.status as RefundView['status'],
  reason: refund.reason,
  created_at: iso(refund.created_at),
  payment: viewPayment(payment),
})

export const viewMethod = ({ id, type, card }: PaymentMethod, chosen: string | undefined): MethodView => ({
  id,
  type,
  is_default: id === chosen,
  card: card ? { brand: card.brand, last4: card.last4, exp_month: card.expMonth, exp_year: card.expYear } : null,
})

import type Stripe from 'stripe'
import type {
  GatewayDispute,
  GatewayEvent,
  GatewayRefund,
  Intent,
  Metadata,
  Movement,
  PaymentMethod,
  Transfer,
} from './gateway.ts'

/** How the objects of Stripe read in our words. What an event brings is its JSON, so nothing in it is taken for granted. */

/** Currencies whose smallest unit at Stripe is not ours: what has no decimals any more is still told in hundredths there, and the other way round (Stripe, Currencies, special cases). */
const perMinor: Readonly<Record<string, number>> = { ISK: 100, UGX: 100, MGA: 0.01 }

export const toStripe = (minor: number, currency: string): number => Math.round(minor * (perMinor[currency] ?? 1))
const ours = (amount: number, currency: string): number => Math.round(amount / (perMinor[currency.toUpperCase()] ?? 1))

const idOf = (thing: string | { id: string } | null | undefined): string | null =>
  typeof thing === 'string' ? thing : (thing?.id ?? null)

const metadataOf = (metadata: Metadata | null | undefined): Metadata => metadata ?? {}

export function intentOf(intent: Stripe.PaymentIntent): Intent {
  const { latest_charge: charge, last_payment_error: error, currency } = intent
  const card = charge && typeof charge === 'object' ? charge.payment_method_details?.card : null
  return {
    id: intent.id,
    clientSecret: intent.client_secret ?? null,
    status: intent.status as Intent['status'],
    amountMinor: ours(intent.amount, currency),
    receivedMinor: ours(intent.amount_received ?? 0, currency),
    currency: currency.toUpperCase(),
    card: card ? { brand: card.brand ?? 'card', last4: card.last4 ?? '' } : null,
    error: error
      ? {
          code: error.code ?? 'card_declined',
          declineCode: error.decline_code ?? null,
          message: error.message ?? 'The card was declined',
        }
      : null,
    metadata: metadataOf(intent.metadata),
  }
}

export function refundOf(refund: Stripe.Refund): GatewayRefund {
  const status = refund.status === 'succeeded' ? 'succeeded' : 'pending'
  return {
    id: refund.id,
    intentId: idOf(refund.payment_intent),
    amountMinor: ours(refund.amount, refund.currency),
    currency: refund.currency.toUpperCase(),
    status: refund.status === 'failed' || refund.status === 'canceled' ? 'failed' : status,
    failureCode: refund.failure_reason ?? null,
    metadata: metadataOf(refund.metadata),
  }
}

const disputeOf = (dispute: Stripe.Dispute): GatewayDispute => ({
  id: dispute.id,
  intentId: idOf(dispute.payment_intent),
  amountMinor: ours(dispute.amount, dispute.currency),
  currency: dispute.currency.toUpperCase(),
  status: dispute.status,
  reason: dispute.reason,
})

export const methodOf = (method: Stripe.PaymentMethod): PaymentMethod => ({
  id: method.id,
  type: method.type,
  customerId: idOf(method.customer),
  card: method.card
    ? {
        brand: method.card.brand,
        last4: method.card.last4,
        expMonth: method.card.exp_month,
        expYear: method.card.exp_year,
      }
    : null,
})

export const transferOf = (transfer: Stripe.Transfer): Transfer => ({
  id: transfer.id,
  amountMinor: ours(transfer.amount, transfer.currency),
  currency: transfer.currency.toUpperCase(),
  reversedMinor: ours(transfer.amount_reversed ?? 0, transfer.currency),
})

const kinds: Readonly<Record<string, Movement['kind']>> = {
  charge: 'charge',
  payment: 'charge',
  refund: 'refund',
  payment_refund: 'refund',
  refund_failure: 'refund',
  payment_failure_refund: 'refund',
  adjustment: 'dispute',
  transfer: 'transfer',
  transfer_refund: 'transfer',
  transfer_cancel: 'transfer',
  transfer_failure: 'transfer',
}

export const movementOf = (row: Stripe.BalanceTransaction): Movement => ({
  id: row.id,
  kind: kinds[row.type] ?? 'other',
  amountMinor: ours(row.amount, row.currency),
  currency: row.currency.toUpperCase(),
  sourceId: sourceOf(row.source),
})

/** A charge is known by its intent, everything else by itself. */
const sourceOf = (source: Stripe.BalanceTransaction['source']): string | null =>
  source && typeof source === 'object' && source.object === 'charge' ? idOf(source.payment_intent) : idOf(source)

/** A signed event in our words; one whose object is not what its name says is about nothing that we know. */
export function eventOf(event: Stripe.Event): GatewayEvent {
  const object = event.data.object as { id?: string; object?: string }
  return {
    id: event.id,
    type: event.type,
    at: Temporal.Instant.fromEpochMilliseconds(event.created * 1000),
    objectId: object.id ?? null,
    about: aboutOf(object),
  }
}

function aboutOf(object: { object?: string }): GatewayEvent['about'] {
  switch (object.object) {
    case 'payment_intent':
      return { kind: 'intent', intent: intentOf(object as Stripe.PaymentIntent) }
    case 'refund':
      return { kind: 'refund', refund: refundOf(object as Stripe.Refund) }
    case 'dispute':
      return { kind: 'dispute', dispute: disputeOf(object as Stripe.Dispute) }
    case 'charge':
      return { kind: 'charge', intentId: idOf((object as Stripe.Charge).payment_intent) }
    case 'payment_method':
      return { kind: 'method', method: methodOf(object as Stripe.PaymentMethod) }
    default:
      return { kind: 'other' }
  }
}

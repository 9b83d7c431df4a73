/**
 * What Banister asks of a payment gateway: the words are Stripe's, the amounts minor units of an ISO 4217 currency (upper case), the metadata ours. Every write
 * takes a business key: the same key never does the same thing twice, however often it is sent, and answers what it answered at first.
 */
export interface PaymentGateway {
  readonly name: GatewayName
  createIntent(wanted: NewIntent, key: string): Promise<Intent>
  /** Tries to take the money. A declined card is no error of the gateway: the intent comes back with its `error`. */
  confirmIntent(id: string, paymentMethod: string | null, key: string): Promise<Intent>
  /** Takes the money while the payer is not there, by a method that they have saved with their customer. One who would have to be there is told as declined: `authentication_required`. */
  chargeIntent(id: string, paymentMethod: string, key: string): Promise<Intent>
  retrieveIntent(id: string): Promise<Intent>
  cancelIntent(id: string, key: string): Promise<Intent>
  refund(wanted: NewRefund, key: string): Promise<GatewayRefund>
  listRefunds(intentId: string): Promise<GatewayRefund[]>
  createCustomer(wanted: { email: string; name: string; metadata: Metadata }, key: string): Promise<string>
  /** Prepares that a customer saves a method on their own page, with whatever their bank asks of them, for being charged while they are not there. */
  createSetup(customerId: string, key: string): Promise<Setup>
  listPaymentMethods(customerId: string): Promise<PaymentMethod[]>
  attachPaymentMethod(id: string, customerId: string, key: string): Promise<PaymentMethod>
  detachPaymentMethod(id: string, key: string): Promise<PaymentMethod>
  /** Pays a connected account out of what the platform holds. */
  transfer(wanted: NewTransfer, key: string): Promise<Transfer>
  /** Fetches a part of a transfer back. */
  reverseTransfer(id: string, amountMinor: number, currency: string, metadata: Metadata, key: string): Promise<Transfer>
  /** What moved at the gateway since an instant, oldest first, for the reconciliation of the ledger. */
  listMovements(since: Temporal.Instant): Promise<Movement[]>
}

export const gatewayNames = ['sandbox', 'stripe'] as const
export type GatewayName = (typeof gatewayNames)[number]
export type Metadata = Record<string, string>

export type IntentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'canceled'
  | 'succeeded'

export type Card = { brand: string; last4: string }
export type Failure = { code: string; declineCode: string | null; message: string }

export type NewIntent = {
  amountMinor: number
  currency: string
  customerId: string | null
  description: string
  metadata: Metadata
}
export type Intent = {
  id: string
  clientSecret: string | null
  status: IntentStatus
  amountMinor: number
  receivedMinor: number
  currency: string
  card: Card | null
  error: Failure | null
  metadata: Metadata
}

export type NewRefund = { intentId: string; amountMinor: number; currency: string; metadata: Metadata }
export type GatewayRefund = {
  id: string
  intentId: string | null
  amountMinor: number
  currency: string
  status: 'pending' | 'succeeded' | 'failed'
  failureCode: string | null
  metadata: Metadata
}

export type GatewayDispute = {
  id: string
  intentId: string | null
  amountMinor: number
  currency: string
  status: string
  reason: string | null
}

export type Setup = { id: string; clientSecret: string }
export type PaymentMethod = {
  id: string
  type: string
  customerId: string | null
  card: (Card & { expMonth: number; expYear: number }) | null
}

export type NewTransfer = { amountMinor: number; currency: string; destination: string; metadata: Metadata }
export type Transfer = { id: string; amountMinor: number; currency: string; reversedMinor: number }

export type Movement = {
  id: string
  kind: 'charge' | 'refund' | 'dispute' | 'transfer' | 'other'
  /** Signed: what the gateway holds for us grows by it. Without the gateway's own fee. */
  amountMinor: number
  currency: string
  /** What moved it: the intent of a charge, else the refund, dispute or transfer itself. */
  sourceId: string | null
}

/** An event that the gateway has signed. What is not about an intent, a refund or a dispute is `other`. */
export type GatewayEvent = {
  id: string
  type: string
  at: Temporal.Instant
  objectId: string | null
  about:
    | { kind: 'intent'; intent: Intent }
    | { kind: 'refund'; refund: GatewayRefund }
    | { kind: 'dispute'; dispute: GatewayDispute }
    | { kind: 'charge'; intentId: string | null }
    /** A payment method that is saved with a customer now, or with none any more. */
    | { kind: 'method'; method: PaymentMethod }
    | { kind: 'other' }
}

/** The gateway has understood and refused: repeating is vain. `code` is its word for why. */
export class GatewayRefusal extends Error {
  readonly code: string
  readonly param: string | null
  constructor(code: string, message: string, param: string | null = null) {
    super(message)
    this.name = 'GatewayRefusal'
    this.code = code
    this.param = param
  }
}

/** The gateway did not answer, or not with an answer: the call may or may not have been done, and is repeated with the same key. */
export class GatewayUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GatewayUnavailable'
  }
}

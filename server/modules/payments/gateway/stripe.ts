import { Stripe } from 'stripe'
import { createCircuit, CircuitOpen, type Circuit } from '../../../platform/circuit.ts'
import type { House } from '../../../platform/house.ts'
import { GatewayRefusal, GatewayUnavailable, type Intent, type PaymentGateway } from './gateway.ts'
import { intentOf, methodOf, movementOf, refundOf, toStripe, transferOf } from './stripe-shapes.ts'

const timeoutMs = 10_000
/** The client's own repetitions of one call; each bears our key. What fails beyond them is resumed later from the operation's row. */
const retries = 2
const keyed = (idempotencyKey: string): Stripe.RequestOptions => ({ idempotencyKey })

/** Does this error say that Stripe is ill, and not that one request was wrong? */
const isIll = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeConnectionError ||
  error instanceof Stripe.errors.StripeAPIError ||
  error instanceof Stripe.errors.StripeRateLimitError ||
  !(error instanceof Stripe.errors.StripeError)

/** What Stripe answered, as an error of the gateway: refused for good, or not known. */
function translated(error: unknown): Error {
  if (error instanceof GatewayRefusal || error instanceof GatewayUnavailable) return error
  if (error instanceof CircuitOpen) return new GatewayUnavailable(error.message, { cause: error })
  // Wrong keys, or a key that is in use by a request still under way: nothing is decided.
  const undecided =
    error instanceof Stripe.errors.StripeAuthenticationError ||
    error instanceof Stripe.errors.StripePermissionError ||
    error instanceof Stripe.errors.StripeIdempotencyError
  if (!(error instanceof Stripe.errors.StripeError) || isIll(error) || undecided || error.statusCode === 409)
    return new GatewayUnavailable(error instanceof Error ? error.message : String(error), { cause: error })
  return new GatewayRefusal(error.code ?? error.type, error.message, error.param ?? null)
}

/** The real gateway: Stripe's own client. STRIPE_API_BASE says where it is; a circuit leaves it alone while it is down. */
export function createStripeGateway(house: House, secretKey: string): PaymentGateway & { circuit: Circuit } {
  const base = new URL(house.config.STRIPE_API_BASE)
  const protocol = base.protocol === 'http:' ? 'http' : 'https'
  const stripe = new Stripe(secretKey, {
    host: base.hostname,
    port: base.port === '' ? (protocol === 'http' ? 80 : 443) : base.port,
    protocol,
    timeout: timeoutMs,
    maxNetworkRetries: retries,
    telemetry: false,
    appInfo: { name: 'Banister' },
  })
  const circuit = createCircuit({ name: 'stripe', now: house.clock, isFailure: isIll })
  const ask = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await circuit.run(work)
    } catch (error) {
      throw translated(error)
    }
  }
  const expand = ['latest_charge']
  const retrieveIntent = (id: string): Promise<Intent> =>
    ask(async () => intentOf(await stripe.paymentIntents.retrieve(id, { expand })))
  const confirm = (id: string, wanted: Stripe.PaymentIntentConfirmParams, key: string): Promise<Intent> =>
    ask(async () => {
      try {
        return intentOf(await stripe.paymentIntents.confirm(id, { ...wanted, expand }, keyed(key)))
      } catch (error) {
        if (!(error instanceof Stripe.errors.StripeCardError)) throw error
        const failure = {
          code: error.code ?? 'card_declined',
          declineCode: error.decline_code ?? null,
          message: error.message,
        }
        const told = error.payment_intent ? intentOf(error.payment_intent) : await retrieveIntent(id)
        return { ...told, error: failure }
      }
    })

  return {
    name: 'stripe',
    circuit,
    createIntent: ({ amountMinor, currency, customerId, description, metadata }, key) =>
      ask(async () =>
        intentOf(
          await stripe.paymentIntents.create(
            {
              amount: toStripe(amountMinor, currency),
              currency: currency.toLowerCase(),
              ...(customerId === null ? {} : { customer: customerId }),
              description,
              metadata,
              // The client confirms on its page and stays there: a method that leads away would need a way back.
              automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
            },
            keyed(key),
          ),
        ),
      ),
    confirmIntent: (id, paymentMethod, key) =>
      confirm(id, paymentMethod === null ? {} : { payment_method: paymentMethod }, key),
    chargeIntent: (id, paymentMethod, key) => confirm(id, { payment_method: paymentMethod, off_session: true }, key),
    retrieveIntent,
    cancelIntent: (id, key) => ask(async () => intentOf(await stripe.paymentIntents.cancel(id, {}, keyed(key)))),
    refund: ({ intentId, amountMinor, currency, metadata }, key) =>
      ask(async () =>
        refundOf(
          await stripe.refunds.create(
            { payment_intent: intentId, amount: toStripe(amountMinor, currency), metadata },
            keyed(key),
          ),
        ),
      ),
    listRefunds: (intentId) =>
      ask(async () => (await stripe.refunds.list({ payment_intent: intentId, limit: 100 })).data.map(refundOf)),
    createCustomer: ({ email, name, metadata }, key) =>
      ask(async () => (await stripe.customers.create({ email, name, metadata }, keyed(key))).id),
    createSetup: (customer, key) =>
      ask(async () => {
        const made = await stripe.setupIntents.create(
          {
            customer,
            usage: 'off_session',
            automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
          },
          keyed(key),
        )
        return { id: made.id, clientSecret: made.client_secret ?? '' }
      }),
    listPaymentMethods: (customerId) =>
      ask(async () => (await stripe.customers.listPaymentMethods(customerId, { limit: 100 })).data.map(methodOf)),
    attachPaymentMethod: (id, customerId, key) =>
      ask(async () => methodOf(await stripe.paymentMethods.attach(id, { customer: customerId }, keyed(key)))),
    detachPaymentMethod: (id, key) => ask(async () => methodOf(await stripe.paymentMethods.detach(id, {}, keyed(key)))),
    transfer: ({ amountMinor, currency, destination, metadata }, key) =>
      ask(async () =>
        transferOf(
          await stripe.transfers.create(
            {
              amount: toStripe(amountMinor, currency),
              currency: currency.toLowerCase(),
              destination,
              metadata,
            },
            keyed(key),
          ),
        ),
      ),
    reverseTransfer: (id, amountMinor, currency, metadata, key) =>
      ask(async () => {
        await stripe.transfers.createReversal(id, { amount: toStripe(amountMinor, currency), metadata }, keyed(key))
        return transferOf(await stripe.transfers.retrieve(id))
      }),
    listMovements: (since) =>
      ask(async () => {
        const rows: Stripe.BalanceTransaction[] = []
        const created = { gte: Math.floor(since.epochMilliseconds / 1000) }
        for await (const row of stripe.balanceTransactions.list({ created, limit: 100, expand: ['data.source'] }))
          rows.push(row)
        return rows.toReversed().map(movementOf)
      }),
  }
}

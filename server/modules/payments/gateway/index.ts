import { Gauge } from 'prom-client'
import type { Circuit } from '../../../platform/circuit.ts'
import type { Context } from '../../../platform/context.ts'
import { conflict } from '../../../platform/errors.ts'
import { perHouse, type House } from '../../../platform/house.ts'
import type { PaymentGateway } from './gateway.ts'
import { createSandbox } from './sandbox.ts'
import type * as StripeGateway from './stripe.ts'

type Chosen = { gateway: PaymentGateway | null; circuit: Circuit | null }

let stripe: typeof StripeGateway | undefined

/** Loads what the gateway of this house needs, before anybody asks for it: Stripe's client is large, and most houses have none. */
export async function openGateway({ config }: House): Promise<void> {
  if (config.STRIPE_SECRET_KEY !== null) stripe ??= await import('./stripe.ts')
}

const chosenOf = perHouse((house): Chosen => {
  const { STRIPE_SECRET_KEY, ENVIRONMENT } = house.config
  if (STRIPE_SECRET_KEY !== null) {
    if (!stripe) throw new Error('The gateway of this house was not opened')
    const gateway = stripe.createStripeGateway(house, STRIPE_SECRET_KEY)
    return { gateway, circuit: gateway.circuit }
  }
  return { gateway: ENVIRONMENT === 'production' ? null : createSandbox(house), circuit: null }
})

/** The gateway of this house, or null: Stripe with its keys, else the sandbox, which production does not have (SPEC section 4). */
export const findGateway = (house: House): PaymentGateway | null => chosenOf(house).gateway

/** @throws CONFLICT where online payment is off */
export function gatewayOf({ house }: Context): PaymentGateway {
  const gateway = findGateway(house)
  if (!gateway) throw conflict('Online payment is not available here')
  return gateway
}

/** What `health/` tells of the gateway: `down` while its circuit is open, `off` without one. */
export function gatewayState(house: House): { status: 'ok' | 'down' | 'off'; detail?: string } {
  const { gateway, circuit } = chosenOf(house)
  if (!gateway) return { status: 'off' }
  const state = circuit?.state() ?? 'closed'
  return { status: state === 'open' ? 'down' : 'ok', detail: gateway.name }
}

/** Adds to `/metrics` whether the gateway is left alone, and how many calls to it wait to be resumed. */
export function measureGateway(house: House): void {
  house.metrics.registry.registerMetric(
    new Gauge({
      name: 'payment_gateway_up',
      help: '1 while the payment gateway answers, 0 while its circuit is open or there is none',
      registers: [],
      collect() {
        this.set(gatewayState(house).status === 'ok' ? 1 : 0)
      },
    }),
  )
  house.metrics.registry.registerMetric(
    new Gauge({
      name: 'payment_gateway_operations_open',
      help: 'Calls to the payment gateway that were begun and have not ended',
      registers: [],
      async collect() {
        const { count } = await house.db
          .selectFrom('gateway_operations')
          .where('state', '=', 'begun')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
        this.set(count)
      },
    }),
  )
}

import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { operation } from '../../../platform/http/operation.ts'
import { receiveEvent } from './receive.ts'

/** Where the gateway tells what has become of payments. */
export function webhookRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'POST',
    path: '/payments/stripe/webhook/',
    who: 'public',
    tag: 'Payments',
    limit: 'none',
    raw: true,
    // An event has an id of its own, which is kept for good.
    secret: true,
    summary: 'Signed events of Stripe',
    description:
      'For Stripe only: the body as it was sent, with `Stripe-Signature` at most 300 s old. Each event counts once; without STRIPE_WEBHOOK_SECRET all are refused.',
    data: Type.Object({ received: Type.Literal(true) }),
    message: 'Event received',
    errors: ['VALIDATION_ERROR'],
    example: { data: { received: true } },
    run: (ctx, { request }) => {
      const signature = request.headers['stripe-signature']
      return receiveEvent(ctx, request.body, typeof signature === 'string' ? signature : undefined)
    },
  })
}

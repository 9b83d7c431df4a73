import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams, Nothing, PageQuery } from '../../../platform/http/shapes.ts'
import { confirmPayment, createIntent, type IsBuyer } from './intents.ts'
import {
  attachMethod,
  chooseMethod,
  detachMethod,
  getCustomer,
  listMethods,
  setUpMethod,
  type NeedsMethod,
} from './methods.ts'
import { getPayment, listPayments } from './read.ts'
import { requestRefund } from './refunds.ts'
import {
  ConfirmInput,
  Customer,
  exampleIntent,
  exampleMethod,
  examplePayment,
  exampleRefund,
  Intent,
  IntentInput,
  Method,
  MethodInput,
  MethodParams,
  Payment,
  PaymentQuery,
  Refund,
  RefundInput,
  Setup,
} from './schema.ts'

const tag = 'Payments'
const buyers = ['customer', 'provider'] as const

/** Paying, giving back, and what was paid. */
export function paymentRoutes(app: FastifyInstance, isBuyer: IsBuyer, needsMethod: NeedsMethod): void {
  list(app, {
    path: '/payments/',
    who: 'any',
    tag,
    summary: 'Payment history, by role',
    description:
      'Those one has made and those one was paid; of an organization for its admins (`organization_id`); all of them with `payment_management`. Payments are made by `create-intent`.',
    query: PaymentQuery,
    data: Payment,
    message: 'Payments retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: examplePayment },
    run: (ctx, { query }) => listPayments(ctx, query),
  })
  operation(app, {
    method: 'GET',
    path: '/payments/{id}/',
    who: 'any',
    tag,
    summary: 'One payment',
    description: 'For its two sides and for `payment_management`.',
    params: IdParams,
    data: Payment,
    message: 'Payment retrieved successfully',
    example: { data: examplePayment },
    run: (ctx, { params }) => getPayment(ctx, params.id),
  })
  operation(app, {
    method: 'POST',
    path: '/payments/stripe/create-intent/',
    who: buyers,
    tag,
    status: 201,
    keyed: 'business',
    summary: 'Pay for a booking',
    description:
      'For its payer. What is due now: the deposit first where there is one, then the rest; for a booking to which they did not come, what is left of its no-show fee. Asked for again, the same intent. Confirm it with the client secret on the page, or with `confirm-payment`.',
    body: IntentInput,
    data: Intent,
    message: 'Payment intent created successfully',
    errors: ['NOT_FOUND', 'CONFLICT', 'SERVICE_UNAVAILABLE'],
    example: { body: { booking_id: 1 }, data: exampleIntent },
    run: (ctx, { body }) => createIntent(ctx, body.booking_id, isBuyer),
  })
  operation(app, {
    method: 'POST',
    path: '/payments/stripe/confirm-payment/',
    who: buyers,
    tag,
    keyed: 'business',
    summary: 'Confirm a payment with a payment method',
    description:
      'A declined card answers 402 with its `decline_code`. A card that asks for authentication answers 200 with the status `requires_action`: the page completes it with the client secret. Without `payment_method` the one that the intent has is used; in the sandbox that stands for the authentication.',
    body: ConfirmInput,
    data: Intent,
    message: (data) => ({
      message:
        data.status === 'succeeded'
          ? 'Payment confirmed successfully'
          : 'The payment is not complete yet; its status tells what is missing',
      params: {},
    }),
    errors: ['NOT_FOUND', 'CONFLICT', 'PAYMENT_FAILED', 'SERVICE_UNAVAILABLE'],
    example: {
      body: { payment_intent_id: 'pi_3Example', payment_method: 'pm_card_visa' },
      data: { ...exampleIntent, status: 'succeeded', payment: examplePayment },
    },
    run: (ctx, { body, wish }) => confirmPayment(ctx, body, wish),
  })
  operation(app, {
    method: 'POST',
    path: '/payments/stripe/refund/',
    who: 'any',
    tag,
    status: 201,
    keyed: 'business',
    summary: 'Give a payment back, all of it or a part',
    description:
      'For `payment_management`, and for the provider of the booking (or an admin of its organization). Without `amount` all that is left. `pending` until the gateway has done it.',
    body: RefundInput,
    data: Refund,
    message: 'Refund created successfully',
    errors: ['NOT_FOUND', 'CONFLICT', 'PERMISSION_DENIED'],
    example: { body: { payment_id: 1, amount: 50, reason: 'Came late' }, data: exampleRefund },
    run: (ctx, { body, wish }) => requestRefund(ctx, body, wish),
  })
  methodRoutes(app, needsMethod)
}

/** The saved payment methods of a customer. */
function methodRoutes(app: FastifyInstance, needsMethod: NeedsMethod): void {
  operation(app, {
    method: 'POST',
    path: '/payments/stripe/customers/',
    who: buyers,
    tag,
    keyed: 'business',
    summary: 'Make or fetch one’s customer at the gateway',
    body: Type.Object({}),
    data: Customer,
    message: 'Customer retrieved successfully',
    errors: ['CONFLICT', 'SERVICE_UNAVAILABLE'],
    example: { body: {}, data: { customer_id: 'cus_Example' } },
    run: (ctx) => getCustomer(ctx),
  })
  operation(app, {
    method: 'POST',
    path: '/payments/stripe/setup-intents/',
    who: buyers,
    tag,
    status: 201,
    keyed: 'business',
    summary: 'Save a payment method on the page of the client',
    description:
      'For a card that is to be charged while its holder is not there (a no-show fee): the page confirms the setup with the client secret, and the bank asks its holder now instead of declining later. In the sandbox save test cards with `payment-methods/`.',
    body: Type.Object({}),
    data: Setup,
    message: 'Payment method setup created successfully',
    errors: ['CONFLICT', 'SERVICE_UNAVAILABLE'],
    example: { body: {}, data: { setup_intent_id: 'seti_1Example', client_secret: 'seti_1Example_secret_word' } },
    run: (ctx, { wish }) => setUpMethod(ctx, wish),
  })
  list(app, {
    path: '/payments/stripe/payment-methods/',
    who: buyers,
    tag,
    summary: 'Saved payment methods',
    query: PageQuery,
    data: Method,
    message: 'Payment methods retrieved successfully',
    errors: ['CONFLICT', 'SERVICE_UNAVAILABLE'],
    example: { data: exampleMethod },
    run: (ctx, { query }) => listMethods(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/payments/stripe/payment-methods/',
    who: buyers,
    tag,
    status: 201,
    keyed: 'business',
    summary: 'Save a payment method',
    description: 'It is the default from now on: the one that a no-show fee is charged to.',
    body: MethodInput,
    data: Method,
    message: 'Payment method saved successfully',
    errors: ['CONFLICT', 'SERVICE_UNAVAILABLE'],
    example: { body: { payment_method: 'pm_card_visa' }, data: exampleMethod },
    run: (ctx, { body, wish }) => attachMethod(ctx, body.payment_method, wish),
  })
  operation(app, {
    method: 'POST',
    path: '/payments/stripe/payment-methods/{id}/default/',
    who: buyers,
    tag,
    keyed: 'business',
    summary: 'Choose the payment method that a no-show fee is charged to',
    params: MethodParams,
    body: Type.Object({}),
    data: Method,
    message: 'Payment method chosen successfully',
    errors: ['CONFLICT', 'SERVICE_UNAVAILABLE'],
    example: { body: {}, data: exampleMethod },
    run: (ctx, { params }) => chooseMethod(ctx, params.id),
  })
  operation(app, {
    method: 'DELETE',
    path: '/payments/stripe/payment-methods/{id}/',
    who: buyers,
    tag,
    keyed: 'business',
    summary: 'Forget a payment method',
    description:
      'The last one stays while a booking stands that needed a saved payment method for its no-show fee (409, `payment_method_needed`).',
    params: MethodParams,
    data: Nothing,
    message: 'Payment method removed successfully',
    errors: ['CONFLICT', 'SERVICE_UNAVAILABLE'],
    example: { data: null },
    run: (ctx, { params }) => detachMethod(ctx, params.id, needsMethod),
  })
}

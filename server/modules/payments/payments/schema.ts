import { Type, type Static } from 'typebox'
import { Id, Instant, Line, Nullable, OneOf, pageQuery, Text, Uuid } from '../../../platform/http/shapes.ts'
import { paymentStatuses } from './rules.ts'

export const Status = OneOf(paymentStatuses, { title: 'PaymentStatus' })
const GatewayId = Type.String({ minLength: 1, maxLength: 255, pattern: '^[A-Za-z0-9_]+$' })
const Amount = Type.Number({ minimum: 0, maximum: 1e13 })

const Purpose = OneOf(['booking', 'no_show_fee'], {
  title: 'PaymentPurpose',
  description: 'The booking itself, or what is owed for not having come to it.',
})

export const Payment = Type.Object(
  {
    id: Id,
    booking_id: Nullable(Id),
    purpose: Purpose,
    title: Type.String(),
    payer_id: Id,
    provider_id: Id,
    organization_id: Nullable(Uuid),
    amount: Type.Number(),
    refunded_amount: Type.Number(),
    currency: Type.String(),
    status: Status,
    payment_intent_id: Nullable(Type.String()),
    card: Nullable(Type.Object({ brand: Type.String(), last4: Type.String() })),
    failure_code: Nullable(Type.String()),
    decline_code: Nullable(Type.String()),
    disputed_amount: Type.Number(),
    paid_at: Nullable(Instant),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'Payment' },
)
export type PaymentView = Static<typeof Payment>

export const PaymentQuery = Type.Object({
  ...pageQuery,
  status: Type.Optional(Status),
  booking_id: Type.Optional(Id),
  purpose: Type.Optional(Purpose),
  organization_id: Type.Optional(Uuid),
  role: Type.Optional(
    OneOf(['customer', 'provider'], { description: 'Only those one has made, or only those one has been paid.' }),
  ),
})
export type PaymentQuery = Static<typeof PaymentQuery>

export const Intent = Type.Object(
  {
    payment_intent_id: Type.String(),
    client_secret: Nullable(Type.String()),
    amount: Type.Number(),
    currency: Type.String(),
    status: Status,
    payment: Payment,
  },
  { title: 'PaymentIntent' },
)
export type IntentView = Static<typeof Intent>

export const IntentInput = Type.Object({ booking_id: Id })
export const ConfirmInput = Type.Object({
  payment_intent_id: GatewayId,
  payment_method: Type.Optional(Nullable(GatewayId)),
})
export type ConfirmInput = Static<typeof ConfirmInput>

export const RefundInput = Type.Object({
  payment_id: Id,
  amount: Type.Optional(Nullable(Amount)),
  reason: Type.Optional(Text(500)),
})
export type RefundInput = Static<typeof RefundInput>

export const Refund = Type.Object(
  {
    id: Id,
    payment_id: Id,
    amount: Type.Number(),
    currency: Type.String(),
    status: OneOf(['pending', 'succeeded', 'failed'], { title: 'RefundStatus' }),
    reason: Nullable(Type.String()),
    created_at: Instant,
    payment: Payment,
  },
  { title: 'Refund' },
)
export type RefundView = Static<typeof Refund>

export const Customer = Type.Object({ customer_id: Type.String() }, { title: 'PaymentCustomer' })
export const Setup = Type.Object(
  { setup_intent_id: Type.String(), client_secret: Type.String() },
  { title: 'PaymentMethodSetup' },
)
export type SetupView = Static<typeof Setup>
export const Method = Type.Object(
  {
    id: Type.String(),
    type: Type.String(),
    is_default: Type.Boolean({ description: 'The one that a no-show fee is charged to.' }),
    card: Nullable(
      Type.Object({
        brand: Type.String(),
        last4: Type.String(),
        exp_month: Type.Integer(),
        exp_year: Type.Integer(),
      }),
    ),
  },
  { title: 'PaymentMethod' },
)
export type MethodView = Static<typeof Method>
export const MethodInput = Type.Object({ payment_method: GatewayId })
export const MethodParams = Type.Object({ id: Line(255, 1) })

export const examplePayment = {
  id: 1,
  booking_id: 1,
  purpose: 'booking',
  title: 'Web Development',
  payer_id: 3,
  provider_id: 2,
  organization_id: null,
  amount: 100,
  refunded_amount: 0,
  currency: 'USD',
  status: 'succeeded',
  payment_intent_id: 'pi_3Example',
  card: { brand: 'visa', last4: '4242' },
  failure_code: null,
  decline_code: null,
  disputed_amount: 0,
  paid_at: '2026-01-12T08:05:00Z',
  created_at: '2026-01-12T08:00:00Z',
  updated_at: '2026-01-12T08:05:00Z',
} satisfies PaymentView

export const exampleIntent = {
  payment_intent_id: 'pi_3Example',
  client_secret: 'pi_3Example_secret_word',
  amount: 100,
  currency: 'USD',
  status: 'requires_payment_method',
  payment: { ...examplePayment, status: 'requires_payment_method', card: null, paid_at: null },
} satisfies IntentView

export const exampleRefund = {
  id: 1,
  payment_id: 1,
  amount: 50,
  currency: 'USD',
  status: 'succeeded',
  reason: 'Came late',
  created_at: '2026-01-13T08:00:00Z',
  payment: { ...examplePayment, status: 'partially_refunded', refunded_amount: 50 },
} satisfies RefundView

export const exampleMethod = {
  id: 'pm_1Example',
  type: 'card',
  is_default: true,
  card: { brand: 'visa', last4: '4242', exp_month: 12, exp_year: 2029 },
} satisfies MethodView

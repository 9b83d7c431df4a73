import { randomBytes } from 'node:crypto'
import type { Db } from '../../../platform/db/database.ts'
import { testCards, type TestCard } from './cards.ts'
import {
  GatewayRefusal,
  type GatewayRefund,
  type Intent,
  type Metadata,
  type NewIntent,
  type PaymentMethod,
  type Transfer,
} from './gateway.ts'

/** What the sandbox keeps, and how its intents answer to cards. */

/** What the sandbox keeps of each kind of thing. */
export type Kept = {
  intent: Intent & { customerId: string | null; card_name: string | null; description: string }
  refund: GatewayRefund
  customer: { email: string; name: string; metadata: Metadata }
  method: PaymentMethod & { card_name: string }
  transfer: Transfer & { destination: string; metadata: Metadata }
}
export type Kind = keyof Kept

export const newId = (prefix: string): string =>
  `${prefix}_${randomBytes(18).toString('base64url').replaceAll(/[-_]/g, '0')}`
export const missing = (kind: string, id: string): GatewayRefusal =>
  new GatewayRefusal('resource_missing', `No such ${kind}: '${id}'`, kind)
export const unexpected = (intent: Intent, verb: string): GatewayRefusal =>
  new GatewayRefusal(
    'payment_intent_unexpected_state',
    `You cannot ${verb} this PaymentIntent because it has a status of ${intent.status}.`,
  )

/** One thing under its lock. @throws GatewayRefusal when there is none of that kind */
export const find = async <K extends Kind>(tx: Db, kind: K, id: string): Promise<Kept[K]> => {
  const row = await tx
    .selectFrom('sandbox_objects')
    .where('id', '=', id)
    .where('kind', '=', kind)
    .select('data')
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw missing(kind, id)
  return row.data as Kept[K]
}

export const put = async <K extends Kind>(tx: Db, id: string, data: Kept[K]): Promise<Kept[K]> => {
  await tx
    .updateTable('sandbox_objects')
    .set({ data: JSON.stringify(data) })
    .where('id', '=', id)
    .execute()
  return data
}

export const create = ({ amountMinor, currency, customerId, description, metadata }: NewIntent): Kept['intent'] => {
  const id = newId('pi')
  return {
    id,
    clientSecret: `${id}_secret_${randomBytes(12).toString('hex')}`,
    status: 'requires_payment_method',
    amountMinor,
    receivedMinor: 0,
    currency,
    card: null,
    error: null,
    metadata,
    customerId,
    card_name: null,
    description,
  }
}

export const cardOf = async (tx: Db, id: string, customerId: string | null): Promise<[string, TestCard]> => {
  if (Object.hasOwn(testCards, id)) return [id, testCards[id]!]
  const method = await find(tx, 'method', id).catch(() => {
    throw missing('payment_method', id)
  })
  if (method.customerId !== null && method.customerId !== customerId)
    throw new GatewayRefusal(
      'payment_method_unexpected_state',
      'This payment method belongs to another customer.',
      'payment_method',
    )
  return [method.card_name, testCards[method.card_name]!]
}

/** Without a payment method an intent that asks for authentication is taken as authenticated: nobody else can stand in for the bank's page here. */
export const confirm = async (tx: Db, intent: Kept['intent'], given: string | null): Promise<Kept['intent']> => {
  if (intent.status === 'succeeded' || intent.status === 'canceled') throw unexpected(intent, 'confirm')
  const authenticated = given === null && intent.status === 'requires_action'
  const wanted = given ?? intent.card_name
  if (wanted === null)
    throw new GatewayRefusal(
      'payment_intent_unexpected_state',
      'A payment method is needed to confirm.',
      'payment_method',
    )
  const [card_name, { failure, authentication, brand, last4 }] = await cardOf(tx, wanted, intent.customerId)
  const card = { brand, last4 }
  if (failure) return { ...intent, status: 'requires_payment_method', card_name: null, card, error: failure }
  if (authentication && !authenticated) return { ...intent, status: 'requires_action', card_name, card, error: null }
  return { ...intent, status: 'succeeded', card_name, card, error: null, receivedMinor: intent.amountMinor }
}

const authenticationRequired = {
  code: 'authentication_required',
  declineCode: 'authentication_required',
  message: 'The card was declined, because it asks for authentication.',
}

/** Off session: by a method that is saved with the customer of the intent, and where the bank asks for them, declined. */
export const charge = async (tx: Db, intent: Kept['intent'], methodId: string): Promise<Kept['intent']> => {
  const method = await find(tx, 'method', methodId).catch(() => {
    throw missing('payment_method', methodId)
  })
  if (method.customerId === null || method.customerId !== intent.customerId) throw missing('payment_method', methodId)
  const told = await confirm(tx, intent, methodId)
  return told.status === 'requires_action'
    ? { ...told, status: 'requires_payment_method', card_name: null, error: authenticationRequired }
    : told
}

import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from '../../../platform/db/database.ts'
import type { House } from '../../../platform/house.ts'
import { GatewayRefusal, type GatewayRefund, type Movement, type PaymentGateway } from './gateway.ts'
import {
  cardOf,
  charge,
  confirm,
  create,
  find,
  missing,
  newId,
  put,
  unexpected,
  type Kept,
  type Kind,
} from './sandbox-intents.ts'

/**
 * The built-in gateway: answers like Stripe's test mode, its test cards included, and keeps its own books in its own tables and transactions, so that everything
 * can be tried offline and what a lost answer leads to can be tested. Production does not have it.
 */
export function createSandbox(house: House): PaymentGateway {
  if (house.config.ENVIRONMENT === 'production') throw new Error('the sandbox refuses to run in production')
  const { db, clock } = house

  const list = async <K extends Kind>(kind: K, parent?: string): Promise<Kept[K][]> => {
    let rows = db
      .selectFrom('sandbox_objects')
      .where('kind', '=', kind)
      .select('data')
      .orderBy('created_at')
      .orderBy('id')
    if (parent !== undefined) rows = rows.where('parent', '=', parent)
    return (await rows.execute()).map((row) => row.data as Kept[K])
  }
  const add = async <K extends Kind>(tx: Db, kind: K, id: string, data: Kept[K], parent: string | null = null) => {
    const row = { id, kind, parent, data: JSON.stringify(data), created_at: clock() }
    await tx.insertInto('sandbox_objects').values(row).execute()
    return data
  }
  /** The same key answers what it answered at first; with another request it is refused, as Stripe does. */
  const once = <T extends object>(key: string, request: unknown, work: (tx: Db) => Promise<T>): Promise<T> =>
    db.transaction().execute(async (tx) => {
      await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`sandbox:${key}`}, 0))`.execute(tx)
      const hash = createHash('sha256').update(JSON.stringify(request)).digest('hex')
      const known = await tx
        .selectFrom('sandbox_answers')
        .select(['request_hash', 'answer'])
        .where('key', '=', key)
        .executeTakeFirst()
      if (known && known.request_hash !== hash)
        throw new GatewayRefusal(
          'idempotency_error',
          'Keys for idempotent requests can only be used with the same parameters.',
        )
      if (known) return known.answer as T
      const answer = await work(tx)
      const row = { key, request_hash: hash, answer: JSON.stringify(answer), created_at: clock() }
      await tx.insertInto('sandbox_answers').values(row).execute()
      return answer
    })

  return {
    name: 'sandbox',
    createIntent: (wanted, key) =>
      once(key, wanted, (tx) => {
        const intent = create(wanted)
        return add(tx, 'intent', intent.id, intent)
      }),
    confirmIntent: (id, paymentMethod, key) =>
      once(key, { id, paymentMethod }, async (tx) =>
        put<'intent'>(tx, id, await confirm(tx, await find(tx, 'intent', id), paymentMethod)),
      ),
    chargeIntent: (id, paymentMethod, key) =>
      once(key, { id, paymentMethod, charge: true }, async (tx) =>
        put<'intent'>(tx, id, await charge(tx, await find(tx, 'intent', id), paymentMethod)),
      ),
    retrieveIntent: (id) => find(db, 'intent', id),
    cancelIntent: (id, key) =>
      once(key, { id, cancel: true }, async (tx) => {
        const intent = await find(tx, 'intent', id)
        if (intent.status === 'succeeded' || intent.status === 'canceled') throw unexpected(intent, 'cancel')
        return put<'intent'>(tx, id, { ...intent, status: 'canceled' })
      }),
    refund: (wanted, key) =>
      once(key, wanted, async (tx) => {
        const { intentId, amountMinor, currency, metadata } = wanted
        const intent = await find(tx, 'intent', intentId)
        const before = (
          await tx
            .selectFrom('sandbox_objects')
            .where('parent', '=', intentId)
            .where('kind', '=', 'refund')
            .select('data')
            .execute()
        ).map(({ data }) => (data as GatewayRefund).amountMinor)
        const left = intent.receivedMinor - before.reduce((sum, one) => sum + one, 0)
        if (left === 0) throw new GatewayRefusal('charge_already_refunded', 'The charge has already been refunded.')
        if (amountMinor > left)
          throw new GatewayRefusal(
            'amount_too_large',
            'The refund is greater than the unrefunded amount of the charge.',
            'amount',
          )
        const id = newId('re')
        return add(
          tx,
          'refund',
          id,
          { id, intentId, amountMinor, currency, status: 'succeeded', failureCode: null, metadata },
          intentId,
        )
      }),
    listRefunds: (intentId) => list('refund', intentId),
    createCustomer: async (wanted, key) => {
      const made = await once(key, wanted, async (tx) => {
        const id = newId('cus')
        await add(tx, 'customer', id, wanted)
        return { id }
      })
      return made.id
    },
    createSetup: (customerId, key) =>
      once(key, { customerId, setup: true }, async (tx) => {
        await find(tx, 'customer', customerId)
        const id = newId('seti')
        return { id, clientSecret: `${id}_secret_${randomBytes(12).toString('hex')}` }
      }),
    listPaymentMethods: async (customerId) => (await list('method', customerId)).toReversed(),
    attachPaymentMethod: (given, customerId, key) =>
      once(key, { given, customerId }, async (tx) => {
        await find(tx, 'customer', customerId)
        const [card_name, { brand, last4 }] = await cardOf(tx, given, customerId)
        const expYear = clock().toZonedDateTimeISO('UTC').year + 3
        const id = newId('pm')
        const card = { brand, last4, expMonth: 12, expYear }
        return add(tx, 'method', id, { id, type: 'card', customerId, card, card_name }, customerId)
      }),
    detachPaymentMethod: (id, key) =>
      once(key, { id, detach: true }, async (tx) => {
        const method = { ...(await find(tx, 'method', id)), customerId: null }
        await tx
          .updateTable('sandbox_objects')
          .set({ parent: null, data: JSON.stringify(method) })
          .where('id', '=', id)
          .execute()
        return method
      }),
    transfer: (wanted, key) =>
      once(key, wanted, (tx) => {
        if (!wanted.destination.startsWith('acct_')) throw missing('destination', wanted.destination)
        const id = newId('tr')
        return add(tx, 'transfer', id, { id, reversedMinor: 0, ...wanted })
      }),
    reverseTransfer: (id, amountMinor, _currency, _metadata, key) =>
      once(key, { id, amountMinor }, async (tx) => {
        const transfer = await find(tx, 'transfer', id)
        const reversedMinor = transfer.reversedMinor + amountMinor
        if (reversedMinor > transfer.amountMinor)
          throw new GatewayRefusal(
            'amount_too_large',
            'The reversal is greater than what is left of the transfer.',
            'amount',
          )
        return put<'transfer'>(tx, id, { ...transfer, reversedMinor })
      }),
    listMovements: async (since) => {
      const rows = await db
        .selectFrom('sandbox_objects')
        .where('created_at', '>=', since)
        .select(['id', 'kind', 'data'])
        .orderBy('created_at')
        .orderBy('id')
        .execute()
      return rows.flatMap(({ id, kind, data }) => movementsOf(id, kind, data))
    },
  }
}

function movementsOf(id: string, kind: string, data: unknown): Movement[] {
  const move = (of: Movement['kind'], amountMinor: number, currency: string): Movement[] =>
    amountMinor === 0 ? [] : [{ id, kind: of, amountMinor, currency, sourceId: id }]
  if (kind === 'intent') {
    const { receivedMinor, currency } = data as Kept['intent']
    return move('charge', receivedMinor, currency)
  }
  if (kind === 'refund') {
    const { amountMinor, currency } = data as Kept['refund']
    return move('refund', -amountMinor, currency)
  }
  if (kind !== 'transfer') return []
  const { amountMinor, reversedMinor, currency } = data as Kept['transfer']
  return move('transfer', reversedMinor - amountMinor, currency)
}

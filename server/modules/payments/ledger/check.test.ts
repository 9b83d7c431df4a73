import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql, type RawBuilder } from 'kysely'
import { openHouse } from '../../../../test/support.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { checkLedger } from './check.ts'
import { ledgerCommands } from './commands.ts'
import { sell } from './earnings.fixture.ts'
import { postRefund } from './index.ts'
import { compare } from './reconcile.ts'

const house = await openHouse()
const provider = await house.person('provider')
const accountant = await house.person('super_admin')
const seller = { providerId: provider.id }
const { paymentId } = await sell(house, { seller, amountMinor: 20_000, feeMinor: 2000 })
const { id: refundId } = await house.house.db
  .insertInto('refunds')
  .values({
    payment_id: paymentId,
    amount_minor: 1000,
    fee_minor: 100,
    status: 'succeeded',
    cause: 'request',
    created_at: house.ctx().now,
    updated_at: house.ctx().now,
  })
  .returning('id')
  .executeTakeFirstOrThrow()
await inTransaction(house.ctx(), (ctx) =>
  postRefund(ctx, { refundId, paymentId, seller, amountMinor: 1000, feeMinor: 100, currency: 'USD' }),
)
const withdrawals: number[] = []
for (const _ of [1, 2, 3, 4])
  withdrawals.push(
    (await house.call('POST', '/api/v1/withdrawals/', { token: provider.token, json: { amount: 10 } })).body['data'].id,
  )
const decide = (id: number, json: unknown) =>
  house.call('PUT', `/api/v1/withdrawals/${id}/`, { token: accountant.token, json })
await decide(withdrawals[0]!, { status: 'approved' })
await decide(withdrawals[0]!, { status: 'paid', reference: 'SEPA' })
await decide(withdrawals[1]!, { status: 'rejected' })
await house.call('DELETE', `/api/v1/withdrawals/${withdrawals[2]}/`, { token: provider.token })

const undo = new Error('undo')
/** What the check finds after a crime, which is undone again. The triggers are off for it, as for a criminal with the keys to the server. */
async function after(crime: RawBuilder<unknown>): Promise<string[]> {
  let found: string[] = []
  await inTransaction(house.ctx(), async (ctx) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(ctx.db)
    await crime.execute(ctx.db)
    found = (await checkLedger(ctx)).flatMap(({ differences }) => differences)
    throw undo
  }).catch((error: unknown) => {
    if (error !== undo) throw error
  })
  return found
}

test('Books that nobody has touched are proved', async () => {
  const lines = await ledgerCommands['ledger']!.run(house.ctx(), { positionals: ['check'], options: {} })

  assert.equal(lines.at(-1), 'The books balance.')
})

const first = sql.lit(withdrawals[0]!)
const crimes: [what: string, crime: RawBuilder<unknown>, named: RegExp][] = [
  [
    'an entry is changed',
    sql`UPDATE ledger_entries SET amount_minor = amount_minor + 1 WHERE id = (SELECT min(id) FROM ledger_entries)`,
    /charge:\d+: its entries come to 1/,
  ],
  [
    'an entry is deleted',
    sql`DELETE FROM ledger_entries WHERE id = (SELECT max(id) FROM ledger_entries)`,
    /entries come to/,
  ],
  [
    'a whole transaction is deleted',
    sql`WITH gone AS (DELETE FROM ledger_transactions WHERE reference LIKE 'refund:%' RETURNING id)
      DELETE FROM ledger_entries WHERE transaction_id IN (SELECT id FROM gone)`,
    /refund \d+: it succeeded and is not posted/,
  ],
  [
    'a transaction balances with the wrong sums',
    sql`UPDATE ledger_entries SET amount_minor = amount_minor * 2`,
    /the entries are not those of a charge of 20000/,
  ],
  [
    'a balance is changed',
    sql`UPDATE ledger_entries SET balance_minor = balance_minor - 5000 WHERE balance_minor IS NOT NULL`,
    /provider:\d+ USD: after entry \d+ the balance is -23000, the entries come to -18000/,
  ],
  [
    'earnings are changed',
    sql`UPDATE ledger_earnings SET net_minor = 1`,
    /its earnings are 1, the entries leave 17100/,
  ],
  ['earnings are released early', sql`DELETE FROM ledger_releases`, /its booking says infinity/],
  [
    'a payment is made up',
    sql`INSERT INTO payments (payable_id, payer_id, provider_id, amount_minor, fee_minor, currency, status, gateway, created_at, updated_at)
      SELECT payable_id, payer_id, provider_id, 5, 0, currency, 'succeeded', gateway, created_at, updated_at FROM payments`,
    /it succeeded, and there is no charge/,
  ],
  [
    'a payment is forgotten',
    sql`UPDATE payments SET status = 'failed'`,
    /there is a charge, but no such payment that succeeded/,
  ],
  ['a payment’s fee is changed', sql`UPDATE payments SET fee_minor = 0`, /another sum, currency or seller/],
  ['a refund failed and nobody noticed', sql`UPDATE refunds SET status = 'failed'`, /it is failed and posted/],
  ['a refund is of another sum', sql`UPDATE refunds SET amount_minor = 999`, /another sum or payment/],
  [
    'a dispute is not posted',
    sql`INSERT INTO disputes (id, payment_id, amount_minor, status, created_at, updated_at)
      SELECT 'dp_1', id, 5, 'needs_response', created_at, created_at FROM payments`,
    /dispute dp_1: it holds money back and is not posted/,
  ],
  [
    'a withdrawal is marked as paid',
    sql`UPDATE withdrawals SET status = 'paid', reference = 'x', paid_at = created_at WHERE status = 'pending'`,
    /it is paid, and the payout says otherwise/,
  ],
  [
    'a cancelled withdrawal is revived',
    sql`UPDATE withdrawals SET status = 'pending' WHERE status = 'cancelled'`,
    /what was set aside says otherwise/,
  ],
  ['a withdrawal grows', sql`UPDATE withdrawals SET amount_minor = 1001 WHERE id = ${first}`, /another sum/],
  ['a withdrawal vanishes', sql`DELETE FROM withdrawals WHERE id = ${first}`, /there is no such withdrawal/],
  [
    'a return is made up',
    sql`INSERT INTO transfer_returns (withdrawal_id, amount_minor, status, created_at, updated_at)
      SELECT id, 5, 'done', created_at, created_at FROM withdrawals WHERE id = ${first}`,
    /transfer return \d+: it is done and not posted/,
  ],
]
for (const [what, crime, named] of crimes) {
  test(`The check names it when ${what}`, async () => {
    const found = await after(crime)

    assert.match(found.join('\n'), named)
  })
}

test('The console ends with an error that names each difference', async () => {
  await house.house.db.updateTable('payments').set({ fee_minor: 0 }).where('id', '=', paymentId).execute()

  const checked = ledgerCommands['ledger-check']!.run(house.ctx(), { positionals: [], options: {} })

  await assert.rejects(checked, {
    code: 'CONFLICT',
    details: [{ message: `payment ${paymentId}: the charge is of another sum, currency or seller` }],
  })
  await house.house.db.updateTable('payments').set({ fee_minor: 2000 }).where('id', '=', paymentId).execute()
})

const charge = { source: 'pi_1', what: 'charge:1', kind: 'charge', currency: 'USD', amount: 100, returned: 0 }
const payout = { source: 'tr_1', what: 'payout:1', kind: 'payout', currency: 'USD', amount: -80, returned: 30 }
const moved = (sourceId: string, kind: 'charge' | 'refund' | 'transfer' | 'other', amountMinor: number) => ({
  id: `txn_${sourceId}_${amountMinor}`,
  sourceId,
  kind,
  amountMinor,
  currency: 'USD',
})

test('The reconciliation is silent where books and gateway agree, however the gateway counts what came back', () => {
  const stripe = [moved('pi_1', 'charge', 100), moved('tr_1', 'transfer', -80), moved('trr_1', 'transfer', 30)]
  const sandbox = [moved('pi_1', 'charge', 100), moved('tr_1', 'transfer', -50)]
  const ended = [moved('re_1', 'refund', -5), moved('re_1', 'refund', 5), moved('fee', 'other', -3)]

  assert.deepEqual(compare([...stripe, ...ended], [charge, payout]), [])
  assert.deepEqual(compare(sandbox, [charge, payout]), [])
})

test('The reconciliation names what only one of them knows, and where the sums differ', () => {
  const differences = [
    compare([], [charge]),
    compare([moved('pi_1', 'charge', 100)], []),
    compare([moved('pi_1', 'charge', 90)], [charge]),
    compare([{ ...moved('pi_1', 'charge', 100), currency: 'EUR' }], [charge]),
    compare([moved('tr_1', 'transfer', -80), moved('trr_1', 'transfer', 29)], [payout]),
    compare([moved('tr_1', 'transfer', -70)], [payout]),
  ]

  assert.deepEqual(
    differences.map((each) => each.length),
    [1, 1, 1, 1, 1, 1],
  )
  assert.match(differences[0]![0]!, /charge:1 \(pi_1\): the books say 100 USD, the gateway 0/)
})

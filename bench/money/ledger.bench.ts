import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import { createApp } from '../../server/app.ts'
import { createAccount } from '../../server/modules/accounts/index.ts'
import { balanceOf, findSellerAccount, statementOf } from '../../server/modules/payments/ledger/index.ts'
import { requestWithdrawal } from '../../server/modules/payments/withdrawals/service.ts'
import type { Actor, Context } from '../../server/platform/context.ts'
import { createLogger } from '../../server/platform/log.ts'
import { createDatabase } from '../../test/postgres.ts'
import { benchConfig, benchNow } from '../http/settings.ts'
import { cpuOfProcess } from '../http/replay.ts'
import type { Bench, Remote } from '../run.ts'

/** A million entries: a third of them are one seller's, of which 3,000 cannot be withdrawn yet. */
const charges = 333_334
const pending = 3000

type House = { ctx: Context; providerId: number; accountId: number; of: (run: () => Promise<unknown>) => Remote }
let house: Promise<House> | undefined
const ends: (() => Promise<unknown>)[] = []

async function open(): Promise<House> {
  const database = await createDatabase()
  const dataDir = mkdtempSync(path.join(tmpdir(), 'banister-bench-money-'))
  const app = await createApp({
    config: benchConfig(dataDir),
    databaseUrl: database.url,
    log: createLogger('silent', false),
    clock: () => benchNow,
  })
  await app.house.jobs.start(false)
  ends.push(app.stop, database.drop, async () => rmSync(dataDir, { recursive: true, force: true }))
  const anybody = app.contextFor('bench')
  const person = { password: 'password123', first_name: 'Jane', last_name: 'Smith', phone: '(555) 123-4567' }
  const made = await createAccount(anybody, { ...person, email: 'bench@example.com', role: 'provider' })
  const providerId = made.id
  await fill(anybody, providerId)
  const actor = { userId: providerId, role: 'provider', permissions: new Set(), locale: null, timeZone: 'UTC' }
  const ctx: Context = { ...anybody, actor: actor as unknown as Actor }
  const account = await findSellerAccount(ctx, { providerId }, 'USD')
  const cpu = async (): Promise<number> => {
    const { rows } = await sql<{
      pid: number
    }>`SELECT pid FROM pg_stat_activity WHERE datname = current_database()`.execute(ctx.db)
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000 + rows.reduce((sum, { pid }) => sum + cpuOfProcess(pid), 0)
  }
  return { ctx, providerId, accountId: account!.id, of: (run) => ({ run, cpu }) }
}

/** The same rows as posting makes, in three statements. */
async function fill({ db }: Context, providerId: number): Promise<void> {
  const now = benchNow.toString()
  await db.transaction().execute(async (tx) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(tx)
    await sql`SET LOCAL statement_timeout = 0`.execute(tx)
    await sql`INSERT INTO ledger_accounts (kind, seller, provider_id, currency, created_at) VALUES ('gateway', '', NULL, 'USD', ${now}),
      ('platform_fee', '', NULL, 'USD', ${now}), ('payouts', '', NULL, 'USD', ${now}),
      ('seller', 'provider:' || ${providerId}::text, ${providerId}, 'USD', ${now})`.execute(tx)
    await sql`INSERT INTO ledger_transactions (reference, kind, currency, amount_minor, fee_minor, payment_id, at)
      SELECT 'charge:' || i, 'charge', 'USD', 10000, 1000, i, ${now} FROM generate_series(1, ${sql.lit(charges)}) i`.execute(
      tx,
    )
    await sql`INSERT INTO ledger_entries (transaction_id, account_id, amount_minor, balance_minor)
      SELECT t.id, a.id, e.amount, CASE WHEN e.kind = 'seller' THEN -9000 * t.payment_id END FROM ledger_transactions t
      CROSS JOIN (VALUES ('gateway', 10000), ('platform_fee', -1000), ('seller', -9000)) e(kind, amount)
      JOIN ledger_accounts a ON a.kind = e.kind ORDER BY t.id`.execute(tx)
    await sql`INSERT INTO ledger_earnings (payment_id, account_id, booking_id, net_minor, available_at)
      SELECT i, (SELECT id FROM ledger_accounts WHERE kind = 'seller'), i, 9000,
        CASE WHEN i > ${sql.lit(charges - pending)} THEN 'infinity' ELSE ${now}::timestamptz END
      FROM generate_series(1, ${sql.lit(charges)}) i`.execute(tx)
    await sql`INSERT INTO ledger_turns (account_id) SELECT id FROM ledger_accounts WHERE kind = 'seller'`.execute(tx)
    await sql`CREATE TABLE bench_rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, amount bigint NOT NULL)`.execute(
      tx,
    )
  })
  for (const table of ['ledger_transactions', 'ledger_entries', 'ledger_earnings'])
    await sql`VACUUM ANALYZE ${sql.table(table)}`.execute(db)
}

const sum = ({ ctx, accountId }: House) =>
  sql`SELECT sum(amount_minor) FROM ledger_entries WHERE account_id = ${accountId}`.execute(ctx.db)
const far = ({ ctx, accountId }: House) =>
  sql`SELECT e.*, t.* FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id WHERE e.account_id = ${accountId}
    ORDER BY e.id DESC LIMIT 20 OFFSET 166000`.execute(ctx.db)
/** The least that a withdrawal can be: a turn and a row, in one transaction. */
const least = ({ ctx, accountId }: House) =>
  ctx.db.transaction().execute(async (tx) => {
    await sql`UPDATE ledger_turns SET turns = turns + 1 WHERE account_id = ${accountId}`.execute(tx)
    await sql`INSERT INTO bench_rows (amount) VALUES (${1})`.execute(tx)
  })
const hundred = (run: () => Promise<unknown>): Promise<unknown> => Promise.all(Array.from({ length: 100 }, run))

const bench: Bench = {
  name: 'money',
  rows: [
    {
      name: 'balance of a seller, 1,000,000 entries',
      base: 'the sum of the entries',
      limits: { Banister: 0.05 },
      prepare: async () => {
        const made = await (house ??= open())
        return {
          'the sum of the entries': made.of(() => sum(made)),
          Banister: made.of(() => balanceOf(made.ctx, { providerId: made.providerId }, 'USD')),
        }
      },
    },
    {
      name: 'statement of a seller, 20 entries in the middle of 333,334',
      base: 'the same by OFFSET',
      limits: { Banister: 0.1 },
      prepare: async () => {
        const made = await (house ??= open())
        const before = { before: 500_000 }
        return {
          'the same by OFFSET': made.of(() => far(made)),
          Banister: made.of(() => statementOf(made.ctx, made.accountId, before)),
        }
      },
    },
    {
      name: '100 withdrawals at once of a seller with 333,334 entries',
      base: 'a turn and a row, 100 at once',
      repeats: 2,
      limits: { Banister: 14 },
      prepare: async () => {
        const made = await (house ??= open())
        return {
          'a turn and a row, 100 at once': made.of(() => hundred(() => least(made))),
          Banister: made.of(() => hundred(() => requestWithdrawal(made.ctx, { amount: 0.01 }))),
        }
      },
    },
  ],
  end: async () => {
    for (const end of ends.splice(0)) await end()
  },
}

export default bench

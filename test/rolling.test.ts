import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { Client } from 'pg'
import { inTransaction } from '../server/platform/db/transaction.ts'
import { openShop, pay, show } from '../server/modules/payments/support.fixture.ts'
import { databaseOf } from './platform.ts'
import { openHouse } from './support.ts'

const house = await openHouse()
const { customer, service } = await openShop(house)

/** What the newer version does to our tables when it starts beside us. */
async function migrated(...tables: string[]): Promise<void> {
  const client = new Client({ connectionString: databaseOf(house) })
  await client.connect()
  for (const table of tables) await client.query(`ALTER TABLE ${table} ADD COLUMN added_${added++} integer`)
  await client.end()
}
let added = 0
const readGrown = () => sql<object>`SELECT * FROM grown_0 WHERE id = ${2}`.execute(house.house.db)
/** All connections of the pool have prepared what the work asks. */
const warm = (work: () => Promise<unknown>): Promise<unknown> => Promise.all(Array.from({ length: 24 }, work))

test('An older node goes on reading after a newer one has added columns', async () => {
  const paid = await pay(house, customer, service, '2026-01-14T09:00:00Z')
  const read = (): Promise<unknown> => show(house, customer, `payments/${paid.payment}/`)
  await warm(read)

  await migrated('payments', 'payables')
  const again = await warm(read)

  assert.equal((again as { id: number }[]).filter(({ id }) => id === paid.payment).length, 24)
})

test('An older node goes on writing: all of a payment and what follows it, through every table that has grown', async () => {
  await pay(house, customer, service, '2026-01-14T10:00:00Z')

  await migrated('payments', 'payables', 'gateway_operations', 'ledger_transactions', 'refunds', 'bookings', 'users')
  const { payment } = await pay(house, customer, service, '2026-01-14T11:00:00Z')

  assert.equal((await show(house, customer, `payments/${payment}/`)).status, 'succeeded')
})

test('A transaction that meets more changed tables than it may be tried again still ends, and leaves its work once', async () => {
  const tables = Array.from({ length: 7 }, (_, i) => `grown_${i}`)
  for (const table of tables) await sql`CREATE TABLE ${sql.table(table)} (id integer)`.execute(house.house.db)
  let runs = 0
  const put = (id: number): Promise<void> =>
    inTransaction(house.ctx(), async ({ db }) => {
      runs++
      for (const table of tables) {
        await sql`SELECT * FROM ${sql.table(table)} WHERE id = ${id}`.execute(db)
        await sql`INSERT INTO ${sql.table(table)} (id) VALUES (${id}) RETURNING *`.execute(db)
      }
    })
  await warm(() => put(1))

  await migrated(...tables)
  runs = 0
  await put(2)

  assert.equal(runs, 2)
  for (const table of tables) {
    const { rows } = await sql`SELECT id FROM ${sql.table(table)} WHERE id = ${2}`.execute(house.house.db)
    assert.equal(rows.length, 1)
  }
})

test('What is shown after the change has the new column too: the words for the rows are asked for anew', async () => {
  await warm(readGrown)

  await migrated('grown_0')
  const row = (await readGrown()).rows[0]

  assert.equal(Object.keys(row!).length, 3)
})

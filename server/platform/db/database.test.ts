import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { Client } from 'pg'
import { Type } from 'typebox'
import { databaseOf, serverWith } from '../../../test/platform.ts'
import { createDatabase } from '../../../test/postgres.ts'
import { openHouse } from '../../../test/support.ts'
import { operation } from '../http/operation.ts'
import { createDatabase as databaseOn, createPool } from './database.ts'
import { describeDatabase } from './generate.ts'
import { listMigrations, migrate } from './migrate.ts'

const house = await openHouse()
const { db, log } = house.house
const { call } = await serverWith(house, (app) =>
  operation(app, {
    method: 'GET',
    path: '/slow/',
    who: 'public',
    tag: 'Test',
    summary: 'Slow',
    data: Type.Object({}),
    message: 'Done',
    run: async (ctx) => {
      await sql`SELECT pg_sleep(30)`.execute(ctx.db)
      return {}
    },
  }),
)
const read = (name: string): string => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')
async function onDatabase(url: string, ...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  for (const statement of statements) await client.query(statement)
  await client.end()
}
/** What an administrator, or a server that restarts, does to us. */
const hangUp = (): Promise<void> =>
  onDatabase(
    databaseOf(house),
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  )

test('Two processes that start at once on an empty database make it once', async (t) => {
  const empty = await createDatabase()
  t.after(empty.drop)
  await onDatabase(empty.url, 'DROP SCHEMA public CASCADE', 'DROP SCHEMA pgboss CASCADE', 'CREATE SCHEMA public')

  const applied = await Promise.all([migrate(empty.url), migrate(empty.url)])
  const again = await migrate(empty.url)

  const names = listMigrations().map(({ name }) => name)
  assert.deepEqual(
    applied.toSorted((a, b) => a.length - b.length),
    [[], names],
  )
  assert.deepEqual(again, [])
})

test('A migration that was changed after it had been applied, and a database of a newer version, are refused', async (t) => {
  const changed = await createDatabase()
  t.after(changed.drop)
  const newer = await createDatabase()
  t.after(newer.drop)
  await onDatabase(changed.url, `UPDATE migrations SET hash = 'other' WHERE name = '0001_platform.sql'`)
  await onDatabase(newer.url, `INSERT INTO migrations (name, hash) VALUES ('9999_future.sql', 'x')`)

  await assert.rejects(migrate(changed.url), /0001_platform\.sql was changed after it had been applied/)
  await assert.rejects(migrate(newer.url), /newer than this version: it has 9999_future\.sql/)
})

test('db/schema.sql and the types of the tables are those that the migrations make', async () => {
  const made = await describeDatabase(databaseOf(house))
  assert.equal(made.schema, read('db/schema.sql'))
  assert.equal(made.types, read('server/platform/db/tables.generated.ts'))
})

test('When the server hangs up on us, the next requests find it again', async () => {
  await hangUp()
  await sleep(100)

  const answers = await Promise.all(
    Array.from({ length: 10 }, () => house.call('GET', '/api/v1/auth/me/', { token: 'x' })),
  )
  const health = await house.call('GET', '/api/v1/health/')

  assert.ok(answers.every(({ status }) => status === 401))
  assert.equal(health.body['data'].dependencies.database.status, 'ok')
})

/** Has the slow request reached the database? */
const isAsleep = async (): Promise<boolean> =>
  (
    await house.house.pool.query(
      "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()",
    )
  ).rows.length > 0

test('A request that was under way when the server hung up is told to come back', async () => {
  const underWay = call('GET', '/api/v1/slow/')
  while (!(await isAsleep())) await sleep(5)
  await hangUp()

  const answer = await underWay

  assert.deepEqual(
    [answer.status, answer.body['error'].error_number, answer.headers['retry-after']],
    [503, 'SERVICE_UNAVAILABLE', '5'],
  )
})

test('Messages between nodes go on after the connection was lost, and whoever hears is told of the gap', async () => {
  const { realtime } = house.house
  const heard: unknown[] = []
  const gaps: string[] = []
  await realtime.start()
  const unsubscribe = realtime.subscribe('test', (message) => heard.push(message))
  realtime.onGap(() => gaps.push('gap'))

  await realtime.broadcast(house.ctx(), 'test', { n: 1 })
  await hangUp()
  for (let i = 0; i < 300 && gaps.length === 0; i++) await sleep(50)
  await realtime.broadcast(house.ctx(), 'test', { n: 2 })
  for (let i = 0; i < 500 && heard.length < 2; i++) await sleep(20)
  unsubscribe()
  await realtime.broadcast(house.ctx(), 'test', { n: 3 })
  await sleep(100)

  assert.deepEqual([heard, gaps], [[{ n: 1 }, { n: 2 }], ['gap']])
})

test('Statements with values are prepared under a name, and values keep their kinds', async () => {
  const instant = Temporal.Instant.from('2026-03-29T01:30:00.123456Z')
  const { rows } = await sql<{ i: Temporal.Instant; d: Temporal.PlainDate; n: number }>`
    SELECT ${instant}::timestamptz AS i, ${Temporal.PlainDate.from('2026-02-28')}::date AS d, ${9_007_199_254_740_991}::bigint AS n`.execute(
    db,
  )
  const tooLarge = sql`SELECT 9007199254740993::bigint AS n`.execute(db)

  assert.ok(rows[0]?.i.equals(instant))
  assert.equal(rows[0]?.d.toString(), '2026-02-28')
  assert.equal(rows[0]?.n, 9_007_199_254_740_991)
  await assert.rejects(tooLarge, /exceeds what a number can hold/)
})

test('A statement that takes too long is ended', async (t) => {
  const pool = createPool({ url: databaseOf(house), size: 1, log, statementTimeout: 100 })
  t.after(() => pool.end())

  await assert.rejects(sql`SELECT pg_sleep(5)`.execute(databaseOn(pool)), /statement timeout/)
})

test(
  'Who waits for a process that stands still in the middle of a transaction gets their turn before they would give up',
  { timeout: 20_000 },
  async (t) => {
    const pool = (): ReturnType<typeof createPool> =>
      createPool({ url: databaseOf(house), size: 1, log, statementTimeout: 3000 })
    const [still, waiting] = [pool(), pool()]
    const person = await house.person()
    const client = await still.connect()
    t.after(async () => {
      client.release(true)
      await Promise.all([still.end(), waiting.end()])
    })
    await client.query('BEGIN')
    await client.query('SELECT FROM users WHERE id = $1 FOR UPDATE', [person.id])

    const touched = await sql`UPDATE users SET updated_at = updated_at WHERE id = ${person.id}`.execute(
      databaseOn(waiting),
    )

    assert.equal(touched.numAffectedRows, 1n)
  },
)

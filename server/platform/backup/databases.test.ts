import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from 'pg'
import { createDatabase } from '../../../test/postgres.ts'
import { takePlace } from './databases.ts'
import { databaseIn, quoted, urlOfDatabase } from './session.ts'

test('A restore that is killed while its database takes its place leaves the one that was there under its name', async (t) => {
  const database = await createDatabase()
  const other = await createDatabase()
  t.after(() => Promise.all([database.drop(), other.drop()]))
  const scratch = other.url
  const url = urlOfDatabase(database.url, 'postgres')
  // Within a transaction the list of connections stays as it was first seen.
  const [holder, watch] = [new Client({ connectionString: url }), new Client({ connectionString: url })]
  await Promise.all([holder.connect(), watch.connect()])
  t.after(() => Promise.all([holder.end(), watch.end()]))
  await holder.query('BEGIN')
  // Holds up the second of the two renames.
  await holder.query(`COMMENT ON DATABASE ${quoted(databaseIn(scratch))} IS 'held'`)

  const taking = assert.rejects(takePlace(database.url, scratch, 'x'))
  for (;;) {
    const { rowCount } = await watch.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND starts_with(query, $1)`,
      [`ALTER DATABASE ${quoted(databaseIn(scratch))}`],
    )
    if (rowCount) break
    await new Promise((soon) => setTimeout(soon, 5))
  }
  await taking
  await holder.query('ROLLBACK')

  const { rows } = await holder.query('SELECT datname FROM pg_database WHERE datname = $1', [databaseIn(database.url)])
  assert.equal(rows.length, 1)
})

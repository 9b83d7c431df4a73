import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CompiledQuery } from 'kysely'
import { Client } from 'pg'
import { databaseOf } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import { createDatabase, createPool } from './database.ts'

const house = await openHouse()
const url = databaseOf(house)

/** Rows of every kind of value that the product keeps, from nothing to many pages of text: their messages end anywhere in what a read of the socket brings. */
const everything = `SELECT n, -n AS negative, n::smallint AS small, n::bigint * 1000000 AS large, n % 2 = 0 AS even, '' AS nothing, NULL::int AS none,
    repeat('Київ café ', (n * 7919) % 400) AS text, left(repeat('x', n), 12)::varchar AS short, gen_random_uuid() AS uuid, n / 7.0 AS numeric, n / 7.0::float8 AS float,
    timestamptz '2026-01-15 10:00:00.123456+02' + n * interval '1 hour' AS at, date '2026-01-15' + n AS date, ARRAY[n, NULL, 3] AS numbers, ARRAY['a b', NULL, '"'] AS texts,
    json_build_object('n', n, 'of', json_build_array(1, NULL)) AS json, to_jsonb(n) AS jsonb, '\\xdeadbeef'::bytea AS bytes, NULL::jsonb AS no_json
  FROM generate_series(0, $1) AS n`

const told = (rows: unknown[]): unknown => JSON.parse(JSON.stringify(rows).replaceAll(/"uuid":"[^"]+"/g, '"uuid":""'))

test('Rows are read as the driver itself reads them, however they are cut on their way', async (t) => {
  const pool = createPool({ url, size: 1, log: house.house.log })
  const plain = new Client({ connectionString: url, options: '-c TimeZone=UTC -c DateStyle=ISO' })
  await plain.connect()
  t.after(async () => {
    await pool.end()
    await plain.end()
  })

  const db = createDatabase(pool)
  const expected = await plain.query(everything, [3000])
  for (let again = 0; again < 2; again++) {
    const { rows } = await db.executeQuery(CompiledQuery.raw(everything, [3000]))
    assert.deepEqual(told(rows), told(expected.rows))
    assert.ok(rows.every((row) => /^[\da-f-]{36}$/.test((row as { uuid: string }).uuid)))
  }
  // What is asked through the pool itself is read by the driver's own queries.
  const { rows } = await pool.query(everything, [50])
  assert.deepEqual(told(rows), told(expected.rows.slice(0, 51)))
})

const readLarge = async (value: string): Promise<unknown> =>
  (await house.house.db.executeQuery<{ n: number }>(CompiledQuery.raw('SELECT $1::bigint AS n', [value]))).rows[0]!.n

test('A number that is larger than a number can hold is refused, and the largest that it can is not', async () => {
  assert.equal(await readLarge('9007199254740991'), Number.MAX_SAFE_INTEGER)
  assert.equal(await readLarge('-9007199254740991'), Number.MIN_SAFE_INTEGER)
  assert.equal(await readLarge('999999999999999'), 999_999_999_999_999)
  await assert.rejects(readLarge('9007199254740992'), {
    message: 'a bigint of the database exceeds what a number can hold',
  })
  await assert.rejects(readLarge('-9223372036854775808'), /exceeds/)
})

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Client } from 'pg'
import { startEmbedded } from './index.ts'
import { processesTagged } from './processes.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'banister embedded ')))
after(() => rmSync(folder, { recursive: true, force: true }))

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

test('a first start makes a database that is the same on every machine, in a path with spaces', async () => {
  const lines: string[] = []

  const server = await startEmbedded({ dataDir: join(folder, 'first/data'), log: (line) => lines.push(line) })

  const facts = `SELECT current_database(), pg_encoding_to_char(encoding), datlocprovider, datlocale, datcollate,
    current_setting('TimeZone'), current_setting('fsync'), current_setting('listen_addresses'), current_setting('unix_socket_directories')
    FROM pg_database WHERE datname = current_database()`
  const expected = ['banister', 'UTF8', 'b', 'C.UTF-8', 'C', 'UTC', 'on', '127.0.0.1', '']
  assert.deepEqual(await ask(server.url, facts), expected)
  assert.deepEqual(lines, [`Making the database in ${join(folder, 'first/data/pg18')}`])
  await server.stop()
})

test('a second start is quick and finds what the first wrote', async () => {
  const dataDir = join(folder, 'second')
  const making = performance.now()
  const first = await startEmbedded({ dataDir })
  const made = performance.now() - making
  await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
  await first.stop()
  const began = performance.now()

  const second = await startEmbedded({ dataDir })

  // On a machine that is busy everything is slow: less than the first, which made the cluster.
  const took = performance.now() - began
  assert.ok(took < Math.max(1000, made / 2), `${took} ms after ${made} ms`)
  assert.deepEqual(await ask(second.url, 'SELECT answer FROM kept'), [42])
  await second.stop()
})

test('nobody gets in without the password', async () => {
  const server = await startEmbedded({ dataDir: join(folder, 'password'), fsync: false })
  const url = new URL(server.url)
  url.password = 'guessed'

  await assert.rejects(ask(url.href, 'SELECT 1'), { code: '28P01' })

  await server.stop()
})

test('stopping leaves no process and no trace of the use', async () => {
  const dataDir = join(folder, 'stopped')
  const server = await startEmbedded({ dataDir, fsync: false })
  const [tag] = await ask(server.url, 'SHOW cluster_name')
  assert.ok((processesTagged(String(tag))?.size ?? 1) > 0)

  await server.stop()
  await server.stop()

  assert.equal(processesTagged(String(tag))?.size ?? 0, 0)
  assert.deepEqual(readdirSync(join(dataDir, 'pg18.users')), [])
  assert.equal(readdirSync(join(dataDir, 'pg18')).includes('postmaster.pid'), false)
})

test('several users of one process share the server, and the last one stops it', async () => {
  const dataDir = join(folder, 'shared')
  const [one, two] = await Promise.all([
    startEmbedded({ dataDir, fsync: false }),
    startEmbedded({ dataDir, fsync: false }),
  ])

  await one.stop()

  assert.equal(one.url, two.url)
  assert.deepEqual(await ask(two.url, 'SELECT 1'), [1])
  await two.stop()
  await assert.rejects(ask(two.url, 'SELECT 1'), { code: 'ECONNREFUSED' })
})

test('a wanted port is used, and one that is taken is named in the refusal', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const address = other.address()
  assert.ok(address && typeof address === 'object')
  const dataDir = join(folder, 'port')

  await assert.rejects(
    startEmbedded({ dataDir, fsync: false, port: address.port }),
    new RegExp(`The port ${address.port} .* is taken`),
  )
  await new Promise((resolve) => other.close(resolve))
  const server = await startEmbedded({ dataDir, fsync: false, port: address.port })

  assert.equal(new URL(server.url).port, `${address.port}`)
  await server.stop()
})

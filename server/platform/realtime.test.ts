import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase as createTestDatabase } from '../../test/postgres.ts'
import { createDatabase, createPool } from './db/database.ts'
import { createLogger } from './log.ts'
import { createRealtime } from './realtime.ts'

const database = await createTestDatabase()
const log = createLogger('silent', false)
const pool = createPool({ url: database.url, size: 1, log })
const db = createDatabase(pool)
after(async () => {
  await pool.end()
  await database.drop()
})

test('who is stopped while they connect holds no connection afterwards', async () => {
  const realtime = createRealtime(database.url, db, log)

  const starting = realtime.start()
  await realtime.stop()
  await starting

  assert.deepEqual(realtime.state(), { status: 'off' })
})

/** A way to the database whose first connection can be broken, whose second one goes as it is told, and whose others are as they should be. */
async function wayTo(url: string, second: 'says nothing' | 'does not answer LISTEN') {
  const taken: Socket[] = []
  const server = createServer((near) => {
    taken.push(near)
    near.on('error', () => undefined)
    const isSecond = taken.length === 2
    if (isSecond && second === 'says nothing') {
      near.resume()
      return
    }
    const { hostname, port } = new URL(url)
    const far = connect(Number(port), hostname)
    far.on('error', () => near.destroy())
    near.on('close', () => far.destroy())
    far.pipe(near)
    near.on('data', (bytes: Buffer) => {
      if (!isSecond || !bytes.includes('LISTEN')) far.write(bytes)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())
  const way = new URL(url)
  way.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url: way.href, taken }
}

for (const second of ['says nothing', 'does not answer LISTEN'] as const)
  test(
    `A database that takes the connection and ${second} is asked on a new one, and the old one is not kept`,
    { timeout: 60_000 },
    async (t) => {
      const { url, taken } = await wayTo(database.url, second)
      const realtime = createRealtime(url, db, log)
      t.after(() => realtime.stop())
      await realtime.start()

      taken[0]!.destroy()
      while (taken.length < 3 || realtime.state().status !== 'ok') await sleep(20)

      assert.deepEqual(
        taken.map((socket) => socket.destroyed || socket.readableEnded),
        [true, true, false],
      )
    },
  )

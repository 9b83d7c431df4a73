import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { startEmbedded } from '../server/platform/embedded/index.ts'

/**
 * The product as it is started, killed with signal 9 while people register, and started again: whatever was acknowledged is there, and what follows from it
 * happened once. CRASH_ROUNDS asks for more kills than the few of every run.
 */
const rounds = Number(process.env['CRASH_ROUNDS'] ?? 3) // eslint-disable-line node/no-process-env -- of the test alone
const root = fileURLToPath(new URL('..', import.meta.url))
// The database's user must be able to enter it where the test runs as root.
const folder = mkdtempSync(path.join(tmpdir(), 'banister-crash-'))
chmodSync(folder, 0o755)
const dataDir = path.join(folder, 'data')
let product: ChildProcess | undefined
after(async () => {
  if (product) await killAll(product)
  rmSync(folder, { recursive: true, force: true })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
const port = await freePort()
const base = `http://127.0.0.1:${port}/api/v1`

async function start(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [path.join(root, 'server/main.ts'), 'start'], {
    cwd: folder,
    // A group of its own, so that all of it can be killed at once.
    detached: true,
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'], // eslint-disable-line node/no-process-env -- what a child needs
      PORT: String(port),
      DATA_DIR: dataDir,
      DEMO: 'false',
      LOG_LEVEL: 'error',
      RATE_LIMIT_PER_MINUTE: '1000000',
      AUTH_RATE_LIMIT_PER_MINUTE: '1000000',
    },
  })
  for (let i = 0; i < 600; i++) {
    if (child.exitCode !== null) throw new Error(`the product ended with ${child.exitCode}`)
    const answer = await fetch(`${base}/health/`).catch(() => null)
    if (answer?.ok && ((await answer.json()) as { data: { status: string } }).data.status === 'ok') return child
    await sleep(50)
  }
  throw new Error('the product did not start')
}

const postmaster = (): number => Number(readFileSync(path.join(dataDir, 'pg18/postmaster.pid'), 'utf8').split('\n')[0])
const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}
const kills = {
  everything: async (child: ChildProcess) => {
    kill(postmaster())
    await killAll(child)
  },
  'the application': (child: ChildProcess) => killAll(child),
  'the database': async () => kill(postmaster()),
}
async function killAll(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  kill(-child.pid!)
  await once(child, 'exit')
}

type Wish = { email: string; key: string }
let wishes = 0
const newWish = (): Wish => ({ email: `person.${++wishes}@example.com`, key: `wish-${wishes}` })

/** Asks to register somebody; answers the status, or 0 where no answer came. */
async function register({ email, key }: Wish): Promise<number> {
  try {
    const answer = await fetch(`${base}/auth/register/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ email, password: 'password123', full_name: 'Jane Smith' }),
    })
    await answer.text()
    return answer.status
  } catch {
    return 0
  }
}

test(
  'After kill -9 under load every acknowledged write is there, and what follows from it happened once',
  { timeout: 600_000 },
  async () => {
    const acknowledged: string[] = []
    const unanswered: Wish[] = []
    const odd: number[] = []
    const note = (wish: Wish, status: number): void => {
      if (status === 201) acknowledged.push(wish.email)
      else if (status === 0 || status === 503) unanswered.push(wish)
      else odd.push(status)
    }
    for (let round = 0; round < rounds; round++) {
      product = product?.exitCode === null && product.signalCode === null ? product : await start()
      const load = new AbortController()
      const people = Array.from({ length: 6 }, async () => {
        while (!load.signal.aborted) {
          const wish = newWish()
          const status = await register(wish)
          note(wish, status)
          // Nobody is there to answer: others would not knock faster either.
          if (status !== 201) await sleep(150)
        }
      })
      await sleep(700 + Math.random() * 800)
      // On a busy machine a little later: each round has something to lose.
      for (let i = 0; i < 600 && acknowledged.length <= (round + 1) * 5; i++) await sleep(50)
      await Object.values(kills)[round % 3]!(product)
      await sleep(round % 3 === 2 ? 500 : 0)
      load.abort()
      await Promise.all(people)
    }
    if (product!.exitCode !== null || product!.signalCode !== null) product = await start()

    // Whoever got no answer asks again with the same key: there is no telling whether it was done, and it must not matter.
    for (const wish of unanswered.splice(0)) {
      let status = 0
      for (let i = 0; i < 100 && (status === 0 || status === 503); i++) {
        status = await register(wish)
        if (status !== 201) await sleep(100)
      }
      note(wish, status)
    }
    const { url, stop } = await startEmbedded({ dataDir })
    const client = new Client({ connectionString: url })
    await client.connect()
    const emails = async (query: string): Promise<string[]> =>
      (await client.query<{ email: string }>(query)).rows.map(({ email }) => email).toSorted()
    const welcomes = `SELECT u.email FROM notifications n JOIN users u ON u.id = n.user_id WHERE n.kind = 'welcome'`
    const mailed = 'SELECT DISTINCT recipient AS email FROM mail_outbox'
    // A job whose process was killed is given to another one after its heartbeat has been missed, and then waits a little.
    const isLate = async (): Promise<boolean> =>
      (await emails(welcomes)).length < acknowledged.length || (await emails(mailed)).length < acknowledged.length
    for (let i = 0; i < 300 && (await isLate()); i++) await sleep(200)
    await sleep(500)
    const users = await emails('SELECT email FROM users')
    const welcomed = await emails(welcomes)
    const confirmations = new Set(await emails(mailed))
    await client.end()
    await stop()

    assert.ok(acknowledged.length > rounds * 5, `only ${acknowledged.length} registered`)
    assert.deepEqual([odd, unanswered], [[], []])
    assert.deepEqual(users, acknowledged.toSorted())
    assert.deepEqual(welcomed, users)
    assert.deepEqual(
      users.filter((email) => !confirmations.has(email)),
      [],
    )
  },
)

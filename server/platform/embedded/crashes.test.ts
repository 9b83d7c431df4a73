import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { startEmbedded } from './index.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'banister-crashes-')))
chmodSync(folder, 0o755)
const isRoot = process.geteuid?.() === 0
const children = new Set<ChildProcess>()
after(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Another process that starts the server, says its address, and stops when it is told to. */
async function startElsewhere(
  dataDir: string,
  inTheEnd = 'server.stop()',
): Promise<{ url: string; child: ChildProcess; stop: () => Promise<void> }> {
  const code = `import { startEmbedded } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)}
    const server = await startEmbedded({ dataDir: ${JSON.stringify(dataDir)} })
    console.log(server.url)
    process.stdin.once('end', () => ${inTheEnd}).resume()`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.add(child)
  const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  const stop = async (): Promise<void> => {
    const exited = once(child, 'exit')
    child.stdin.end()
    assert.deepEqual(await exited, [0, null])
  }
  return { url: String(line).trim(), child, stop }
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

const pidOf = (dataDir: string): number =>
  Number(readFileSync(join(dataDir, 'pg18/postmaster.pid'), 'utf8').split('\n')[0])

test('two processes that start at once in one new directory share one server, and the last one stops it', async () => {
  const dataDir = join(folder, 'at-once')

  const [one, two] = await Promise.all([startElsewhere(dataDir), startElsewhere(dataDir)])

  assert.equal(one.url, two.url)
  await one.stop()
  assert.deepEqual(await ask(two.url, 'SELECT 1'), [1])
  await two.stop()
  await assert.rejects(ask(two.url, 'SELECT 1'), { code: 'ECONNREFUSED' })
})

test('the console beside a running server never stops it', async () => {
  const dataDir = join(folder, 'console')
  const application = await startElsewhere(dataDir)

  const console = await startEmbedded({ dataDir })
  await ask(console.url, 'CREATE TABLE made_by_console ()')
  await console.stop()

  assert.deepEqual(await ask(application.url, 'SELECT count(*)::int FROM made_by_console'), [0])
  await application.stop()
})

test('a server whose application was killed is joined, and stopped in the end', async () => {
  const dataDir = join(folder, 'application-killed')
  const application = await startElsewhere(dataDir)
  await kill(application.child)

  const next = await startEmbedded({ dataDir })

  assert.equal(next.url, application.url)
  await next.stop()
  await assert.rejects(ask(next.url, 'SELECT 1'), { code: 'ECONNREFUSED' })
})

test('an application that ends without stopping the server takes it along', async () => {
  const dataDir = join(folder, 'forgotten')
  const application = await startElsewhere(dataDir, 'process.exit(3)')

  const exited = once(application.child, 'exit')
  application.child.stdin?.end()

  assert.deepEqual(await exited, [3, null])
  let refused = false
  for (let tries = 0; tries < 50 && !refused; tries++) {
    await sleep(50)
    refused = await ask(application.url, 'SELECT 1').then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
    )
  }
  assert.ok(refused)
})

test('after a kill of application and server the next start has every acknowledged write', async () => {
  const dataDir = join(folder, 'both-killed')
  const application = await startElsewhere(dataDir)
  await ask(application.url, 'CREATE TABLE written AS SELECT generate_series(1, 1000) AS n')
  await kill(application.child)
  process.kill(pidOf(dataDir), 'SIGKILL')

  const next = await startEmbedded({ dataDir })

  assert.deepEqual(await ask(next.url, 'SELECT sum(n)::int FROM written'), [500_500])
  await next.stop()
})

test('a server that is killed under a living application comes back at the same address with its data', async () => {
  const lines: string[] = []
  const dataDir = join(folder, 'server-killed')
  const server = await startEmbedded({ dataDir, log: (line) => lines.push(line) })
  await ask(server.url, 'CREATE TABLE written AS SELECT 1 AS n')
  process.kill(pidOf(dataDir), 'SIGKILL')

  let answer: unknown[] = []
  for (let tries = 0; tries < 100 && answer.length === 0; tries++) {
    await sleep(100)
    answer = await ask(server.url, 'SELECT n FROM written').catch(() => [])
  }

  assert.deepEqual(answer, [1])
  assert.match(lines.join('\n'), /ended unexpectedly; starting it again/)
  await server.stop()
})

test('a dead server’s pid that now belongs to another process keeps nobody from starting', async () => {
  const dataDir = join(folder, 'pid-reused')
  await (await startEmbedded({ dataDir, fsync: false })).stop()
  // Of the same user as the server: PostgreSQL passes over the pids of other users, and of its parent, by itself.
  const { uid, gid } = statSync(join(dataDir, 'pg18'))
  const other = spawn('sleep', ['60'], { stdio: 'ignore', ...(isRoot && { uid, gid }) })
  children.add(other)
  const lines = [other.pid, join(dataDir, 'pg18'), 1, 54_321, '', '127.0.0.1', '', 'ready']
  writeFileSync(join(dataDir, 'pg18/postmaster.pid'), `${lines.join('\n')}\n`)

  const server = await startEmbedded({ dataDir, fsync: false })

  assert.deepEqual(await ask(server.url, 'SELECT 1'), [1])
  await server.stop()
})

test('what a start that was killed in the making left is cleared away', async () => {
  const dataDir = join(folder, 'half-made')
  mkdirSync(join(dataDir, 'pg18.new-1/data'), { recursive: true })
  writeFileSync(join(dataDir, 'pg18.new-1/data/PG_VERSION'), '18\n')

  const server = await startEmbedded({ dataDir, fsync: false })

  assert.deepEqual(
    readdirSync(dataDir).filter((name) => name.startsWith('pg18.new-')),
    [],
  )
  await server.stop()
})

test(
  'root may keep the data where the server’s own user cannot go',
  { skip: !isRoot && 'only root drops to another user' },
  async () => {
    const closed = join(folder, 'closed')
    mkdirSync(closed, { mode: 0o700 })

    const server = await startEmbedded({ dataDir: join(closed, 'data'), fsync: false })

    assert.deepEqual(await ask(server.url, 'SELECT 1'), [1])
    const status = readFileSync(`/proc/${pidOf(join(closed, 'data'))}/status`, 'utf8')
    assert.doesNotMatch(status, /^Uid:\s+0/m)
    await server.stop()
  },
)

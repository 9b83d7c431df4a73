import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { WebSocket } from 'ws'
import { createApp } from '../../server/app.ts'
import { signAccessToken } from '../../server/modules/accounts/tokens.ts'
import { createLogger } from '../../server/platform/log.ts'
import { createDatabase } from '../../test/postgres.ts'
import { cpuOfProcess } from '../http/replay.ts'
import { benchConfig, benchNow } from '../http/settings.ts'
import type { Bench, Remote, Subjects } from '../run.ts'
import type { SocketAsk } from './server.ts'

const sockets = 1000
/** What is told: about as long as a message of a chat with all that stands around it. */
const data = {
  id: 12,
  chat_id: 5,
  text: 'See you on Tuesday at ten. '.repeat(8),
  sender: { id: 2, name: 'Jane Smith' },
}
/** So many are told one after another to see how many a second get through, and one by one to see how late they come. */
const [burst, singles] = [40, 40]

const ends: (() => unknown)[] = []

type Server = { child: ChildProcess; port: number }
async function start(file: string, ...args: string[]): Promise<Server> {
  const child = fork(path.join(import.meta.dirname, file), args)
  ends.push(() => child.disconnect())
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return { child, port }
}

async function ask({ child }: Server, asked: SocketAsk): Promise<number> {
  child.send(asked)
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: number }]
  return cpu
}

/** Sockets that count the notes they are told; `told` waits until all have had so many more. */
async function crowd(
  urls: readonly string[],
): Promise<{ told: (more: number) => Promise<void>; delays: () => number[] }> {
  let heard = 0
  let wanted = Infinity
  let done: (() => void) | null = null
  let delays: number[] = []
  let since = 0
  for (let i = 0; i < urls.length; i += 50) {
    await Promise.all(
      urls.slice(i, i + 50).map(async (url) => {
        const socket = new WebSocket(url, { perMessageDeflate: false })
        socket.on('message', (text: Buffer) => {
          if (!text.toString('latin1', 0, 40).includes('"note"')) return
          delays.push(performance.now() - since)
          if (++heard >= wanted) done?.()
        })
        ends.push(() => socket.terminate())
        await once(socket, 'open')
      }),
    )
  }
  // Those that wait for a resume are let go after a second.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  return {
    told: (more) => {
      wanted = heard + more * urls.length
      delays = []
      since = performance.now()
      return new Promise((resolve) => {
        done = resolve
      })
    },
    delays: () => delays,
  }
}

/** The product with `people` persons, who have a thousand sockets between them. */
async function openBanister(people: number): Promise<Remote & { to: number[]; server: Server; urls: string[] }> {
  const database = await createDatabase()
  const dataDir = mkdtempSync(path.join(tmpdir(), 'banister-bench-socket-'))
  ends.push(
    () => database.drop(),
    () => rmSync(dataDir, { recursive: true, force: true }),
  )
  const watch = new Client({ connectionString: database.url, application_name: 'bench watch' })
  await watch.connect()
  ends.push(() => watch.end())
  const app = await createApp({
    config: benchConfig(dataDir),
    databaseUrl: database.url,
    log: createLogger('silent', false),
    clock: () => benchNow,
  })
  await app.http.ready()
  const account = { email: 'first@example.com', password: 'password123', confirm_password: 'password123' }
  const names = { first_name: 'Jane', last_name: 'Smith', phone: '(555) 123-4567' }
  await app.house.jobs.start(false)
  await app.http.inject({ method: 'POST', url: '/api/v1/auth/register/customer/', payload: { ...account, ...names } })
  // The others are copies: a thousand passwords would take a minute.
  await watch.query(
    `INSERT INTO users OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(u, jsonb_build_object('id', 1000 + n, 'email', n || '@example.com', 'email_key', n || '@example.com'))).*
     FROM users u, generate_series(1, $1::int) AS n WHERE u.id = (SELECT min(id) FROM users)`,
    [people],
  )
  const { rows } = await watch.query<{ id: number; user_id: number }>(
    `INSERT INTO sessions (user_id, created_at, last_used_at, authenticated_at, expires_at, address, user_agent)
     SELECT id, $1, $1, $1, $1::timestamptz + interval '1 day', '', '' FROM users WHERE id > 1000 RETURNING id::int, user_id::int`,
    [benchNow.toString()],
  )
  const tokens = rows.map(({ id, user_id: userId }) => signAccessToken(app.house, userId, id, benchNow))
  await app.stop()
  const server = await start('server.ts', database.url, dataDir)
  const urls = Array.from(
    { length: sockets },
    (_, i) => `ws://127.0.0.1:${server.port}/ws/chat/?token=${tokens[i % tokens.length]}`,
  )
  const cpu = async (): Promise<number> => {
    const { rows: backends } = await watch.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'banister%'`,
    )
    return backends.reduce((sum, { pid }) => sum + cpuOfProcess(pid), await ask(server, { ask: 'cpu' }))
  }
  return { to: rows.map(({ user_id: userId }) => userId), server, urls, cpu, run: async () => undefined }
}

async function subject(
  name: string,
  server: Server,
  urls: string[],
  to: number[],
  cpu: Remote['cpu'],
): Promise<Remote> {
  const { told, delays } = await crowd(urls)
  const tell = async (): Promise<void> => {
    const all = told(1)
    await ask(server, { ask: 'tell', to, data })
    await all
  }
  for (let i = 0; i < 10; i++) await tell()
  const late: number[] = []
  for (let i = 0; i < singles; i++) {
    await tell()
    late.push(...delays())
  }
  const began = performance.now()
  const all = told(burst)
  for (let i = 0; i < burst; i++) await ask(server, { ask: 'tell', to, data })
  await all
  const perSecond = (burst * sockets * 1000) / (performance.now() - began)
  const at = (share: number): string => late.toSorted((a, b) => a - b)[Math.floor(late.length * share)]!.toFixed(1)
  console.log(
    `  ${name}: ${Math.round(perSecond)} messages a second; delay ${at(0.5)} ms, 99 of 100 within ${at(0.99)} ms`,
  )
  return { parallel: 1, run: tell, cpu }
}

async function prepare(people: number): Promise<Subjects> {
  const house = await openBanister(people)
  const bare = await start('bare.ts')
  const urls = Array.from({ length: sockets }, () => `ws://127.0.0.1:${bare.port}/`)
  return {
    Banister: await subject('Banister', house.server, house.urls, house.to, house.cpu),
    'bare ws': await subject('bare ws', bare, urls, [], () => ask(bare, { ask: 'cpu' })),
  }
}

/** One thing told to a thousand sockets: written down, numbered for each person, and sent. */
const bench: Bench = {
  name: 'socket',
  rows: [
    { name: '1,000 sockets of 2 people', base: 'bare ws', limits: { Banister: 2 }, prepare: () => prepare(2) },
    { name: '1,000 sockets of 1,000 people', base: 'bare ws', limits: { Banister: 4 }, prepare: () => prepare(1000) },
  ],
  end: async () => {
    for (const end of ends.splice(0).toReversed()) await end()
  },
}
export default bench

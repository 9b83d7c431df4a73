import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Pool } from 'pg'
import { createDatabase } from '../postgres.ts'
import type { Answer, CallOptions, Person } from '../support.ts'

export type Json = Answer['body']

/** A town for journeys: real server processes on one database, asked over HTTP, and the database itself to look into. */
export type Town = {
  call: (method: string, path: string, options?: CallOptions & { node?: number }) => Promise<Answer>
  person: (role?: 'customer' | 'provider', extra?: Json) => Promise<Person>
  /** SQL on the town's database: for what only it knows, and to make time pass. */
  rows: (statement: string, values?: unknown[]) => Promise<Json[]>
  /** Where a server listens now: another port after each crash. */
  base: (node: number) => string
  /** Kills a server as a crash does, and starts it again. */
  crash: (node: number) => Promise<void>
  /** Every answer so far, as `GET /bookings/1/ 200`. */
  heard: () => string[]
  /** What the servers have written, for a test that failed. */
  logs: () => string
}

type Server = { base: string; child: ChildProcess }

const launcher = fileURLToPath(new URL('../../bin/banister.mjs', import.meta.url))

/** Starts `processes` servers on one new database; `after` of the file ends them. They have the real clock. */
export async function openTown(processes: number, environment: Record<string, string> = {}): Promise<Town> {
  const database = await createDatabase()
  const dataDir = mkdtempSync(path.join(tmpdir(), 'banister-town-'))
  const pool = new Pool({ connectionString: database.url, max: 4 })
  // The database is dropped while the last of them say goodbye: that is no failure of a test.
  pool.on('connect', (client) => client.on('error', () => undefined))
  pool.on('error', () => undefined)
  const servers: Server[] = []
  let log = ''
  const begin = async (): Promise<Server> => {
    const port = await freePort()
    const child = spawn(process.execPath, [launcher, 'start'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        // It ends when this process ends, however that ends.
        BANISTER_LAUNCHED: '1',
        PORT: String(port),
        HOST: '127.0.0.1',
        PUBLIC_URL: 'http://localhost:8000',
        DATA_DIR: dataDir,
        DATABASE_URL: database.url,
        DEMO: 'false',
        SECRET_KEY: 'a secret of all the servers of one town',
        RATE_LIMIT_PER_MINUTE: '100000',
        AUTH_RATE_LIMIT_PER_MINUTE: '100000',
        LOG_LEVEL: 'warn',
        ...environment,
      },
    })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (log += String(data)))
    const base = `http://127.0.0.1:${port}`
    await answers(child, base, () => log)
    return { base, child }
  }
  after(async () => {
    await Promise.all(servers.map(({ child }) => ended(child, 'SIGTERM')))
    await pool.end()
    await database.drop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  servers.push(...(await Promise.all(Array.from({ length: processes }, begin))))

  const heard: string[] = []
  const call: Town['call'] = async (method, url, { node = 0, ...options } = {}) => {
    const answer = await ask(servers[node]!.base, method, url, options)
    heard.push(`${method} ${url.split('?')[0]} ${answer.status}`)
    return answer
  }
  let people = 0
  const person: Town['person'] = async (role = 'customer', extra = {}) => {
    const email = `${role}.${++people}@example.com`
    const password = 'password123'
    const names = { first_name: 'Jane', last_name: 'Smith', phone: '(555) 123-4567' }
    const json = { ...names, email, password, confirm_password: password, ...extra }
    const made = await call('POST', `/auth/register/${role}/`, { json })
    const signedIn = await call('POST', '/auth/login/', { json: { email, password } })
    if (signedIn.status !== 200) throw new Error(`registering ${email}: ${made.text} ${signedIn.text}`)
    const { access, refresh, user } = signedIn.body['data']
    return { id: user.id, email, password, token: access, refresh }
  }
  return {
    call,
    person,
    rows: async (statement, values = []) => (await pool.query<Json>(statement, values)).rows,
    base: (node) => servers[node]!.base,
    crash: async (node) => {
      await ended(servers[node]!.child, 'SIGKILL')
      servers[node] = await begin()
    },
    heard: () => heard,
    logs: () => log,
  }
}

async function ask(base: string, method: string, url: string, options: CallOptions): Promise<Answer> {
  const { token, json, headers = {} } = options
  const response = await fetch(`${base}/api/v1${url}`, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    signal: AbortSignal.timeout(60_000),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const text = bytes.toString()
  const isJson = response.headers.get('content-type')?.includes('application/json') && text !== ''
  const body = isJson ? (JSON.parse(text) as Json) : {}
  return { status: response.status, headers: Object.fromEntries(response.headers), body, text, bytes }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function answers(child: ChildProcess, base: string, log: () => string): Promise<void> {
  const until = performance.now() + 60_000
  while (performance.now() < until && child.exitCode === null) {
    try {
      if ((await fetch(`${base}/api/v1/health/`, { signal: AbortSignal.timeout(2000) })).ok) return
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  child.kill('SIGKILL')
  throw new Error(`The server does not answer: ${log()}`)
}

async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}

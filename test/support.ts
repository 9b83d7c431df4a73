import { argon2Sync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { createApp, type App } from '../server/app.ts'
import { loadConfig } from '../server/platform/config.ts'
import { createAccount } from '../server/modules/accounts/index.ts'
import type { Context, Role } from '../server/platform/context.ts'
import { createLogger } from '../server/platform/log.ts'
import { createDatabase } from './postgres.ts'

type Json = Record<string, any> // eslint-disable-line typescript/no-explicit-any -- an answer's body, as a client sees it

/** An answer: status, headers and the parsed body. */
export type Answer = {
  status: number
  headers: Record<string, string | undefined>
  body: Json
  text: string
  /** The same as it came over the wire. */
  bytes: Buffer
}

export type CallOptions = {
  token?: string | undefined
  json?: unknown
  headers?: Record<string, string>
  payload?: Buffer | string
  address?: string
}

/** A person of a test: registered and signed in. */
export type Person = { id: number; email: string; password: string; token: string; refresh: string }

/** A running house for one test file: a database of its own, a clock that the test sets, no port. */
export type House = App & {
  call: (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, options?: CallOptions) => Promise<Answer>
  /** Makes and signs in somebody with this role, whose password is checked at a small cost. */
  person: (role?: Role, extra?: Json) => Promise<Person>
  /** Does every job and event that waits; with `true` also those that are to begin later. */
  drain: (everything?: boolean) => Promise<number>
  /** Moves the clock on. */
  pass: (duration: Temporal.DurationLike) => void
  /** A context without anybody signed in, as jobs have it. */
  ctx: () => Context
  /** The mails in the outbox to somebody, newest first. */
  mails: (to: string) => Promise<{ subject: string; text: string; html: string }[]>
}

/** Builds the house; `after` of the file takes it down. The clock begins at 2026-01-12T08:00Z, a Monday. */
export async function openHouse(environment: Record<string, string> = {}): Promise<House> {
  const database = await createDatabase()
  const dataDir = mkdtempSync(path.join(tmpdir(), 'banister-test-'))
  const config = loadConfig(
    {
      DATA_DIR: dataDir,
      LOG_LEVEL: 'silent',
      RATE_LIMIT_PER_MINUTE: '1000000',
      AUTH_RATE_LIMIT_PER_MINUTE: '1000000',
      DATABASE_POOL_SIZE: '6',
      ...environment,
    },
    dataDir,
  )
  let now = Temporal.Instant.from('2026-01-12T08:00:00Z')
  const app = await createApp({
    config,
    databaseUrl: database.url,
    log: createLogger(config.LOG_LEVEL, false),
    clock: () => now,
  })
  await app.house.files.prepare(app.house.clock())
  await app.house.jobs.start(false)
  await app.http.ready()
  after(async () => {
    await app.stop()
    await database.drop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  const call = callerOf(app.http)
  let people = 0
  const person: House['person'] = async (role = 'customer', extra = {}) => {
    const email = `${role}.${++people}@example.com`
    const password = 'password123'
    const fields = { email, password, first_name: 'Jane', last_name: 'Smith', phone: '(555) 123-4567', ...extra }
    await createAccount(ctx(), { ...fields, role }, { passwordHash: cheapHash(fields.password) })
    const signedIn = await call('POST', '/api/v1/auth/login/', {
      json: { email: fields.email, password: fields.password },
    })
    if (signedIn.status !== 200) throw new Error(`signing in: ${signedIn.text}`)
    const { access, refresh, user } = signedIn.body['data']
    return { id: user.id, email: fields.email, password: fields.password, token: access, refresh }
  }
  const ctx = (): Context => app.contextFor('test')

  return {
    ...app,
    call,
    person,
    ctx,
    drain: (everything) => app.house.jobs.drain(everything),
    pass: (duration) => {
      now = now.toZonedDateTimeISO('UTC').add(duration).toInstant()
    },
    mails: (to) =>
      app.house.db
        .selectFrom('mail_outbox')
        .select(['subject', 'text', 'html'])
        .where('recipient', '=', to)
        .orderBy('id', 'desc')
        .execute(),
  }
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

/** Argon2id at its least, which the hash itself tells whoever verifies: nobody attacks a test's people, and the usual cost is 55 ms at each hashing. */
function cheapHash(password: string): string {
  const nonce = Buffer.alloc(16, 1)
  const hash = argon2Sync('argon2id', { message: password, nonce, memory: 8, passes: 1, parallelism: 1, tagLength: 32 })
  return `$argon2id$v=19$m=8,t=1,p=1$${base64(nonce)}$${base64(hash)}`
}

/** How a test calls a server: no port, the requests are injected. */
export const callerOf =
  (http: FastifyInstance): House['call'] =>
  async (method, url, { token, json, headers = {}, payload, address } = {}) => {
    const request: InjectOptions = {
      method,
      url,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(json !== undefined ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(json !== undefined ? { payload: JSON.stringify(json) } : payload !== undefined ? { payload } : {}),
      ...(address ? { remoteAddress: address } : {}),
    }
    const response = await http.inject(request)
    let body: Json = {}
    try {
      body = response.json<Json>()
    } catch {
      // A page or a file, not JSON: the test reads its text.
    }
    return {
      status: response.statusCode,
      headers: response.headers as Answer['headers'],
      body,
      text: response.payload,
      bytes: response.rawPayload,
    }
  }

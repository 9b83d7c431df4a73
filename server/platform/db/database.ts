import { createHash } from 'node:crypto'
import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely'
import { Pool, types, type PoolClient } from 'pg'
import type { Logger } from '../log.ts'
import { encode, isOutdated, Statement, StatementSocket } from './statement.ts'
import type { Tables } from './tables.generated.ts'

/** The database as modules see it: Kysely over the generated table types, in or outside a transaction. */
export type Db = Kysely<Tables>

types.setTypeParser(types.builtins.INT8, (raw) => {
  const value = Number(raw)
  if (!Number.isSafeInteger(value)) throw new Error('a bigint of the database exceeds what a number can hold')
  return value
})
types.setTypeParser(types.builtins.DATE, (raw) => Temporal.PlainDate.from(raw))
types.setTypeParser(types.builtins.TIMESTAMP, (raw) => Temporal.PlainDateTime.from(raw))
types.setTypeParser(types.builtins.TIMESTAMPTZ, (raw) => Temporal.Instant.from(raw))

const names = new Map<string, string>()
/** More different statements than this are sent unnamed, so that built queries cannot fill the server's memory with plans. */
const mostNames = 2000

/** The name under which a statement is prepared: a hash of its text, so that equal statements share one plan (measured 1.5 to 2.3 times on point reads). */
function nameOf(text: string): string | undefined {
  let name = names.get(text)
  if (name === undefined && names.size < mostNames) {
    name = `s${createHash('sha256').update(text).digest('base64url').slice(0, 20)}`
    names.set(text, name)
  }
  return name
}

const wrapped = new WeakMap<PoolClient, PostgresPoolClient>()

/** A connection that sends every statement with values under its name; one wrapper for each connection, as Kysely remembers them. */
function named(client: PoolClient): PostgresPoolClient {
  let wrapper = wrapped.get(client)
  if (!wrapper) {
    const query = (text: string, values: readonly unknown[] = []) => {
      const name = values.length > 0 ? nameOf(text) : undefined
      if (name === undefined) return client.query({ text, values: values.map(encode) })
      return new Promise((resolve, reject) => {
        const send = (again: boolean): void => {
          const statement = new Statement(name, text, values, (error, result) => {
            if (!error) resolve(result)
            // Within a transaction, which has failed by this, all of it is tried again (`inTransaction`).
            else if (again && isOutdated(error) && client.getTransactionStatus() === 'I') send(false)
            else reject(error)
          })
          client.query(statement)
        }
        send(true)
      })
    }
    wrapper = { query, release: (error?: Error | boolean) => client.release(error) } as unknown as PostgresPoolClient
    wrapped.set(client, wrapper)
  }
  return wrapper
}

export type PoolSettings = { url: string; size: number; log: Logger; statementTimeout?: number }

/** The pool of one process. Statements end after 30 s and a transaction that idles for 60 s is ended, so that nothing forgotten holds locks. */
export function createPool({ url, size, log, statementTimeout = 30_000 }: PoolSettings): Pool {
  const pool = new Pool({
    connectionString: url,
    max: size,
    statement_timeout: statementTimeout,
    idle_in_transaction_session_timeout: 60_000,
    // Also how long a request stands in line for a connection: a rush for one slot takes its turns, and nobody is to be told 503 meanwhile.
    connectionTimeoutMillis: 25_000,
    idleTimeoutMillis: 30_000,
    application_name: 'banister',
    stream: () => new StatementSocket(),
    options: '-c TimeZone=UTC -c DateStyle=ISO',
  })
  // Without a listener, a server that goes away would end the process; the pool opens a new connection by itself.
  pool.on('error', (error) => log.warn({ error: error.message }, 'a database connection was lost'))
  return pool
}

export function createDatabase(pool: Pool): Db {
  const connect = async (): Promise<PostgresPoolClient> => named(await pool.connect())
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: { connect, end: () => pool.end(), options: {} } }) })
}

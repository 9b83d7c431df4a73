import { createHash } from 'node:crypto'
import { Kysely, PostgresDialect, type CompiledQuery, type PostgresPoolClient } from 'kysely'
import { Pool, types, type PoolClient } from 'pg'
import type { Logger } from '../log.ts'
import type { Asking } from './asking.ts'
import { tellRows } from './rows.ts'
import { encode, isOutdated, Statements, type Answer, type Refusal, type Statement } from './statement.ts'
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

/** What has no values may be a text for this once (the name of a savepoint), but for these. */
const control = /^(begin|commit|rollback)$/

const statementOf = (text: string, values: readonly unknown[]): Statement => ({
  name: (values.length > 0 || control.test(text) ? nameOf(text) : undefined) ?? '',
  text,
  // Here, where a value that cannot be written fails before anything that is held is let go of.
  values: values.map(encode),
})

/** Statements as a line sends them. */
export const statementsOf = (
  queries: readonly (CompiledQuery & Pick<Statement, 'cache'>)[],
  refusal?: Refusal,
): Statement[] => queries.map(({ sql, parameters, cache }) => ({ ...statementOf(sql, parameters), cache, refusal }))

/** Does a statement that stands by itself only read, so that whether it was to be sent may be known with its answer? A message to other processes is a select, too. */
const onlyReads = ({ text }: Statement): boolean => /^\s*select\b/i.test(text) && !/\bpg_notify\b/i.test(text)

const isBegin = (text: string | undefined): boolean => /^(begin|start transaction)\b/.test(text ?? '')
const nothing: Answer = { command: '', rowCount: null, rows: [], fields: [] }

/**
 * A connection from its being lent until it is given back, for Kysely's driver and for what goes past it, since the way through Kysely costs more than the sending
 * (decision 0033). Each statement with values is prepared. What need not be answered at once, the beginning of a transaction above all, is held until the next
 * statement and goes out with it: a transaction that does nothing costs nothing. Only within a transaction anything is held, and what comes after its end, from work
 * that nobody waited for, is refused: it must not fall to whoever has the connection next. Whether who asks is who they were recalled as is asked with the first
 * message, and before anything that cannot be undone.
 */
export class Line {
  readonly #client: PoolClient
  readonly #asking: Asking<object> | null
  #held: Statement[] = []
  #isBusy = false
  readonly #waiting: (() => void)[] = []
  #state: 'lent' | 'begun' | 'ended' | 'back' = 'lent'

  constructor(client: PoolClient, asking: Asking<object> | null = null) {
    this.#client = client
    this.#asking = asking
  }

  async query(text: string, values: readonly unknown[] = []): Promise<Answer> {
    // A commit that fails is followed by a rollback.
    if (text !== 'rollback' || this.#state === 'back') this.#requireOpen()
    const statement = statementOf(text, values)
    if (isBegin(text)) {
      if (this.#state === 'begun') throw new Error('a transaction begins within another')
      this.#state = 'begun'
      this.#held = [statement]
      return { ...nothing, command: 'BEGIN' }
    }
    if (text === 'commit' || text === 'rollback') return this.#end(statement)
    // What is held now came after the savepoint, whose own message took with it all that was held before.
    if (text.startsWith('rollback to ')) this.#held = []
    return (await this.#send([statement]))[0]!
  }

  release(error?: Error | boolean): void {
    if (this.#state === 'back') return
    const isOpen = this.#state === 'begun'
    this.#state = 'back'
    this.#client.release(error || isOpen)
  }

  async #end(statement: Statement): Promise<Answer> {
    const isUnbegun = isBegin(this.#held[0]?.text)
    if (isUnbegun && (statement.text === 'rollback' || this.#held.length === 1)) {
      this.#state = 'ended'
      this.#held = []
      return { ...nothing, command: statement.text.toUpperCase() }
    }
    // What is committed is not to be undone.
    if (statement.text === 'commit' && this.#asking?.isOpen) await this.#send([])
    this.#state = 'ended'
    if (statement.text === 'rollback') this.#held = []
    return (await this.#send([statement]))[0]!
  }

  /** Sends these as one message, after those that were held. */
  async send(statements: readonly Statement[]): Promise<Answer[]> {
    this.#requireOpen()
    return this.#send(statements)
  }

  /** Holds these until the next statement of the transaction, or its commit. */
  hold(statements: readonly Statement[]): void {
    this.#requireOpen()
    this.#held.push(...statements)
  }

  #requireOpen(): void {
    if (this.#state === 'back' || this.#state === 'ended')
      throw new Error('a statement came after the end of its transaction')
    this.#asking?.refuseOutdated()
  }

  /** Sends what was held and then these, and answers these; of what is sent at the same time, each waits for the one before. */
  async #send(statements: readonly Statement[]): Promise<Answer[]> {
    if (this.#isBusy) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#isBusy = true
    try {
      return await this.#sendNow(statements)
    } finally {
      // Whose turn it is has the line already: nobody comes in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#isBusy = false
    }
  }

  async #sendNow(statements: readonly Statement[]): Promise<Answer[]> {
    if (this.#asking?.isOpen && this.#state === 'lent' && !statements.every(onlyReads)) await this.#exchange([])
    return this.#exchange(statements)
  }

  #exchange(statements: readonly Statement[]): Promise<Answer[]> {
    const held = this.#held.splice(0)
    const begin = isBegin(held[0]?.text) ? held.splice(0, 1) : []
    const asking = this.#asking?.isOpen && this.#state !== 'ended' ? [this.#asking.statement] : []
    const all = [...begin, ...asking, ...held, ...statements]
    return new Promise((resolve, reject) => {
      const send = (again: boolean): void => {
        const sent = new Statements(all, (error, answers) => {
          if (!error) resolve(answers!.slice(all.length - statements.length))
          // Within a transaction, which has failed by this, all of it is tried again (`inTransaction`).
          else if (again && isOutdated(error) && this.#state === 'lent') send(false)
          else reject(error)
        })
        this.#client.query(sent)
      }
      send(true)
    })
  }
}

export type PoolSettings = { url: string; size: number; log: Logger; statementTimeout?: number }

/**
 * The pool of one process. Statements end after 30 s, and a transaction that idles half as long is ended: what a process holds that stands still (its machine does, or
 * its network) is given free before those give up who wait for it.
 */
export function createPool({ url, size, log, statementTimeout = 30_000 }: PoolSettings): Pool {
  const pool = new Pool({
    connectionString: url,
    max: size,
    statement_timeout: statementTimeout,
    idle_in_transaction_session_timeout: statementTimeout / 2,
    // Also how long a request stands in line for a connection: a rush for one slot takes its turns, and nobody is to be told 503 meanwhile.
    connectionTimeoutMillis: 25_000,
    idleTimeoutMillis: 30_000,
    application_name: 'banister',
    options: '-c TimeZone=UTC -c DateStyle=ISO',
  })
  // Without a listener, a server that goes away would end the process; the pool opens a new connection by itself.
  pool.on('error', (error) => log.warn({ error: error.message }, 'a database connection was lost'))
  // The pool listens only to those that nobody uses. One that is lost between two statements of a transaction tells so again when the next one is sent.
  pool.on('connect', (client) => {
    client.on('error', () => undefined)
    tellRows(client.connection)
  })
  return pool
}

const lent = new WeakMap<Db, (asking?: Asking<object>) => Promise<Line>>()
const askings = new WeakMap<Db, Asking<object>>()

export function createDatabase(pool: Pool): Db {
  const connect = async (asking?: Asking<object>): Promise<Line> => new Line(await pool.connect(), asking)
  const db = kyselyOn(connect, () => pool.end())
  lent.set(db, connect)
  return db
}

/** The database as the request of somebody sees it who is recalled. */
export function databaseFor(db: Db, asking: Asking<object>): Db {
  const pool = lent.get(db)!
  const connect = async (): Promise<Line> => pool(asking)
  const guarded = kyselyOn(connect, async () => undefined)
  lent.set(guarded, connect)
  askings.set(guarded, asking)
  return guarded
}

/**
 * Makes sure that who asks is who they were recalled as, before something that is done outside of the database and so could not be undone. Not within a transaction,
 * whose database asks for itself. @throws NotAsRecalled
 */
export async function makeSureOfAsker(db: Db): Promise<void> {
  const asking = askings.get(db)
  if (asking?.isOpen) await onLine(db, (line) => line.send([]))
  asking?.refuseOutdated()
}

/** The database as the work of one transaction sees it: all that Kysely sends goes by this line. */
export function databaseOn(line: Line): Db {
  const ours = {
    query: (text: string, values?: readonly unknown[]) => line.query(text, values),
    release: () => undefined,
  }
  return kyselyOn(
    async () => ours,
    async () => undefined,
  )
}

const kyselyOn = (connect: () => Promise<Pick<Line, 'query' | 'release'>>, end: () => Promise<void>): Db =>
  new Kysely<Tables>({
    dialect: new PostgresDialect({
      pool: { connect: connect as unknown as () => Promise<PostgresPoolClient>, end, options: {} },
    }),
  })

/** Does something by a line of its own, which is given back after it. */
export async function onLine<T>(db: Db, work: (line: Line) => Promise<T>): Promise<T> {
  const connect = lent.get(db)
  if (!connect) throw new Error('this is the database of a transaction, whose context has to go with it')
  const line = await connect()
  try {
    return await work(line)
  } finally {
    line.release()
  }
}

/** The rows of one statement that is no part of a transaction. */
export const ask = <Row>(db: Db, query: CompiledQuery<Row>): Promise<Row[]> =>
  onLine(db, async (line) => (await line.send(statementsOf([query])))[0]!.rows as Row[])

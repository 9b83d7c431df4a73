import { sql, type CompiledQuery } from 'kysely'
import type { Context, Transaction } from '../context.ts'
import { databaseOn, onLine, statementsOf } from './database.ts'
import type { RowCache } from './row-cache.ts'
import { errorFields } from '../log.ts'
import { isOutdated, type Answer, type Refusal, type Statement } from './statement.ts'

/** PostgreSQL's error codes that a transaction may simply be tried again after: serialization failure, deadlock. */
const retryable = new Set(['40001', '40P01'])

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** Did a transaction lose to others, or wait in a circle with them? Nothing is wrong with it: it may be tried again. */
export const lostRace = (error: unknown): boolean => retryable.has(codeOf(error) ?? '')

/**
 * PostgreSQL's error codes for what another made or removed between our look and our write: it refers to a row that has gone, or there is one like it already.
 * Whoever looks once more sees it, and answers what whoever comes a moment later is answered (no such calendar, taken), instead of an unknown error.
 */
const outdatedLook = new Set(['23503', '23505'])

/** Thrown by work that has found two of its own looks to disagree, because another made or removed something between them: it is done once more, from its first look. */
export class LooksDisagree extends Error {}

const isOutdatedLook = (error: unknown): boolean =>
  error instanceof LooksDisagree || outdatedLook.has(codeOf(error) ?? '')

/** How often one looks again: what is still refused then is no race, but for the caller to hear, and often to translate. */
const mostLooks = 2

/** How often one transaction is tried: twenty who write the same row at once, on a machine that is busy, need more than five. */
const mostTries = 8

/** Did this error come from breaking the named constraint? Constraint names are part of the code. */
export const violates = (error: unknown, constraint: string): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === constraint

/** Was the database lost, full, or one of us too slow for its time limits (08, 53, 57 of its error classes, and 25P03), so that the asker may simply come back? */
export function isDatabaseGone(error: unknown): boolean {
  const code = codeOf(error) ?? ''
  return (
    /^(08|53|57|25P03$)/.test(code) ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(code) ||
    (error instanceof Error &&
      /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
        error.message,
      ))
  )
}

export type Isolation = 'read committed' | 'repeatable read' | 'serializable'

/**
 * Runs the work in one transaction; inside another one it joins it. Deadlocks, serialization failures and tables changed by a migration run the whole work again,
 * at most eight times, and what another made or removed between our look and our write runs it once more: so it must have no effect outside the database. What the
 * work put into `transaction.afterCommit` runs once it is committed.
 */
export async function inTransaction<T>(
  ctx: Context,
  work: (ctx: Context) => Promise<T>,
  isolation: Isolation = 'read committed',
): Promise<T> {
  if (ctx.transaction) return work(ctx)
  for (let attempt = 1, looks = 1; ; attempt++) {
    const afterCommits: Transaction['afterCommit'] = []
    try {
      const result = await onLine(ctx.db, async (line) => {
        await line.query(isolation === 'read committed' ? 'begin' : `start transaction isolation level ${isolation}`)
        try {
          const done = await work({ ...ctx, db: databaseOn(line), transaction: { afterCommit: afterCommits, line } })
          const { command } = await line.query('commit')
          if (command === 'ROLLBACK')
            throw new Error('a statement of the transaction had failed, which its work took no notice of')
          return done
        } catch (error) {
          // Where even this fails the connection is lost, and its transaction with it.
          await line.query('rollback').catch(() => line.release(true))
          throw error
        }
      })
      await runHooks(ctx, afterCommits)
      return result
    } catch (error) {
      const looksAgain = isOutdatedLook(error) && looks++ < mostLooks
      if (attempt === mostTries || !(looksAgain || lostRace(error) || isOutdated(error))) throw error
      ctx.log.debug({ attempt }, 'a transaction is tried again')
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(500, 10 * 2 ** attempt)))
    }
  }
}

/** The write is committed: a hook that fails (a wake-up, a message to the sockets) must not turn it into an error. */
async function runHooks(ctx: Context, hooks: (() => void | Promise<void>)[]): Promise<void> {
  for (const hook of hooks) {
    try {
      await hook()
    } catch (error) {
      ctx.log.error(errorFields(error), 'a hook after a commit failed')
    }
  }
}

/** Runs after the transaction under way has been committed, or at once outside of one. */
export async function afterCommit(ctx: Context, hook: () => void | Promise<void>): Promise<void> {
  if (ctx.transaction) ctx.transaction.afterCommit.push(hook)
  else await hook()
}

type Rows<Queries> = { [I in keyof Queries]: Queries[I] extends CompiledQuery<infer Row> ? Row[] : never }

/**
 * Runs statements that do not need one another's answers as one message to the database, in this order, and answers the rows of each. They cost one wait and one
 * wake-up of either side instead of several. Each sees what those before it have done.
 */
export async function together<const Queries extends readonly CompiledQuery[]>(
  ctx: Context,
  ...queries: Queries
): Promise<Rows<Queries>> {
  return (await send(ctx, statementsOf(queries))).map((answer) => answer.rows) as Rows<Queries>
}

const send = ({ db, transaction }: Context, statements: readonly Statement[]): Promise<Answer[]> =>
  transaction ? transaction.line.send(statements) : onLine(db, (line) => line.send(statements))

/** The statement, for `together`, answered with what the cache makes of each of its rows, or made of the same row before. */
export const through = <Row, Made extends object>(
  cache: RowCache<Row, Made>,
  query: CompiledQuery<Row>,
): CompiledQuery<Made> => ({ ...query, cache }) as unknown as CompiledQuery<Made>

/** Runs a statement and answers what the cache makes of its rows. */
export async function readThrough<Row, Made extends object>(
  ctx: Context,
  cache: RowCache<Row, Made>,
  query: CompiledQuery<Row>,
): Promise<Made[]> {
  const [rows] = await together(ctx, through(cache, query))
  return rows
}

/**
 * A write of the transaction under way whose answer nobody waits for: it goes out with the next statement, the last ones with the commit, in order. What it breaks
 * fails the transaction there; what may be refused says by `refusal` what is thrown then instead of the database's error.
 */
export async function later(ctx: Context, query: CompiledQuery, refusal?: Refusal): Promise<void> {
  const statements = statementsOf([query], refusal)
  if (ctx.transaction) ctx.transaction.line.hold(statements)
  else await send(ctx, statements)
}

let savepoints = 0

/** Runs work that may break a constraint without ending the transaction around it: on an error only the work is undone, and the error thrown. */
export async function inSavepoint<T>(ctx: Context, work: (ctx: Context) => Promise<T>): Promise<T> {
  if (!ctx.transaction) return inTransaction(ctx, work)
  const name = sql.id(`sp_${(savepoints = (savepoints + 1) % 1_000_000)}`)
  await sql`savepoint ${name}`.execute(ctx.db)
  const before = ctx.transaction.afterCommit.length
  try {
    const result = await work(ctx)
    await sql`release savepoint ${name}`.execute(ctx.db)
    return result
  } catch (error) {
    ctx.transaction.afterCommit.length = before
    await sql`rollback to savepoint ${name}`.execute(ctx.db)
    throw error
  }
}

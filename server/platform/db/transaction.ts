import { CompiledQuery, sql } from 'kysely'
import type { Context } from '../context.ts'
import { Bundle } from './database.ts'
import type { RowCache } from './row-cache.ts'
import { errorFields } from '../log.ts'
import { isOutdated } from './statement.ts'

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
    const transaction = { afterCommit: [] as (() => void | Promise<void>)[] }
    try {
      const begin =
        isolation === 'read committed' ? ctx.db.transaction() : ctx.db.transaction().setIsolationLevel(isolation)
      const result = await begin.execute((db) => work({ ...ctx, db, transaction }))
      await runHooks(ctx, transaction.afterCommit)
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
  const { rows } = await ctx.db.executeQuery<{ rows: unknown[] }>(
    CompiledQuery.raw('together', [new Bundle(queries, false)]),
  )
  return rows.map((answer) => answer.rows) as Rows<Queries>
}

/** Runs a statement and answers what the cache makes of each of its rows, or made of the same row before. */
export async function readThrough<Row, Made extends object>(
  ctx: Context,
  cache: RowCache<Row, Made>,
  query: CompiledQuery<Row>,
): Promise<Made[]> {
  const { rows } = await ctx.db.executeQuery<{ rows: Made[] }>(
    CompiledQuery.raw('read through', [new Bundle([query], false, cache)]),
  )
  return rows[0]!.rows
}

/**
 * A write of the transaction under way whose answer nobody waits for: it goes out with the next statement, the last ones with the commit, in order. What it breaks
 * fails the transaction there; so nothing that may be refused belongs here.
 */
export async function later(ctx: Context, query: CompiledQuery): Promise<void> {
  if (ctx.transaction) await ctx.db.executeQuery(CompiledQuery.raw('later', [new Bundle([query], true)]))
  else await ctx.db.executeQuery(query)
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

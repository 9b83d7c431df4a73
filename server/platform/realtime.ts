import { sql } from 'kysely'
import { Client } from 'pg'
import type { Context } from './context.ts'
import { builtOnce } from './db/built-once.ts'
import { ask, type Db } from './db/database.ts'
import { afterCommit, later } from './db/transaction.ts'
import { createGathering, messagesOf } from './gathering.ts'
import { errorFields, type Logger } from './log.ts'
import { createSubscribers, missed } from './subscribers.ts'

/** Messages to every process that serves, sent when the transaction commits: by PostgreSQL's LISTEN/NOTIFY (at most 8,000 bytes, so they carry ids), or through Redis (`redis/realtime.ts`). */
export type Realtime = {
  /** Tells every process, this one included, when the transaction of `ctx` has been committed. */
  broadcast: (ctx: Context, topic: string, message: object) => Promise<void>
  /** What `broadcast` sends, already written as `{"topic", "message"}`. */
  publish: (ctx: Context, payload: string) => Promise<void>
  /** The channel on which a statement may notify by itself (`pg_notify`) and save a round trip; null where messages do not go through PostgreSQL. */
  channel: string | null
  /**
   * Tells every process within a moment after the commit that the things with these ids have changed, with what others have changed in that moment: `{name: ids}`. For
   * what changes often. PostgreSQL lets transactions that notify commit one at a time, whatever they wrote; what is told like this keeps nobody waiting (decision
   * 0034). Should the process die in that moment, everybody looks when it starts again.
   */
  gather: (ctx: Context, topic: string, name: string, ids: readonly number[]) => Promise<void>
  /** Calls `hear` with each message of the topic; answers how to stop. */
  subscribe: (topic: string, hear: (message: unknown) => void) => () => void
  /** Calls `hear` whenever messages may have been missed, because the connection had been lost. */
  onGap: (hear: () => void) => void
  start: () => Promise<void>
  stop: () => Promise<void>
  /** Does this process hear messages now? `off` before the start. */
  state: () => { status: 'ok' | 'down' | 'off'; detail?: string }
}

const channel = 'banister'
/** A connection that a network has dropped without a word looks alive for hours: so it is asked. */
const [askEveryMs, answerWithinMs] = [15_000, 5_000]
/** A database that takes the connection and then says nothing is tried again: it may be another one by then. */
const connectWithinMs = 10_000

/** Tells of all these messages. */
const notified = builtOnce((db, { messages }: { messages: readonly string[] }) =>
  sql`SELECT pg_notify(${channel}, message) FROM unnest(${messages}::text[]) AS message`.compile(db),
)

const publish: Realtime['publish'] = (ctx, payload) => later(ctx, notified(ctx.db, { messages: [payload] }))

export function createRealtime(url: string, db: Db, log: Logger): Realtime {
  const subscribers = createSubscribers(log)
  let client: Client | null = null
  let stopped = true
  /** Something may not have been told: by this process, or by the one before it that died. */
  let owes = true

  /**
   * By the connection that listens, which does not wait for the disk: nobody would read of it after a crash. Where there is none (the console; it was lost, and this
   * process may be about to end, or the database has no place for another one), by one of the others. What is told twice is only looked at twice.
   */
  const tell = async (messages: readonly string[]): Promise<void> => {
    const by = client
    const query = notified(db, { messages })
    try {
      if (by) {
        await by.query(query.sql, [...query.parameters])
        return
      }
    } catch (error) {
      log.warn(errorFields(error), 'messages to other processes could not be sent by the connection that listens')
      by?.connection.stream.destroy()
    }
    try {
      await ask(db, query)
    } catch (error) {
      owes = true
      log.warn(errorFields(error), 'messages to other processes could not be sent')
    }
  }
  const gathering = createGathering(tell)

  const listen = async (): Promise<void> => {
    const next = new Client({
      connectionString: url,
      application_name: 'banister listen',
      keepAlive: true,
      connectionTimeoutMillis: connectWithinMs,
      query_timeout: answerWithinMs,
    })
    next.on('notification', ({ payload }) => payload && subscribers.hear(payload))
    next.on('error', () => undefined)
    next.on('end', () => {
      if (!stopped && client === next) reconnect()
    })
    try {
      await next.connect()
      await next.query(`SET synchronous_commit = off; LISTEN ${channel}`)
    } catch (error) {
      // Left open it would listen beside the next one as soon as the database answers, and everything would be heard twice.
      next.connection.stream.destroy()
      throw error
    }
    // Stopped while this was on its way: what nobody holds nobody would end.
    if (stopped) return next.end()
    client = next
    watch(next)
    if (!owes) return
    owes = false
    await tell([JSON.stringify({ topic: missed, message: {} })])
  }

  /** Asks the connection now and then, and ends one that does not answer: its `end` opens the next. */
  const watch = (watched: Client): void => {
    const asking = setInterval(() => {
      if (client !== watched) return clearInterval(asking)
      watched.query('SELECT 1').catch(() => {
        log.warn({}, 'the listening connection does not answer')
        watched.connection.stream.destroy()
      })
    }, askEveryMs)
    asking.unref()
  }

  const reconnect = (): void => {
    client = null
    setTimeout(() => {
      if (stopped) return
      listen().then(
        () => subscribers.gap(),
        () => reconnect(),
      )
    }, 500).unref()
  }

  return {
    broadcast: (ctx, topic, message) => publish(ctx, JSON.stringify({ topic, message })),
    publish,
    gather: (ctx, topic, name, ids) =>
      afterCommit(ctx, () =>
        // A process that does not listen, such as the console, may end the next moment: it tells at once.
        stopped ? tell(messagesOf({ topic, name, ids })) : gathering.add({ topic, name, ids }),
      ),
    channel,
    subscribe: subscribers.subscribe,
    onGap: subscribers.onGap,
    start: async () => {
      stopped = false
      await listen()
    },
    stop: async () => {
      stopped = true
      await gathering.flush()
      const last = client
      client = null
      await last?.end()
    },
    state: () => ({ status: client ? 'ok' : stopped ? 'off' : 'down' }),
  }
}

/** The topic on which every process hears that a session has ended: sockets opened with it are closed. */
export const sessionsEnded = 'sessions.ended'

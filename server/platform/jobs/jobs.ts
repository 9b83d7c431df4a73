import { randomUUID } from 'node:crypto'
import { CompiledQuery, sql } from 'kysely'
import { fromKysely, PgBoss, type JobInsert } from 'pg-boss'
import type { Pool } from 'pg'
import type { Context } from '../context.ts'
import { afterCommit, inTransaction, later } from '../db/transaction.ts'
import { errorFields, type Logger } from '../log.ts'
import { deadLettersOf, type DeadLetters, type Envelope } from './dead.ts'
import { drainOf } from './drain.ts'
import { queues, type QueueName } from './queues.ts'

/** Domain events and what each tells. The publisher's module adds its own by declaration merging. */
// eslint-disable-next-line typescript/no-empty-object-type
export interface DomainEvents {}

/** Jobs and what each is given. The module that handles a job adds it by declaration merging. */
// eslint-disable-next-line typescript/no-empty-object-type
export interface JobData {}

export type EventName = Extract<keyof DomainEvents, string>
export type JobName = Extract<keyof JobData, string>

/** Hears one event, once in effect: it runs in the transaction that also marks its job as done. Only database work belongs here; it enqueues jobs for the rest. */
export type Listener<E extends EventName> = (ctx: Context, event: DomainEvents[E]) => Promise<void>

/** Does one job, at least once: it may run again after a crash, so it must be safe to repeat. */
export type Handler<J extends JobName> = (ctx: Context, data: JobData[J]) => Promise<void>

/** Who hears what: by event, the listeners by their names (`notifications.bookingCancelled`). Written down in `app.ts` (and for webhooks in their `sources.ts`), nowhere else. */
export type Listeners = { [E in EventName]?: Record<string, Listener<E>> }

export type JobDefinition<J extends JobName> = {
  handle: Handler<J>
  queue?: QueueName
  /** When it runs by itself: a cron expression in the zone TIME_ZONE. A run missed while nothing ran is made up for once. */
  cron?: string
}
export type JobDefinitions = { [J in JobName]: JobDefinition<J> }

export type EnqueueOptions = { startAfter?: Temporal.Instant | undefined }

export type Jobs = {
  /** Makes a job in the transaction of `ctx`. */
  enqueue: <J extends JobName>(ctx: Context, name: J, data: JobData[J], options?: EnqueueOptions) => Promise<void>
  /** Makes one job for each listener of the event, in one INSERT of the transaction of `ctx`. */
  publish: <E extends EventName>(ctx: Context, name: E, event: DomainEvents[E]) => Promise<void>
  /** The same for several events of one name, in one INSERT too. */
  publishAll: <E extends EventName>(ctx: Context, name: E, events: readonly DomainEvents[E][]) => Promise<void>
  /** Connects to the queues, so that jobs can be made; `work` also begins to do them. */
  start: (work: boolean) => Promise<void>
  stop: () => Promise<void>
  /**
   * Does everything that is due (or all that waits) now and answers how many jobs it did; for the demo and the tests. A job that fails waits for its next try, the
   * others taken with it are done, and the first error is thrown. `together` hears up to fifty events in one transaction, for a house in which nobody else works: it
   * costs a third less, and where one of them fails each is heard by itself.
   */
  drain: (everything?: boolean, together?: boolean) => Promise<number>
  /** Runs one job by its name at once, as the console does. */
  run: (name: string) => Promise<void>
  /** Names of the jobs that run by themselves. */
  scheduled: () => { name: string; cron: string }[]
  /** Jobs by queue and state, for the metrics. */
  counts: () => Promise<{ queue: string; state: string; count: number }[]>
} & DeadLetters

type Parts = {
  pool: Pool
  log: Logger
  timeZone: string
  listeners: Listeners
  definitions: JobDefinitions
  makeContext: (name: string) => Context
  /** Who has nothing to hear in this house, as it is set up: no jobs are made for them, but those that wait are done. */
  isDeaf?: (listener: string) => boolean
  /** Told of each event that one of these does not hear. */
  leftUnheard?: (ctx: Context, listener: string, name: EventName, events: readonly unknown[]) => Promise<void>
  /** Who hears at once, in this process, when the publisher's transaction is committed; and before all others that wait, where that fails. */
  isUrgent?: (listener: string) => boolean
}

/** Writes jobs in the transaction under way, with its next statement: nobody waits for their ids. */
const heldBy = (ctx: Context): ReturnType<typeof fromKysely> => ({
  executeSql: async (text, values = []) => {
    await later(ctx, CompiledQuery.raw(text, values))
    return { rows: [] }
  },
})

export function createJobs({
  pool,
  log,
  timeZone,
  listeners,
  definitions,
  makeContext,
  isDeaf = () => false,
  leftUnheard = async () => undefined,
  isUrgent = () => false,
}: Parts): Jobs {
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    migrate: false,
    createSchema: false,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    cronMonitorIntervalSeconds: 20,
    cronWorkerIntervalSeconds: 5,
    reindex: false,
    monitorVacuum: false,
    persistWarnings: false,
  })
  boss.on('error', (error) => log.warn(errorFields(error), 'the job queue has a problem'))
  const workers = new Map<QueueName, string>()
  const working = queues.map((queue) => queue.name).filter((name): name is QueueName => name !== 'dead')
  let started: boolean | null = null

  const definitionOf = (name: string): JobDefinition<JobName> => {
    const found = (definitions as Record<string, JobDefinition<JobName>>)[name]
    if (!found) throw new Error(`there is no job ${name}`)
    return found
  }

  /** The workers of this process need not wait for their next look into the queue. */
  const wake = (queue: QueueName): void => {
    const worker = workers.get(queue)
    if (worker) boss.notifyWorker(worker)
  }

  const insert = async (ctx: Context, queue: QueueName, jobs: JobInsert<Envelope>[]): Promise<void> => {
    if (started === null) throw new Error('the jobs have not been started')
    await boss.insert(queue, jobs, ctx.transaction ? { db: heldBy(ctx) } : {})
    // Before any worker is woken for it.
    for (const { id, data } of jobs) if (id && data) await afterCommit(ctx, () => hearAtOnce(id, data))
    await afterCommit(ctx, () => wake(queue))
  }

  const listenerOf = ({ name, listener = '' }: Envelope): Listener<EventName> => {
    const hears = (listeners as Record<string, Record<string, Listener<EventName>> | undefined>)[name]?.[listener]
    if (!hears) throw new Error(`nobody called ${listener} hears ${name}`)
    return hears
  }

  const perform = async (queue: QueueName, id: string, { name, listener, data }: Envelope): Promise<void> => {
    const ctx = makeContext(listener ?? name)
    if (listener === undefined) {
      await definitionOf(name).handle(ctx, data as never)
      return
    }
    const hears = listenerOf({ name, listener, data })
    await inTransaction(ctx, async (tx) => {
      await hears(tx, data as never)
      // Done and its effects are one: a crash in between leaves neither. Who was slow and has lost the job to another is undone.
      const { affected } = (await boss.complete(queue, id, null, { db: fromKysely(tx.db) })) as { affected?: number }
      if (affected !== 1) throw new Error('the job was taken over by another worker meanwhile')
    })
  }

  /**
   * Does a job before any worker has it: none takes it while this goes on. To one who was quicker it is left, since two who do it at once would wait for each other:
   * one for the job, the other for what its hearing locks. Where this fails, its turn comes as that of any other.
   */
  const hearAtOnce = async (id: string, envelope: Envelope): Promise<void> => {
    try {
      await inTransaction(makeContext(envelope.listener ?? envelope.name), async (tx) => {
        const { rows } = await sql`
          SELECT FROM pgboss.job WHERE name = 'events' AND id = ${id}::uuid AND state < 'active' FOR UPDATE SKIP LOCKED`.execute(
          tx.db,
        )
        if (rows.length === 0) return
        await listenerOf(envelope)(tx, envelope.data as never)
        await boss.complete('events', id, null, { db: fromKysely(tx.db), includeQueued: true })
      })
    } catch (error) {
      log.warn({ job: envelope.listener, id, ...errorFields(error) }, 'an urgent job failed and will be tried again')
    }
  }

  const start = async (work: boolean): Promise<void> => {
    await boss.start()
    started = work
    if (!work) return
    for (const queue of working) {
      const worker = await boss.work<Envelope>(
        queue,
        { pollingIntervalSeconds: 1, localConcurrency: queue === 'slow' || queue === 'backup' ? 1 : 2 },
        async ([job]) => {
          if (!job) return
          try {
            await perform(queue, job.id, job.data)
          } catch (error) {
            log.warn(
              { job: job.data.listener ?? job.data.name, id: job.id, ...errorFields(error) },
              'a job failed and will be tried again',
            )
            throw error
          } finally {
            // Else it would pause for a second after each job, and what piled up would wait.
            wake(queue)
          }
        },
      )
      workers.set(queue, worker)
    }
    await schedule()
  }

  const publishAll: Jobs['publishAll'] = async (ctx, name, events) => {
    const all = Object.keys(listeners[name] ?? {})
    const names = all.filter((listener) => !isDeaf(listener))
    if (names.length < all.length)
      for (const listener of all) if (!names.includes(listener)) await leftUnheard(ctx, listener, name, events)
    const made = events.flatMap((event) =>
      names.map((listener): JobInsert<Envelope> => {
        const data = { name, listener, data: event }
        return isUrgent(listener) ? { data, id: randomUUID(), priority: 1 } : { data }
      }),
    )
    if (made.length === 0) return
    await insert(ctx, 'events', made)
  }

  const scheduled = (): { name: string; cron: string }[] =>
    Object.entries(definitions as Record<string, JobDefinition<JobName>>).flatMap(([name, { cron }]) =>
      cron ? [{ name, cron }] : [],
    )

  const schedule = async (): Promise<void> => {
    const wanted = scheduled()
    for (const { name, key } of await boss.getSchedules()) {
      if (!wanted.some((job) => job.name === key)) await boss.unschedule(name, key)
    }
    for (const { name, cron } of wanted) {
      const queue = definitionOf(name).queue ?? 'jobs'
      await boss.schedule(queue, cron, { name, data: {} }, { key: name, tz: timeZone, missed: 'once' })
    }
  }

  const drain = drainOf({ boss, log, queues: working, listenerOf, perform, makeContext })

  return {
    enqueue: async (ctx, name, data, options = {}) => {
      await insert(ctx, definitionOf(name).queue ?? 'jobs', [
        {
          data: { name, data },
          ...(options.startAfter ? { startAfter: options.startAfter.toString() } : {}),
        },
      ])
    },
    publish: (ctx, name, event) => publishAll(ctx, name, [event]),
    publishAll,
    start,
    stop: async () => {
      if (started === null) return
      started = null
      workers.clear()
      await boss.stop({ graceful: true, timeout: 10_000, close: false })
    },
    drain,
    run: async (name) => definitionOf(name).handle(makeContext(name), {}),
    scheduled,
    ...deadLettersOf(boss),
    counts: async () => {
      const { rows } = await pool.query<{ queue: string; state: string; count: number }>(
        'SELECT name AS queue, state::text AS state, count(*) AS count FROM pgboss.job GROUP BY 1, 2',
      )
      return rows
    },
  }
}

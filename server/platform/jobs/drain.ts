import { fromKysely, type Job, type PgBoss } from 'pg-boss'
import type { Context } from '../context.ts'
import { inTransaction } from '../db/transaction.ts'
import { errorFields, type Logger } from '../log.ts'
import type { Envelope } from './dead.ts'
import type { EventName, Jobs, Listener } from './jobs.ts'
import type { QueueName } from './queues.ts'

type Parts = {
  boss: PgBoss
  log: Logger
  queues: readonly QueueName[]
  listenerOf: (envelope: Envelope) => Listener<EventName>
  perform: (queue: QueueName, id: string, envelope: Envelope) => Promise<void>
  makeContext: (name: string) => Context
}

/** What waits in the queues done by whoever asks, without a worker: `Jobs.drain`. */
export function drainOf({ boss, log, queues, listenerOf, perform, makeContext }: Parts): Jobs['drain'] {
  /** Listeners of many events in one transaction, each after the other as `perform` would: all are done, or none is. Answers whether they are. */
  const performTogether = async (queue: QueueName, jobs: Job<Envelope>[]): Promise<boolean> => {
    if (jobs.length === 0) return true
    try {
      await inTransaction(makeContext('together'), async (tx) => {
        for (const { data } of jobs)
          await listenerOf(data)({ ...tx, log: log.child({ job: data.listener }) }, data.data as never)
        const ids = jobs.map(({ id }) => id)
        const { affected } = (await boss.complete(queue, ids, null, { db: fromKysely(tx.db) })) as { affected?: number }
        if (affected !== jobs.length) throw new Error('a job was taken over by another worker meanwhile')
      })
      return true
    } catch (error) {
      log.debug(errorFields(error), 'events cannot be heard together')
      return false
    }
  }

  return async (everything = false, together = false) => {
    let count = 0
    for (;;) {
      const before = count
      for (const queue of queues) {
        const fetched = await boss.fetch<Envelope>(queue, { batchSize: 50, ignoreStartAfter: everything })
        count += fetched.length
        if (together && queue === 'events' && (await performTogether(queue, fetched))) continue
        const errors: unknown[] = []
        for (const job of fetched) {
          try {
            await perform(queue, job.id, job.data)
            await boss.complete(queue, job.id)
          } catch (error) {
            errors.push(error)
            await boss.fail(queue, job.id, error instanceof Error ? { message: error.message } : {})
          }
        }
        // Not before all of them have been tried: what was taken and left would wait for a worker that is none.
        if (errors.length > 0) throw errors[0]
      }
      if (count === before) return count
    }
  }
}

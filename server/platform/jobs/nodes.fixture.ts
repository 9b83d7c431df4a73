import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { databaseOf } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import type { Context } from '../context.ts'
import { createPool } from '../db/database.ts'
import { createLogger } from '../log.ts'
import { createJobs, type Jobs } from './jobs.ts'

/** The queues of a house with jobs and listeners of the tests' own. */

export const house = await openHouse()
const log = createLogger('silent', false)
const none = async (): Promise<void> => undefined

export type Parts = {
  listener?: (ctx: Context, event: { id: string }) => Promise<void>
  job?: (ctx: Context, data: { id: string }) => Promise<void>
  cron?: string
  urgent?: (ctx: Context) => Promise<void>
}

/** The queues as one node has them, with a listener and a job of the test's own. */
export async function node(t: TestContext, { listener, job, cron, urgent }: Parts, work = false): Promise<Jobs> {
  const pool = createPool({ url: databaseOf(house), size: 4, log })
  const jobs = createJobs({
    pool,
    log,
    timeZone: 'UTC',
    listeners: {
      'test.happened': { 'test.hears': listener ?? none },
      ...(urgent ? { 'test.pressed': { 'test.hurries': urgent } } : {}),
    } as never,
    isUrgent: (name) => name === 'test.hurries',
    definitions: { 'test.job': { handle: job ?? none, ...(cron ? { cron } : {}) } } as never,
    makeContext: () => house.ctx(),
  })
  await jobs.start(work)
  t.after(async () => {
    await jobs.stop()
    await pool.end()
  })
  return jobs
}
export const publish = (jobs: Jobs, id: string, ctx = house.ctx()): Promise<void> =>
  jobs.publish(ctx, 'test.happened' as never, { id } as never)
export const enqueue = (jobs: Jobs, id: string, ctx = house.ctx()): Promise<void> =>
  jobs.enqueue(ctx, 'test.job' as never, { id } as never)
/** An effect that can be counted: a mail in the outbox. */
let effects = 0
export const write = async (ctx: Context, id: string): Promise<void> => {
  await ctx.db
    .insertInto('mail_outbox')
    .values({ message_id: `effect ${++effects}`, at: ctx.now, recipient: id, subject: '', text: '', html: '' })
    .execute()
}
export const written = async (id: string): Promise<number> =>
  (await house.house.db.selectFrom('mail_outbox').select('id').where('recipient', '=', id).execute()).length
export const sql = async <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
  (await house.house.pool.query<T>(text, values)).rows
export const eventually = async (holds: () => Promise<boolean>, seconds = 30): Promise<void> => {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(50))
    if (await holds()) return
  assert.fail('it did not come to pass')
}

import type { PgBoss } from 'pg-boss'

/** What stands in a job: its name, whose hearing of an event it is, and what it is given. */
export type Envelope = { name: string; listener?: string; data: unknown }

export type DeadLetters = {
  /** Dead letters: what was given up, newest last. */
  dead: () => Promise<{ id: string; name: string; created: string; error: string }[]>
  /** Puts dead letters back into their queues; all of them where no id is given. Answers how many. */
  replay: (ids?: string[]) => Promise<number>
}

/** What pg-boss keeps of an error: its message among other things. */
const messageOf = (output: unknown): string =>
  typeof output === 'object' && output !== null && 'message' in output && typeof output.message === 'string'
    ? output.message
    : ''

/** The dead letters of these queues. */
export const deadLettersOf = (boss: PgBoss): DeadLetters => ({
  dead: async () => {
    const jobs = await boss.findJobs<Envelope>('dead')
    return jobs.map((job) => ({
      id: job.id,
      name: job.data.listener ?? job.data.name,
      created: String(job.createdOn),
      error: messageOf(job.sourceOutput),
    }))
  },
  replay: (ids) => boss.redrive('dead', ids ? { ids } : {}),
})

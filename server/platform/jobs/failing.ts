import type { Pool } from 'pg'

/** Queues whose last tries failed, in whichever process: five failures or more of what waits to be tried again or is being tried, and nothing was done since. */
export async function failingQueues(pool: Pool): Promise<Set<string>> {
  const { rows } = await pool.query<{ queue: string }>(
    `SELECT name AS queue FROM (
       SELECT name, sum(retry_count + (state = 'retry')::int) AS failures, max(started_on) AS last
       FROM pgboss.job WHERE state IN ('retry', 'active') GROUP BY name) AS tried
     WHERE failures >= 5 AND NOT EXISTS (
       SELECT FROM pgboss.job AS done WHERE done.name = tried.name AND done.state = 'completed' AND done.completed_on > tried.last)`,
  )
  return new Set(rows.map(({ queue }) => queue))
}

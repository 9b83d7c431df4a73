import type { Context } from '../../../platform/context.ts'
import { openSession, type Session } from '../../../platform/backup/session.ts'
import { conflict } from '../../../platform/errors.ts'
import { lockOfBackups as lock } from '../queries.ts'

/** The address of the house's database. */
export function urlOf({ house }: Context): string {
  const url = house.pool.options.connectionString
  if (!url) throw new Error('the pool was not made from an address')
  return url
}

/** Works while no other process makes a backup; `wait`s for its end, or refuses. @throws CONFLICT */
export async function alone<T>(ctx: Context, wait: boolean, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession(urlOf(ctx))
  try {
    if (wait) await session.client.query('SELECT pg_advisory_lock($1)', [lock])
    else {
      const { rows } = await session.client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [lock])
      if (!rows[0]!.got) throw conflict('Another backup is being made: try again once it is done')
    }
    return await work(session)
  } finally {
    // Whoever waits goes on at once, and not when the server sees that nobody is there.
    await session.client.query('SELECT pg_advisory_unlock_all()').catch(() => undefined)
    session.kill()
  }
}

/**
 * Ends a reading session as soon as somebody waits for a lock because of it: a migration that alters a table must not wait for a backup, and everybody else
 * behind it. Answers how to end the watch, which tells whether it ended the session.
 */
export function giveWay(watch: Session, reading: Session, pid: number, everyMs = 1000): () => boolean {
  let gave = false
  let asking = false
  const look = async (): Promise<void> => {
    const { rows } = await watch.client.query<{ waited: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_locks w WHERE NOT w.granted AND $1 = ANY (pg_blocking_pids(w.pid))) AS waited`,
      [pid],
    )
    if (!rows[0]!.waited) return
    gave = true
    reading.kill()
  }
  const timer = setInterval(() => {
    if (asking || gave) return
    asking = true
    void look()
      .catch(() => undefined)
      .finally(() => {
        asking = false
      })
  }, everyMs)
  return () => {
    clearInterval(timer)
    return gave
  }
}

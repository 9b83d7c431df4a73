import { sql } from 'kysely'
import type { Db } from '../../../platform/db/database.ts'

/** Which of these sessions are still open, in one statement: sockets ask after they may have missed a sign-out. */
export async function findOpenSessions(
  db: Db,
  sessionIds: readonly number[],
  now: Temporal.Instant,
): Promise<Set<number>> {
  const { rows } = await sql<{ id: number }>`
    SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ANY (${sessionIds}::bigint[]) AND s.ended_at IS NULL AND s.expires_at > ${now} AND u.is_active AND u.deleted_at IS NULL`.execute(
    db,
  )
  return new Set(rows.map(({ id }) => id))
}

import { sql } from 'kysely'
import type { Context } from '../context.ts'
import type { Db } from '../db/database.ts'

/** Is a person connected, on any process; and if not, since when. */
export type Presence = { online: boolean; lastSeenAt: Temporal.Instant | null }

/** A process that has been silent for so long is gone, and the sockets that it held with it. */
const silentSeconds = 75

/** The topic of what is told to whoever is connected now. */
export const passingTopic = 'socket.passing'
export type Passing = { to: number[]; type: string; data: object }

/** Tells people something that is not kept (`typing`, `presence`): whoever is connected now, on any process, once the transaction is committed. At most 7,500 bytes. */
export async function tellNow(
  ctx: Context,
  userIds: readonly number[],
  { type, data }: { type: string; data: object },
): Promise<void> {
  const to = [...new Set(userIds)]
  for (let i = 0; i < to.length; i += personsOfMessage)
    await ctx.house.realtime.broadcast(ctx, passingTopic, {
      to: to.slice(i, i + personsOfMessage),
      type,
      data,
    } satisfies Passing)
}
const personsOfMessage = 100

/** Who of these people is connected now, in one statement; everybody asked for is in the answer. */
export async function presenceOf(ctx: Context, userIds: readonly number[]): Promise<Map<number, Presence>> {
  const since = ctx.house.clock().subtract({ seconds: silentSeconds })
  const { rows } = await sql<{ user_id: number; online: boolean; left_at: Temporal.Instant | null }>`
    SELECT w.user_id, d.left_at,
      EXISTS (SELECT FROM socket_people p JOIN socket_nodes n USING (node) WHERE p.user_id = w.user_id AND n.alive_at > ${since}) AS online
    FROM unnest(${[...new Set(userIds)]}::bigint[]) AS w (user_id) LEFT JOIN socket_departures d USING (user_id)`.execute(
    ctx.db,
  )
  return new Map(
    rows.map(({ user_id: id, online, left_at: leftAt }) => [id, { online, lastSeenAt: online ? null : leftAt }]),
  )
}

/** Says that this process is alive. Answers whether the others did not know it (any more). */
export async function sayAlive(db: Db, node: string, now: Temporal.Instant): Promise<boolean> {
  const { rows } = await sql<{ is_new: boolean }>`
    INSERT INTO socket_nodes (node, alive_at) VALUES (${node}, ${now})
    ON CONFLICT (node) DO UPDATE SET alive_at = excluded.alive_at RETURNING xmax = 0 AS is_new`.execute(db)
  return rows[0]?.is_new === true
}

/** Forgets the processes that are gone. Answers who was connected to them and is now nowhere; of several who ask at once, one is told. */
export async function reapDead(db: Db, now: Temporal.Instant): Promise<number[]> {
  const since = now.subtract({ seconds: silentSeconds })
  const { rows } = await sql<{ user_id: number }>`
    WITH dead AS (
      SELECT node, alive_at FROM socket_nodes WHERE alive_at <= ${since} ORDER BY node FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM socket_people p USING dead d WHERE p.node = d.node RETURNING p.user_id, d.alive_at
    ), forgotten AS (
      DELETE FROM socket_nodes n USING dead d WHERE n.node = d.node
    ), away AS (
      SELECT user_id, max(alive_at) AS alive_at FROM gone g WHERE NOT EXISTS
        (SELECT FROM socket_people p JOIN socket_nodes n USING (node) WHERE p.user_id = g.user_id AND n.alive_at > ${since})
      GROUP BY user_id
    ), noted AS (
      INSERT INTO socket_departures (user_id, left_at) SELECT a.user_id, a.alive_at FROM away a JOIN users u ON u.id = a.user_id ORDER BY a.user_id
      ON CONFLICT (user_id) DO UPDATE SET left_at = excluded.left_at
    )
    SELECT user_id FROM away`.execute(db)
  return rows.map((row) => row.user_id)
}

/** Notes that these people are connected to this process. Answers those who had been nowhere before. */
export async function noteArrivals(
  db: Db,
  node: string,
  userIds: readonly number[],
  now: Temporal.Instant,
): Promise<number[]> {
  const since = now.subtract({ seconds: silentSeconds })
  const { rows } = await sql<{ user_id: number }>`
    WITH come AS (
      INSERT INTO socket_people (user_id, node) SELECT user_id, ${node}::uuid FROM unnest(${userIds}::bigint[]) AS w (user_id) ORDER BY user_id
      ON CONFLICT DO NOTHING RETURNING user_id
    )
    SELECT user_id FROM come c WHERE NOT EXISTS
      (SELECT FROM socket_people p JOIN socket_nodes n USING (node) WHERE p.user_id = c.user_id AND p.node <> ${node}::uuid AND n.alive_at > ${since})`.execute(
    db,
  )
  return rows.map((row) => row.user_id)
}

/** Notes that people are no longer connected to this process. Answers those who are now nowhere. */
export async function noteDepartures(
  db: Db,
  node: string,
  userIds: readonly number[],
  now: Temporal.Instant,
): Promise<number[]> {
  const since = now.subtract({ seconds: silentSeconds })
  const { rows } = await sql<{ user_id: number }>`
    WITH gone AS (
      DELETE FROM socket_people WHERE node = ${node}::uuid AND user_id = ANY (${userIds}::bigint[]) RETURNING user_id
    ), away AS (
      SELECT user_id FROM gone g WHERE NOT EXISTS
        (SELECT FROM socket_people p JOIN socket_nodes n USING (node) WHERE p.user_id = g.user_id AND p.node <> ${node}::uuid AND n.alive_at > ${since})
    ), noted AS (
      INSERT INTO socket_departures (user_id, left_at) SELECT a.user_id, ${now}::timestamptz FROM away a JOIN users u ON u.id = a.user_id ORDER BY a.user_id
      ON CONFLICT (user_id) DO UPDATE SET left_at = excluded.left_at
    )
    SELECT user_id FROM away`.execute(db)
  return rows.map((row) => row.user_id)
}

/** Lets this process, which stops, count as gone in ten seconds. */
export async function forgetSoon(db: Db, node: string, now: Temporal.Instant): Promise<void> {
  await db
    .updateTable('socket_nodes')
    .set({ alive_at: now.subtract({ seconds: silentSeconds - 10 }) })
    .where('node', '=', node)
    .execute()
}

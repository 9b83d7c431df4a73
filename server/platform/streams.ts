import { sql } from 'kysely'
import type { Context } from './context.ts'
import type { Db } from './db/database.ts'

/** What a person is told live: `type` names an entry that was declared with `entry(...)`, `data` has its shape. */
export type StreamEntry = { type: string; data: object }
/** An entry as it stands in a person's stream; `data` is JSON text. */
export type KeptEntry = { seq: number; type: string; data: string }

/** The topic of the wake-ups. A message names the persons with their new number; the entry goes with it where it is small enough. */
export const streamsTopic = 'streams'
export type StreamMessage = { to: [userId: number, seq: number][]; entry?: { type: string; data: unknown } }

/** For so long a client may stay away and still be sent exactly what it missed. */
export const streamDays = 30
/** NOTIFY takes less than 8,000 bytes; what is larger is read from the table by who needs it. */
const mostBytes = 7900
const personsOfMessage = 100

/**
 * Puts one entry into the streams of several people, and wakes every process that holds their sockets once the transaction is committed. Call it as the last
 * statement of the transaction: it locks the streams, in ascending order, until commit, which is what keeps the numbers gapless and in the order in which they
 * become visible. Nobody is told twice; an empty list does nothing.
 */
export async function appendToStreams(ctx: Context, userIds: readonly number[], entry: StreamEntry): Promise<void> {
  await append(
    ctx,
    [entry],
    [...new Set(userIds)].map((userId) => ({ userId, index: 0 })),
  )
}

/** The same with an entry for each; one person may be given several, which come in the order of the list. All of it is one statement. */
export async function appendEach(ctx: Context, entries: readonly (StreamEntry & { userId: number })[]): Promise<void> {
  await append(
    ctx,
    entries,
    entries.map(({ userId }, index) => ({ userId, index })),
  )
}

async function append(
  ctx: Context,
  entries: readonly StreamEntry[],
  to: readonly { userId: number; index: number }[],
): Promise<void> {
  if (to.length === 0) return
  const { channel, publish } = ctx.house.realtime
  // The lines are sorted by person, and INSERT takes them in that order: so two transactions that tell the same people never wait for each other in a circle.
  const { rows } = await sql<{ payload: string }>`
    WITH wanted AS (
      SELECT user_id, index, row_number() OVER (PARTITION BY user_id ORDER BY place) AS nth
      FROM unnest(${to.map(({ userId }) => userId)}::bigint[], ${to.map(({ index }) => index)}::integer[]) WITH ORDINALITY AS w (user_id, index, place)
    ), counted AS (
      SELECT user_id, count(*) AS n FROM wanted GROUP BY user_id ORDER BY user_id
    ), moved AS (
      INSERT INTO streams AS s (user_id, last_seq) SELECT user_id, n FROM counted ORDER BY user_id
      ON CONFLICT (user_id) DO UPDATE SET last_seq = s.last_seq + excluded.last_seq
      RETURNING user_id, last_seq
    ), given AS (
      SELECT (place - 1)::integer AS index, type, data
      FROM unnest(${entries.map(({ type }) => type)}::text[], ${entries.map(({ data }) => JSON.stringify(data))}::text[]) WITH ORDINALITY AS g (type, data, place)
    ), numbered AS (
      SELECT w.user_id, w.index, m.last_seq - c.n + w.nth AS seq FROM wanted w JOIN counted c USING (user_id) JOIN moved m USING (user_id)
    ), kept AS (
      INSERT INTO stream_entries (user_id, seq, type, data, created_at)
      SELECT n.user_id, n.seq, g.type, g.data::jsonb, ${ctx.now}::timestamptz FROM numbered n JOIN given g USING (index)
    ), bundled AS (
      SELECT index, '[' || string_agg('[' || user_id || ',' || seq || ']', ',' ORDER BY seq, user_id) || ']' AS people
      FROM (SELECT *, (row_number() OVER (PARTITION BY index ORDER BY user_id) - 1) / ${personsOfMessage}::integer AS bundle FROM numbered) b
      GROUP BY index, bundle
    ), written AS (
      SELECT index, '{"topic":"' || ${streamsTopic}::text || '","message":{"to":' || people AS head,
        ',"entry":{"type":' || to_json(type)::text || ',"data":' || data || '}' AS entry
      FROM bundled JOIN given USING (index) ORDER BY index
    ), payloads AS (
      SELECT index, CASE WHEN octet_length(head) + octet_length(entry) + 2 <= ${mostBytes}::integer THEN head || entry ELSE head END || '}}' AS payload FROM written
    )
    SELECT payload, CASE WHEN ${channel}::text IS NOT NULL THEN pg_notify(${channel}::text, payload)::text END FROM payloads ORDER BY index`.execute(
    ctx.db,
  )
  if (channel === null) for (const { payload } of rows) await publish(ctx, payload)
}

/** The number of a person's last entry; 0 before the first. */
export async function lastSeqOf(db: Db, userId: number): Promise<number> {
  return (await lastSeqsOf(db, [userId])).get(userId) ?? 0
}

/** The same for many people, in one statement; who has been told nothing is not in it. */
export async function lastSeqsOf(db: Db, userIds: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await sql<{ user_id: number; last_seq: number }>`
    SELECT user_id, last_seq FROM streams WHERE user_id = ANY (${userIds}::bigint[])`.execute(db)
  return new Map(rows.map((row) => [row.user_id, row.last_seq]))
}

/** A person's entries after a number, in their order, at most so many. */
export async function entriesAfter(db: Db, userId: number, seq: number, limit: number): Promise<KeptEntry[]> {
  const { rows } = await sql<KeptEntry>`
    SELECT seq, type, data::text AS data FROM stream_entries WHERE user_id = ${userId} AND seq > ${seq} ORDER BY seq LIMIT ${limit}`.execute(
    db,
  )
  return rows
}

/** Deletes what is older than 30 days, in portions, so that no statement holds many rows for long. The numbers go on. */
export async function forgetOldEntries({ db, now }: Context): Promise<void> {
  const before = now.subtract({ hours: 24 * streamDays })
  for (;;) {
    const { numAffectedRows = 0n } = await sql`
      DELETE FROM stream_entries WHERE (user_id, seq) IN
        (SELECT user_id, seq FROM stream_entries WHERE created_at < ${before} ORDER BY created_at LIMIT 5000)`.execute(
      db,
    )
    if (numAffectedRows < 5000n) return
  }
}

/** Forgets what a person was told, when their account is erased: it is full of other people's words and names. */
export async function eraseStream(ctx: Context, event: { user_id: number }): Promise<void> {
  await ctx.db.deleteFrom('stream_entries').where('user_id', '=', event.user_id).execute()
}

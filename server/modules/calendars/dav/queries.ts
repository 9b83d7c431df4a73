import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import { eventColumns, spanText, type EventRow, type Span } from '../queries/events.ts'
import type { AnswerStatus } from '../queries/participants.ts'

/** SQL for clients that hold a copy of a calendar: what is there, what has changed, what is gone. */

/** What must be known of an event to name it, to say whether it has changed, and who may see it. */
export type HeadRow = Pick<
  EventRow,
  | 'id'
  | 'href'
  | 'calendar_id'
  | 'change'
  | 'version'
  | 'organizer_id'
  | 'visibility'
  | 'status'
  | 'transparency'
  | 'kind'
>
const headColumns = sql`events.id, events.href, events.calendar_id, events.change, events.version, events.organizer_id, events.visibility, events.status,
  events.transparency, events.kind`

/** Changes of a calendar lie in this order; those of one number, as of a file, by their ids. */
export type Place = { change: number; id: string }
const first: Place = { change: -1, id: '00000000-0000-0000-0000-000000000000' }

/** The events of a calendar that have changed after a place, in the order of their changes; where `span` is given those that may have an occurrence in it. */
export async function selectHeads(
  ctx: Context,
  calendarId: string,
  { after = first, limit, span }: { after?: Place; limit: number; span?: Span },
): Promise<HeadRow[]> {
  const within = span ? sql`AND events.span && ${unseen(spanText(span), 'tstzrange')}` : sql``
  const { rows } = await sql<HeadRow>`
    SELECT ${headColumns} FROM events WHERE calendar_id = ${calendarId} AND (change, id) > (${after.change}, ${after.id}::uuid) ${within}
    ORDER BY change, id LIMIT ${limit}`.execute(ctx.db)
  return rows
}

export type GoneRow = Place & {
  href: string | null
  /** Is there another event of the same name, and is the same event there again? */
  is_named_again: boolean
  is_back: boolean
}

/** What has gone after a place. */
export async function selectGone(ctx: Context, calendarId: string, after: Place, limit: number): Promise<GoneRow[]> {
  const { rows } = await sql<GoneRow>`
    SELECT gone.change, gone.event_id AS id, gone.href,
      EXISTS (SELECT FROM events WHERE events.calendar_id = gone.calendar_id AND events.href = gone.href) AS is_named_again,
      EXISTS (SELECT FROM events WHERE events.calendar_id = gone.calendar_id AND events.id = gone.event_id) AS is_back
    FROM event_tombstones gone WHERE gone.calendar_id = ${calendarId} AND (gone.change, gone.event_id) > (${after.change}, ${after.id}::uuid)
    ORDER BY gone.change, gone.event_id LIMIT ${limit}`.execute(ctx.db)
  return rows
}

/** Events of a calendar by the names that clients gave them, or by their ids where they have none or `byId`. */
export async function selectNamed(
  ctx: Context,
  calendarId: string,
  { hrefs, ids }: { hrefs: readonly string[]; ids: readonly string[] },
): Promise<HeadRow[]> {
  const { rows } = await sql<HeadRow>`
    SELECT ${headColumns} FROM events WHERE calendar_id = ${calendarId}
      AND (href = ANY(${unseen([...hrefs], 'text[]')}::text[]) OR id = ANY(${unseen([...ids], 'uuid[]')}::uuid[]))`.execute(
    ctx.db,
  )
  return rows
}

/** Invitations that a person has not declined, to events outside of these calendars; those that are over for long are left out. */
export async function selectInvitations(
  ctx: Context,
  userId: number,
  { except, since, limit }: { except: readonly string[]; since: Temporal.Instant; limit: number },
): Promise<HeadRow[]> {
  const { rows } = await sql<HeadRow>`
    SELECT ${headColumns} FROM event_participants JOIN events ON events.id = event_participants.event_id
    WHERE event_participants.user_id = ${userId} AND event_participants.status <> 'declined' AND events.organizer_id <> ${userId}
      AND events.span && tstzrange(${since}, NULL) AND NOT events.calendar_id = ANY(${[...except]}::uuid[])
    ORDER BY events.id LIMIT ${limit}`.execute(ctx.db)
  return rows
}

export async function selectEvents(ctx: Context, ids: readonly string[]): Promise<EventRow[]> {
  const { rows } = await sql<EventRow>`
    SELECT ${eventColumns} FROM events WHERE id = ANY(${unseen([...ids], 'uuid[]')}::uuid[]) ORDER BY change, id`.execute(
    ctx.db,
  )
  return rows
}

/** What an organizer says of somebody who takes part already. */
export async function updateParticipant(
  ctx: Context,
  id: string,
  { role, status }: { role: 'required' | 'optional'; status: AnswerStatus },
): Promise<void> {
  await sql`
    UPDATE event_participants SET role = ${role}, status = ${status},
      responded_at = CASE WHEN status = ${status} THEN responded_at WHEN ${status} = 'needs_action' THEN NULL ELSE ${ctx.now}::timestamptz END
    WHERE id = ${id}`.execute(ctx.db)
}

/** Forgets what was deleted before then, and remembers up to where: whoever has seen less begins anew. */
export async function deleteTombstones(ctx: Context, before: Temporal.Instant): Promise<void> {
  await sql`
    WITH gone AS (DELETE FROM event_tombstones WHERE deleted_at < ${before} RETURNING calendar_id, change),
    latest AS (SELECT calendar_id, max(change) AS change FROM gone GROUP BY calendar_id)
    UPDATE calendars SET forgotten = greatest(forgotten, latest.change) FROM latest WHERE calendars.id = latest.calendar_id`.execute(
    ctx.db,
  )
}

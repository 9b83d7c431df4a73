import { sql, type CompiledQuery } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { unseen } from '../../../platform/db/unseen.ts'

/** All SQL on participants, their answers, and comments. */

export const answers = ['needs_action', 'accepted', 'declined', 'tentative'] as const
export type AnswerStatus = (typeof answers)[number]

export type ParticipantRow = {
  id: string
  event_id: string
  user_id: number | null
  email: string
  name: string
  role: 'required' | 'optional'
  status: AnswerStatus
  /** Of a person with an account; null for an address. */
  time_zone: string | null
  responded_at: Temporal.Instant | null
}

/** The participants of these events, by event, in the order in which they were invited. */
export async function participantsOf(
  ctx: Context,
  eventIds: readonly string[],
): Promise<Map<string, ParticipantRow[]>> {
  if (eventIds.length === 0) return new Map()
  const { rows } = await ctx.db.executeQuery(participantsQuery(ctx, eventIds))
  return Map.groupBy(rows, (row) => row.event_id)
}

/** The same, to be run together with others. */
export const participantsQuery = (ctx: Context, eventIds: readonly string[]): CompiledQuery<ParticipantRow> =>
  sql<ParticipantRow>`
    SELECT participants.id, participants.event_id, participants.user_id, coalesce(participants.email, users.email) AS email,
      CASE WHEN users.id IS NULL THEN participants.name ELSE trim(users.first_name || ' ' || users.last_name) END AS name,
      participants.role, participants.status, users.time_zone, participants.responded_at
    FROM event_participants participants LEFT JOIN users ON users.id = participants.user_id
    WHERE participants.event_id = ANY(${unseen([...eventIds], 'uuid[]')}::uuid[]) ORDER BY participants.event_id, participants.id`.compile(
    ctx.db,
  )

export type AnswerRow = {
  participant_id: string
  user_id: number | null
  event_id: string
  point: number
  recurrence_id: string
  status: AnswerStatus
}

/** Answers to single occurrences of these events, by event. */
export async function answersOf(ctx: Context, eventIds: readonly string[]): Promise<Map<string, AnswerRow[]>> {
  if (eventIds.length === 0) return new Map()
  const { rows } = await ctx.db.executeQuery(answersQuery(ctx, eventIds))
  return Map.groupBy(rows, (row) => row.event_id)
}

/** The same, to be run together with others. */
export const answersQuery = (ctx: Context, eventIds: readonly string[]): CompiledQuery<AnswerRow> =>
  sql<AnswerRow>`
    SELECT answers.participant_id, participants.user_id, participants.event_id, answers.point, answers.recurrence_id, answers.status
    FROM event_answers answers JOIN event_participants participants ON participants.id = answers.participant_id
    WHERE participants.event_id = ANY(${unseen([...eventIds], 'uuid[]')}::uuid[]) ORDER BY answers.point, answers.participant_id`.compile(
    ctx.db,
  )

export type OwnAnswer = { event_id: string; point: number | null; status: AnswerStatus }

/** What one person has answered to these events: to all of an event (`point` null) and to single occurrences. */
export async function ownAnswers(ctx: Context, userId: number, eventIds: readonly string[]): Promise<OwnAnswer[]> {
  if (eventIds.length === 0) return []
  const { rows } = await ctx.db.executeQuery(ownAnswersQuery(ctx, userId, eventIds))
  return rows
}

/** The same, to be run together with others. */
export function ownAnswersQuery(ctx: Context, userId: number, eventIds: readonly string[]): CompiledQuery<OwnAnswer> {
  const [person, events] = [unseen(userId, 'bigint'), unseen([...eventIds], 'uuid[]')]
  return sql<OwnAnswer>`
    SELECT event_id, NULL::bigint AS point, status FROM event_participants WHERE user_id = ${person} AND event_id = ANY(${events}::uuid[])
    UNION ALL
    SELECT event_id, point, answers.status FROM event_answers answers JOIN event_participants participants ON participants.id = answers.participant_id
    WHERE user_id = ${person} AND event_id = ANY(${events}::uuid[])`.compile(ctx.db)
}

export type NewParticipant = {
  id: string
  user_id: number | null
  email: string | null
  email_key: string | null
  name: string
  role: 'required' | 'optional'
  status?: AnswerStatus
}

/** Adds participants; who takes part already stays as they are. Answers the ids of those that were added. */
export async function insertParticipants(
  ctx: Context,
  eventId: string,
  participants: readonly NewParticipant[],
): Promise<string[]> {
  if (participants.length === 0) return []
  const rows = await ctx.db
    .insertInto('event_participants')
    .values(participants.map((one) => ({ ...one, event_id: eventId, created_at: ctx.now })))
    .onConflict((on) => on.doNothing())
    .returning('id')
    .execute()
  return rows.map((row) => row.id)
}

export async function deleteParticipants(ctx: Context, ids: readonly string[]): Promise<void> {
  await sql`DELETE FROM event_participants WHERE id = ANY(${[...ids]}::uuid[])`.execute(ctx.db)
}

/** Answers to the whole event: what was answered to single occurrences gives way to it. */
export async function setAnswer(ctx: Context, participantId: string, status: AnswerStatus): Promise<void> {
  await ctx.db
    .updateTable('event_participants')
    .set({ status, responded_at: ctx.now })
    .where('id', '=', participantId)
    .execute()
  await ctx.db.deleteFrom('event_answers').where('participant_id', '=', participantId).execute()
}

export async function setOccurrenceAnswer(
  ctx: Context,
  answer: { participantId: string; point: number; recurrenceId: string; status: AnswerStatus },
): Promise<void> {
  const values = { recurrence_id: answer.recurrenceId, status: answer.status, responded_at: ctx.now }
  await ctx.db
    .insertInto('event_answers')
    .values({ ...values, participant_id: answer.participantId, point: answer.point })
    .onConflict((on) => on.columns(['participant_id', 'point']).doUpdateSet(values))
    .execute()
}

/** A time that was moved needs new answers (RFC 5546 3.2.2): those of participants to all of it and to single occurrences. */
export async function forgetAnswers(ctx: Context, eventId: string): Promise<void> {
  await sql`UPDATE event_participants SET status = 'needs_action', responded_at = NULL WHERE event_id = ${eventId} AND status <> 'needs_action'`.execute(
    ctx.db,
  )
  await sql`DELETE FROM event_answers USING event_participants
    WHERE event_answers.participant_id = event_participants.id AND event_participants.event_id = ${eventId}`.execute(
    ctx.db,
  )
}

/** The second half of a series that was split has the same participants, with their answers. */
export async function copyParticipants(
  ctx: Context,
  from: string,
  to: string,
  ids: readonly string[],
  firstPoint: number,
): Promise<void> {
  await sql`
    WITH old AS (
      SELECT *, row_number() OVER (ORDER BY id) AS n FROM event_participants WHERE event_id = ${from}
    ), made AS (
      INSERT INTO event_participants (id, event_id, user_id, email, email_key, name, role, status, responded_at, created_at)
      SELECT (${[...ids]}::uuid[])[n], ${to}::uuid, user_id, email, email_key, name, role, status, responded_at, created_at FROM old
    )
    UPDATE event_answers SET participant_id = (${[...ids]}::uuid[])[old.n] FROM old
    WHERE event_answers.participant_id = old.id AND event_answers.point >= ${firstPoint}`.execute(ctx.db)
}

export async function insertComment(
  ctx: Context,
  comment: { id: string; event_id: string; author_id: number; text: string },
): Promise<void> {
  await ctx.db
    .insertInto('event_comments')
    .values({ ...comment, created_at: ctx.now })
    .execute()
}

/** The comments on an event, the oldest first. */
export const selectComments = (ctx: Context, eventId: string) =>
  ctx.db
    .selectFrom('event_comments')
    .innerJoin('users', 'users.id', 'event_comments.author_id')
    .where('event_comments.event_id', '=', eventId)
    .select(['event_comments.id', 'author_id', 'text', 'event_comments.created_at'])
    .select(sql<string>`trim(users.first_name || ' ' || users.last_name)`.as('author_name'))
    .orderBy('event_comments.id')

/** Events in which a person takes part, for what ends that. */
export const listParticipations = (ctx: Context, userId: number) =>
  ctx.db
    .selectFrom('event_participants')
    .innerJoin('events', 'events.id', 'event_participants.event_id')
    .where('event_participants.user_id', '=', userId)
    .select(['event_participants.id', 'event_id', 'events.organizer_id'])
    .orderBy('event_id')
    .execute()

/** Events of a person that are not over and that are read in the zone of whoever looks: floating ones and whole days. */
export async function listZoneless(ctx: Context, userId: number): Promise<{ id: string; calendar_id: string }[]> {
  const { rows } = await sql<{ id: string; calendar_id: string }>`
    SELECT id, calendar_id FROM events
    WHERE (organizer_id = ${userId} OR id IN (SELECT event_id FROM event_participants WHERE user_id = ${userId}))
      AND kind IN ('floating', 'date') AND span && tstzrange(${ctx.now}, NULL) ORDER BY id`.execute(ctx.db)
  return rows
}

/** The people with accounts whom a person has invited, the organizer left out. */
export async function listInvitedBy(
  ctx: Context,
  organizerId: number,
): Promise<{ id: string; event_id: string; user_id: number }[]> {
  const { rows } = await sql<{ id: string; event_id: string; user_id: number }>`
    SELECT participants.id, event_id, participants.user_id FROM event_participants participants JOIN events ON events.id = event_id
    WHERE events.organizer_id = ${organizerId} AND participants.user_id <> ${organizerId} ORDER BY event_id, participants.id`.execute(
    ctx.db,
  )
  return rows
}

/** The zones of these people, those whose accounts were deleted left out: nobody claims their time any more. */
export async function zonesOfPersons(ctx: Context, userIds: readonly number[]): Promise<Map<number, string>> {
  const rows = await ctx.db
    .selectFrom('users')
    .where(sql<boolean>`id = ANY(${unseen([...userIds], 'bigint[]')}::bigint[])`)
    .where('deleted_at', 'is', null)
    .select(['id', 'time_zone'])
    .execute()
  return new Map(rows.map((row) => [row.id, row.time_zone]))
}

/** The names of these people. */
export async function personNames(ctx: Context, userIds: readonly number[]): Promise<Map<number, string>> {
  const { rows } = await ctx.db.executeQuery(personNamesQuery(ctx, userIds))
  return new Map(rows.map((row) => [row.id, row.name]))
}

/** The same, to be run together with others. */
export const personNamesQuery = (
  ctx: Context,
  userIds: readonly number[],
): CompiledQuery<{ id: number; name: string }> =>
  sql<{ id: number; name: string }>`
    SELECT id, trim(first_name || ' ' || last_name) AS name FROM users WHERE id = ANY(${unseen([...userIds], 'bigint[]')}::bigint[])`.compile(
    ctx.db,
  )

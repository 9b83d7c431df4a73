import { actorOf, type Context } from '../../../platform/context.ts'
import { denied, notFound } from '../../../platform/errors.ts'
import { levels, selectCalendars, type CalendarRow, type Level } from '../queries/calendars.ts'
import { shareAnOrganization } from '../queries/leaving.ts'
import { findEvent, lockEvent, type EventRow } from '../queries/events.ts'
import { participantsOf, type ParticipantRow } from '../queries/participants.ts'
import { standingOf, type Standing } from '../policy.ts'

/** What who asks may do with a calendar. */
export const levelOf = (row: Pick<CalendarRow, 'level'>): Level => levels[row.level] ?? 'none'

/** A calendar of which who asks may know, with at least this access. @throws NOT_FOUND for a stranger, PERMISSION_DENIED for too little access */
export async function requireCalendar(ctx: Context, id: string, least: Level = 'free_busy'): Promise<CalendarRow> {
  const [row] = await selectCalendars(ctx, actorOf(ctx).userId, [id])
  if (!row) throw notFound('calendar')
  if (row.level < levels.indexOf(least)) throw denied('Your access to this calendar does not allow this')
  return row
}

export type Seen = {
  event: EventRow
  standing: Standing
  calendar: CalendarRow | undefined
  isParticipant: boolean
  participants: ParticipantRow[]
}

/**
 * Is who sees an event anybody at all, to whom only the public calendar of a person opens it? Guests read what it is; who takes part, what they say, and their
 * files are none of the public's (SPEC section 4: nothing private).
 */
export async function isGuest(
  ctx: Context,
  { standing, calendar, isParticipant }: Pick<Seen, 'standing' | 'calendar' | 'isParticipant'>,
): Promise<boolean> {
  if (standing !== 'read' || isParticipant || !calendar?.is_public || calendar.organization_id !== null) return false
  return !(await shareAnOrganization(ctx, actorOf(ctx).userId, calendar.owner_id))
}

/** An event of which who asks may know all, comments and files included. @throws NOT_FOUND for a stranger, PERMISSION_DENIED for a guest */
export async function seeAmong(ctx: Context, id: string, lock = false): Promise<Seen> {
  const seen = await seeEvent(ctx, id, 'read', lock)
  if (await isGuest(ctx, seen)) throw denied('Your access to this calendar does not allow this')
  return seen
}

/**
 * An event to which who asks may add words and files: its organizer, its participants, whatever they have answered, and whoever may write in its calendar. To read
 * is not to take part (endpoints.tsv: participant).
 * @throws NOT_FOUND for a stranger, PERMISSION_DENIED for who only reads it
 */
export async function takePart(ctx: Context, id: string, lock = false): Promise<Seen> {
  const seen = await seeAmong(ctx, id, lock)
  if (seen.standing !== 'edit' && !seen.isParticipant)
    throw denied('Only who takes part in an event comments on it and attaches files')
  return seen
}

/**
 * An event of which who asks may know, and how: its organizer, its participants, and whoever may read its calendar. `lock` has its row until the transaction ends.
 * @throws NOT_FOUND for everybody else; PERMISSION_DENIED where more is `needed` than they may
 */
export async function seeEvent(ctx: Context, id: string, needed: Standing, lock = false): Promise<Seen> {
  const event = await (lock ? lockEvent : findEvent)(ctx, id)
  if (!event) throw notFound('event')
  const { userId } = actorOf(ctx)
  const [calendar] = await selectCalendars(ctx, userId, [event.calendar_id])
  const participants = (await participantsOf(ctx, [id])).get(id) ?? []
  const isParticipant = participants.some((one) => one.user_id === userId)
  const standing = standingOf(event, { userId, level: calendar?.level ?? 0, isParticipant })
  if (standing === 'none' || (standing === 'busy' && needed === 'read')) throw notFound('event')
  if (standing !== 'edit' && needed === 'edit')
    throw denied('Only its organizer and who may write in its calendar change an event')
  return { event, standing, calendar, isParticipant, participants }
}

import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, notFound } from '../../../platform/errors.ts'
import { limitOf, offsetOf, type Page } from '../../../platform/http/page.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import { requireMember } from '../../organizations/index.ts'
import {
  deleteCalendarRow,
  findFirstCalendar,
  holdCalendar,
  insertCalendar,
  listCalendarRows,
  updateCalendarRow,
  type CalendarRow,
} from '../queries/calendars.ts'
import { listEventIdsOfCalendar, lockEvent } from '../queries/events.ts'
import type { CalendarChange, CalendarInput, CalendarQuery, CalendarView } from '../schema/calendars.ts'
import { levelOf, requireCalendar } from './access.ts'
import { horizon } from './claims.ts'
import { dropEvent } from './remove.ts'
import { sayAccessChanged } from './watch.ts'

const firstColor = '#3366cc'

export function viewCalendar(row: CalendarRow): CalendarView {
  const { level: _level, href: _href, change: _change, forgotten: _forgotten, ...rest } = row
  return {
    ...rest,
    access: levelOf(row) as CalendarView['access'],
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  }
}

/** The first calendar of who asks, made where there is none yet: nobody finds an empty list. Two who make it at once find the same. */
export async function ensureFirstCalendar(ctx: Context): Promise<string> {
  const { userId, timeZone } = actorOf(ctx)
  const found = await findFirstCalendar(ctx, userId)
  if (found) return found.id
  const fields = {
    name: 'Calendar',
    description: '',
    color: firstColor,
    is_public: false,
    organization_id: null,
    time_zone: timeZone,
  }
  await insertCalendar(ctx, uuid7(ctx.now), userId, fields, true)
  return (await findFirstCalendar(ctx, userId))!.id
}

/** One's own calendars, those shared with one, and the public ones of one's organizations. */
export async function listCalendars(ctx: Context, query: CalendarQuery): Promise<Page<CalendarView>> {
  await ensureFirstCalendar(ctx)
  const all = (await listCalendarRows(ctx, actorOf(ctx).userId)).filter(
    (row) => query.organization_id === undefined || row.organization_id === query.organization_id,
  )
  const offset = offsetOf(query)
  if (offset > 0 && offset >= all.length) throw notFound('page')
  return { results: all.slice(offset, offset + limitOf(query)).map(viewCalendar), count: all.length }
}

/** One calendar. @throws NOT_FOUND for a stranger */
export const getCalendar = async (ctx: Context, id: string): Promise<CalendarView> =>
  viewCalendar(await requireCalendar(ctx, id))

/**
 * Makes a calendar; in an organization for its members. `href`: the name that a CalDAV client gives it.
 * @throws NOT_FOUND for an organization that is not one's own
 */
export async function createCalendar(
  ctx: Context,
  input: CalendarInput,
  href: string | null = null,
): Promise<CalendarView> {
  return inTransaction(ctx, async (tx) => {
    const { userId, timeZone } = actorOf(tx)
    const organizationId = input.organization_id ?? null
    if (organizationId !== null) await requireMember(tx, organizationId)
    const id = uuid7(tx.now)
    await insertCalendar(tx, id, userId, {
      href,
      name: input.name,
      description: input.description ?? '',
      color: (input.color ?? firstColor).toLowerCase(),
      is_public: input.is_public ?? false,
      organization_id: organizationId,
      time_zone: input.time_zone ?? timeZone,
    })
    return getCalendar(tx, id)
  })
}

/** Changes a calendar; for its owner. What is left out stays. @throws NOT_FOUND, PERMISSION_DENIED */
export async function updateCalendar(ctx: Context, id: string, change: CalendarChange): Promise<CalendarView> {
  return inTransaction(ctx, async (tx) => {
    await requireCalendar(tx, id, 'owner')
    const { name, description, color, is_public, organization_id, time_zone } = change
    if (organization_id) await requireMember(tx, organization_id)
    // Only what was sent is written: what somebody else changes of it at the same moment stays.
    await updateCalendarRow(tx, id, {
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description: description ?? '' }),
      ...(color !== undefined && { color: color.toLowerCase() }),
      ...(is_public !== undefined && { is_public }),
      ...(organization_id !== undefined && { organization_id }),
      ...(time_zone !== undefined && { time_zone }),
    })
    await sayAccessChanged(tx, id)
    return getCalendar(tx, id)
  })
}

/**
 * Deletes a calendar with all events in it, as every calendar program does: their rooms and people are free again, and participants are told.
 * @throws NOT_FOUND, PERMISSION_DENIED, CONFLICT for the first calendar, which everybody keeps
 */
export async function deleteCalendar(ctx: Context, id: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await horizon(tx)
    const calendar = await requireCalendar(tx, id, 'owner')
    if (calendar.is_first) throw conflict('The first calendar cannot be deleted')
    // Whoever changes an event locks it before its calendar: so do we, or both would wait for each other.
    for (const { id: eventId } of await listEventIdsOfCalendar(tx, id)) await lockEvent(tx, eventId)
    // From here on nothing is put into it, whose time would stay claimed.
    await holdCalendar(tx, id, true)
    for (const { id: eventId } of await listEventIdsOfCalendar(tx, id)) {
      const event = await lockEvent(tx, eventId)
      if (event) await dropEvent(tx, event)
    }
    await deleteCalendarRow(tx, id)
    await sayAccessChanged(tx, id)
  })
}

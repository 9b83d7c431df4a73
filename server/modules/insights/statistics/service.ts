import type { Context } from '../../../platform/context.ts'
import { invalid } from '../../../platform/errors.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { chooseOrganization, getOrganization, requireOrgRole } from '../../organizations/index.ts'
import { firstDate, lastDate, rateOf, startOf } from '../rules.ts'
import {
  eventFigures,
  membersByDepartment,
  peopleFigures,
  roomFigures,
  roomMinutesByHour,
  ticketFigures,
  type Asked,
} from './queries.ts'
import { ages, edgeOf, hoursOf, longestDays, minutesByHour, stepOf } from './rules.ts'
import type { StatisticsQuery, StatisticsView } from './schema.ts'

/**
 * What an organization's admins and IT may know of it: events, rooms, tickets and people of a span, by default the thirty days until today on the
 * organization's clocks. Tickets and departments are null for whom they are closed to.
 * @throws NOT_FOUND for outsiders, PERMISSION_DENIED for employees, VALIDATION_ERROR for a span that cannot be.
 */
export async function getStatistics(ctx: Context, query: StatisticsQuery): Promise<StatisticsView> {
  const organizationId = await chooseOrganization(ctx, query.organization_id)
  const membership = await requireOrgRole(ctx, organizationId, ['admin', 'it'])
  const zone = query.time_zone ?? (await getOrganization(ctx, organizationId)).time_zone
  const asked = spanOf(ctx, query, organizationId, zone)
  return {
    organization_id: organizationId,
    from: iso(asked.start),
    to: iso(asked.end),
    time_zone: zone,
    events: await eventsOf(ctx, asked),
    rooms: await roomsOf(ctx, asked),
    tickets: membership.access_tickets ? await ticketsOf(ctx, asked) : null,
    people: await peopleOf(ctx, asked, membership.access_org_structure),
  }
}

function spanOf(ctx: Context, { from, to }: StatisticsQuery, organizationId: string, zone: string): Asked {
  const [first, last] = [startOf(firstDate, zone), startOf(lastDate, zone)]
  const edge = (field: 'from' | 'to', text: string): Temporal.Instant => {
    const instant = edgeOf(text, zone, field === 'to')
    if (Temporal.Instant.compare(instant, first) < 0 || Temporal.Instant.compare(instant, last) > 0)
      throw invalid(field, 'This must lie between 2000-01-01 and 2100-12-31', 'range')
    return instant
  }
  const given = from === undefined ? undefined : edge('from', from)
  const today = ctx.now.toZonedDateTimeISO(zone).toPlainDate()
  const tomorrow = startOf(today.add({ days: 1 }), zone)
  const monthAfter = (at: Temporal.Instant): Temporal.Instant =>
    at.toZonedDateTimeISO(zone).add({ days: 30 }).toInstant()
  const end =
    to !== undefined
      ? edge('to', to)
      : given && Temporal.Instant.compare(given, tomorrow) >= 0
        ? monthAfter(given)
        : tomorrow
  const start = given ?? end.toZonedDateTimeISO(zone).subtract({ days: 30 }).toInstant()
  if (Temporal.Instant.compare(start, end) >= 0) throw invalid('to', 'This must not be before the start', 'order')
  if (end.epochMilliseconds - start.epochMilliseconds > longestDays * 86_400_000)
    throw invalid('to', 'A span has at most {days} days', 'range', { days: longestDays })
  return { organizationId, zone, start, end }
}

async function eventsOf(ctx: Context, asked: Asked): Promise<StatisticsView['events']> {
  const { total, meetings, meeting_minutes, person_minutes } = await eventFigures(ctx, asked)
  return { total, meetings, meeting_hours: hoursOf(meeting_minutes), person_hours: hoursOf(person_minutes) }
}

async function roomsOf(ctx: Context, asked: Asked): Promise<StatisticsView['rooms']> {
  const { start, end, zone } = asked
  const rooms = await roomFigures(ctx, asked)
  const used = await roomMinutesByHour(ctx, asked, stepOf(zone, start, end))
  const span = (end.epochMilliseconds - start.epochMilliseconds) / 60_000
  const minutes = rooms.reduce((sum, room) => sum + room.minutes, 0)
  return {
    total: rooms.length,
    hours: hoursOf(minutes),
    share: rateOf(minutes, span * rooms.length),
    by_room: rooms.map(({ minutes: own, ...room }) => ({ ...room, hours: hoursOf(own), share: rateOf(own, span) })),
    by_hour: minutesByHour(zone, start, end).map((there, hour) => ({
      hour,
      hours: hoursOf(used.get(hour) ?? 0),
      share: rateOf(used.get(hour) ?? 0, there * rooms.length),
    })),
  }
}

async function ticketsOf(ctx: Context, asked: Asked): Promise<StatisticsView['tickets']> {
  const { median_minutes, by_status, by_priority, by_age, ...figures } = await ticketFigures(
    ctx,
    asked,
    ages.map(({ from_days }) => from_days),
  )
  return {
    ...figures,
    median_hours: median_minutes === null ? null : hoursOf(median_minutes),
    by_status: by_status as NonNullable<StatisticsView['tickets']>['by_status'],
    by_priority: by_priority as NonNullable<StatisticsView['tickets']>['by_priority'],
    by_age: ages.map((age, i) => ({ ...age, tickets: by_age[i] ?? 0 })),
  }
}

async function peopleOf(ctx: Context, asked: Asked, showStructure: boolean): Promise<StatisticsView['people']> {
  const { total, joined, ...by_role } = await peopleFigures(ctx, asked)
  const by_department = showStructure ? await membersByDepartment(ctx, asked.organizationId) : null
  return { total, joined, by_role, by_department }
}

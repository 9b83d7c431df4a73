import { actorOf, type Context } from '../../../platform/context.ts'
import { invalid, notFound } from '../../../platform/errors.ts'
import { emptyPage, limitOf, offsetOf, type Page } from '../../../platform/http/page.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { instantText, localText } from '../../../time/dates.ts'
import { layOut } from '../../../time/hours.ts'
import { offsetAt, zoneOf } from '../../../time/zones.ts'
import { chooseOrganization, requireMember } from '../../organizations/index.ts'
import { getRoomsOfOrganization, minutesOf, type RoomForBooking } from '../../rooms/index.ts'
import { factsOf, findResources, type Source } from '../../scheduling/index.ts'
import { selectColleagueFacts, type ColleagueFacts } from '../queries/calendars.ts'
import { findMeetings, takenWithin, workingHours, type Diary, type RoomDiary, type Span } from '../rules/finder.ts'
import type { FreeBusyQuery, FreeBusyView, MeetingTimesQuery, MeetingTimeView } from '../schema/finder.ts'
import { seeEvent } from './access.ts'

/** What people have booked, as far as who asks may know it: told by bookings, which stand to the right. */
export type BookingsToShow = (
  ctx: Context,
  userIds: readonly number[],
  from: Temporal.Instant,
  to: Temporal.Instant,
) => Promise<{ id: number; userId: number; title: string; from: Temporal.Instant; to: Temporal.Instant }[]>

const mostPeople = 50
const longestDays = 62
const roomsShown = 10
/** Claims stand so far ahead and no further (SPEC section 5); what is asked beyond it would look free and is not. */
const horizonMonths = 18

function idsOf(given: string | string[] | undefined, field: string): number[] {
  const texts = given === undefined ? [] : [given].flat().flatMap((text) => text.split(','))
  const ids = [...new Set(texts.map((text) => text.trim()).filter(Boolean))]
  if (ids.some((id) => !/^[1-9]\d{0,14}$/.test(id))) throw invalid(field, 'This is not the id of a person', 'id')
  return ids.map(Number)
}

/** Colleagues, or who asks. @throws VALIDATION_ERROR for anybody else: whether there is such a person is not told */
async function colleaguesOf(ctx: Context, ids: readonly number[], field: string): Promise<ColleagueFacts[]> {
  if (ids.length === 0) throw invalid(field, 'Name at least one person', 'required')
  if (ids.length > mostPeople)
    throw invalid(field, 'At most {most} people can be asked for at once', 'max', { most: mostPeople })
  const found = await selectColleagueFacts(ctx, actorOf(ctx).userId, { ids })
  if (found.length < ids.length) throw invalid(field, 'This is not a colleague', 'unknown')
  return found
}

function spanOf(ctx: Context, query: { from: string; to: string }): Span {
  const [from, to] = [Temporal.Instant.from(query.from), Temporal.Instant.from(query.to)]
  if (Temporal.Instant.compare(from, to) >= 0)
    throw invalid('to', 'This must be after the beginning of the span', 'span_order')
  if (to.epochMilliseconds - from.epochMilliseconds > longestDays * 86_400_000)
    throw invalid('to', 'At most {days} days can be asked for at once', 'span', { days: longestDays })
  const horizon = ctx.now.toZonedDateTimeISO('UTC').add({ months: horizonMonths }).toInstant()
  if (Temporal.Instant.compare(to, horizon) > 0) throw invalid('to', 'Nobody can claim time that far ahead', 'horizon')
  return minutesOf(from, to)
}

const instantOf = (minute: number): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(minute * 60_000)

async function diariesOf(
  ctx: Context,
  people: readonly ColleagueFacts[],
  span: Span,
  except?: Source,
): Promise<Map<number, Pick<Diary, 'busy' | 'working'>>> {
  const resources = await findResources(
    ctx,
    people.map(({ id }) => ({ userId: id })),
  )
  const known = resources.filter((id) => id !== null)
  const facts = await factsOf(ctx, known, instantOf(span.from), instantOf(span.to), except ? { except } : {})
  return new Map(
    people.map(({ id, time_zone: zone }, i) => {
      const found = facts.get(resources[i] ?? -1)
      const working = workingHours(found?.schedule ?? null, zone, span)
      return [id, { busy: takenWithin(found?.busy ?? [], span), working }]
    }),
  )
}

function stretches(intervals: readonly number[]): { start: string; end: string }[] {
  const list: { start: string; end: string }[] = []
  for (let i = 0; i < intervals.length; i += 2)
    list.push({ start: instantText(intervals[i]!), end: instantText(intervals[i + 1]!) })
  return list
}

/**
 * When colleagues are busy and when they work, without a word on what with but for bookings of which who asks may know: in a few statements, whatever their number.
 * @throws VALIDATION_ERROR for people who are no colleagues, and for a span of more than 62 days
 */
export async function getFreeBusy(
  ctx: Context,
  query: FreeBusyQuery,
  bookingsToShow: BookingsToShow,
): Promise<FreeBusyView> {
  const span = spanOf(ctx, query)
  const people = await colleaguesOf(ctx, idsOf(query.user_id, 'user_id'), 'user_id')
  const diaries = await diariesOf(ctx, people, span)
  const ids = people.map(({ id }) => id)
  const shown = Map.groupBy(
    await bookingsToShow(ctx, ids, instantOf(span.from), instantOf(span.to)),
    (booking) => booking.userId,
  )
  return {
    from: query.from,
    to: query.to,
    people: people.map(({ id, name, time_zone }) => {
      const { busy, working } = diaries.get(id)!
      const bookings = (shown.get(id) ?? []).map((one) => ({
        id: one.id,
        title: one.title,
        start: iso(one.from),
        end: iso(one.to),
      }))
      return { user_id: id, name, time_zone, busy: stretches(busy), working_hours: stretches(working), bookings }
    }),
  }
}

/**
 * When these people are busy, epoch seconds, by their addresses in lower case; who is no colleague is left out, as if there were nobody.
 * @throws VALIDATION_ERROR for a span of more than 62 days
 */
export async function busyByEmail(
  ctx: Context,
  emails: readonly string[],
  query: { from: string; to: string },
): Promise<Map<string, { from: number; to: number }[]>> {
  const span = spanOf(ctx, query)
  const people = await selectColleagueFacts(ctx, actorOf(ctx).userId, { emails: emails.slice(0, mostPeople) })
  const diaries = await diariesOf(ctx, people, span)
  return new Map(
    people.map(({ id, email_key: key }) => {
      const { busy } = diaries.get(id)!
      const list: { from: number; to: number }[] = []
      for (let i = 0; i < busy.length; i += 2) list.push({ from: busy[i]! * 60, to: busy[i + 1]! * 60 })
      return [key, list]
    }),
  )
}

/** The rooms that would do, the smallest first; null where none is needed. @throws NOT_FOUND for a room or an organization that is off limits */
async function roomsFor(ctx: Context, query: MeetingTimesQuery, people: number): Promise<RoomForBooking[] | null> {
  const { room, room_id: roomId, capacity, equipment } = query
  if (room !== true && roomId === undefined && capacity === undefined && equipment === undefined) return null
  const organizationId = await chooseOrganization(ctx, query.organization_id)
  await requireMember(ctx, organizationId)
  const rooms = await getRoomsOfOrganization(ctx, organizationId, capacity ?? people, equipment)
  const meant = roomId === undefined ? rooms : rooms.filter(({ id }) => id === roomId)
  if (roomId !== undefined && meant.length === 0) throw notFound('room')
  return meant.toSorted((a, b) => a.capacity - b.capacity || (a.name < b.name ? -1 : 1))
}

async function roomDiaries(
  ctx: Context,
  rooms: readonly RoomForBooking[],
  span: Span,
  except?: Source,
): Promise<RoomDiary[]> {
  const refs = rooms.map(({ id, organizationId }) => ({ roomId: id, organizationId }))
  const resources = await findResources(ctx, refs)
  const known = resources.filter((id) => id !== null)
  const facts = await factsOf(ctx, known, instantOf(span.from), instantOf(span.to), except ? { except } : {})
  return rooms.map(({ id }, i) => {
    const found = facts.get(resources[i] ?? -1)
    const open = found?.schedule ? layOut(found.schedule, span.from, span.to).open : null
    return { roomId: id, busy: takenWithin(found?.busy ?? [], span), open }
  })
}

/**
 * Times at which these people, and a room if one is needed, are free: best first (`findMeetings` says what that means). Nothing that has begun is offered.
 * @throws VALIDATION_ERROR, NOT_FOUND for a room, an organization or an event that is off limits
 */
export async function findMeetingTimes(ctx: Context, query: MeetingTimesQuery): Promise<Page<MeetingTimeView>> {
  const asked = spanOf(ctx, query)
  const required = idsOf(query.user_id, 'user_id')
  const optional = idsOf(query.optional_user_id, 'optional_user_id').filter((id) => !required.includes(id))
  const people = await colleaguesOf(ctx, [...required, ...optional], 'user_id')
  if (query.event_id !== undefined) await seeEvent(ctx, query.event_id, 'edit')
  const except: Source | undefined = query.event_id === undefined ? undefined : { kind: 'event', id: query.event_id }
  const now = Math.ceil(ctx.now.epochMilliseconds / 60_000)
  const span = { from: Math.max(asked.from, now), to: asked.to }
  if (span.from >= span.to) return emptyPage(query)
  const rooms = await roomsFor(ctx, query, people.length)
  const diaries = await diariesOf(ctx, people, span, except)
  const zone = zoneOf(query.time_zone ?? actorOf(ctx).timeZone)
  const minutes = query.duration_minutes
  const wish = {
    ...span,
    minutes,
    step: query.step_minutes ?? 30,
    zone,
    withinHours: query.working_hours !== false,
    mayMiss: Math.min(query.missing ?? 0, required.length - 1),
  }
  const found = findMeetings(
    wish,
    people.map(({ id }) => ({ userId: id, optional: optional.includes(id), ...diaries.get(id)! })),
    rooms && (await roomDiaries(ctx, rooms, span, except)),
  )
  const results = found.slice(offsetOf(query), offsetOf(query) + limitOf(query))
  if (results.length === 0 && (query.page ?? 1) > 1) throw notFound('page')
  const roomById = new Map(rooms?.map((room) => [room.id, room]))
  return {
    count: found.length,
    results: results.map((meeting) => ({
      start: instantText(meeting.start),
      end: instantText(meeting.start + minutes),
      local: localText(meeting.start, offsetAt(zone, meeting.start)),
      missing: meeting.missing,
      optional_missing: meeting.optionalMissing,
      outside_working_hours: meeting.outsideHours,
      rooms: meeting.roomIds.slice(0, roomsShown).map((id) => {
        const { name, capacity, location } = roomById.get(id)!
        return { id, name, capacity, location }
      }),
    })),
  }
}

import { actorOf, type Context } from '../../../platform/context.ts'
import { together } from '../../../platform/db/transaction.ts'
import { invalid, notFound } from '../../../platform/errors.ts'
import { limitOf, offsetOf, type Page } from '../../../platform/http/page.ts'
import type { Series } from '../../../time/recurrence/index.ts'
import { zoneOf, type Zone } from '../../../time/zones.ts'
import { roomNames } from '../../rooms/index.ts'
import { standingOf, type Standing } from '../policy.ts'
import { listCalendarRows, selectCalendars, type CalendarRow } from '../queries/calendars.ts'
import { overridesOf, eventsById, selectEventsInSpan, type Candidate, type OverrideRow } from '../queries/events.ts'
import { ownAnswers, ownAnswersQuery, personNamesQuery } from '../queries/participants.ts'
import { secondOfQuery, toSecond } from '../rules/moments.ts'
import { occurrencesIn, seriesOf, type Occurring } from '../rules/occurrences.ts'
import { isOpaque, roomOf } from '../rules/wanted.ts'
import type { EventsQuery, OccurrenceView } from '../schema/events.ts'
import { viewOccurrence } from '../view.ts'

/** Longest span of a question, in days: eleven years. */
const longestDays = 4018
/** More rows than this are counted by nobody. */
const mostRows = 50_000

/** An occurrence that who asks may see, with its event and how they see it. */
export type Found = { event: Candidate; occurring: Occurring<OverrideRow>; standing: Standing }

const uuidForm = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** The calendars that are asked for, else all in view that one may read. @throws NOT_FOUND for one that is off limits */
async function calendarsOf(ctx: Context, given: string | string[] | undefined): Promise<CalendarRow[]> {
  const { userId } = actorOf(ctx)
  if (given === undefined) return (await listCalendarRows(ctx, userId)).filter((row) => row.level >= 2)
  const ids = [
    ...new Set(
      [given]
        .flat()
        .flatMap((text) => text.split(','))
        .map((id) => id.trim().toLowerCase()),
    ),
  ].filter(Boolean)
  if (ids.some((id) => !uuidForm.test(id))) throw invalid('calendar_id', 'This is not the id of a calendar', 'uuid')
  const rows = await selectCalendars(ctx, userId, ids)
  if (rows.length < ids.length) throw notFound('calendar')
  return rows
}

/** Series that were read lately, by event and version: reading a rule costs more than following it. */
const kept = new Map<string, Series>()
const mostKept = 20_000

function seriesFor(ctx: Context, event: Candidate, overrides: readonly OverrideRow[]): Series {
  // A transaction may see a version that is never committed.
  if (ctx.transaction || event.recurrence_rule === null) return seriesOf(event, overrides)
  const key = `${event.id} ${event.version}`
  let series = kept.get(key)
  if (!series) {
    series = seriesOf(event, overrides)
    if (kept.size >= mostKept) kept.clear()
    kept.set(key, series)
  }
  return series
}

/**
 * All occurrences that overlap `[from, to)` (epoch seconds) in some calendars and, with `participating`, of the events in which who asks takes part; ascending by
 * start. Floating times and dates are read in the zone.
 * @throws VALIDATION_ERROR where they are more than anybody reads
 */
export async function findOccurrences(
  ctx: Context,
  wanted: { calendars: readonly CalendarRow[]; participating: boolean; from: number; to: number; zone: Zone },
): Promise<Found[]> {
  const { userId } = actorOf(ctx)
  const { from, to, zone } = wanted
  const levels = new Map(wanted.calendars.map((row) => [row.id, row.level]))
  const events = await selectEventsInSpan(ctx, {
    calendarIds: [...levels.keys()],
    participantId: wanted.participating ? userId : null,
    span: { from, to },
  })
  const overrides = await overridesOf(
    ctx,
    events.filter((event) => event.recurrence_rule !== null || event.rdates.length > 0).map(({ id }) => id),
  )
  const limited = events.filter((event) => (levels.get(event.calendar_id) ?? 0) < 3)
  const takingPart = new Set(
    (
      await ownAnswers(
        ctx,
        userId,
        limited.map(({ id }) => id),
      )
    ).map((row) => row.event_id),
  )
  const found: Found[] = []
  for (const event of events) {
    const level = levels.get(event.calendar_id) ?? 0
    const standing = standingOf(event, { userId, level, isParticipant: takingPart.has(event.id) })
    if (standing === 'none') continue
    const own = overrides.get(event.id) ?? []
    const { occurring } = occurrencesIn(event, own, { from, to, zone, series: seriesFor(ctx, event, own) })
    for (const one of occurring) {
      const isBusy =
        isOpaque(event, one.override) && event.status !== 'cancelled' && one.override?.changes.status !== 'cancelled'
      if (standing !== 'busy' || isBusy) found.push({ event, occurring: one, standing })
    }
    if (found.length > mostRows)
      throw invalid('to', 'This span has too many occurrences; ask for a shorter one', 'too_many')
  }
  const day = ({ event }: Found): number => (event.kind === 'date' ? 0 : 1)
  return found.toSorted(
    (a, b) =>
      a.occurring.from - b.occurring.from ||
      day(a) - day(b) ||
      (a.event.id < b.event.id ? -1 : a.event.id > b.event.id ? 1 : a.occurring.point - b.occurring.point),
  )
}

/**
 * The occurrences of events in a span, expanded and in the order of their starts: of one's own calendars, those shared with one to read, the public ones of one's
 * organizations, and the events in which one takes part; or of the calendars asked for, free/busy ones included. Without a span the 31 days from today on.
 */
export async function listEvents(ctx: Context, query: EventsQuery): Promise<Page<OccurrenceView>> {
  const { timeZone } = actorOf(ctx)
  const zone = zoneOf(query.time_zone ?? timeZone)
  const [from, to] = spanOf(ctx, query, zone)
  const calendars = await calendarsOf(ctx, query.calendar_id)
  const found = await findOccurrences(ctx, {
    calendars,
    participating: query.calendar_id === undefined,
    from,
    to,
    zone,
  })
  return pageOfFound(ctx, found, query, zone)
}

/** The next occurrences that have not ended: of the next three months, of a year where those are empty. */
export async function listUpcoming(
  ctx: Context,
  query: { page?: number; page_size?: number; time_zone?: string },
): Promise<Page<OccurrenceView>> {
  const zone = zoneOf(query.time_zone ?? actorOf(ctx).timeZone)
  const from = toSecond(ctx.now)
  const calendars = await calendarsOf(ctx, undefined)
  for (const days of [92, 366]) {
    const span = { from, to: from + days * 86_400, zone }
    const found = (await findOccurrences(ctx, { calendars, participating: true, ...span })).filter(
      ({ event, occurring }) => event.status !== 'cancelled' && occurring.override?.changes.status !== 'cancelled',
    )
    if (days === 366 || found.length > 0) return pageOfFound(ctx, found, query, zone)
  }
  throw new Error('the longest look is the last')
}

function spanOf(ctx: Context, query: EventsQuery, zone: Zone): [number, number] {
  const today = secondOfQuery(ctx.now.toZonedDateTimeISO(zone.id).toPlainDate().toString(), zone, false)!
  const from = query.from === undefined ? today : secondOfQuery(plus(query.from), zone, false)
  if (from === null) throw invalid('from', 'This is not a date or time', 'moment')
  const to = query.to === undefined ? from + 31 * 86_400 : secondOfQuery(plus(query.to), zone, true)
  if (to === null) throw invalid('to', 'This is not a date or time', 'moment')
  if (to <= from) throw invalid('to', 'This must be after the beginning of the span', 'span_order')
  if (to - from > longestDays * 86_400)
    throw invalid('to', 'The span must be at most {days} days long', 'span_length', { days: longestDays })
  return [from, to]
}

/** A `+` of an offset that was not encoded arrives as a space. */
export const plus = (text: string): string => text.replace(/ (?=\d\d:?\d\d$)/, '+')

async function pageOfFound(
  ctx: Context,
  found: readonly Found[],
  query: { page?: number; page_size?: number },
  zone: Zone,
): Promise<Page<OccurrenceView>> {
  const offset = offsetOf(query)
  if (offset > 0 && offset >= found.length) throw notFound('page')
  const rows = found.slice(offset, offset + limitOf(query))
  const ids = [...new Set(rows.map(({ event }) => event.id))]
  const [people, answered, events] =
    ids.length === 0
      ? [[], [], []]
      : await together(
          ctx,
          personNamesQuery(ctx, [...new Set(rows.map(({ event }) => event.organizer_id))]),
          ownAnswersQuery(ctx, actorOf(ctx).userId, ids),
          eventsById(ctx, ids),
        )
  const rooms = await roomNames(ctx, [
    ...new Set(rows.flatMap(({ event, occurring }) => roomOf(event, occurring.override) ?? [])),
  ])
  const names = { people: new Map(people.map(({ id, name }) => [id, name])), rooms }
  const statuses = new Map(answered.map((row) => [`${row.event_id} ${row.point ?? ''}`, row.status]))
  const whole = new Map(events.map((event) => [event.id, event]))
  const results = rows.flatMap(({ event, occurring, standing }) => {
    const full = whole.get(event.id)
    // Deleted a moment ago.
    if (!full) return []
    const myStatus = statuses.get(`${event.id} ${occurring.point}`) ?? statuses.get(`${event.id} `) ?? null
    return [viewOccurrence(full, occurring, { standing, zone, names, myStatus })]
  })
  return { results, count: found.length }
}

import { actorOf, type Context } from '../../../platform/context.ts'
import { violates } from '../../../platform/db/transaction.ts'
import { conflict, invalid, type AppError } from '../../../platform/errors.ts'
import { pointOf, RuleError } from '../../../time/recurrence/index.ts'
import { getRoom } from '../../rooms/index.ts'
import type { EventFields, OverrideRow } from '../queries/events.ts'
import { mendUntil, MomentError, momentText, readTimes, type Times, type TimesInput } from '../rules/moments.ts'
import { isTooDense, seriesOf, type EventFacts, type OverrideFacts } from '../rules/occurrences.ts'
import type { OverrideInput } from '../schema/events.ts'

/** From what a client writes to what is kept, every mistake told with its field. */

const fieldOfPart: Record<string, string> = {
  DTSTART: 'start_time',
  RDATE: 'rdates',
  EXDATE: 'exdates',
  TZID: 'time_zone',
  'RECURRENCE-ID': 'overrides',
}

/** A mistake in times or rules as the refusal of its field; anything else is thrown as it is. */
export function refusalOf(error: unknown, field?: string): AppError {
  if (error instanceof MomentError) return invalid(error.field, error.message, 'moment')
  if (error instanceof RuleError)
    return invalid(field ?? fieldOfPart[error.part] ?? 'recurrence_rule', error.sentence, 'rrule', error.params)
  throw error
}

/** Runs what reads times and rules. @throws VALIDATION_ERROR naming the field */
export function reading<T>(work: () => T, field?: string): T {
  try {
    return work()
  } catch (error) {
    throw refusalOf(error, field)
  }
}

export const timesOf = (ctx: Context, input: TimesInput): Times =>
  reading(() => readTimes(input, actorOf(ctx).timeZone))

export type SeriesInput = {
  is_recurring?: boolean | undefined
  recurrence_rule?: string | null | undefined
  rdates?: readonly string[] | undefined
  exdates?: readonly string[] | undefined
}

/** RRULE, RDATE and EXDATE beside these times. @throws VALIDATION_ERROR */
export function seriesFields(
  ctx: Context,
  input: SeriesInput,
  times: Times,
): Pick<EventFields, 'recurrence_rule' | 'rdates' | 'exdates'> {
  const home = actorOf(ctx).timeZone
  const rule = input.recurrence_rule?.trim() ? input.recurrence_rule.trim().replace(/^RRULE:/i, '') : null
  const list = (field: string, texts: readonly string[] = []): string[] =>
    reading(() => [...new Set(texts.map((text) => momentText(text, field, times, home)))])
  if (input.is_recurring === false) return { recurrence_rule: null, rdates: [], exdates: [] }
  const fields = {
    recurrence_rule: rule === null ? null : mendUntil(rule, times),
    rdates: list('rdates', input.rdates),
    exdates: list('exdates', input.exdates),
  }
  if (input.is_recurring && fields.recurrence_rule === null && fields.rdates.length === 0)
    throw invalid('recurrence_rule', 'An event that recurs needs a rule', 'required')
  return fields
}

/** @throws VALIDATION_ERROR for a series that says nothing, or says too much */
export function checkSeries(event: EventFacts, overrides: readonly OverrideFacts[]): void {
  reading(() => seriesOf(event, overrides))
  if (isTooDense(event))
    throw invalid('recurrence_rule', 'This rule yields too many occurrences, or takes too long to follow', 'too_many')
}

/** The overrides and further EXDATEs that a client gives with a new series. */
export function overridesFrom(
  ctx: Context,
  eventId: string,
  event: EventFacts & Times,
  given: readonly OverrideInput[],
): { overrides: OverrideRow[]; exdates: string[] } {
  const home = actorOf(ctx).timeZone
  const overrides = new Map<number, OverrideRow>()
  const exdates: string[] = []
  const series = reading(() => seriesOf(event, []))
  for (const one of given) {
    const recurrenceId = reading(() => momentText(one.recurrence_id, 'overrides', event, home))
    if (one.cancelled) {
      exdates.push(recurrenceId)
      continue
    }
    const point = reading(() => pointOf(series, recurrenceId), 'overrides')
    overrides.set(point, overrideRow(ctx, eventId, event, { ...one, point, recurrenceId }))
  }
  return { overrides: [...overrides.values()].toSorted((a, b) => a.point - b.point), exdates }
}

type Optional<T> = { [K in keyof T]?: T[K] | undefined }

export type OverrideGiven = Optional<
  Omit<OverrideInput, 'recurrence_id' | 'cancelled' | 'description' | 'location'>
> & {
  description?: string | null | undefined
  location?: string | null | undefined
  point: number
  recurrenceId: string
}

/** One override from what a client wrote of one occurrence; what is left out is as in the series. */
export function overrideRow(
  ctx: Context,
  eventId: string,
  event: EventFacts & Times,
  given: OverrideGiven,
): OverrideRow {
  const { point, recurrenceId } = given
  const home = actorOf(ctx).timeZone
  const series = reading(() => seriesOf(event, []))
  let startText: string | null = null
  let duration: number | null = null
  if (given.start_time !== undefined || given.end_time !== undefined) {
    startText = reading(() =>
      given.start_time === undefined ? recurrenceId : momentText(given.start_time, 'start_time', event, home),
    )
    if (given.end_time !== undefined) {
      const endText = reading(() => momentText(given.end_time!, 'end_time', event, home))
      duration = reading(() => pointOf(series, endText) - pointOf(series, startText!))
      if (event.kind === 'date') duration = Math.max(duration, 86_400)
      if (duration <= 0 || duration > 3660 * 86_400) throw invalid('end_time', 'This must be after the start', 'moment')
    }
  }
  const { title, description, location, status, transparency, room_id: roomId } = given
  const startPoint = startText === null ? null : reading(() => pointOf(series, startText), 'start_time')
  return {
    event_id: eventId,
    point,
    recurrence_id: recurrenceId,
    start_point: startPoint === point ? null : startPoint,
    start_text: startPoint === point ? null : startText,
    duration_seconds: duration === event.duration_seconds ? null : duration,
    changes: {
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description: description ?? '' }),
      ...(location === undefined ? {} : { location: location ?? '' }),
      ...(status === undefined ? {} : { status }),
      ...(transparency === undefined ? {} : { transparency }),
    },
    has_own_room: roomId !== undefined,
    room_id: roomId ?? null,
    sequence: 0,
    raw: null,
  }
}

export const uidTaken = (): AppError => conflict('An event with this UID stands in the calendar already')

/** Runs what writes an event. @throws CONFLICT where another one of its UID has come into the calendar meanwhile */
export async function ofOneUid(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    throw violates(error, 'events_uid_once') ? uidTaken() : error
  }
}

/** @throws VALIDATION_ERROR for a title of nothing but blanks */
export function requireTitle(title: string | undefined): void {
  if (title?.trim() === '') throw invalid('title', 'This field is required', 'required')
}

/** A room that may be taken by who asks. @throws NOT_FOUND for another organization's or an archived one, CONFLICT for one that is not active */
export async function requireRoom(ctx: Context, roomId: string | null | undefined): Promise<void> {
  if (roomId === null || roomId === undefined) return
  const room = await getRoom(ctx, roomId)
  if (!room.is_active)
    throw conflict('This room is not in use', {
      details: [{ field: 'room_id', rule: 'room_inactive', message: 'This room is not in use' }],
    })
}

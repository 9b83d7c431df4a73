import { pointOf, pointText } from '../../../time/recurrence/index.ts'
import type { Zone } from '../../../time/zones.ts'
import { calendarLines, eventLines, plainOverride, type Names } from '../ics/write.ts'
import type { EventRow, OverrideRow } from '../queries/events.ts'
import { wallText } from '../rules/moments.ts'
import { isRecurring, occurrencesIn, seriesOf, type Occurring } from '../rules/occurrences.ts'
import { isOpaque } from '../rules/wanted.ts'
import type { DavObject } from './objects.ts'

/** Occurrences of objects within a span, as filters and answers of CalDAV want them. */

export type Span = { from: number; to: number; zone: Zone }

/** The occurrences of an object that overlap a span (epoch seconds); floating times and dates are read in the zone. At most 1,000 of one series. */
export const occurrencesOf = ({ whole }: DavObject, span: Span): Occurring<OverrideRow>[] =>
  occurrencesIn(whole.event, whole.overrides, { ...span, limit: 1000 }).occurring

/** Does an object have an occurrence in the span? */
export const overlaps = ({ whole }: DavObject, span: Span): boolean =>
  occurrencesIn(whole.event, whole.overrides, { ...span, limit: 1 }).occurring.length > 0

/** Does an occurrence of an object remind within the span (RFC 4791 9.9, of VALARM)? */
export function reminds({ whole, isBusy }: DavObject, { from, to, zone }: Span): boolean {
  const { reminders } = whole.event
  if (isBusy || reminders.length === 0) return false
  const furthest = Math.max(...reminders) * 60
  return occurrencesIn(whole.event, whole.overrides, { from, to: to + furthest, zone, limit: 1000 }).occurring.some(
    (one) => reminders.some((minutes) => one.from - minutes * 60 >= from && one.from - minutes * 60 < to),
  )
}

/** Busy stretches of an object in the span, epoch seconds. */
export const busyOf = (one: DavObject, span: Span): { from: number; to: number; isTentative: boolean }[] =>
  one.whole.event.status === 'cancelled'
    ? []
    : occurrencesOf(one, span).flatMap(({ from, to, override }) => {
        const status = override?.changes.status ?? one.whole.event.status
        if (status === 'cancelled' || from === to || !isOpaque(one.whole.event, override)) return []
        return [{ from: Math.max(from, span.from), to: Math.min(to, span.to), isTentative: status === 'tentative' }]
      })

/** An object as its occurrences in a span, each for itself and in UTC (RFC 4791 9.6.5). */
export function expanded(one: DavObject, span: Span, names: Names): string[] {
  const { whole, isBusy } = one
  const { event } = whole
  const isZoned = event.kind === 'zoned' || event.kind === 'utc'
  const plain: EventRow = {
    ...event,
    kind: isZoned ? 'utc' : event.kind,
    time_zone: null,
    recurrence_rule: null,
    rdates: [],
    exdates: [],
  }
  const textAt = (point: number): string => (isZoned ? wallText(point) : pointText({ kind: event.kind }, point))
  const body = occurrencesOf(one, span).flatMap(({ point, start, end, override }) => {
    const at: EventRow = { ...plain, dtstart: textAt(start), duration_seconds: end - start }
    const series = seriesOf(at, [])
    const shown = { whole: { ...whole, event: at }, isBusy }
    if (!isRecurring(event)) return eventLines(shown, null, series, names)
    const name = isZoned ? `${textAt(point)}Z` : textAt(point)
    const instance: OverrideRow = {
      ...(override ?? plainOverride(event, { point, recurrence_id: name })),
      recurrence_id: name,
      start_text: isZoned ? `${textAt(start)}Z` : textAt(start),
      duration_seconds: end - start,
    }
    return eventLines(shown, instance, series, names)
  })
  return [...calendarLines([], names).slice(0, -1), ...body, 'END:VCALENDAR']
}

/** An object with those of its occurrences that differ which touch the span, by their own times or by those that the series gives them (RFC 4791 9.6.6). */
export function limited(one: DavObject, { from, to }: Span, names: Names): string[] {
  const { whole, isBusy } = one
  const series = seriesOf(whole.event, [])
  const within = (start: number, length: number): boolean => start < to && start + length > from
  const overrides = whole.overrides.filter((override) => {
    const length = override.duration_seconds ?? whole.event.duration_seconds
    const start = override.start_text === null ? override.point : pointOf(series, override.start_text)
    return within(start, length) || within(override.point, length)
  })
  return calendarLines([{ whole: { ...whole, overrides }, isBusy }], names)
}

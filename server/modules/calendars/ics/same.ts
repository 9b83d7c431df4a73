import type { EventRow } from '../queries/events.ts'
import type { Whole } from '../rules/wanted.ts'
import { seriesOf, type EventFacts } from '../rules/occurrences.ts'
import { pointOf } from '../../../time/recurrence/index.ts'
import type { Placed } from './import.ts'
import type { Extras } from './read.ts'

/** Does the file say nothing that does not stand already? */
export function isSame(placed: Placed, before: Whole): boolean {
  const { event } = before
  return (
    JSON.stringify(told(placed.fields as EventRow)) === JSON.stringify(told(event)) &&
    JSON.stringify(placed.overrides.map(toldOverride)) === JSON.stringify(before.overrides.map(toldOverride)) &&
    JSON.stringify(placed.participants.map(toldPerson).toSorted()) ===
      JSON.stringify(before.participants.map(toldPerson).toSorted()) &&
    placed.answers.every((one) =>
      before.answers.some(
        (other) =>
          other.participant_id === one.participant_id && other.point === one.point && other.status === one.status,
      ),
    )
  )
}

/** The times of an event, whatever form they are written in. */
export function timing(event: EventFacts) {
  const series = seriesOf(event, [])
  const points = (texts: readonly string[]): number[] =>
    texts.map((text) => pointOf(series, text)).toSorted((a, b) => a - b)
  return {
    series: [event.kind, event.time_zone, event.dtstart, event.duration_seconds, event.recurrence_rule],
    rdates: points(event.rdates),
    exdates: points(event.exdates),
  }
}

function told(event: EventRow) {
  return [
    event.sequence,
    event.title,
    event.description,
    event.location,
    timing(event),
    event.status,
    event.transparency ?? (event.kind === 'date' ? 'transparent' : 'opaque'),
    event.visibility,
    event.reminders.toSorted((a, b) => a - b),
    toldExtras(event.raw),
  ]
}

/** PostgreSQL keeps the names of an object in an order of its own. */
function toldExtras(raw: unknown) {
  const extras = raw as Extras | null
  return extras && [extras.lines, extras.alarms]
}

function toldOverride(one: Whole['overrides'][number]) {
  const { title, description, location, status, transparency } = one.changes
  return [
    one.point,
    one.start_point,
    one.duration_seconds,
    title,
    description,
    location,
    status,
    transparency,
    toldExtras(one.raw),
  ]
}

const toldPerson = (one: { user_id: number | null; email: string | null; role: string; status: string }): string =>
  `${one.user_id ?? one.email?.toLowerCase()} ${one.role} ${one.status}`

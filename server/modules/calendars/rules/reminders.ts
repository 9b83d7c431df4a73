import type { Zone } from '../../../time/zones.ts'
import { goesOnAfter, occurrencesIn, seriesOf } from './occurrences.ts'
import { peopleOf, type Whole } from './wanted.ts'

/** When the people of an event are reminded of it. Pure; all times in epoch seconds. */

export type Reminder = { userId: number; point: number; start: number }

/** A reminder that comes later than this after the beginning helps nobody: the server was away. */
const tooLate = 15 * 60
/** How far ahead the next one is looked for at a time; a rarer series is looked at again then. */
const windows = [35 * 86_400, 400 * 86_400]
const mostOccurrences = 2000

/** Reminders whose moment lies in `(after, until]`, one for each person and occurrence; all-day events begin with the day of each person. */
export function remindersIn(
  whole: Whole,
  zones: ReadonlyMap<number, Zone>,
  { after, until }: { after: number; until: number },
): Reminder[] {
  const found = new Map<string, Reminder>()
  const furthest = Math.max(...whole.event.reminders) * 60
  eachStart(
    whole,
    zones,
    { from: Math.max(after, until - tooLate), to: until + furthest + 1 },
    (userId, point, start) => {
      if (start < until - tooLate) return
      for (const minutes of whole.event.reminders) {
        const at = start - minutes * 60
        if (at > after && at <= until) found.set(`${userId} ${point}`, { userId, point, start })
      }
    },
  )
  return [...found.values()].toSorted((a, b) => a.start - b.start || a.userId - b.userId)
}

/** The moment of the next reminder after this, or when to look again; null: there will be none. */
export function nextReminder(whole: Whole, zones: ReadonlyMap<number, Zone>, after: number): number | null {
  const { reminders } = whole.event
  if (reminders.length === 0 || whole.event.status === 'cancelled') return null
  const furthest = Math.max(...reminders) * 60
  for (const window of windows) {
    let next = Number.POSITIVE_INFINITY
    const more = eachStart(whole, zones, { from: after, to: after + window + furthest }, (_userId, _point, start) => {
      for (const minutes of reminders) {
        const at = start - minutes * 60
        if (at > after) next = Math.min(next, at)
      }
    })
    if (next < Number.POSITIVE_INFINITY) return next
    if (more) return after + 86_400
  }
  const beyond = after + windows.at(-1)!
  return goesOnAfter(whole.event, whole.overrides, beyond) ? beyond : null
}

/** Calls for each person who has not declined and each occurrence that begins in the span; answers whether there may be more of them than were looked at. */
function eachStart(
  whole: Whole,
  zones: ReadonlyMap<number, Zone>,
  { from, to, limit = mostOccurrences }: { from: number; to: number; limit?: number },
  tell: (userId: number, point: number, start: number) => void,
): boolean {
  const { event, overrides, participants, answers } = whole
  if (event.status === 'cancelled') return false
  const series = seriesOf(event, overrides)
  const answered = Map.groupBy(answers, (answer) => answer.user_id)
  let more = false
  for (const userId of peopleOf(whole)) {
    const zone = zones.get(userId)
    if (!zone) continue
    const general = participants.find((one) => one.user_id === userId)?.status
    const single = new Map((answered.get(userId) ?? []).map((answer) => [answer.point, answer.status]))
    const { occurring, truncated } = occurrencesIn(event, overrides, { from, to, zone, limit, series })
    more ||= truncated
    for (const { point, from: start, override } of occurring) {
      if (start < from || override?.changes.status === 'cancelled') continue
      if (userId !== event.organizer_id && (single.get(point) ?? general) === 'declined') continue
      tell(userId, point, start)
    }
  }
  return more
}

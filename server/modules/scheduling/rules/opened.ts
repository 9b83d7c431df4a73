import type { Schedule } from '../../../time/hours.ts'
import { subtract } from '../../../time/intervals.ts'
import { openOf } from './stranded.ts'

/** Nobody claims time further ahead than 18 months (SPEC section 5). */
const horizonMinutes = 549 * 1440
/** So many spans are told of: those of a year and a half of one weekday, and then some. */
const mostSpans = 400

/** Which time from `now` on a change of hours opens, in epoch minutes: at most the first 400 spans. */
export function openedBy(before: Schedule | null, after: Schedule | null, now: number): [from: number, to: number][] {
  const until = now + horizonMinutes
  const opened = subtract(openOf(after, now, until), openOf(before, now, until))
  const spans: [number, number][] = []
  for (let i = 0; i < opened.length && spans.length < mostSpans; i += 2) spans.push([opened[i]!, opened[i + 1]!])
  return spans
}

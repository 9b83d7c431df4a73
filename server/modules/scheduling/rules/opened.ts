import type { Schedule } from '../../../time/hours.ts'
import { intersect, normal, subtract, type Intervals } from '../../../time/intervals.ts'
import { openOf } from './stranded.ts'

/** A stretch of time in epoch minutes. */
export type Span = [from: number, to: number]

/** Nobody claims time further ahead than 18 months (SPEC section 5). */
const horizonMinutes = 549 * 1440
/** So many spans are told of: those of a year and a half of one weekday, and then some. */
const mostSpans = 400

/** Which time from `now` on a change of hours opens: at most the first 400 spans. */
export function openedBy(before: Schedule | null, after: Schedule | null, now: number): Span[] {
  const until = now + horizonMinutes
  return spansOf(subtract(openOf(after, now, until), openOf(before, now, until)))
}

/** Which time from `now` on is taken no more where this was taken away and that is taken instead: at most the first 400 spans. */
export const freedBy = (gone: Intervals, taken: Intervals, now: number): Span[] =>
  spansOf(intersect(subtract(normal(gone), normal(taken)), claimable(now)))

/** All the time from `now` on that anybody can claim. */
export const claimable = (now: number): Span => [now, now + horizonMinutes]

function spansOf(intervals: Intervals): Span[] {
  const spans: Span[] = []
  for (let i = 0; i < intervals.length && spans.length < mostSpans; i += 2)
    spans.push([intervals[i]!, intervals[i + 1]!])
  return spans
}

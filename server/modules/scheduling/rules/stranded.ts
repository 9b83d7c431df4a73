import { layOut, type Schedule } from '../../../time/hours.ts'
import { intersect, subtract, type Intervals } from '../../../time/intervals.ts'

/** A session of bookings that stands, epoch minutes `[from, to)`. */
export type Standing = { from: number; to: number; sourceId: string }

/**
 * Which sessions would stand in hours that a change closes. What was outside the hours before (the buffers of a booking may be, and staff may book there) is
 * not the change's doing and strands nobody.
 */
export function strandedBy(
  before: Schedule | null,
  after: Schedule | null,
  sessions: readonly Standing[],
  now: number,
): Standing[] {
  if (sessions.length === 0) return []
  const from = Math.max(now, Math.min(...sessions.map((one) => one.from)))
  const to = Math.max(...sessions.map((one) => one.to))
  if (from >= to) return []
  const closed = subtract(openOf(before, from, to), openOf(after, from, to))
  if (closed.length === 0) return []
  return sessions.filter((one) => intersect(closed, [one.from, one.to]).length > 0)
}

/** When a schedule is open within `[from, to)`; without one always. */
export const openOf = (schedule: Schedule | null, from: number, to: number): Intervals =>
  schedule ? intersect(layOut(schedule, from, to).open, [from, to]) : [from, to]

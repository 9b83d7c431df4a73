import { refuse } from './refuse.ts'
import type { Element } from './xml/read.ts'

/** Spans as `time-range`, `expand` and the like say them (RFC 4791 9.9): UTC, either end may be open. Epoch seconds. */

const earliest = Temporal.Instant.from('1000-01-01T00:00:00Z').epochMilliseconds / 1000
const latest = Temporal.Instant.from('9000-01-01T00:00:00Z').epochMilliseconds / 1000

const form = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/

function secondOf(text: string): number {
  const [, year, month, day, hour, minute, second] = form.exec(text) ?? []
  try {
    const instant = Temporal.Instant.from(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
    return Math.min(Math.max(instant.epochMilliseconds / 1000, earliest), latest)
  } catch {
    throw refuse('valid-filter')
  }
}

/** @throws PERMISSION_DENIED with the rule `dav:valid-filter` for what is no span */
export function spanOf({ attributes }: Element): { from: number; to: number } {
  const { start, end } = attributes
  if (start === undefined && end === undefined) throw refuse('valid-filter')
  const span = {
    from: start === undefined ? earliest : secondOf(start),
    to: end === undefined ? latest : secondOf(end),
  }
  if (span.to <= span.from) throw refuse('valid-filter')
  return span
}

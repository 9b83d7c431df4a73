import type { CompiledQuery } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import type { Schedule } from '../../../time/hours.ts'
import type { Source } from '../queries/claims.ts'
import { factsBuilt, type FactsRow } from '../queries/facts.ts'
import { scheduleOf } from '../rules/schedule.ts'

/** A claim in numbers: epoch minutes `[from, to)`, outward. */
export type ClaimFact = {
  source_kind: Source['kind']
  source_id: string
  from: number
  to: number
  exclusive: boolean
}

/** What is known of one resource in a span. */
export type Facts = {
  /** When it is open. Of a person never null (without entries: never open); null for a room that is always open. */
  schedule: Schedule | null
  /** All that takes it, booking sessions included: `from, to, ...` in epoch minutes, ascending by start. */
  busy: number[]
  /** The same without booking sessions: what a person is busy with where the sessions come as `bookings` of a `Question` (D10: busy time is joined by nobody). */
  busyBesideSessions: number[]
  /** Each interval of `busy` with what takes it, in the same order. */
  claims: ClaimFact[]
  /** Changes with every entry and claim. */
  version: number
}

/**
 * Schedules and unexpired claims of the resources that matter to `[from, to)`, as numbers for `server/time`'s `Question`; in one statement, whatever their
 * number. `except` leaves out the claims of one source: what is being moved does not stand in its own way.
 */
export async function factsOf(
  ctx: Context,
  ids: readonly number[],
  from: Temporal.Instant,
  to: Temporal.Instant,
  options: { except?: Source } = {},
): Promise<Map<number, Facts>> {
  if (ids.length === 0) return new Map()
  const { rows } = await ctx.db.executeQuery(factsStatement(ctx, ids, from, to, options))
  return readFacts(rows)
}

/**
 * The statement of `factsOf`, to be sent together with others; `readFacts` reads its rows. `bare` asks only when somebody is taken: of the facts, `busy` is told
 * then, but neither `claims` nor `busyBesideSessions`.
 */
export function factsStatement(
  ctx: Context,
  ids: readonly number[],
  from: Temporal.Instant,
  to: Temporal.Instant,
  options: { except?: Source; bare?: boolean } = {},
): CompiledQuery<FactsRow> {
  // A day of any zone lies within a day and a half of UTC's, and a night reaches into the next.
  const firstDate = from.toZonedDateTimeISO('UTC').toPlainDate().subtract({ days: 2 })
  const lastDate = to.toZonedDateTimeISO('UTC').toPlainDate().add({ days: 2 })
  const { except, bare = false } = options
  const [except_kind, except_id] = except ? [except.kind, except.id] : (['', ''] as const)
  return factsBuilt(ctx.db, { ids, now: ctx.now, from, to, firstDate, lastDate, except_kind, except_id }, { bare })
}

/** What the rows of `factsStatement` tell of each resource. */
export function readFacts(rows: readonly FactsRow[]): Map<number, Facts> {
  const facts = new Map<number, Facts>()
  for (const row of rows) {
    const schedule = scheduleOf(row.kind, row.time_zone, row.entries ?? [])
    const found: Facts = { schedule, busy: [], busyBesideSessions: [], claims: [], version: row.version }
    facts.set(row.id, found)
    if (row.taken) found.busy = row.taken.split(',').map(Number)
    if (!row.starts) continue
    const starts = numbersOf(row.starts)
    const ends = numbersOf(row.ends!)
    for (const [i, source] of row.sources!.split('\n').entries()) {
      const colon = source.indexOf(':')
      const source_kind = source.slice(0, colon) as Source['kind']
      const [start, end] = [starts[i]!, ends[i]!]
      found.busy.push(start, end)
      if (source_kind !== 'booking_session') found.busyBesideSessions.push(start, end)
      const exclusive = row.exclusive![i] === '1'
      found.claims.push({ source_kind, source_id: source.slice(colon + 1), from: start, to: end, exclusive })
    }
  }
  return facts
}

/** PostgreSQL's text of an array of whole numbers: `{1,2,3}`. */
const numbersOf = (text: string): number[] => text.slice(1, -1).split(',').map(Number)

import type { WallSpan } from './hours.ts'
import { contains, gaps, indexAt, intersect, startsWithin } from './intervals.ts'
import type { Intervals } from './intervals.ts'
import { blockedBy, earliestOf, lastDayOf, onGrid, sessionsOf, spanOf } from './plan.ts'
import type { Lane, Plan, RoomLane } from './plan.ts'
import type { Id, Question } from './question.ts'
import { dayAt, resolve, startOfDate, wallOf } from './zones.ts'

/**
 * The rules that can refuse, in the order in which they are asked; the first one that fails is named. First what holds
 * for everybody (D5, D6, D12: there is nobody to ask), then what is wrong with the start itself (400), then what it
 * collides with (409). D4 is the grid. Of several providers the one is named who comes furthest in this order, the
 * first by id among equals.
 */
const ORDER = ['D5', 'D6', 'D12', 'D7', 'D2', 'D3', 'D4', 'D8', 'D9', 'D10', 'D11'] as const

export type Rule = (typeof ORDER)[number]

/** Why, in words that clients may rely on; each belongs to one rule. */
export type RefusalCode =
  | 'outside_span' // D5
  | 'past' // D6: before now, whatever the notice
  | 'too_soon' // D6
  | 'no_provider' // D12
  | 'too_far' // D7
  | 'outside_hours' // D2
  | 'time_off' // D3
  | 'off_grid' // D4
  | 'too_long' // D8
  | 'busy' // D9
  | 'booked' // D9
  | 'full' // D10
  | 'room_taken' // D11
  | 'room_closed' // D11

/** Why a start is refused. */
export interface Refusal {
  readonly rule: Rule
  readonly code: RefusalCode
  /** Whom it concerns; null where the rule asks nobody (D5, D6, D12). */
  readonly providerId: Id | null
  /** D11: the first allowed room that is taken, or closed if all are. */
  readonly roomId: Id | null
  /**
   * The interval to blame, epoch minutes `[from, to)`: D5 the span asked for; D6 now to the first minute allowed; D7
   * from the first date past the window to the end of the start's; D2 the closed part of the date; D3 the time off; D4
   * from the start before to the start after, or the published slot's open time of the date; D8 the closed part that the length runs into; D9 the busy interval, or
   * what the booking blocks; D10 the session; D11 what takes the room, or when it is closed. null: there is none.
   */
  readonly blame: { readonly from: number; readonly to: number } | null
}

/** A start that is refused: the refusal to tell, and that of every provider, sorted by id. */
export interface Refused {
  readonly accepted: false
  readonly refusal: Refusal
  readonly refusals: readonly Refusal[]
}

/** SPEC section 10: D9–D11 are conflicts with others (409); everything before them is a wrong time to ask for (400). */
export function isConflict(rule: Rule): boolean {
  return rule === 'D9' || rule === 'D10' || rule === 'D11'
}

/** The rules that refuse a start within the plan. To be asked only for a start that the plan's sweep left out. */
export function explained(plan: Plan, start: number): Refused {
  const common = forEverybody(plan.question, start)
  if (common) return { accepted: false, refusal: common, refusals: [common] }
  const refusals = plan.lanes.map((lane) => ofLane(plan, lane, start))
  let [furthest] = refusals
  for (const refusal of refusals) if (rank(refusal) > rank(furthest!)) furthest = refusal
  return { accepted: false, refusal: furthest!, refusals }
}

function rank({ rule }: Refusal): number {
  return ORDER.indexOf(rule)
}

function forEverybody(question: Question, start: number): Refusal | undefined {
  const nobody = { providerId: null, roomId: null }
  if (question.days) {
    const span = spanOf({ zone: question.zone, days: question.days })
    if (start < span.from || start >= span.to) return { rule: 'D5', code: 'outside_span', ...nobody, blame: span }
  }
  const earliest = earliestOf(question)
  const now = Math.floor(question.now)
  if (start < earliest) {
    const code = start < question.now ? 'past' : 'too_soon'
    return { rule: 'D6', code, ...nobody, blame: { from: now, to: earliest } }
  }
  if (question.providers.length === 0) return { rule: 'D12', code: 'no_provider', ...nobody, blame: null }
  return undefined
}

function ofLane({ question, rooms }: Plan, { provider, layout }: Lane, start: number): Refusal {
  const { service } = question
  const { zone, timeOff } = provider.schedule
  const end = start + service.durationMinutes
  const refuse = (rule: Rule, code: RefusalCode, blame: Refusal['blame'], roomId: Id | null = null): Refusal => ({
    rule,
    code,
    providerId: provider.id,
    roomId,
    blame,
  })
  const day = dayAt(zone, start)
  const [midnight, nextMidnight] = [startOfDate(zone, day), startOfDate(zone, day + 1)]

  const lastDay = lastDayOf(question, provider)
  if (day > lastDay) return refuse('D7', 'too_far', { from: startOfDate(zone, lastDay + 1), to: nextMidnight })

  if (!contains(layout.hours, start))
    return refuse('D2', 'outside_hours', around(gaps(layout.hours, midnight, nextMidnight), start))
  if (!contains(layout.open, start)) {
    const wall = wallOf(zone, start)
    const span = timeOff.find(({ from, to }) => from <= wall && wall < to)
    return refuse('D3', 'time_off', span ? instantsOfSpan(span, (w) => resolve(zone, w)) : null)
  }
  const step = service.stepMinutes
  if (onGrid(layout.grid, [start, start + 1], step).length === 0)
    return refuse(
      'D4',
      'off_grid',
      neighbours(layout.grid, start, step) ?? around(intersect(layout.hours, [midnight, nextMidnight]), start),
    )
  if (!contains(startsWithin(layout.open, service.durationMinutes), start))
    return refuse('D8', 'too_long', closedWithin(layout.open, start, end))

  const sessions = sessionsOf(provider)
  const session = sessions.get(start)
  const blocked = { from: start - service.bufferBefore, to: end + service.bufferAfter }
  const busy = firstOverlap(provider.busy, blocked)
  // Where one person at a time is served nothing is joined: who asks wants to hear that the time is booked, not about seats.
  const others = provider.bookings.filter(
    (booking) => !(booking.sameService && booking.start === start && service.capacity > 1),
  )
  const booked = firstOverlap(others.flatMap(blockedBy), blocked)
  if (busy && !(booked && booked.from < busy.from)) return refuse('D9', 'busy', busy)
  if (booked) return refuse('D9', 'booked', booked)
  if ((session?.seats ?? 0) + question.seats > service.capacity)
    return refuse('D10', 'full', session ? { from: start, to: end } : null)

  const room = firstTaken(rooms ?? [], start)
  if (!room) return refuse('D11', 'room_closed', null)
  const { id, schedule } = room.room
  if (!contains(room.open, start)) {
    const closed = schedule ? { from: start, to: end } : null
    return refuse('D11', 'room_closed', closed, id)
  }
  const roomBookings = question.providers.flatMap(({ bookings }) => bookings.filter(({ roomId }) => roomId === id))
  const taken = firstOverlap([...room.room.busy, ...roomBookings.flatMap(blockedBy)], blocked)
  if (!taken) throw new Error(`No rule refuses the start at minute ${start}`)
  return refuse('D11', 'room_taken', taken, id)
}

/** The first room whose hours allow the start, so that only others take it; else the first room. */
function firstTaken(rooms: readonly RoomLane[], start: number): RoomLane | undefined {
  return rooms.find(({ open }) => contains(open, start)) ?? rooms[0]
}

function instantsOfSpan({ from, to }: WallSpan, instantOf: (wall: number) => number): { from: number; to: number } {
  return { from: instantOf(from), to: instantOf(to) }
}

function around(list: Intervals, t: number): { from: number; to: number } {
  const i = indexAt(list, t)
  // Clocks that go back over midnight show a date outside what lies between its two midnights.
  return i === -1 ? { from: t, to: t + 1 } : { from: list[i]!, to: list[i + 1]! }
}

/** The closed part of `[start, end)` that comes first, `start` being open. */
function closedWithin(open: Intervals, start: number, end: number): { from: number; to: number } {
  const [from, to] = gaps(open, start, end)
  return { from: from!, to: to! }
}

/** The grid's starts next to t on either side, of the intervals that cover it. */
function neighbours(grid: readonly number[], t: number, step: number): { from: number; to: number } | undefined {
  let from = Number.NEGATIVE_INFINITY
  let to = Number.POSITIVE_INFINITY
  for (let i = 0; i < grid.length; i += 3) {
    if (t < grid[i]! || t >= grid[i + 1]!) continue
    const before = t - ((t - grid[i + 2]!) % step)
    from = Math.max(from, before)
    to = Math.min(to, before + step)
  }
  return to === Number.POSITIVE_INFINITY ? undefined : { from, to }
}

/** The interval of any list that overlaps `blocked` and begins first, of several the shortest. */
function firstOverlap(
  list: Intervals,
  blocked: { from: number; to: number },
): { from: number; to: number } | undefined {
  let found: { from: number; to: number } | undefined
  for (let i = 0; i < list.length; i += 2) {
    const from = list[i]!
    const to = list[i + 1]!
    if (from >= to || from >= blocked.to || to <= blocked.from) continue
    if (!found || from < found.from || (from === found.from && to < found.to)) found = { from, to }
  }
  return found
}

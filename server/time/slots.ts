/**
 * Free slots: TIME.md D1–D12. One plan (plan.ts) and one sweep decide; listing sweeps a span, deciding sweeps the one
 * minute asked for, and explaining names the rule for what a sweep left out. So what is listed is accepted, and what
 * is not is refused with its rule.
 */
import { explained } from './explain.ts'
import type { Refused } from './explain.ts'
import { onGrid, planOf, spanOf } from './plan.ts'
import type { Plan, RoomLane } from './plan.ts'
import type { Id, Offer, Question, Service, Slot, SlotQuery } from './question.ts'
import { offsetAt, transitionsIn } from './zones.ts'
import type { Zone } from './zones.ts'

export type Decision = { readonly accepted: true; readonly slot: Slot } | Refused

/** A start of the grid, on offer or not: the owner's view of a span. */
export interface GridStart {
  readonly start: number
  /** Of the customer's zone at that time, in minutes. */
  readonly offset: number
  readonly decision: Decision
}

const NO_ROOMS: readonly Id[] = []

/** All free starts of the dates asked for, ascending, by D1–D12. Throws RangeError for hours that are none (D2). */
export function listSlots(query: SlotQuery): Slot[] {
  const { from, to } = spanOf(query)
  return from < to ? sweep(planOf(query, from, to)) : []
}

/**
 * Whether one start (epoch minute), on the grid or not, can be taken; if so by whom and in which rooms, if not by which
 * rule. To ask for one provider or one room, put only that one into the question.
 */
export function decide(question: Question, start: number): Decision {
  const plan = planOf(question, start, start + 1)
  const [slot] = sweep(plan)
  return slot ? { accepted: true, slot } : explained(plan, start)
}

/** Every start on the grid of at least one provider in the dates asked for, ascending, with its decision. */
export function explainSlots(query: SlotQuery): GridStart[] {
  const { from, to } = spanOf(query)
  if (from >= to) return []
  const plan = planOf(query, from, to)
  const free = new Map(sweep(plan).map((slot) => [slot.start, slot]))
  const step = query.service.stepMinutes
  const starts = new Set(plan.lanes.flatMap(({ layout }) => onGrid(layout.grid, [from, to], step)))
  return [...starts]
    .toSorted((a, b) => a - b)
    .map((start) => {
      const slot = free.get(start)
      const decision: Decision = slot ? { accepted: true, slot } : explained(plan, start)
      return { start, offset: offsetAt(query.zone, start), decision }
    })
}

/**
 * The epoch minutes `[from, to)` within which busy time and blocked intervals can matter to starts of `[from, to)`:
 * what a caller has to load.
 */
export function busyWindow(service: Service, from: number, to: number): { from: number; to: number } {
  return { from: from - service.bufferBefore, to: to + service.durationMinutes + service.bufferAfter }
}

/** D12: the free starts of a plan, each with everybody who can take it. */
function sweep({ question, from, to, lanes, rooms }: Plan): Slot[] {
  const starts = lanes.map(({ layout, allowed }) => onGrid(layout.grid, allowed, question.service.stepMinutes))
  const next = starts.map(() => 0)
  // The head of each lane's starts; the smallest of them is found while those of the one before are passed.
  const heads = starts.map(([first]) => first ?? Number.POSITIVE_INFINITY)
  const freeRoomsAt = rooms && freeRooms(rooms)
  const offsetOf = offsets(question.zone, from, to)
  const slots: Slot[] = []
  for (let start = Math.min(...heads); start < Number.POSITIVE_INFINITY;) {
    const free = freeRoomsAt ? freeRoomsAt(start) : NO_ROOMS
    const offers: Offer[] = []
    let begins = false
    let following = Number.POSITIVE_INFINITY
    for (let i = 0; i < heads.length; i++) {
      if (heads[i] === start) {
        const { joinable, offer } = lanes[i]!
        const joined = joinable?.get(start)
        if (joined) offers.push(joined)
        else if (!freeRoomsAt || free.length > 0) {
          offers.push(offer)
          begins = true
        }
        heads[i] = starts[i]![++next[i]!] ?? Number.POSITIVE_INFINITY
      }
      if (heads[i]! < following) following = heads[i]!
    }
    if (offers.length > 0)
      slots.push({ start, offset: offsetOf(start), providers: offers, rooms: begins ? free : NO_ROOMS })
    start = following
  }
  return slots
}

/** Answers, for ascending starts, which rooms are free for a new session. */
function freeRooms(rooms: readonly RoomLane[]): (start: number) => readonly Id[] {
  const next = rooms.map(() => 0)
  return (start) => {
    const found: Id[] = []
    for (const [i, { room, free }] of rooms.entries()) {
      let at = next[i]!
      while (at < free.length && free[at + 1]! <= start) at += 2
      next[i] = at
      if (at < free.length && free[at]! <= start) found.push(room.id)
    }
    return found
  }
}

/** Answers, for ascending instants of `[from, to)`, the zone's offset, without a look-up for each. */
function offsets(zone: Zone, from: number, to: number): (minute: number) => number {
  const changes = transitionsIn(zone, from, to)
  let offset = offsetAt(zone, from)
  let next = 0
  return (minute) => {
    while (next < changes.length && changes[next]!.at <= minute) offset = changes[next++]!.after
    return offset
  }
}

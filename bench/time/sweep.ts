/**
 * The bound for slots: a bare sweep over sorted numbers. It gets what a schedule comes to in instants, and busy time
 * that is sorted, and knows nothing of zones, dates, notice, windows, capacity or rooms: no implementation of the
 * rules can do less. It answers in the same form as `listSlots`, as an answer of another form would measure the form.
 */
import type { Offer, Slot } from '../../server/time/question.ts'

export interface SweptProvider {
  readonly id: string
  /** `from, to, anchor` of each open piece, ascending, none touching. */
  readonly open: readonly number[]
  /** `from, to` of each busy interval, ascending by `from`. */
  readonly busy: readonly number[]
}

export interface SweptService {
  readonly durationMinutes: number
  readonly bufferBefore: number
  readonly bufferAfter: number
  readonly stepMinutes: number
}

/** The free starts of one provider, ascending. */
export function sweepOne({ open, busy }: SweptProvider, service: SweptService): number[] {
  const { durationMinutes, bufferBefore, stepMinutes } = service
  const after = durationMinutes + service.bufferAfter
  const starts: number[] = []
  let j = 0
  for (let i = 0; i < open.length; i += 3) {
    let start = open[i + 2]!
    const last = open[i + 1]! - durationMinutes
    // Free pieces between busy intervals, one after the other; the grid is walked inside them.
    for (;;) {
      while (j < busy.length && busy[j + 1]! + bufferBefore <= start) j += 2
      const before = j < busy.length ? Math.min(last, busy[j]! - after) : last
      for (; start <= before; start += stepMinutes) starts.push(start)
      if (start > last) break
      const free = Math.max(start, busy[j + 1]! + bufferBefore)
      start += Math.ceil((free - start) / stepMinutes) * stepMinutes
    }
  }
  return starts
}

/** The free starts of all, one entry an instant. `offsets` are `from, offset` of the customer's zone, ascending. */
export function sweepAll(
  providers: readonly SweptProvider[],
  service: SweptService,
  capacity: number,
  offsets: readonly number[],
): Slot[] {
  const starts = providers.map((provider) => sweepOne(provider, service))
  const offers = providers.map(({ id }): Offer => ({ id, seatsLeft: capacity, joins: false, roomId: null }))
  const next = starts.map(() => 0)
  const heads = starts.map(([first]) => first ?? Number.POSITIVE_INFINITY)
  const rooms: never[] = []
  const slots: Slot[] = []
  let at = 0
  for (let start = Math.min(...heads); start < Number.POSITIVE_INFINITY;) {
    const able: Offer[] = []
    let following = Number.POSITIVE_INFINITY
    for (let i = 0; i < heads.length; i++) {
      if (heads[i] === start) {
        able.push(offers[i]!)
        heads[i] = starts[i]![++next[i]!] ?? Number.POSITIVE_INFINITY
      }
      if (heads[i]! < following) following = heads[i]!
    }
    while (at + 2 < offsets.length && offsets[at + 2]! <= start) at += 2
    slots.push({ start, offset: offsets[at + 1]!, providers: able, rooms })
    start = following
  }
  return slots
}

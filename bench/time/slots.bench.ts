import { layOut } from '../../server/time/hours.ts'
import type { Provider, SlotQuery } from '../../server/time/question.ts'
import { decide, explainSlots, listSlots } from '../../server/time/slots.ts'
import { dayNumber, offsetAt, startOfDate, transitionsIn, zoneOf } from '../../server/time/zones.ts'
import type { Bench, Row } from '../run.ts'
import { seeded } from '../seeded.ts'
import { naiveSlots } from './naive.ts'
import { sweepAll } from './sweep.ts'

const kyiv = zoneOf('Europe/Kyiv')

/** Everybody works 09:00–18:00 on all days, in 15-minute steps, and has `busyEach` appointments in the span. */
function question(count: number, firstDay: number, dayCount: number, busyEach: number): SlotQuery {
  const next = seeded(20_260_601)
  const from = startOfDate(kyiv, firstDay)
  const length = dayCount * 1440
  const providers: Provider[] = []
  for (let i = 0; i < count; i++) {
    const starts = Array.from({ length: busyEach }, () => from + Math.floor(next() * length)).toSorted((a, b) => a - b)
    const busy = starts.flatMap((start) => [start, start + 15 + Math.floor(next() * 4) * 15])
    const weekly = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, from: 540, to: 1080 }))
    const schedule = { zone: kyiv, weekly, overrides: [], timeOff: [] }
    providers.push({ id: `p${String(i).padStart(2, '0')}`, schedule, busy, bookings: [] })
  }
  return {
    now: from - 1440,
    zone: kyiv,
    seats: 1,
    days: { from: firstDay, to: firstDay + dayCount - 1 },
    service: {
      durationMinutes: 30,
      bufferBefore: 0,
      bufferAfter: 10,
      stepMinutes: 15,
      minNoticeMinutes: 60,
      maxAdvanceDays: 90,
      capacity: 1,
      roomIds: null,
    },
    providers,
    rooms: [],
  }
}

/** The same question as the bare sweep takes it: laid out, sorted, nothing left to look up. */
function bound(query: SlotQuery): () => unknown {
  const { zone, days, service } = query
  const from = startOfDate(zone, days.from)
  const to = startOfDate(zone, days.to + 1)
  const offsets = [from, offsetAt(zone, from), ...transitionsIn(zone, from, to).flatMap(({ at, after }) => [at, after])]
  const providers = query.providers.map(({ id, schedule, busy }) => {
    const { grid } = layOut(schedule, from, to)
    const open: number[] = []
    for (let i = 0; i < grid.length; i += 3)
      if (grid[i]! >= from && grid[i + 1]! <= to) open.push(grid[i]!, grid[i + 1]!, grid[i + 2]!)
    return { id: String(id), open, busy }
  })
  return () => sweepAll(providers, service, service.capacity, offsets)
}

function row(name: string, limit: number, ask: () => SlotQuery, naive: boolean): Row {
  return {
    name,
    base: 'bare sweep',
    limits: { listSlots: limit },
    answer: (slots) => slots,
    prepare: () => {
      const query = ask()
      return {
        'bare sweep': bound(query),
        listSlots: () => listSlots(query),
        ...(naive ? { 'a date object per slot': () => naiveSlots(query) } : {}),
      }
    },
  }
}

const june = dayNumber(2026, 6, 1)
const beforeSpring = dayNumber(2026, 3, 26)

export default {
  name: 'slots',
  rows: [
    row('1 provider, 30 days, 200 busy', 1.5, () => question(1, june, 30, 200), true),
    row('50 providers, 30 days, 200 busy each', 1.5, () => question(50, june, 30, 200), false),
    row('a week in which clocks change', 1.8, () => question(1, beforeSpring, 7, 40), true),
    {
      name: 'one start decided, or a span explained',
      base: 'listSlots',
      prepare: () => {
        const query = question(1, june, 30, 200)
        const start = listSlots(query)[300]!.start
        return {
          listSlots: () => listSlots(query),
          decide: () => decide(query, start),
          explainSlots: () => explainSlots(query),
        }
      },
    },
  ],
} satisfies Bench

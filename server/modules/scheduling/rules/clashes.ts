import type { Detail } from '../../../platform/errors.ts'
import { clockOf } from './clock.ts'
import { lengthOf, type Entry, type EntryValues } from './entries.ts'

const DAY = 1440
const WEEK = 7 * DAY

/** With whom of the others an entry cannot stand together, in words; null: it can. */
export function clashOf(values: EntryValues, others: readonly Entry[]): Detail | null {
  if (values.kind === 'weekly') {
    const other = others.find((one) => one.kind === 'weekly' && meetInWeek(values, one))
    if (!other) return null
    const [start, end] = [clockOf(other.start_minute!), clockOf(other.end_minute!)]
    return {
      field: 'start_time',
      rule: 'overlap',
      message: 'This overlaps the hours of weekday {weekday} from {start_time} to {end_time}',
      params: { id: other.id, weekday: other.weekday, start_time: start, end_time: end },
    }
  }
  if (values.kind === 'override') {
    const other = others.find((one) => one.kind === 'override' && one.date!.equals(values.date!))
    if (!other) return null
    const date = values.date!.toString()
    return {
      field: 'date',
      rule: 'one_a_date',
      message: '{date} has hours of its own already',
      params: { id: other.id, date },
    }
  }
  if (values.kind === 'slot') {
    const other = others.find((one) => one.kind === 'slot' && one.starts_at!.equals(values.starts_at!))
    if (!other) return null
    const startsAt = values.starts_at!.toString({ smallestUnit: 'minute' })
    return {
      field: 'starts_at',
      rule: 'one_a_start',
      message: 'A slot that begins at {starts_at} is published already',
      params: { id: other.id, starts_at: startsAt },
    }
  }
  return null
}

/** Do two weekly entries share a minute of the week? Nights reach into the next day, and Sunday's into Monday. */
function meetInWeek(a: EntryValues, b: EntryValues): boolean {
  const [startA, startB] = [startInWeek(a), startInWeek(b)]
  const fromAtoB = (startB - startA + WEEK) % WEEK
  const fromBtoA = (startA - startB + WEEK) % WEEK
  return fromAtoB < lengthOf(a.start_minute!, a.end_minute!) || fromBtoA < lengthOf(b.start_minute!, b.end_minute!)
}

const startInWeek = ({ weekday, start_minute }: EntryValues): number => (weekday! - 1) * DAY + start_minute!

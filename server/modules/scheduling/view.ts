import { iso } from '../../platform/http/shapes.ts'
import { clockOf } from './rules/clock.ts'
import { hoursOf } from './rules/schedule.ts'
import type { EntryRow } from './queries/entries.ts'
import type { ScheduleEntryView } from './schema.ts'

/** An entry as the API shows it: the fields of its kind. */
export function viewEntry(
  row: EntryRow,
  owner: { user_id: number | null; room_id: string | null },
  timeZone: string,
): ScheduleEntryView {
  const { id, kind, created_at, updated_at } = row
  return {
    id,
    kind,
    user_id: owner.user_id,
    room_id: owner.room_id,
    time_zone: timeZone,
    ...fieldsOf(row),
    created_at: iso(created_at),
    updated_at: iso(updated_at),
  }
}

function fieldsOf(row: EntryRow): Partial<ScheduleEntryView> {
  if (row.kind === 'weekly')
    return { weekday: row.weekday!, start_time: clockOf(row.start_minute!), end_time: clockOf(row.end_minute!) }
  if (row.kind === 'override')
    return {
      date: row.date!.toString(),
      intervals: hoursOf(row.intervals!).map(({ from, to }) => ({ start_time: clockOf(from), end_time: clockOf(to) })),
    }
  const span = {
    starts_at: row.starts_at!.toString({ smallestUnit: 'minute' }),
    ends_at: row.ends_at!.toString({ smallestUnit: 'minute' }),
  }
  return row.kind === 'slot' ? span : { ...span, reason: row.reason }
}

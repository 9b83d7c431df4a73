/** What a language must be able to say of a recurrence. Weekdays are ISO, months 1 to 12; negative numbers count from the end. */

import type { Frequency, WeekdayOrdinal } from '../rule.ts'

export interface Words {
  /** "every week", "every 3 weeks". */
  every: (freq: Frequency, interval: number) => string
  /** "every weekday": Monday to Friday. */
  everyWorkday: string
  /** "on Monday and Wednesday". */
  weekdays: (weekdays: number[]) => string
  /** "on the first Monday"; of the month, or of the year. */
  nthWeekdays: (list: WeekdayOrdinal[], ofYear: boolean) => string
  /** "on the last working day". */
  nthWorkdays: (positions: number[]) => string
  /** "on the 1st and the last day of the month". */
  monthDays: (days: number[]) => string
  /** "on 29 February". */
  dates: (dates: { day: number; month: number }[]) => string
  yearDays: (days: number[]) => string
  weeks: (weeks: number[]) => string
  months: (months: number[]) => string
  /** "at 09:00 and 18:00". */
  times: (times: string[]) => string
  /** "in the hours 9–16"; the values are already text. */
  hours: (values: string[]) => string
  minutes: (values: string[]) => string
  seconds: (values: string[]) => string
  /** "of these only the first": BYSETPOS. */
  positions: (positions: number[]) => string
  /** "10 times". */
  count: (count: number) => string
  /** "until 31 December 2026", the day included. */
  until: (day: number, month: number, year: number) => string
  /** An event that does not repeat. */
  once: string
}

/** "a, b and c". */
export function listed(items: string[], and: string): string {
  const last = items.at(-1) ?? ''
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${and} ${last}`
}

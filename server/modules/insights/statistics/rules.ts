import { startOf } from '../rules.ts'

/** Pure: how a span is cut into the hours of a clock. */

/** The longest span that is counted: a year and a month. */
export const longestDays = 397

/** Tickets by age: from so many days on, less than so many. */
export const ages: readonly { from_days: number; to_days: number | null }[] = [
  { from_days: 0, to_days: 1 },
  { from_days: 1, to_days: 3 },
  { from_days: 3, to_days: 7 },
  { from_days: 7, to_days: 30 },
  { from_days: 30, to_days: null },
]

/** The instant that an edge of a span means: an instant itself, a date its beginning or (`end`) that of the next on the clocks of the zone. */
export function edgeOf(text: string, zone: string, isEnd: boolean): Temporal.Instant {
  if (text.length > 10) return Temporal.Instant.from(text)
  const date = Temporal.PlainDate.from(text)
  return startOf(isEnd ? date.add({ days: 1 }) : date, zone)
}

/** The longest of 60, 30 and 15 minutes whose steps from the epoch fit the hours of the zone's clocks throughout: every offset since 1972 is of quarters. */
export function stepOf(zone: string, start: Temporal.Instant, end: Temporal.Instant): 15 | 30 | 60 {
  let at: Temporal.ZonedDateTime | null = start.toZonedDateTimeISO(zone)
  let step: 15 | 30 | 60 = 60
  while (at !== null && Temporal.Instant.compare(at.toInstant(), end) < 0) {
    const minutes = Math.abs(at.offsetNanoseconds) / 60_000_000_000
    if (minutes % 30 !== 0) return 15
    if (minutes % 60 !== 0) step = 30
    at = at.getTimeZoneTransition('next')
  }
  return step
}

/** How many minutes of a span each hour of the day has, on the clocks of the zone: a day of 23 hours lacks one of them, one of 25 has one twice. */
export function minutesByHour(zone: string, start: Temporal.Instant, end: Temporal.Instant): number[] {
  const minutes = Array.from({ length: 24 }, () => 0)
  const last = Math.floor(end.epochMilliseconds / 60_000)
  let at = Math.floor(start.epochMilliseconds / 60_000)
  while (at < last) {
    const here = Temporal.Instant.fromEpochMilliseconds(at * 60_000).toZonedDateTimeISO(zone)
    const transition = here.getTimeZoneTransition('next')
    const until = Math.min(last, transition ? Math.floor(transition.epochMilliseconds / 60_000) : last)
    fill(minutes, here.hour * 60 + here.minute, until - at)
    at = until
  }
  return minutes
}

/** Lays a stretch of minutes over the hours of the day, from a minute of it on. */
function fill(minutes: number[], from: number, length: number): void {
  const [days, rest] = [Math.floor(length / 1440), length % 1440]
  for (let hour = 0; hour < 24; hour++) minutes[hour]! += days * 60
  for (let minute = from; minute < from + rest;) {
    const next = Math.min((Math.floor(minute / 60) + 1) * 60, from + rest)
    minutes[Math.floor(minute / 60) % 24]! += next - minute
    minute = next
  }
}

/** Hours to the hundredth. */
export const hoursOf = (minutes: number): number => Math.round((minutes / 60) * 100) / 100

import { dayNumber, isoWeekday, offsetAt, transitionsIn, type Transition, type Zone } from '../../../time/zones.ts'
import { wallText } from '../rules/moments.ts'

/** A VTIMEZONE (RFC 5545 3.6.5), made of what we know of the zone, for clients that know no IANA names. */

const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
/** Rules that hold for the last years up to here are written as rules without an end. */
const lastYear = 2037
const yearsOfRule = 5

/** `20260329T020000` of wall seconds. */
export const compactWall = (wall: number): string => wallText(wall).replaceAll(/[-:]/g, '')

const offsetText = (minutes: number): string => {
  const hours = Math.trunc(Math.abs(minutes) / 60)
  return `${minutes < 0 ? '-' : '+'}${two(hours)}${two(Math.abs(minutes) % 60)}`
}
const two = (value: number): string => String(value).padStart(2, '0')

const minuteOf = (year: number): number => dayNumber(year, 1, 1) * 1440

type Place = { month: number; weekday: string; ordinal: number; time: number; year: number; isLast: boolean }

/** Where in its year a change of offset stands, on the clock before it. */
function placeOf({ at, before }: Transition): Place {
  const wall = at + before
  const date = Temporal.Instant.fromEpochMilliseconds(wall * 60_000).toZonedDateTimeISO('UTC')
  return {
    year: date.year,
    month: date.month,
    weekday: weekdays[isoWeekday(Math.floor(wall / 1440)) - 1]!,
    ordinal: Math.ceil(date.day / 7),
    isLast: date.day + 7 > date.daysInMonth,
    time: date.hour * 60 + date.minute,
  }
}

/** `BYMONTH=3;BYDAY=-1SU` where each year has one such change; null where no rule of ours says it. */
function ruleOf(turns: readonly Transition[]): string | null {
  const places = turns.map(placeOf)
  const first = places[0]!
  const isSame = places.every(
    (one, i) =>
      one.year === first.year + i &&
      one.month === first.month &&
      one.weekday === first.weekday &&
      one.time === first.time,
  )
  if (!isSame) return null
  if (places.every((one) => one.isLast)) return `BYMONTH=${first.month};BYDAY=-1${first.weekday}`
  return places.every((one) => one.ordinal === first.ordinal)
    ? `BYMONTH=${first.month};BYDAY=${first.ordinal}${first.weekday}`
    : null
}

const observance = (name: string, start: number, before: number, after: number, more: string[] = []): string[] => [
  `BEGIN:${name}`,
  `DTSTART:${compactWall(start * 60)}`,
  `TZOFFSETFROM:${offsetText(before)}`,
  `TZOFFSETTO:${offsetText(after)}`,
  ...more,
  `END:${name}`,
]

/** The lines of the VTIMEZONE of a zone from the beginning of a year on. */
export function zoneLines(zone: Zone, fromYear: number): string[] {
  const year = Math.min(Math.max(fromYear, 1970), lastYear - yearsOfRule - 1)
  const from = minuteOf(year)
  const turns = transitionsIn(zone, from, minuteOf(lastYear + 1))
  const offset = offsetAt(zone, from)
  const lines = ['BEGIN:VTIMEZONE', `TZID:${zone.id}`, ...observance('STANDARD', from + offset, offset, offset)]
  const groups = Map.groupBy(turns, ({ before, after }) => `${before} ${after}`)
  for (const group of groups.values()) {
    const { before, after } = group[0]!
    const name = after > before ? 'DAYLIGHT' : 'STANDARD'
    const last = group.slice(-yearsOfRule)
    const rule = last.length === yearsOfRule && placeOf(last.at(-1)!).year === lastYear ? ruleOf(last) : null
    let single = group
    if (rule !== null) {
      // The rule begins with the first year from which on it has held.
      let first = group.length - yearsOfRule
      while (first > 0 && ruleOf(group.slice(first - 1)) === rule) first--
      single = group.slice(0, first)
      const start = group[first]!
      lines.push(...observance(name, start.at + before, before, after, [`RRULE:FREQ=YEARLY;${rule}`]))
    }
    if (single.length > 0) {
      const [start, ...others] = single.map(({ at }) => at + before)
      const dates = others.map((wall) => compactWall(wall * 60)).join(',')
      lines.push(...observance(name, start!, before, after, dates === '' ? [] : [`RDATE:${dates}`]))
    }
  }
  return [...lines, 'END:VTIMEZONE']
}

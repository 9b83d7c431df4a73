import type { Kind } from '../../../time/recurrence/index.ts'
import { resolveSeconds, type Zone } from '../../../time/zones.ts'
import { instantText, longestSeconds, readMoment, wallText, type Times } from '../rules/moments.ts'
import type { Property } from './properties.ts'

/** Times as RFC 5545 writes them (3.3.4 to 3.3.9), read into those of events. */

const day = 86_400

/** A moment: whole day, UTC, what the clock of a zone shows, or floating. `wall` in seconds; of UTC the epoch second. */
export type IcsTime = { form: Kind; wall: number; zone: Zone | null }
/** Where the zone of a TZID is found; null: of no known zone. */
export type ZoneFinder = (tzid: string, aboutYear: number) => Zone | null

const timeForm = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d))?(?:[.,]\d+)?(Z)?)?$/i

/** Reads one DATE or DATE-TIME; null for what no calendar has. A TZID that nobody knows makes it floating. */
export function timeOf(text: string, tzid: string | undefined, find: ZoneFinder): IcsTime | null {
  const found = timeForm.exec(text.trim())
  if (!found) return null
  const [, year, month, date, hour, minute, second = '00', utc] = found
  // The last minute of a day may have a leap second (3.3.12); midnight as 24:00 is the next day's.
  const moment = readMoment(
    hour === undefined
      ? `${year}-${month}-${date}`
      : `${year}-${month}-${date}T${hour}:${minute}:${second === '60' ? '59' : second}`,
  )
  if (!moment || moment.form === 'instant') return null
  if (moment.form === 'date') return { form: 'date', wall: moment.wall, zone: null }
  if (utc) return { form: 'utc', wall: moment.wall, zone: null }
  const zone = tzid === undefined ? null : find(tzid, Number(year))
  if (!zone) return { form: 'floating', wall: moment.wall, zone: null }
  return isUtcZone(zone) ? { form: 'utc', wall: moment.wall, zone: null } : { form: 'zoned', wall: moment.wall, zone }
}

const isUtcZone = ({ id }: Zone): boolean => /^(Etc\/)?(UTC|UCT|Zulu|Universal|GMT|GMT[+-]?0|Greenwich)$/i.test(id)

export const timeOfProperty = ({ raw, params }: Property, find: ZoneFinder): IcsTime | null =>
  timeOf(raw, params['tzid'], find)

/** The epoch second of a moment; floating ones and dates are read as if in UTC. */
const secondOf = ({ wall, zone }: IcsTime): number => (zone ? resolveSeconds(zone, wall) : wall)

const durationForm = /^([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i

/** A DURATION (3.3.6): whole days, which follow the calendar, and seconds; null for what is none. */
export function durationOf(text: string): { days: number; seconds: number } | null {
  const found = durationForm.exec(text.trim())
  if (!found || !/\d/.test(text)) return null
  const [, sign, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found
  const factor = sign === '-' ? -1 : 1
  const whole = {
    days: Number(weeks) * 7 + Number(days),
    seconds: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
  }
  return { days: factor * whole.days, seconds: factor * whole.seconds }
}

/** DTSTART as the events keep it. */
export function startOf(start: IcsTime): Omit<Times, 'duration_seconds'> {
  const wall = wallText(start.wall)
  return {
    kind: start.form,
    time_zone: start.zone?.id ?? null,
    dtstart: start.form === 'date' ? wall.slice(0, 10) : wall,
  }
}

/** What is taken where nothing says when an event ends (3.6.1): a date its day, a time no time at all. */
const withoutEnd = (form: Kind): number => (form === 'date' ? day : 0)

/** The length in seconds of what begins so; null: what was said of its end cannot be. */
export function lengthOf(
  start: IcsTime,
  end: Property | undefined,
  duration: Property | undefined,
  find: ZoneFinder,
): number | null {
  let seconds = withoutEnd(start.form)
  if (end) {
    const time = timeOfProperty(end, find)
    if (!time) return null
    if (start.form === 'date') seconds = Math.max(day, time.wall - (time.wall % day) - start.wall)
    else if (time.form === 'date') seconds = time.wall - start.wall
    // An end without a zone is meant as the start.
    else if (time.form === 'floating' || start.form === 'floating')
      seconds = secondOf({ ...start, wall: time.wall }) - secondOf(start)
    else seconds = secondOf(time) - secondOf(start)
    if (end && seconds < 0) return null
  } else if (duration) {
    const found = durationOf(duration.raw)
    if (!found) return null
    const days = start.wall + found.days * day
    if (Math.abs(found.days) > 3660 || Math.abs(found.seconds) > longestSeconds) return null
    seconds = secondOf({ ...start, wall: days }) + found.seconds - secondOf(start)
    if (start.form === 'date') seconds = Math.ceil(seconds / day) * day
    if (seconds < 0) return null
    if (start.form === 'date') seconds = Math.max(seconds, day)
  }
  return seconds <= longestSeconds ? seconds : null
}

/** The length where what was said of it cannot be. */
export const usualLength = withoutEnd

/** A moment as a series writes its own (`SeriesText`): RDATE, EXDATE, RECURRENCE-ID, or the start of an override. */
export function textIn(series: Pick<Times, 'kind' | 'time_zone' | 'dtstart'>, time: IcsTime): string {
  if (series.kind === 'date') return wallText(time.wall).slice(0, 10)
  if (time.form === 'date') return wallText(time.wall).slice(0, 11) + series.dtstart.slice(11, 19)
  if (series.kind === 'floating') return wallText(time.wall)
  // Without a zone it is meant in that of the series.
  if (time.form === 'floating' || (time.zone && time.zone.id === series.time_zone)) return wallText(time.wall)
  return instantText(secondOf(time))
}

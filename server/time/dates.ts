/** Dates as plain integers: a day is a count of dates since 1970-01-01. */

/** The day number of a date of the proleptic Gregorian calendar; 1970-01-01 is 0. A day past the month's end counts on. */
export function dayNumber(year: number, month: number, day: number): number {
  // Years begin in March here, so that the leap day is the last of its year (Howard Hinnant, days_from_civil).
  const y = month > 2 ? year : year - 1
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

/** The date of a day number. */
export function dateOf(day: number): { year: number; month: number; day: number } {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const march = Math.floor((5 * dayOfYear + 2) / 153)
  const month = march < 10 ? march + 3 : march - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * march + 2) / 5) + 1,
  }
}

/** The ISO weekday of a day number: 1 = Monday … 7 = Sunday. */
export function isoWeekday(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1
}

let written = { day: Number.NaN, text: '' }

/** `YYYY-MM-DD` of a day number of the years 0 to 9999. */
export function dateText(day: number): string {
  // Times are written in their order, so that most are of the day before them.
  if (written.day !== day) {
    const { year, month, day: dayOfMonth } = dateOf(day)
    written = { day, text: `${String(year).padStart(4, '0')}-${two(month)}-${two(dayOfMonth)}` }
  }
  return written.text
}

/** `YYYY-MM-DDTHH:MM:SSZ` of an epoch minute: how the API shows instants. */
export function instantText(minute: number): string {
  return `${wallText(minute)}Z`
}

/** `YYYY-MM-DDTHH:MM:SS±HH:MM`: what clocks with this offset (minutes) read at an epoch minute. */
export function localText(minute: number, offset: number): string {
  const size = Math.abs(offset)
  return `${wallText(minute + offset)}${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

function wallText(wall: number): string {
  const day = Math.floor(wall / 1440)
  const minute = wall - day * 1440
  return `${dateText(day)}T${two(Math.floor(minute / 60))}:${two(minute % 60)}:00`
}

const twoDigits = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))

/** 0 to 99 as two digits. */
const two = (value: number): string => twoDigits[value]!

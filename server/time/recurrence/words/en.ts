import { listed } from './words.ts'
import type { Words } from './words.ts'

const WEEKDAYS = ['', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const MONTHS = [
  '',
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const UNITS = {
  SECONDLY: 'second',
  MINUTELY: 'minute',
  HOURLY: 'hour',
  DAILY: 'day',
  WEEKLY: 'week',
  MONTHLY: 'month',
  YEARLY: 'year',
}
const FIRST = ['', 'first', 'second', 'third', 'fourth', 'fifth']
const ENDINGS: Record<string, string> = { one: 'st', two: 'nd', few: 'rd', other: 'th' }
const ordinals = new Intl.PluralRules('en', { type: 'ordinal' })

const and = (items: string[]) => listed(items, 'and')
const number = (n: number) => `${n}${ENDINGS[ordinals.select(n)]}`

/** "first", "last", "second to last", "20th". */
function nth(n: number): string {
  if (n === -1) return 'last'
  const size = Math.abs(n)
  return `${FIRST[size] ?? number(size)}${n < 0 ? ' to last' : ''}`
}

export const en: Words = {
  every: (freq, interval) => (interval === 1 ? `every ${UNITS[freq]}` : `every ${interval} ${UNITS[freq]}s`),
  everyWorkday: 'every weekday',
  weekdays: (weekdays) => `on ${and(weekdays.map((weekday) => WEEKDAYS[weekday]!))}`,
  nthWeekdays: (list, ofYear) =>
    `on ${and(list.map(({ ordinal, weekday }) => (ordinal === 0 ? `every ${WEEKDAYS[weekday]}` : `the ${nth(ordinal)} ${WEEKDAYS[weekday]}`)))}${ofYear ? ' of the year' : ''}`,
  nthWorkdays: (positions) => `on the ${and(positions.map(nth))} working day`,
  monthDays: (days) =>
    `on the ${and(days.map((day) => (day > 0 ? number(day) : `${nth(day)} day`)))}${days.at(-1)! < 0 ? ' of the month' : ''}`,
  dates: (dates) => `on ${and(dates.map(({ day, month }) => `${day} ${MONTHS[month]}`))}`,
  yearDays: (days) => `on the ${and(days.map((day) => (day > 0 ? number(day) : nth(day))))} day of the year`,
  weeks: (weeks) => `in the ${and(weeks.map((week) => (week > 0 ? number(week) : nth(week))))} week of the year`,
  months: (months) => `in ${and(months.map((month) => MONTHS[month]!))}`,
  times: (times) => `at ${and(times)}`,
  hours: (values) => `in the hours ${and(values)}`,
  minutes: (values) => `in the minutes ${and(values)}`,
  seconds: (values) => `in the seconds ${and(values)}`,
  positions: (positions) => `of these only the ${and(positions.map(nth))}`,
  count: (count) => (count === 1 ? 'once' : `${count} times`),
  until: (day, month, year) => `until ${day} ${MONTHS[month]} ${year}`,
  once: 'once',
}

import type { Frequency } from '../rule.ts'
import { listed } from './words.ts'
import type { Words } from './words.ts'

type Forms = Record<string, string>

/** По понеділках: the locative plural. */
const ON_WEEKDAYS = ['', 'понеділках', 'вівторках', 'середах', 'четвергах', 'п’ятницях', 'суботах', 'неділях']
/** У першу середу: the accusative, and the gender that the ordinal takes. */
const WEEKDAYS = [
  ['', 0],
  ['понеділок', 0],
  ['вівторок', 0],
  ['середу', 1],
  ['четвер', 0],
  ['п’ятницю', 1],
  ['суботу', 1],
  ['неділю', 1],
] as const
const IN_MONTHS = [
  '',
  'січні',
  'лютому',
  'березні',
  'квітні',
  'травні',
  'червні',
  'липні',
  'серпні',
  'вересні',
  'жовтні',
  'листопаді',
  'грудні',
]
const OF_MONTHS = [
  '',
  'січня',
  'лютого',
  'березня',
  'квітня',
  'травня',
  'червня',
  'липня',
  'серпня',
  'вересня',
  'жовтня',
  'листопада',
  'грудня',
]
const EVERY: Record<Frequency, string> = {
  SECONDLY: 'щосекунди',
  MINUTELY: 'щохвилини',
  HOURLY: 'щогодини',
  DAILY: 'щодня',
  WEEKLY: 'щотижня',
  MONTHLY: 'щомісяця',
  YEARLY: 'щороку',
}
const UNITS: Record<Frequency, Forms> = {
  SECONDLY: { one: 'секунду', few: 'секунди', many: 'секунд' },
  MINUTELY: { one: 'хвилину', few: 'хвилини', many: 'хвилин' },
  HOURLY: { one: 'годину', few: 'години', many: 'годин' },
  DAILY: { one: 'день', few: 'дні', many: 'днів' },
  WEEKLY: { one: 'тиждень', few: 'тижні', many: 'тижнів' },
  MONTHLY: { one: 'місяць', few: 'місяці', many: 'місяців' },
  YEARLY: { one: 'рік', few: 'роки', many: 'років' },
}
const TIMES: Forms = { one: 'раз', few: 'рази', many: 'разів' }
/** Masculine, feminine, in the accusative. */
const FIRST = [
  [],
  ['перший', 'першу'],
  ['другий', 'другу'],
  ['третій', 'третю'],
  ['четвертий', 'четверту'],
  ['п’ятий', 'п’яту'],
]
const LAST = ['останній', 'останню']
const LAST_BUT_ONE = ['передостанній', 'передостанню']
const plural = new Intl.PluralRules('uk')

/** After «і» it is «в», not «у»: two vowels do not meet. */
const and = (items: string[]) => listed(items, 'і').replaceAll(' і у ', ' і в ')

/** «перший», «останню», «20-ту», «3-й з кінця». */
function nth(n: number, gender: 0 | 1 = 0): string {
  if (n === -1) return LAST[gender]!
  if (n === -2) return LAST_BUT_ONE[gender]!
  const size = Math.abs(n)
  const number = `${size}-${gender === 0 ? 'й' : feminineEnding(size)}`
  return n < 0 ? `${number} з кінця` : (FIRST[n]?.[gender] ?? number)
}

/** 21-шу, 22-гу, 23-тю, 27-му, 40-ву, 20-ту. */
function feminineEnding(n: number): string {
  if (n === 40) return 'ву'
  if (n % 100 > 10 && n % 100 < 20) return 'ту'
  return { 1: 'шу', 2: 'гу', 3: 'тю', 7: 'му', 8: 'му' }[n % 10] ?? 'ту'
}

/** «у» before a consonant, «в» before a vowel. */
function at(text: string): string {
  return /^[аеєиіїоуюя]/.test(text) ? `в ${text}` : `у ${text}`
}

export const uk: Words = {
  every: (freq, interval) =>
    interval === 1 ? EVERY[freq] : `кожні ${interval} ${UNITS[freq][plural.select(interval)]}`,
  everyWorkday: 'по буднях',
  weekdays: (weekdays) => `по ${and(weekdays.map((weekday) => ON_WEEKDAYS[weekday]!))}`,
  nthWeekdays: (list, ofYear) =>
    and(
      list.map(({ ordinal, weekday }) => {
        const [name, gender] = WEEKDAYS[weekday]!
        return ordinal === 0 ? `по ${ON_WEEKDAYS[weekday]}` : at(`${nth(ordinal, gender)} ${name}`)
      }),
    ) + (ofYear ? ' року' : ''),
  nthWorkdays: (positions) => `${at(and(positions.map((position) => nth(position))))} робочий день`,
  monthDays: (days) => {
    const fromStart = days.filter((day) => day > 0).map((day) => `${day}-го`)
    const fromEnd = days.filter((day) => day < 0).map((day) => nth(day))
    const parts = fromStart.length > 0 ? [`${and(fromStart)} числа`] : []
    if (fromEnd.length > 0) parts.push(`${at(and(fromEnd))} день місяця`)
    return and(parts)
  },
  dates: (dates) => and(dates.map(({ day, month }) => `${day} ${OF_MONTHS[month]}`)),
  yearDays: (days) => `${at(and(days.map((day) => (day > 0 ? `${day}-й` : nth(day)))))} день року`,
  weeks: (weeks) => `на ${and(weeks.map((week) => onWeek(week)))} тижні року`,
  months: (months) => `у ${and(months.map((month) => IN_MONTHS[month]!))}`,
  times: (times) => `о ${and(times)}`,
  hours: (values) => `у години ${and(values)}`,
  minutes: (values) => `у хвилини ${and(values)}`,
  seconds: (values) => `у секунди ${and(values)}`,
  positions: (positions) => `з них лише ${and(positions.map((position) => nth(position)))}`,
  count: (count) => `${count} ${TIMES[plural.select(count)]}`,
  until: (day, month, year) => `по ${day} ${OF_MONTHS[month]} ${year} року`,
  once: 'один раз',
}

/** «20-му», «останньому», «2-му з кінця»: the locative case. */
function onWeek(week: number): string {
  if (week === -1) return 'останньому'
  return week > 0 ? `${week}-му` : `${-week}-му з кінця`
}

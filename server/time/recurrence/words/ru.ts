import type { Frequency } from '../rule.ts'
import { listed } from './words.ts'
import type { Words } from './words.ts'

type Forms = Record<string, string>

/** По понедельникам: the dative plural. */
const ON_WEEKDAYS = ['', 'понедельникам', 'вторникам', 'средам', 'четвергам', 'пятницам', 'субботам', 'воскресеньям']
/** В первую среду: the accusative, and the gender that the ordinal takes. */
const WEEKDAYS = [
  ['', 0],
  ['понедельник', 0],
  ['вторник', 0],
  ['среду', 1],
  ['четверг', 0],
  ['пятницу', 1],
  ['субботу', 1],
  ['воскресенье', 2],
] as const
const IN_MONTHS = [
  '',
  'январе',
  'феврале',
  'марте',
  'апреле',
  'мае',
  'июне',
  'июле',
  'августе',
  'сентябре',
  'октябре',
  'ноябре',
  'декабре',
]
const OF_MONTHS = [
  '',
  'января',
  'февраля',
  'марта',
  'апреля',
  'мая',
  'июня',
  'июля',
  'августа',
  'сентября',
  'октября',
  'ноября',
  'декабря',
]
const EVERY: Record<Frequency, string> = {
  SECONDLY: 'каждую секунду',
  MINUTELY: 'каждую минуту',
  HOURLY: 'каждый час',
  DAILY: 'каждый день',
  WEEKLY: 'каждую неделю',
  MONTHLY: 'каждый месяц',
  YEARLY: 'каждый год',
}
const UNITS: Record<Frequency, Forms> = {
  SECONDLY: { one: 'секунду', few: 'секунды', many: 'секунд' },
  MINUTELY: { one: 'минуту', few: 'минуты', many: 'минут' },
  HOURLY: { one: 'час', few: 'часа', many: 'часов' },
  DAILY: { one: 'день', few: 'дня', many: 'дней' },
  WEEKLY: { one: 'неделю', few: 'недели', many: 'недель' },
  MONTHLY: { one: 'месяц', few: 'месяца', many: 'месяцев' },
  YEARLY: { one: 'год', few: 'года', many: 'лет' },
}
/** Masculine, feminine, neuter, in the accusative. */
const FIRST = [
  [],
  ['первый', 'первую', 'первое'],
  ['второй', 'вторую', 'второе'],
  ['третий', 'третью', 'третье'],
  ['четвёртый', 'четвёртую', 'четвёртое'],
  ['пятый', 'пятую', 'пятое'],
]
const LAST = ['последний', 'последнюю', 'последнее']
const LAST_BUT_ONE = ['предпоследний', 'предпоследнюю', 'предпоследнее']
const ENDINGS = ['й', 'ю', 'е']
const plural = new Intl.PluralRules('ru')

const and = (items: string[]) => listed(items, 'и')

/** «первый», «последнюю», «20-е», «3-й с конца». */
function nth(n: number, gender: 0 | 1 | 2 = 0): string {
  if (n === -1) return LAST[gender]!
  if (n === -2) return LAST_BUT_ONE[gender]!
  if (n < 0) return `${-n}-${ENDINGS[gender]} с конца`
  return FIRST[n]?.[gender] ?? `${n}-${ENDINGS[gender]}`
}

/** «в» or, before «вт…» and «2-…», «во». */
function at(text: string): string {
  return /^(вт|2-)/.test(text) ? `во ${text}` : `в ${text}`
}

export const ru: Words = {
  every: (freq, interval) =>
    interval === 1 ? EVERY[freq] : `каждые ${interval} ${UNITS[freq][plural.select(interval)]}`,
  everyWorkday: 'по будням',
  weekdays: (weekdays) => `по ${and(weekdays.map((weekday) => ON_WEEKDAYS[weekday]!))}`,
  nthWeekdays: (list, ofYear) =>
    and(
      list.map(({ ordinal, weekday }) => {
        const [name, gender] = WEEKDAYS[weekday]!
        return ordinal === 0 ? `по ${ON_WEEKDAYS[weekday]}` : at(`${nth(ordinal, gender)} ${name}`)
      }),
    ) + (ofYear ? ' года' : ''),
  nthWorkdays: (positions) => `${at(and(positions.map((position) => nth(position))))} рабочий день`,
  monthDays: (days) => {
    const fromStart = days.filter((day) => day > 0).map((day) => `${day}-го`)
    const fromEnd = days.filter((day) => day < 0).map((day) => nth(day))
    const parts = fromStart.length > 0 ? [`${and(fromStart)} числа`] : []
    if (fromEnd.length > 0) parts.push(`${at(and(fromEnd))} день месяца`)
    return and(parts)
  },
  dates: (dates) => and(dates.map(({ day, month }) => `${day} ${OF_MONTHS[month]}`)),
  yearDays: (days) => `${at(and(days.map((day) => (day > 0 ? `${day}-й` : nth(day)))))} день года`,
  weeks: (weeks) => `на ${and(weeks.map((week) => onWeek(week)))} неделе года`,
  months: (months) => `в ${and(months.map((month) => IN_MONTHS[month]!))}`,
  times: (times) => `в ${and(times)}`,
  hours: (values) => `в часы ${and(values)}`,
  minutes: (values) => `в минуты ${and(values)}`,
  seconds: (values) => `в секунды ${and(values)}`,
  positions: (positions) => `из них только ${and(positions.map((position) => nth(position)))}`,
  count: (count) => `${count} ${plural.select(count) === 'few' ? 'раза' : 'раз'}`,
  until: (day, month, year) => `по ${day} ${OF_MONTHS[month]} ${year} года`,
  once: 'один раз',
}

/** «20-й», «последней», «2-й с конца»: the prepositional case. */
function onWeek(week: number): string {
  if (week === -1) return 'последней'
  return week > 0 ? `${week}-й` : `${-week}-й с конца`
}

import type { Frequency } from '../rule.ts'
import { listed } from './words.ts'
import type { Words } from './words.ts'

const WEEKDAYS = ['', 'lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado', 'domingo']
const ON_WEEKDAYS = ['', 'lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábados', 'domingos']
const MONTHS = [
  '',
  'enero',
  'febrero',
  'marzo',
  'abril',
  'mayo',
  'junio',
  'julio',
  'agosto',
  'septiembre',
  'octubre',
  'noviembre',
  'diciembre',
]
const UNITS: Record<Frequency, readonly [one: string, many: string]> = {
  SECONDLY: ['segundo', 'segundos'],
  MINUTELY: ['minuto', 'minutos'],
  HOURLY: ['hora', 'horas'],
  DAILY: ['día', 'días'],
  WEEKLY: ['semana', 'semanas'],
  MONTHLY: ['mes', 'meses'],
  YEARLY: ['año', 'años'],
}
/** Before a masculine noun, and feminine. */
const FIRST = [
  [],
  ['primer', 'primera'],
  ['segundo', 'segunda'],
  ['tercer', 'tercera'],
  ['cuarto', 'cuarta'],
  ['quinto', 'quinta'],
]
const LAST = [[], ['último', 'última'], ['penúltimo', 'penúltima'], ['antepenúltimo', 'antepenúltima']]
const FROM_END = ' empezando por el final'

const and = (items: string[]) => listed(items, 'y')

/** «primer», «última», «21.er», «20.ª»; what stands after the noun is apart: «4.º» and « empezando por el final». */
function nth(n: number, gender: 0 | 1 = 0): { said: string; after: string } {
  const size = Math.abs(n)
  const said = (n < 0 ? LAST : FIRST)[size]?.[gender]
  if (said !== undefined) return { said, after: '' }
  return { said: `${size}.${gender === 1 ? 'ª' : mark(size)}`, after: n < 0 ? FROM_END : '' }
}

/** «primer», «tercer» and what ends in them lose their last vowel before a noun: 1.er, 13.er, 21.er, but 11.º. */
function mark(size: number): string {
  return size % 10 === 3 || (size % 10 === 1 && size % 100 !== 11) ? 'er' : 'º'
}

/** «el primer y el último día», «el 4.º día empezando por el final». */
function theNth(positions: number[], noun: string): string {
  const parts = positions.map((position) => nth(position))
  return parts.some(({ after }) => after !== '')
    ? and(parts.map(({ said, after }) => `el ${said} ${noun}${after}`))
    : `${and(parts.map(({ said }) => `el ${said}`))} ${noun}`
}

/** «el día 1», «los días 1 y 15». */
const days = (list: number[]) => (list.length === 1 ? `el día ${list[0]}` : `los días ${and(list.map(String))}`)
const weeksFromStart = (list: number[]) =>
  list.length === 1 ? `la semana ${list[0]}` : `las semanas ${and(list.map(String))}`

function weekFromEnd(week: number): string {
  const { said, after } = nth(week, 1)
  return `la ${said} semana${after}`
}

/** The positive numbers said together, then each of those from the end. */
function fromBothEnds(list: number[], together: (list: number[]) => string, fromEnd: (list: number[]) => string[]) {
  const positive = list.filter((n) => n > 0)
  const negative = list.filter((n) => n < 0)
  return [...(positive.length > 0 ? [together(positive)] : []), ...(negative.length > 0 ? fromEnd(negative) : [])]
}

export const es: Words = {
  every: (freq, interval) => (interval === 1 ? `cada ${UNITS[freq][0]}` : `cada ${interval} ${UNITS[freq][1]}`),
  everyWorkday: 'de lunes a viernes',
  weekdays: (weekdays) => `los ${and(weekdays.map((weekday) => ON_WEEKDAYS[weekday]!))}`,
  nthWeekdays: (list, ofYear) =>
    and(
      list.map(({ ordinal, weekday }) => {
        if (ordinal === 0) return `cada ${WEEKDAYS[weekday]}`
        const { said, after } = nth(ordinal)
        return `el ${said} ${WEEKDAYS[weekday]}${after}`
      }),
    ) + (ofYear ? ' del año' : ''),
  nthWorkdays: (positions) => theNth(positions, 'día laborable'),
  monthDays: (list) => and(fromBothEnds(list, days, (ends) => [`${theNth(ends, 'día')} del mes`])),
  dates: (dates) => and(dates.map(({ day, month }) => `el ${day} de ${MONTHS[month]}`)),
  yearDays: (list) => `${theNth(list, 'día')} del año`,
  weeks: (weeks) => `en ${and(fromBothEnds(weeks, weeksFromStart, (ends) => ends.map(weekFromEnd)))} del año`,
  months: (months) => `en ${and(months.map((month) => MONTHS[month]!))}`,
  times: (times) => and(times.map((time) => `${time.startsWith('01') ? 'a la' : 'a las'} ${time}`)),
  hours: (values) => `en las horas ${and(values)}`,
  minutes: (values) => `en los minutos ${and(values)}`,
  seconds: (values) => `en los segundos ${and(values)}`,
  positions: (positions) => `de estas fechas solo ${and(positions.map((position) => onlyThe(position)))}`,
  count: (count) => (count === 1 ? '1 vez' : `${count} veces`),
  until: (day, month, year) => `hasta el ${day} de ${MONTHS[month]} de ${year}`,
  once: 'una vez',
}

/** «la primera», «la 4.ª empezando por el final»: of dates, so feminine. */
function onlyThe(position: number): string {
  const { said, after } = nth(position, 1)
  return `la ${said}${after}`
}

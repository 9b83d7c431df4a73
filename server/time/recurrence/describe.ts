/** A series in words for people: "every 2 weeks on Monday and Wednesday, 10 times". */

import { dateOf } from '../dates.ts'
import { offsetSecondsAt } from '../zones.ts'
import { isSubDaily } from './rule.ts'
import type { Rule } from './rule.ts'
import type { Series } from './series.ts'
import { DAY_SECONDS } from './text.ts'
import { en } from './words/en.ts'
import { es } from './words/es.ts'
import { ru } from './words/ru.ts'
import { uk } from './words/uk.ts'
import type { Words } from './words/words.ts'

/** The languages that a recurrence can be described in. */
export const LANGUAGES = { en, ru, uk, es } as const
export type Language = keyof typeof LANGUAGES

/** More times of day than this are told as hours and minutes. */
const MOST_TIMES = 6

/**
 * What the rule of a series says, in a language: a phrase without a capital and a full stop. What the rule leaves to
 * DTSTART (the day of a weekly event, the time) is left out here too, except minutes that BYHOUR needs; so are EXDATE,
 * RDATE and overrides.
 */
export function describeSeries(series: Series, language: Language): string {
  const words: Words = LANGUAGES[language]
  const { plan } = series
  if (!plan) return words.once
  const { rule } = plan
  const said = [...daysInWords(rule, words), ...timesInWords(rule, series.dtstart, words)].join(' ')
  const tail: string[] = []
  if (rule.bySetPos.length > 0 && !choosesWorkdays(rule)) tail.push(words.positions(fromStartFirst(rule.bySetPos)))
  if (rule.count !== null) tail.push(words.count(rule.count))
  if (rule.until) {
    const { seconds } = rule.until
    const wall = series.zone ? seconds + offsetSecondsAt(series.zone, seconds) : seconds
    const { day, month, year } = dateOf(Math.floor(wall / DAY_SECONDS))
    tail.push(words.until(day, month, year))
  }
  return [said, ...tail].join(', ')
}

function daysInWords(rule: Rule, words: Words): string[] {
  const { freq, byDay, byMonth, byMonthDay } = rule
  const isWorkweek = isWorkdays(rule)
  if (isWorkweek && rule.interval === 1 && (freq === 'WEEKLY' || freq === 'DAILY'))
    return [words.everyWorkday, ...monthsInWords(rule, words)]
  const said = [words.every(freq, rule.interval)]
  const hasOrdinals = byDay.some(({ ordinal }) => ordinal !== 0)
  if (choosesWorkdays(rule)) said.push(words.nthWorkdays(fromStartFirst(rule.bySetPos)))
  else if (hasOrdinals) {
    const fromStart = byDay.filter(({ ordinal }) => ordinal >= 0)
    const fromEnd = byDay.filter(({ ordinal }) => ordinal < 0)
    said.push(words.nthWeekdays([...fromStart, ...fromEnd], freq === 'YEARLY' && byMonth.length === 0))
  } else if (byDay.length > 0) said.push(words.weekdays(byDay.map(({ weekday }) => weekday)))
  const dates = byMonth.flatMap((month) => byMonthDay.map((day) => ({ day, month })))
  const areDates = freq === 'YEARLY' && dates.length > 0 && dates.length <= 4 && dates.every(({ day }) => day > 0)
  if (areDates) said.push(words.dates(dates))
  else if (byMonthDay.length > 0) said.push(words.monthDays(fromStartFirst(byMonthDay)))
  if (rule.byYearDay.length > 0) said.push(words.yearDays(fromStartFirst(rule.byYearDay)))
  if (rule.byWeekNo.length > 0) said.push(words.weeks(fromStartFirst(rule.byWeekNo)))
  return areDates ? said : [...said, ...monthsInWords(rule, words)]
}

function monthsInWords({ byMonth }: Rule, words: Words): string[] {
  return byMonth.length > 0 ? [words.months(byMonth)] : []
}

function timesInWords(rule: Rule, dtstart: number, words: Words): string[] {
  const { byHour, byMinute, bySecond } = rule
  const time = dtstart - Math.floor(dtstart / DAY_SECONDS) * DAY_SECONDS
  if (byHour.length + byMinute.length + bySecond.length === 0) return []
  if (!isSubDaily(rule.freq) && bySecond.length === 0) {
    const hours = byHour.length > 0 ? byHour : [Math.floor(time / 3600)]
    const minutes = byMinute.length > 0 ? byMinute : [Math.floor(time / 60) % 60]
    const times = hours.flatMap((hour) => minutes.map((minute) => `${two(hour)}:${two(minute)}`))
    if (times.length <= MOST_TIMES) return [words.times(times)]
  }
  const said: string[] = []
  if (byHour.length > 0) said.push(words.hours(runs(byHour)))
  if (byMinute.length > 0) said.push(words.minutes(runs(byMinute)))
  if (bySecond.length > 0) said.push(words.seconds(runs(bySecond)))
  return said
}

/** BYDAY from Monday to Friday. */
function isWorkdays({ byDay }: Rule): boolean {
  return byDay.length === 5 && byDay.every(({ ordinal, weekday }) => ordinal === 0 && weekday <= 5)
}

/** The last working day and the like: BYSETPOS among Monday to Friday, once a day. */
function choosesWorkdays(rule: Rule): boolean {
  const isPlain = rule.byMonthDay.length + rule.byYearDay.length + rule.byWeekNo.length + rule.byHour.length === 0
  const isOnce = rule.byMinute.length + rule.bySecond.length === 0
  return rule.freq === 'MONTHLY' && rule.bySetPos.length > 0 && isWorkdays(rule) && isPlain && isOnce
}

/** 1, 15, -2, -1: as people count. */
function fromStartFirst(values: number[]): number[] {
  return [...values.filter((value) => value > 0), ...values.filter((value) => value < 0)]
}

/** Three and more in a row as a range: `9–16`. */
function runs(values: number[]): string[] {
  const found: string[] = []
  for (let i = 0; i < values.length;) {
    let end = i
    while (values[end + 1] === values[end]! + 1) end++
    if (end - i < 2) end = i
    found.push(end > i ? `${values[i]}–${values[end]}` : `${values[i]}`)
    i = end + 1
  }
  return found
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

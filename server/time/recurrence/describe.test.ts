import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeSeries, LANGUAGES, readSeries } from './index.ts'
import type { Language } from './index.ts'
import { FREQUENCIES } from './rule.ts'
import { pick, randomRule, seeded } from './proof/random-rules.ts'

const said = (rrule: string | null, language: Language) =>
  describeSeries(readSeries({ kind: 'zoned', tzid: 'Europe/Kyiv', dtstart: '2026-01-05T09:30:00', rrule }), language)

const phrases: [string, string, string, string][] = [
  ['FREQ=DAILY', 'every day', 'каждый день', 'щодня'],
  [
    'FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10',
    'every week on Monday and Wednesday, 10 times',
    'каждую неделю по понедельникам и средам, 10 раз',
    'щотижня по понеділках і середах, 10 разів',
  ],
  ['FREQ=WEEKLY;INTERVAL=2;COUNT=1', 'every 2 weeks, once', 'каждые 2 недели, 1 раз', 'кожні 2 тижні, 1 раз'],
  ['FREQ=WEEKLY;INTERVAL=5;COUNT=2', 'every 5 weeks, 2 times', 'каждые 5 недель, 2 раза', 'кожні 5 тижнів, 2 рази'],
  ['FREQ=DAILY;INTERVAL=21;COUNT=21', 'every 21 days, 21 times', 'каждые 21 день, 21 раз', 'кожні 21 день, 21 раз'],
  ['FREQ=DAILY;INTERVAL=11;COUNT=12', 'every 11 days, 12 times', 'каждые 11 дней, 12 раз', 'кожні 11 днів, 12 разів'],
  ['FREQ=YEARLY;INTERVAL=3', 'every 3 years', 'каждые 3 года', 'кожні 3 роки'],
  ['FREQ=YEARLY;INTERVAL=25', 'every 25 years', 'каждые 25 лет', 'кожні 25 років'],
  ['FREQ=HOURLY;INTERVAL=4', 'every 4 hours', 'каждые 4 часа', 'кожні 4 години'],
  [
    'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261231T215959Z',
    'every weekday, until 31 December 2026',
    'по будням, по 31 декабря 2026 года',
    'по буднях, по 31 грудня 2026 року',
  ],
  [
    'FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261231T220000Z',
    'every weekday, until 1 January 2027',
    'по будням, по 1 января 2027 года',
    'по буднях, по 1 січня 2027 року',
  ],
  [
    'FREQ=MONTHLY;BYDAY=2TU,-1SU',
    'every month on the second Tuesday and the last Sunday',
    'каждый месяц во второй вторник и в последнее воскресенье',
    'щомісяця у другий вівторок і в останню неділю',
  ],
  [
    'FREQ=MONTHLY;BYDAY=1WE,-2FR',
    'every month on the first Wednesday and the second to last Friday',
    'каждый месяц в первую среду и в предпоследнюю пятницу',
    'щомісяця у першу середу і в передостанню п’ятницю',
  ],
  [
    'FREQ=YEARLY;BYDAY=20MO,23WE,-3SU',
    'every year on the 20th Monday, the 23rd Wednesday and the third to last Sunday of the year',
    'каждый год в 20-й понедельник, в 23-ю среду и в 3-е с конца воскресенье года',
    'щороку у 20-й понеділок, у 23-тю середу і в 3-тю з кінця неділю року',
  ],
  [
    'FREQ=MONTHLY;BYMONTHDAY=1,15,-1',
    'every month on the 1st, 15th and last day of the month',
    'каждый месяц 1-го и 15-го числа и в последний день месяца',
    'щомісяця 1-го і 15-го числа і в останній день місяця',
  ],
  [
    'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
    'every month on the last working day',
    'каждый месяц в последний рабочий день',
    'щомісяця в останній робочий день',
  ],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', 'every year on 29 February', 'каждый год 29 февраля', 'щороку 29 лютого'],
  [
    'FREQ=YEARLY;BYMONTH=3,6;BYDAY=SU',
    'every year on Sunday in March and June',
    'каждый год по воскресеньям в марте и июне',
    'щороку по неділях у березні і червні',
  ],
  [
    'FREQ=YEARLY;BYWEEKNO=20,-1;BYDAY=MO',
    'every year on Monday in the 20th and last week of the year',
    'каждый год по понедельникам на 20-й и последней неделе года',
    'щороку по понеділках на 20-му і останньому тижні року',
  ],
  [
    'FREQ=YEARLY;BYYEARDAY=2,-1',
    'every year on the 2nd and last day of the year',
    'каждый год во 2-й и последний день года',
    'щороку у 2-й і останній день року',
  ],
  ['FREQ=DAILY;BYHOUR=9,18', 'every day at 09:30 and 18:30', 'каждый день в 09:30 и 18:30', 'щодня о 09:30 і 18:30'],
  [
    'FREQ=MINUTELY;INTERVAL=15;BYHOUR=9,10,11,12,14',
    'every 15 minutes in the hours 9–12 and 14',
    'каждые 15 минут в часы 9–12 и 14',
    'кожні 15 хвилин у години 9–12 і 14',
  ],
  [
    'FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1,-1',
    'every week on Monday, Wednesday and Friday, of these only the first and last',
    'каждую неделю по понедельникам, средам и пятницам, из них только первый и последний',
    'щотижня по понеділках, середах і п’ятницях, з них лише перший і останній',
  ],
]

describe('a recurrence in words', () => {
  test('is said in English, Russian and Ukrainian as people say it', () => {
    for (const [rrule, en, ru, uk] of phrases) {
      assert.equal(said(rrule, 'en'), en)
      assert.equal(said(rrule, 'ru'), ru)
      assert.equal(said(rrule, 'uk'), uk)
    }
    assert.equal(said(null, 'en'), 'once')
  })

  test('of any rule is a whole phrase in every language', () => {
    const random = seeded(3)
    for (let i = 0; i < 500; i++) {
      const rrule = randomRule(random, pick(random, FREQUENCIES))
      for (const language of Object.keys(LANGUAGES)) {
        if (!isLanguage(language)) continue
        const phrase = said(rrule, language)
        assert.doesNotMatch(phrase, /undefined|null|NaN| {2}| ,|,,/, `${rrule}: ${phrase}`)
        assert.ok(phrase.length > 4)
      }
    }
  })
})

function isLanguage(name: string): name is Language {
  return name in LANGUAGES
}

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeSeries, LANGUAGES, readSeries } from './index.ts'
import type { Language } from './index.ts'
import { FREQUENCIES } from './rule.ts'
import { pick, randomRule, seeded } from './proof/random-rules.ts'

const said = (rrule: string | null, language: Language) =>
  describeSeries(readSeries({ kind: 'zoned', tzid: 'Europe/Kyiv', dtstart: '2026-01-05T09:30:00', rrule }), language)

const phrases: [rule: string, en: string, ru: string, uk: string, es: string][] = [
  ['FREQ=DAILY', 'every day', 'каждый день', 'щодня', 'cada día'],
  [
    'FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10',
    'every week on Monday and Wednesday, 10 times',
    'каждую неделю по понедельникам и средам, 10 раз',
    'щотижня по понеділках і середах, 10 разів',
    'cada semana los lunes y miércoles, 10 veces',
  ],
  [
    'FREQ=WEEKLY;INTERVAL=2;COUNT=1',
    'every 2 weeks, once',
    'каждые 2 недели, 1 раз',
    'кожні 2 тижні, 1 раз',
    'cada 2 semanas, 1 vez',
  ],
  [
    'FREQ=WEEKLY;INTERVAL=5;COUNT=2',
    'every 5 weeks, 2 times',
    'каждые 5 недель, 2 раза',
    'кожні 5 тижнів, 2 рази',
    'cada 5 semanas, 2 veces',
  ],
  [
    'FREQ=DAILY;INTERVAL=21;COUNT=21',
    'every 21 days, 21 times',
    'каждые 21 день, 21 раз',
    'кожні 21 день, 21 раз',
    'cada 21 días, 21 veces',
  ],
  [
    'FREQ=DAILY;INTERVAL=11;COUNT=12',
    'every 11 days, 12 times',
    'каждые 11 дней, 12 раз',
    'кожні 11 днів, 12 разів',
    'cada 11 días, 12 veces',
  ],
  ['FREQ=YEARLY;INTERVAL=3', 'every 3 years', 'каждые 3 года', 'кожні 3 роки', 'cada 3 años'],
  ['FREQ=YEARLY;INTERVAL=25', 'every 25 years', 'каждые 25 лет', 'кожні 25 років', 'cada 25 años'],
  ['FREQ=HOURLY;INTERVAL=4', 'every 4 hours', 'каждые 4 часа', 'кожні 4 години', 'cada 4 horas'],
  [
    'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261231T215959Z',
    'every weekday, until 31 December 2026',
    'по будням, по 31 декабря 2026 года',
    'по буднях, по 31 грудня 2026 року',
    'de lunes a viernes, hasta el 31 de diciembre de 2026',
  ],
  [
    'FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261231T220000Z',
    'every weekday, until 1 January 2027',
    'по будням, по 1 января 2027 года',
    'по буднях, по 1 січня 2027 року',
    'de lunes a viernes, hasta el 1 de enero de 2027',
  ],
  [
    'FREQ=MONTHLY;BYDAY=2TU,-1SU',
    'every month on the second Tuesday and the last Sunday',
    'каждый месяц во второй вторник и в последнее воскресенье',
    'щомісяця у другий вівторок і в останню неділю',
    'cada mes el segundo martes y el último domingo',
  ],
  [
    'FREQ=MONTHLY;BYDAY=1WE,-2FR',
    'every month on the first Wednesday and the second to last Friday',
    'каждый месяц в первую среду и в предпоследнюю пятницу',
    'щомісяця у першу середу і в передостанню п’ятницю',
    'cada mes el primer miércoles y el penúltimo viernes',
  ],
  [
    'FREQ=YEARLY;BYDAY=20MO,23WE,-3SU',
    'every year on the 20th Monday, the 23rd Wednesday and the third to last Sunday of the year',
    'каждый год в 20-й понедельник, в 23-ю среду и в 3-е с конца воскресенье года',
    'щороку у 20-й понеділок, у 23-тю середу і в 3-тю з кінця неділю року',
    'cada año el 20.º lunes, el 23.er miércoles y el antepenúltimo domingo del año',
  ],
  [
    'FREQ=MONTHLY;BYMONTHDAY=1,15,-1',
    'every month on the 1st, 15th and last day of the month',
    'каждый месяц 1-го и 15-го числа и в последний день месяца',
    'щомісяця 1-го і 15-го числа і в останній день місяця',
    'cada mes los días 1 y 15 y el último día del mes',
  ],
  [
    'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
    'every month on the last working day',
    'каждый месяц в последний рабочий день',
    'щомісяця в останній робочий день',
    'cada mes el último día laborable',
  ],
  [
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29',
    'every year on 29 February',
    'каждый год 29 февраля',
    'щороку 29 лютого',
    'cada año el 29 de febrero',
  ],
  [
    'FREQ=YEARLY;BYMONTH=3,6;BYDAY=SU',
    'every year on Sunday in March and June',
    'каждый год по воскресеньям в марте и июне',
    'щороку по неділях у березні і червні',
    'cada año los domingos en marzo y junio',
  ],
  [
    'FREQ=YEARLY;BYWEEKNO=20,-1;BYDAY=MO',
    'every year on Monday in the 20th and last week of the year',
    'каждый год по понедельникам на 20-й и последней неделе года',
    'щороку по понеділках на 20-му і останньому тижні року',
    'cada año los lunes en la semana 20 y la última semana del año',
  ],
  [
    'FREQ=YEARLY;BYYEARDAY=2,-1',
    'every year on the 2nd and last day of the year',
    'каждый год во 2-й и последний день года',
    'щороку у 2-й і останній день року',
    'cada año el segundo y el último día del año',
  ],
  [
    'FREQ=DAILY;BYHOUR=9,18',
    'every day at 09:30 and 18:30',
    'каждый день в 09:30 и 18:30',
    'щодня о 09:30 і 18:30',
    'cada día a las 09:30 y a las 18:30',
  ],
  [
    'FREQ=MINUTELY;INTERVAL=15;BYHOUR=9,10,11,12,14',
    'every 15 minutes in the hours 9–12 and 14',
    'каждые 15 минут в часы 9–12 и 14',
    'кожні 15 хвилин у години 9–12 і 14',
    'cada 15 minutos en las horas 9–12 y 14',
  ],
  [
    'FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1,-1',
    'every week on Monday, Wednesday and Friday, of these only the first and last',
    'каждую неделю по понедельникам, средам и пятницам, из них только первый и последний',
    'щотижня по понеділках, середах і п’ятницях, з них лише перший і останній',
    'cada semana los lunes, miércoles y viernes, de estas fechas solo la primera y la última',
  ],
]

describe('a recurrence in words', () => {
  test('is said in English, Russian, Ukrainian and Spanish as people say it', () => {
    for (const [rrule, en, ru, uk, es] of phrases) {
      assert.equal(said(rrule, 'en'), en)
      assert.equal(said(rrule, 'ru'), ru)
      assert.equal(said(rrule, 'uk'), uk)
      assert.equal(said(rrule, 'es'), es)
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

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messages as es } from '../../platform/i18n/messages.es.ts'
import { messages as ru } from '../../platform/i18n/messages.ru.ts'
import { messages as uk } from '../../platform/i18n/messages.uk.ts'
import { openHouse } from '../../../test/support.ts'
import { parseRule, RuleError } from '../../time/recurrence/index.ts'

const house = await openHouse()

test('what is wrong with a rule of recurrence is said in the language of who wrote it, with what they wrote', async () => {
  const person = await house.person()
  const json = {
    title: 'Yoga',
    start_time: '2026-01-13T10:00:00Z',
    end_time: '2026-01-13T11:00:00Z',
    is_recurring: true,
  }
  const ask = (language: string, recurrence_rule: string) =>
    house.call('POST', '/api/v1/events/', {
      token: person.token,
      headers: { 'accept-language': language },
      json: { ...json, recurrence_rule },
    })

  const [inEnglish, inUkrainian, inSpanish] = [
    await ask('en', 'FREQ=WEEKLY;COUNT=zero'),
    await ask('uk', 'FREQ=WEEKLY;COUNT=zero'),
    await ask('es', 'FREQ=DAILY;FREQ=WEEKLY'),
  ]

  const detail = ({ body }: typeof inEnglish) => body['error'].details[0]
  assert.equal(detail(inEnglish).message, 'COUNT=ZERO is not a whole number from 1 to 9007199254740991')
  assert.equal(detail(inUkrainian).message, 'COUNT=ZERO — не ціле число від 1 до 9007199254740991')
  assert.equal(detail(inSpanish).message, 'FREQ aparece dos veces; solo se permite una')
  assert.deepEqual(
    [detail(inUkrainian).rule, detail(inUkrainian).params],
    ['rrule', { part: 'COUNT', value: 'ZERO', largest: Number.MAX_SAFE_INTEGER }],
  )
})

test('every sentence about a rule has its translations, and no place in it stays empty', () => {
  const wrong =
    ';x;=1;FOO=1;FREQ=X;FREQ=;COUNT=1;FREQ=DAILY,INTERVAL=0;FREQ=DAILY,BYMONTH=13;FREQ=YEARLY,BYSETPOS=0;FREQ=WEEKLY,BYDAY=XX;FREQ=MONTHLY,BYDAY=99MO;FREQ=DAILY,WKST=X;FREQ=DAILY,UNTIL=x;FREQ=DAILY,UNTIL=20260101;FREQ=DAILY,COUNT=1,UNTIL=20260101T000000Z;FREQ=DAILY,BYWEEKNO=1;FREQ=DAILY,BYYEARDAY=1;FREQ=WEEKLY,BYMONTHDAY=1;FREQ=DAILY,BYDAY=1MO;FREQ=YEARLY,BYWEEKNO=1,BYDAY=1MO;FREQ=DAILY,BYSETPOS=1;FREQ=DAILY,COUNT=1,COUNT=2'
      .split(';')
      .map((rule) => rule.replaceAll(/,(?=[A-Z]+=)/g, ';'))
  const sentences = new Set<string>()

  for (const rule of [...wrong, 'x'.repeat(9000)])
    try {
      parseRule(rule, 'zoned')
      assert.fail(`${rule} says something`)
    } catch (error) {
      assert.ok(error instanceof RuleError, String(error))
      assert.doesNotMatch(error.message, /\{\w+\}/)
      sentences.add(error.sentence)
    }

  assert.ok(sentences.size > 20, `${sentences.size}`)
  for (const language of [ru, uk, es])
    assert.deepEqual(
      [...sentences].filter((one) => !(one in language)),
      [],
    )
})

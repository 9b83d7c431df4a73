import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LOCALES } from './locales.ts'
import type { Locale } from './locales.ts'
import { messages as es } from './messages.es.ts'
import { messages as ru } from './messages.ru.ts'
import { messages as uk } from './messages.uk.ts'
import { translate } from './translate.ts'

test('a sentence is said in the asked language', () => {
  assert.equal(translate('en', 'Customer login successful'), 'Customer login successful')
  assert.equal(translate('ru', 'Customer login successful'), 'Вход клиента выполнен')
  assert.equal(translate('uk', 'Customer login successful'), 'Вхід клієнта виконано')
  assert.equal(translate('es', 'Customer login successful'), 'Sesión de cliente iniciada')
})

test('a sentence without a translation stays English', () => {
  for (const message of ['Nobody translated this', 'constructor', '__proto__', '']) {
    for (const locale of LOCALES) assert.equal(translate(locale, message), message)
  }
})

test('places are filled in every language, and once only', () => {
  const params = { email: '{email} $& <b>' }

  const english = translate('en', 'Permissions granted successfully for {email}', params)
  const russian = translate('ru', 'Permissions granted successfully for {email}', params)

  assert.equal(english, 'Permissions granted successfully for {email} $& <b>')
  assert.equal(russian, 'Права успешно предоставлены: {email} $& <b>')
  assert.equal(translate('en', '{toString} of {other}', { other: 5 }), '{toString} of 5')
})

test('a number chooses the form of its noun', () => {
  assert.deepEqual(
    [0, 1, 2, 21].map((count) => wait('en', count)),
    [0, 1, 2, 21].map((count) => `A review can be changed for ${count} ${count === 1 ? 'day' : 'days'}`),
  )
  assert.deepEqual(
    [1, 3, 5, 11, 21, 1.5].map((count) => wait('ru', count).replace('Отзыв можно менять ', '')),
    ['1 день', '3 дня', '5 дней', '11 дней', '21 день', '1.5 дня'],
  )
  assert.deepEqual(
    [1, 24, 12].map((count) => wait('uk', count).replace('Відгук можна змінювати ', '')),
    ['1 день', '24 дні', '12 днів'],
  )
  assert.deepEqual(
    [0, 1, 2, 1_000_000].map((count) => wait('es', count).replace('Una reseña se puede cambiar durante ', '')),
    ['0 días', '1 día', '2 días', '1000000 días'],
  )
})

test('a sentence with a bar but no number keeps its bar', () => {
  assert.equal(translate('en', 'this | that'), 'this | that')
})

test('every language has every sentence, with the same places and all forms', () => {
  const catalogues = { ru, uk, es } as const
  const keys = [...new Set(Object.values(catalogues).flatMap((catalogue) => Object.keys(catalogue)))]
  const forms = { ru: 3, uk: 3, es: 2 }

  assert.ok(keys.length > 100)
  for (const key of keys) {
    for (const locale of ['ru', 'uk', 'es'] as const) {
      const said = catalogues[locale][key]
      assert.ok(said, `${locale} lacks: ${key}`)
      assert.deepEqual(places(said), places(key), `${locale}: ${key}`)
      if (key.includes('|')) assert.equal(said.split('|').length, forms[locale], `${locale}: ${key}`)
      // Without a `count` nobody chooses among forms: all of them would be shown.
      assert.equal(said.includes('|'), key.includes('|') && key.includes('{count}'), `${locale}: ${key}`)
    }
  }
})

test('no translation was left in English or in the other language', () => {
  const kept =
    /\b(?:JPEG|PNG|GIF|JSON|ASCII|WebSocket|recipient_id|chat_id|client_id|Idempotency-Key|ISO|invitation_id|full_name|first_name|last_name|true|false|application\/json|multipart\/form-data|Banister|Google|Meet)\b|PUT schedules\/time-zone\/|\{\w+\}/g
  // What RFC 5545 calls the parts of a rule, in any language.
  const ofRules =
    /\b(?:RFC|UTC|IANA|Europe\/Kyiv|NAME|FREQ|COUNT|UNTIL|WKST|BY[A-Z]*|YEARLY|MONTHLY|WEEKLY|\d?(?:MO|SU)|\d{8}T\d{6}Z?)\b/g
  const words = (text: string): string => text.replaceAll(kept, '').replaceAll(ofRules, '')

  for (const [key, said] of Object.entries(ru)) {
    assert.doesNotMatch(words(said), /[A-Za-z]|[іїєґІЇЄҐ]/, key)
    assert.match(said, /\p{Script=Cyrillic}/u, key)
  }
  for (const [key, said] of Object.entries(uk)) {
    assert.doesNotMatch(words(said), /[A-Za-z]|[ыэъёЫЭЪЁ]/, key)
    assert.match(said, /\p{Script=Cyrillic}/u, key)
  }
  const english = /\p{Script=Cyrillic}|\b(?:the|and|of|your?|with|for|is|are|was|not|this|that|be|must|there)\b/iu
  for (const [key, said] of Object.entries(es)) {
    assert.doesNotMatch(words(said), english, key)
    // Only what is nothing but places and marks may be the same in both.
    if (/\p{L}/u.test(words(key))) assert.notEqual(said, key)
  }
})

function wait(locale: Locale, count: number) {
  return translate(locale, 'A review can be changed for {count} day|A review can be changed for {count} days', {
    count,
  })
}

/** The names of the places of a sentence, each once: a plural form may leave one out, all forms together may not. */
function places(message: string): string[] {
  return [...new Set(message.match(/\{\w+\}/g))].toSorted()
}

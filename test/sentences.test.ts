import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messages as es } from '../server/platform/i18n/messages.es.ts'
import { messages as ru } from '../server/platform/i18n/messages.ru.ts'
import { messages as uk } from '../server/platform/i18n/messages.uk.ts'
import { en } from '../server/platform/mail/templates/en.ts'
import { es as mailsEs } from '../server/platform/mail/templates/es.ts'
import { ru as mailsRu } from '../server/platform/mail/templates/ru.ts'
import type { MailText } from '../server/platform/mail/templates/templates.ts'
import { uk as mailsUk } from '../server/platform/mail/templates/uk.ts'
import { sentencesOfTheServer } from './sentences.ts'

const catalogues = { ru, uk, es } as const
/** The names of what a mail shows. */
const shown = ({ subject, html, text }: MailText): string[] =>
  [...new Set(`${subject} ${html} ${text}`.match(/\bit(?:\.\w+)+/g))].toSorted()

test('Every sentence that people are told is translated, and nothing is that nobody is told', () => {
  const keys = new Set(Object.values(catalogues).flatMap((catalogue) => Object.keys(catalogue)))

  const said = sentencesOfTheServer()

  assert.ok(said.length > 1000, 'there is something to check')
  const inPieces = said.filter(({ text }) => text === null).map(({ at, code }) => `${at} ${code}`)
  assert.deepEqual(inPieces, [], 'What only a running program knows stands in places: {name}, filled from params')
  const untranslated = Object.entries(catalogues).flatMap(([locale, catalogue]) =>
    said.filter(({ text }) => !Object.hasOwn(catalogue, text!)).map(({ text, at }) => `${locale}: ${at} ${text}`),
  )
  assert.deepEqual(untranslated, [])
  const told = new Set(said.map(({ text }) => text))
  assert.deepEqual(
    [...keys].filter((key) => !told.has(key)),
    [],
    'These are told to nobody any more',
  )
})

test('A mail shows the same in every language', () => {
  for (const language of [mailsRu, mailsUk, mailsEs]) {
    assert.deepEqual(Object.keys(language.mails), Object.keys(en.mails))
    for (const [name, mail] of Object.entries(en.mails))
      assert.deepEqual(shown(language.mails[name as keyof typeof en.mails]), shown(mail), name)
  }
})

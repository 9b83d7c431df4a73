import { messages as es } from './messages.es.ts'
import { messages as ru } from './messages.ru.ts'
import { messages as uk } from './messages.uk.ts'
import type { Locale } from './locales.ts'

/** What fills the `{name}` places of a message; `count` also chooses among the plural forms. */
export type MessageParams = Readonly<Record<string, string | number>>

const catalogues: Record<Exclude<Locale, 'en'>, Readonly<Record<string, string>>> = { ru, uk, es }

/** The order of the forms that a message writes with `|` between them, by the categories of CLDR. */
const FORMS: Record<Locale, readonly Intl.LDMLPluralRule[]> = {
  en: ['one', 'other'],
  ru: ['one', 'few', 'many'],
  uk: ['one', 'few', 'many'],
  es: ['one', 'other'],
}
const pluralRules = new Map<Locale, Intl.PluralRules>()

/**
 * The sentence in this language. The English sentence is the key, so English is what the code says and
 * a sentence without a translation stays English. `{name}` is filled from `params`, whose values are taken as they are.
 * With a number `count` in the params, `{count} seat|{count} seats` takes the form for that number.
 */
export function translate(locale: Locale, message: string, params?: MessageParams): string {
  const catalogue = locale === 'en' ? undefined : catalogues[locale]
  const translation = catalogue && Object.hasOwn(catalogue, message) ? catalogue[message] : undefined
  const pattern = formFor(translation === undefined ? 'en' : locale, translation ?? message, params?.['count'])
  if (!params) return pattern
  return pattern.replaceAll(/\{(\w+)\}/g, (place, name: string) =>
    Object.hasOwn(params, name) ? String(params[name]) : place,
  )
}

function formFor(locale: Locale, pattern: string, count: unknown): string {
  if (typeof count !== 'number' || !pattern.includes('|')) return pattern
  const forms = pattern.split('|')
  const rules = pluralRules.getOrInsertComputed(locale, () => new Intl.PluralRules(locale))
  const index = FORMS[locale].indexOf(rules.select(count))
  // "other" of Russian and Ukrainian is for fractions, which take the genitive singular: mostly that of "few". "many" of Spanish is for whole millions.
  return forms[index === -1 ? 1 : index] ?? pattern
}

/** The languages of the product. To add one: its code here; the compiler names the files that it then misses. */
export const LOCALES = ['en', 'ru', 'uk', 'es'] as const
export type Locale = (typeof LOCALES)[number]
export const DEFAULT_LOCALE: Locale = 'en'

/** Is this the code of a language that the product speaks (lower case, without region)? */
export function isLocale(code: string): code is Locale {
  return LOCALES.some((locale) => locale === code)
}

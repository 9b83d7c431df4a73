import { DEFAULT_LOCALE, isLocale, LOCALES } from './locales.ts'
import type { Locale } from './locales.ts'

/** Browsers send some dozen ranges; what comes after these is nobody's wish. */
const MAX_HEADER = 1000
const MAX_RANGES = 30

const RANGE = /^[a-z]{1,8}(?:-[a-z0-9]{1,8})*$|^\*$/
const WEIGHT = /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/**
 * The language to answer in: the one a person chose in the profile, else the best that `Accept-Language` names and we speak
 * (RFC 9110 section 12.5.4; a region falls back to its language as in RFC 4647 section 3.4), else English.
 * What is malformed is passed over; the work is bounded whatever is sent.
 */
export function negotiate(acceptLanguage: string | null | undefined, profileLocale?: string | null): Locale {
  const chosen = profileLocale?.toLowerCase().split('-')[0]
  if (chosen !== undefined && isLocale(chosen)) return chosen

  if (!acceptLanguage) return DEFAULT_LOCALE

  const ranges = parse(acceptLanguage)
  const refused = new Set(ranges.filter((range) => range.weight === 0).map((range) => range.tag))
  for (const { tag, weight } of ranges.toSorted((a, b) => b.weight - a.weight)) {
    if (weight === 0) break
    const language = tag.split('-')[0] ?? ''
    if (tag === '*') return LOCALES.find((locale) => !refused.has(locale)) ?? DEFAULT_LOCALE
    // "en-GB, en;q=0" wants British English and no other: we have only the other.
    if (isLocale(language) && !refused.has(language)) return language
  }
  return DEFAULT_LOCALE
}

function parse(header: string): { tag: string; weight: number }[] {
  return header
    .slice(0, MAX_HEADER)
    .toLowerCase()
    .split(',', MAX_RANGES)
    .flatMap((part) => {
      const [tag = '', weight = 'q=1', ...rest] = part.split(';').map((piece) => piece.trim())
      return RANGE.test(tag) && WEIGHT.test(weight) && rest.length === 0
        ? [{ tag, weight: Number(weight.slice(2)) }]
        : []
    })
}

import { Eta } from 'eta'
import type { Locale } from '../i18n/index.ts'
import { en } from './templates/en.ts'
import { es } from './templates/es.ts'
import { button, code, layout, paragraphs, unsubscribe, withStyles } from './templates/layout.ts'
import { ru } from './templates/ru.ts'
import type { MailLanguage, MailParams, TemplateName } from './templates/templates.ts'
import { uk } from './templates/uk.ts'

export interface RenderedMail {
  subject: string
  html: string
  text: string
}

const languages: Record<Locale, MailLanguage> = { en, ru, uk, es }

const forHtml = new Eta({ autoEscape: true, autoTrim: false })
const forText = new Eta({ autoEscape: false, autoTrim: false })
for (const [name, source] of Object.entries({ layout, code, button, paragraphs, unsubscribe })) {
  forHtml.loadTemplate(`@${name}`, withStyles(source))
}
for (const [locale, { mails }] of Object.entries(languages)) {
  for (const [name, { subject, html, text }] of Object.entries(mails)) {
    forHtml.loadTemplate(`@${locale}/${name}`, withStyles(html))
    forText.loadTemplate(`@${locale}/${name}/subject`, subject)
    forText.loadTemplate(`@${locale}/${name}/text`, text)
  }
}

/**
 * A mail in a language: its subject, HTML and plain text. All are compiled when the process starts, so a broken one fails there.
 * Everything that people wrote is escaped in the HTML, loses its control characters, and makes no link.
 * Throws a TypeError for a link that is not `http(s)`.
 */
export function render<Name extends TemplateName>(name: Name, locale: Locale, params: MailParams[Name]): RenderedMail {
  const { openInstead, footer } = languages[locale]
  const it = { ...readable(params, locale), locale, openInstead, footer }
  const subject = forText.render(`@${locale}/${name}/subject`, it).trim()
  const content = forHtml.render(`@${locale}/${name}`, it)
  const text = forText.render(`@${locale}/${name}/text`, it)
  return {
    subject,
    html: forHtml.render('@layout', { ...it, subject, content }),
    text: `${text.trim().replaceAll(/\n{3,}/g, '\n\n')}\n\n-- \nBanister\n${footer}\n`,
  }
}

const units = { minutes: 'minute', hours: 'hour', days: 'day' } as const

/** The params as the templates print them: lengths and times in words, links checked, texts made harmless. */
function readable(params: object, locale: Locale): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]: [string, unknown]) => [key, readableValue(key, value, locale)]),
  )
}

function readableValue(key: string, value: unknown, locale: Locale): unknown {
  if (typeof value === 'number' && isUnit(key)) {
    return new Intl.NumberFormat(locale, { style: 'unit', unit: units[key], unitDisplay: 'long' }).format(value)
  }
  if (value instanceof Temporal.ZonedDateTime) {
    const day = { day: 'numeric', month: 'long', year: 'numeric' } as const
    return value.toLocaleString(locale, { ...day, hour: '2-digit', minute: '2-digit', timeZoneName: 'short' })
  }
  if (typeof value === 'string') {
    if (/link$/i.test(key)) return checkedLink(value)
    return key === 'body' ? cleanBody(value) : harmless(value)
  }
  return typeof value === 'object' && value !== null ? readable(value, locale) : value
}

function isUnit(key: string): key is keyof typeof units {
  return Object.hasOwn(units, key)
}

function checkedLink(link: string): string {
  // Whitespace is refused beforehand: the parser would pass over it, and so would a reader, to another address.
  if (/[\s\p{Cc}]/u.test(link) || !['https:', 'http:'].includes(URL.parse(link)?.protocol ?? '')) {
    throw new TypeError('A link in a mail is a whole http(s) address')
  }
  return link
}

function cleanBody(body: string): string {
  return body
    .replaceAll(/\r\n?|[\p{Zl}\p{Zp}]/gu, '\n')
    .split('\n')
    .map((line) => harmless(line, 2000))
    .join('\n')
    .trim()
    .slice(0, 10_000)
}

/**
 * One line without control characters and without those that turn the direction of reading. Before the end of what looks like
 * a domain, and after `://`, stands a word joiner, which is not seen: else mail readers make a link of a name such as
 * "free-money.example", and our mails would carry a stranger's advertisement.
 */
function harmless(text: string, length = 120): string {
  return text
    .slice(0, length)
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu, ' ')
    .trim()
    .replaceAll(/(?<=[\p{L}\p{N}])\.(?=\p{L}{2})|:\/\//gu, '$&\u2060')
}

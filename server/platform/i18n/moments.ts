import type { Locale } from './locales.ts'
import type { MessageParams } from './translate.ts'

const form = {
  weekday: 'short',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
} as const

/** Making a format costs a hundred times what using it does; there are as many as languages and zones that people live in. */
const formats = new Map<string, Intl.DateTimeFormat>()
const mostFormats = 1000

function formatOf(locale: Locale, timeZone: string): Intl.DateTimeFormat {
  if (formats.size > mostFormats) formats.clear()
  return formats.getOrInsertComputed(
    `${locale} ${timeZone}`,
    () => new Intl.DateTimeFormat(locale, { ...form, timeZone }),
  )
}

/** What was written lately: people look at the same list again and again, and writing a moment costs more than reading its row. */
const written = new Map<string, string>()
const mostWritten = 20_000

/** A moment as somebody's clock and language show it, with the weekday and the zone: `Thu, January 15, 2026 at 04:00 PM GMT+2`. */
export const momentText = (locale: Locale, moment: Temporal.Instant, timeZone: string): string => {
  // Nothing below the minute is told.
  const key = `${locale} ${timeZone} ${Math.floor(moment.epochMilliseconds / 60_000)}`
  if (written.size > mostWritten) written.clear()
  return written.getOrInsertComputed(key, () => formatOf(locale, timeZone).format(moment))
}

const isMoment = (name: string, value: string | number): value is string =>
  typeof value === 'string' && /^(?:\w+_)?at$/.test(name) && /^\d{4}-\d\d-\d\dT/.test(value)

/** The params of a message with every instant (`at`, `..._at`, kept as ISO 8601) as this reader's clock shows it: kept so, a notice is right in whatever zone it is read. */
export const withMoments = (locale: Locale, timeZone: string, params: MessageParams): MessageParams =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      isMoment(name, value) ? momentText(locale, Temporal.Instant.from(value), timeZone) : value,
    ]),
  )

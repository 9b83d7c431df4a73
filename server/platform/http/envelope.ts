import type { AppError, Detail } from '../errors.ts'
import { translate, type Locale } from '../i18n/index.ts'

/** The body of every error (SPEC section 2), in the asker's language. */
export function failureBody(error: AppError, locale: Locale, requestId: string, now: Temporal.Instant): string {
  return JSON.stringify({ success: false, error: failureOf(error, locale, requestId, now) })
}

/** What stands under `error` in it; the socket says the same. */
export function failureOf(error: AppError, locale: Locale, requestId: string, now: Temporal.Instant): object {
  return {
    error_number: error.code,
    error_message: translate(locale, error.message, error.params),
    timestamp: now.toString({ smallestUnit: 'microsecond' }).replace('Z', '+00:00'),
    request_id: requestId,
    ...(error.details ? { details: error.details.map((detail) => said(detail, locale)) } : {}),
  }
}

/** A detail in the asker's language; its rule and params stay beside the sentence, so that a client can say it in its own words. */
export function said(detail: Detail, locale: Locale): Detail {
  const values = Object.entries(detail.params ?? {}).filter(
    (entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number',
  )
  return { ...detail, message: translate(locale, detail.message, Object.fromEntries(values)) }
}

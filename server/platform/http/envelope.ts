import type { AppError } from '../errors.ts'
import { translate, type Locale } from '../i18n/index.ts'

/** The body of every error (SPEC section 2), in the asker's language. */
export function failureBody(error: AppError, locale: Locale, requestId: string, now: Temporal.Instant): string {
  return JSON.stringify({
    success: false,
    error: {
      error_number: error.code,
      error_message: translate(locale, error.message, error.params),
      timestamp: now.toString({ smallestUnit: 'microsecond' }).replace('Z', '+00:00'),
      request_id: requestId,
      ...(error.details ? { details: error.details } : {}),
    },
  })
}

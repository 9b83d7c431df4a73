/** How a call to Google can end otherwise than well. The texts name no token and no person. */

/** Google has understood and will not do it: repeating is vain. `reason` is Google's own word, such as `forbiddenForServiceAccounts`. */
export class GoogleRefused extends Error {
  readonly status: number
  readonly reason: string
  constructor(status: number, reason: string, message: string) {
    super(`Google answered ${status} ${reason}`.trim() + (message === '' ? '' : `: ${message.slice(0, 200)}`))
    this.name = 'GoogleRefused'
    this.status = status
    this.reason = reason
  }
}

/** It was not done this time: no answer, an error of Google's, a limit, or a wrong setting. */
export class GoogleFailed extends Error {
  /** Does it say that Google is ill? A limit does not. */
  readonly ill: boolean
  constructor(message: string, ill = true) {
    super(message)
    this.name = 'GoogleFailed'
    this.ill = ill
  }
}

/** The person has taken their consent back, or it has run out: nothing can be done for them until they give it again. */
export class ConsentGone extends Error {
  /** Which consent of which connection, since it says nothing of one given later; null while it is not one of ours yet. */
  readonly of: { connectionId: number; consent: number } | null
  constructor(of: { connectionId: number; consent: number } | null = null) {
    super('the consent is gone')
    this.name = 'ConsentGone'
    this.of = of
  }
}

/** Is it not there (any more)? */
export const isAbsent = (error: unknown): boolean =>
  error instanceof GoogleRefused && (error.status === 404 || error.status === 410)

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The word and sentence of an error of Google's APIs: `{error: {errors: [{reason}], message}}`, or of OAuth: `{error, error_description}`. */
export function wordsOf(body: unknown): { reason: string; message: string } {
  const error = isObject(body) ? body['error'] : null
  if (typeof error === 'string')
    return { reason: error, message: textOf((body as Record<string, unknown>)['error_description']) }
  if (!isObject(error)) return { reason: '', message: '' }
  const first: unknown = Array.isArray(error['errors']) ? error['errors'][0] : null
  return {
    reason: isObject(first) ? textOf(first['reason']) : textOf(error['status']),
    message: textOf(error['message']),
  }
}

const limits =
  /^(?:rateLimitExceeded|userRateLimitExceeded|quotaExceeded|dailyLimitExceeded|calendarUsageLimitsExceeded|RESOURCE_EXHAUSTED)$/

/** What an answer that is no success means (https://developers.google.com/workspace/calendar/api/guides/errors): limits come as 429 and as 403. */
export function failureOf(status: number, body: unknown): GoogleRefused | GoogleFailed {
  const { reason, message } = wordsOf(body)
  if (status === 429 || (status === 403 && limits.test(reason)))
    return new GoogleFailed(`Google answered ${status} ${reason}`.trim(), false)
  if (status >= 500 || status === 408) return new GoogleFailed(`Google answered ${status} ${reason}`.trim())
  return new GoogleRefused(status, reason, message)
}

/** Why a request had no answer; errors of fetch say "fetch failed", and why stands in their cause. */
export function told(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { cause } = error
  return (cause instanceof Error && cause.message !== '' ? cause.message : error.message).slice(0, 200)
}

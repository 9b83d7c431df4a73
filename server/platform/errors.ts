/** The codes of SPEC section 2 and the status that each answers with. */
export const statusOf = {
  TOKEN_MISSING: 401,
  AUTHENTICATION_FAILED: 401,
  PERMISSION_DENIED: 403,
  VALIDATION_ERROR: 400,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  PRECONDITION_FAILED: 412,
  PAYMENT_FAILED: 402,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  UNKNOWN_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
} as const

export type ErrorCode = keyof typeof statusOf

/** One thing that is wrong: which field, what, and where a rule has a name, that name and the values a client needs to say it in its own words. */
export type Detail = {
  field?: string
  message: string
  rule?: string
  params?: Record<string, unknown>
  /** Why the bank declined a card, in the gateway's word. */
  decline_code?: string
}

export type ErrorOptions = {
  details?: Detail[]
  params?: Record<string, string | number>
  headers?: Record<string, string>
}

/** A refusal that the asker may read. The message is an English sentence and the key of its translation; `{name}` in it is filled from `params`. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: Detail[] | undefined
  readonly params: Record<string, string | number> | undefined
  readonly headers: Record<string, string>

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message)
    this.name = 'AppError'
    this.code = code
    this.details = options.details
    this.params = options.params
    this.headers = options.headers ?? {}
  }

  get status(): number {
    return statusOf[this.code]
  }
}

/** 404: there is no such thing, or it is not the asker's to know of. `thing` is a word of the glossary. */
export const notFound = (thing: string): AppError => new AppError('NOT_FOUND', `There is no such ${thing}`)

/** 409: the state forbids it. */
export const conflict = (message: string, options?: ErrorOptions): AppError =>
  new AppError('CONFLICT', message, options)

/** 402: the card was declined; the details bear the `decline_code`. */
export const paymentFailed = (message: string, details: Detail[]): AppError =>
  new AppError('PAYMENT_FAILED', message, { details })

/** 403: signed in, but not allowed. */
export const denied = (message = 'You are not allowed to do this'): AppError =>
  new AppError('PERMISSION_DENIED', message)

/** 403: a second factor is required of this administrator, and the session has not proved one; the rule in the details is `two_factor_required`. */
export function secondFactorRequired(): AppError {
  const message = 'Set up the second factor first: it is required of administrators here'
  return new AppError('PERMISSION_DENIED', message, { details: [{ message, rule: 'two_factor_required' }] })
}

/** 400 for one field; the message stands in the details and in the sentence. */
export const invalid = (field: string, message: string, rule?: string, params?: Record<string, unknown>): AppError =>
  invalidAll([{ field, message, ...(rule ? { rule } : {}), ...(params ? { params } : {}) }])

/** 400 for several fields at once. */
export const invalidAll = (details: Detail[]): AppError =>
  new AppError('VALIDATION_ERROR', 'The input is not valid', { details })

/** 401: nobody says who asks, where that must be known. */
export const tokenMissing = (): AppError => new AppError('TOKEN_MISSING', 'No token was given')

/** 401: the credentials or the token do not hold. */
export const notAuthenticated = (message = 'The token is not valid'): AppError =>
  new AppError('AUTHENTICATION_FAILED', message)

export const sessionEnded = (): AppError => notAuthenticated('The session has ended')

/** 429 with the seconds to wait. */
export const rateLimited = (seconds: number): AppError =>
  new AppError('RATE_LIMITED', 'Too many requests; try again later', {
    headers: { 'retry-after': String(Math.max(1, Math.ceil(seconds))) },
  })

/** 503: overloaded, shutting down, or an outside service is needed and down. */
export const unavailable = (message = 'The service is not available right now', seconds = 5): AppError =>
  new AppError('SERVICE_UNAVAILABLE', message, { headers: { 'retry-after': String(seconds) } })

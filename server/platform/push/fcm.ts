import { CircuitOpen, createCircuit } from '../circuit.ts'
import { signInAccount } from '../service-account.ts'
import type { Credentials } from './credentials.ts'
import { messageOf } from './message.ts'
import { PushFailed, PushRefused, type Push, type Pusher } from './pusher.ts'

export type FcmOptions = {
  credentials: Credentials
  /** FCM_API_BASE */
  base: string
  /** For the circuit and Retry-After. */
  now: () => Temporal.Instant
  /** How long one request may take, in milliseconds; Google asks for at least ten seconds. */
  timeoutMs?: number
  /** How long the circuit rests. */
  rest?: Temporal.Duration
}

const scope = 'https://www.googleapis.com/auth/firebase.messaging'
/** However long the service asks to be left alone, it is asked again after this. */
const longestWait = Temporal.Duration.from({ minutes: 15 })

type Answer = { status: number; retryAfter: string | null; error: FcmError | null }
type FcmError = { status: string; code: string; message: string; fields: string[] }

/** Firebase Cloud Messaging, HTTP v1: one POST a message (https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send). */
export function createFcmPusher({ credentials, base, now, timeoutMs = 10_000, rest }: FcmOptions): Pusher {
  const url = `${base}/v1/projects/${encodeURIComponent(credentials.projectId)}/messages:send`
  const circuit = createCircuit({
    name: 'fcm',
    now,
    isFailure: (error) => error instanceof PushFailed && error.ill,
    ...(rest ? { rest } : {}),
  })
  const signIn = () => signInAccount(credentials, { scopes: [scope], timeoutMs })
  let client = signIn()
  let alone: Temporal.Instant | null = null
  const counts = { sent: 0, gone: 0, refused: 0, failed: 0 }

  const token = async (): Promise<string> => {
    try {
      const { token: access } = await within(timeoutMs, client.getAccessToken())
      if (access) return access
    } catch (error) {
      throw new PushFailed(`no access token: ${told(error)}`)
    }
    throw new PushFailed('no access token: the answer has none')
  }

  const post = async (body: string): Promise<Answer> => {
    const authorization = `Bearer ${await token()}`
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json; charset=utf-8' },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      })
      const { status, headers } = response
      return {
        status,
        retryAfter: headers.get('retry-after'),
        error: status === 200 ? null : errorIn(await response.text()),
      }
    } catch (error) {
      throw new PushFailed(`no answer: ${told(error)}`)
    }
  }

  const ask = async (push: Push): Promise<'sent' | 'gone'> => {
    const body = JSON.stringify({ message: messageOf(push, now()) })
    let answer = await post(body)
    if (answer.status === 401) {
      // The library keeps a token until it expires, also one that was withdrawn: another client has none yet.
      client = signIn()
      answer = await post(body)
    }
    if (answer.status === 200) return 'sent'
    if (isGone(answer)) return 'gone'
    if (answer.status === 429 || answer.status >= 500) alone = until(answer.retryAfter, now())
    throw failureOf(answer)
  }

  return {
    async send(push) {
      if (alone && Temporal.Instant.compare(now(), alone) < 0) throw new CircuitOpen('fcm', alone)
      try {
        const result = await circuit.run(() => ask(push))
        counts[result]++
        return result
      } catch (error) {
        if (error instanceof PushRefused) counts.refused++
        if (error instanceof PushFailed) counts.failed++
        throw error
      }
    },
    counts: () => counts,
    state() {
      const resting = alone !== null && Temporal.Instant.compare(now(), alone) < 0
      // Rested is not well: until a push has gone out, what it did last is what is known.
      return { status: resting || circuit.state() !== 'closed' ? 'down' : 'ok', detail: 'fcm' }
    },
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('too late')), ms)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Errors of fetch say "fetch failed"; why stands in their cause. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { cause } = error
  return (cause instanceof Error && cause.message !== '' ? cause.message : error.message).slice(0, 200)
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The `error` of an answer of FCM (google.rpc.Status with an FcmError and a BadRequest among its details), or null where it is none. */
function errorIn(text: string): FcmError | null {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return null
  }
  const error = isObject(body) ? body['error'] : null
  if (!isObject(error)) return null
  const details: unknown[] = Array.isArray(error['details']) ? error['details'] : []
  const known = details.filter(isObject)
  const violations = known.flatMap((detail): unknown[] =>
    Array.isArray(detail['fieldViolations']) ? detail['fieldViolations'] : [],
  )
  return {
    status: textOf(error['status']),
    code: textOf(known.find((detail) => textOf(detail['errorCode']) !== '')?.['errorCode']),
    message: textOf(error['message']),
    fields: violations.filter(isObject).map((violation) => textOf(violation['field'])),
  }
}

/**
 * Is the token dead? `UNREGISTERED` (404), one of another sender, and what was never a token. A 404 that is not FCM's own (a wrong FCM_API_BASE) says nothing of
 * the token: else one wrong setting would lose every device.
 */
function isGone({ status, error }: Answer): boolean {
  if (!error) return false
  if (error.code === 'UNREGISTERED' || error.code === 'SENDER_ID_MISMATCH') return true
  if (status === 404) return error.status === 'NOT_FOUND' || error.status === ''
  return status === 400 && (error.fields.includes('message.token') || /registration token/i.test(error.message))
}

function failureOf({ status, error }: Answer): PushFailed | PushRefused {
  const words = `FCM answered ${status} ${error?.code || error?.status || ''}`.trim()
  if (status === 400 || status === 413) return new PushRefused(words)
  return new PushFailed(words, status !== 429)
}

/** When the service may be asked again: Retry-After in seconds or as a date (RFC 9110 section 10.2.3); null where it says nothing. */
function until(retryAfter: string | null, now: Temporal.Instant): Temporal.Instant | null {
  if (retryAfter === null) return null
  const latest = now.add(longestWait)
  const date = Date.parse(retryAfter)
  const wanted = /^\d{1,9}$/.test(retryAfter)
    ? now.add({ seconds: Number(retryAfter) })
    : Number.isNaN(date)
      ? now
      : Temporal.Instant.fromEpochMilliseconds(date)
  return Temporal.Instant.compare(wanted, latest) > 0 ? latest : wanted
}

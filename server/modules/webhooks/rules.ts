import { createHmac, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { isReachable, type Reach } from '../../platform/address.ts'
import type { Config } from '../../platform/config.ts'

/** What is decided without asking anybody: waits, signatures, addresses. */

/** Seconds until the next try after the first, second ... failure; about three days in all. */
export const waits = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400] as const
export const maxTries = waits.length + 1
/** A receiver that asks for patience (Retry-After) is given at most so many seconds. */
const mostPatience = 86_400

/** An endpoint of which every call has failed for so long is switched off. */
export const offAfterHours = 120
/** Failures further apart than this are no one row of failures. */
export const rowBreaksAfterHours = 48
/** The log of deliveries is kept for so many days. */
export const keptDays = 30
/** The secret before a rotation signs as well for so many hours. */
export const overlapHours = 24
export const endpointsPerOwner = 20

/**
 * Seconds to wait after so many failed tries, or null to give up; up to a tenth more or less than the plan (`chance` from 0 to 1), so that what failed together
 * does not come back together. A receiver's Retry-After counts where it is longer.
 */
export function waitAfter(tries: number, chance: number, retryAfter: string | undefined): number | null {
  const planned = waits[tries - 1]
  if (planned === undefined) return null
  const asked =
    retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Math.min(Number(retryAfter), mostPatience) : 0
  return Math.max(planned * (0.9 + 0.2 * chance), asked)
}

/** A new signing secret as the Standard Webhooks specification writes it: `whsec_` and 32 random bytes in base64. */
export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`

/**
 * The value of `webhook-signature` (Standard Webhooks 1.0.0): `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, for each secret that holds, with a
 * space between. The key is what stands behind `whsec_`, decoded.
 */
export function signatures(secrets: readonly string[], id: string, timestamp: number, body: string): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
      return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
    })
    .join(' ')
}

/** Which addresses webhooks may call here. */
export const reachOf = (config: Pick<Config, 'WEBHOOK_ALLOW_PRIVATE' | 'ENVIRONMENT'>): Reach =>
  config.WEBHOOK_ALLOW_PRIVATE ? 'any' : config.ENVIRONMENT === 'development' ? 'loopback' : 'public'

const isLoopbackName = (host: string): boolean =>
  host === 'localhost' || (isIP(host) !== 0 && isReachable(host, 'loopback') && !isReachable(host, 'public'))

export type UrlProblem = 'url' | 'https' | 'credentials' | 'private'

/**
 * What is wrong with an address that somebody registers, or null: https (http only in development and to this machine), no name and password in it, no address
 * inside. A name is looked up at each call, not here: it may be another one by then.
 */
export function urlProblem(
  given: string,
  config: Pick<Config, 'WEBHOOK_ALLOW_PRIVATE' | 'ENVIRONMENT'>,
): UrlProblem | null {
  const url = URL.parse(given)
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '' || url.hash !== '') return 'url'
  if (url.username !== '' || url.password !== '') return 'credentials'
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (url.protocol === 'http:' && !(config.ENVIRONMENT === 'development' && isLoopbackName(host))) return 'https'
  const reach = reachOf(config)
  if (isIP(host) !== 0) return isReachable(host, reach) ? null : 'private'
  const isInside = /(?:^|\.)localhost$|\.(?:local|internal|lan|home\.arpa)$/.test(host) || !host.includes('.')
  return reach === 'any' || !isInside || (reach === 'loopback' && host === 'localhost') ? null : 'private'
}

/** How one call went. */
export type Outcome =
  | { kind: 'delivered' }
  | { kind: 'failed'; error: string; retryAfter?: string | undefined }
  | { kind: 'gone' }

/** What an answer's status means: any 2xx is delivered, 410 wants no more, a redirect is not followed and so has failed like all the rest. */
export function outcomeOf(status: number, retryAfter: string | undefined): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  if (status === 410) return { kind: 'gone' }
  return { kind: 'failed', error: status >= 300 && status < 400 ? 'redirect' : 'status', retryAfter }
}

/** Since when an endpoint fails, with one more failure. */
export function failingSince(
  before: { failing_since: Temporal.Instant | null; last_failure_at: Temporal.Instant | null },
  now: Temporal.Instant,
): Temporal.Instant {
  const { failing_since: since, last_failure_at: last } = before
  const isRow =
    since !== null && last !== null && Temporal.Instant.compare(last.add({ hours: rowBreaksAfterHours }), now) >= 0
  return isRow ? since : now
}

export const isGivenUp = (since: Temporal.Instant, now: Temporal.Instant): boolean =>
  Temporal.Instant.compare(since.add({ hours: offAfterHours }), now) <= 0

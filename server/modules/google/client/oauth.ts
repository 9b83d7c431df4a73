import { createHash } from 'node:crypto'
import type { Config } from '../../../platform/config.ts'
import { ConsentGone, failureOf, GoogleFailed, GoogleRefused, told } from './errors.ts'

/** A person's consent: RFC 6749 with PKCE (RFC 7636), as Google does it (https://developers.google.com/identity/protocols/oauth2/web-server). */

export const eventsScope = 'https://www.googleapis.com/auth/calendar.events'
const scopes = ['openid', 'email', eventsScope]
const consentPage = 'https://accounts.google.com/o/oauth2/v2/auth'

type Settings = Pick<Config, 'GOOGLE_CLIENT_ID' | 'GOOGLE_CLIENT_SECRET' | 'GOOGLE_OAUTH_BASE' | 'PUBLIC_URL'>

/** Where Google sends people back to: nowhere but to this house. */
export const redirectUri = ({ PUBLIC_URL }: Pick<Settings, 'PUBLIC_URL'>): string => `${PUBLIC_URL}/google/callback/`

/** The page of Google's on which a person consents. */
export function consentUrl(config: Settings, state: string, verifier: string): string {
  const url = new URL(consentPage)
  url.search = new URLSearchParams({
    client_id: config.GOOGLE_CLIENT_ID ?? '',
    redirect_uri: redirectUri(config),
    response_type: 'code',
    scope: scopes.join(' '),
    // A refresh token, and one each time: who connects again may have thrown the last one away.
    access_type: 'offline',
    prompt: 'consent',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  return url.href
}

export type Tokens = {
  access: string
  expiresIn: number
  refresh: string | null
  scopes: string[]
  account: string | null
}

/** Changes the code that Google's page gave for tokens. @throws ConsentGone where the code is not (or no more) good */
export const exchangeCode = (config: Settings, code: string, verifier: string): Promise<Tokens> =>
  askForTokens(config, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri(config),
    code_verifier: verifier,
  })

/** A new access token. @throws ConsentGone where the person has taken their consent back */
export const refreshToken = (config: Settings, refresh: string): Promise<Tokens> =>
  askForTokens(config, { grant_type: 'refresh_token', refresh_token: refresh })

/** Gives a consent back; harmless where it is gone already. */
export async function revokeToken(config: Settings, token: string): Promise<void> {
  const { status, body } = await post(`${config.GOOGLE_OAUTH_BASE}/revoke`, { token })
  // 400 is what Google says of a token that it does not know any more.
  if (status !== 200 && status !== 400) throw failureOf(status, body)
}

async function askForTokens(config: Settings, form: Record<string, string>): Promise<Tokens> {
  const { status, body } = await post(`${config.GOOGLE_OAUTH_BASE}/token`, {
    ...form,
    client_id: config.GOOGLE_CLIENT_ID ?? '',
    client_secret: config.GOOGLE_CLIENT_SECRET ?? '',
  })
  if (status !== 200) {
    const failure = failureOf(status, body)
    throw failure instanceof GoogleRefused && failure.reason === 'invalid_grant' ? new ConsentGone() : failure
  }
  const access = body['access_token']
  // Only what may stand in a header: an error about one would repeat the token in the log.
  if (typeof access !== 'string' || !/^[\x21-\x7e]+$/.test(access))
    throw new GoogleFailed('no access token: the answer has none')
  return {
    access,
    expiresIn: lifetimeIn(body['expires_in']),
    refresh: typeof body['refresh_token'] === 'string' ? body['refresh_token'] : null,
    scopes: typeof body['scope'] === 'string' ? body['scope'].split(' ') : [],
    account: accountIn(body['id_token']),
  }
}

/** Whole seconds, at most a day; five minutes where nothing sensible is told. */
const lifetimeIn = (seconds: unknown): number =>
  typeof seconds === 'number' && seconds >= 0 ? Math.min(Math.floor(seconds), 86_400) : 300

/** The e-mail of an ID token. It comes from Google itself over TLS, so its signature need not be checked (OpenID Connect Core 3.1.3.7). */
function accountIn(idToken: unknown): string | null {
  if (typeof idToken !== 'string') return null
  try {
    const claims = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8')) as unknown
    const email = typeof claims === 'object' && claims !== null && 'email' in claims ? claims.email : null
    return typeof email === 'string' && email.length <= 254 ? email : null
  } catch {
    return null
  }
}

const timeoutMs = 10_000

async function post(
  url: string,
  form: Record<string, string>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(form),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await response.text()
    return { status: response.status, body: parsed(text) }
  } catch (error) {
    throw new GoogleFailed(`no answer: ${told(error)}`)
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

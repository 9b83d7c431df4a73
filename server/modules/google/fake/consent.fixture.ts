import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'

/** Google's side of consents and tokens: who may do what, until when. */

type Grant = { account: string; scope: string; live: boolean }
type Reply = { status: number; body: object }

const refused = (error: string, status = 400): Reply => ({ status, body: { error, error_description: 'No.' } })

export class FakeConsent {
  /** Access tokens that hold, and whose they are. */
  readonly access = new Map<string, string>()
  readonly grants = new Map<string, Grant>()
  readonly codes = new Map<string, Grant & { challenge: string; redirect: string }>()
  readonly revoked: string[] = []
  signIns = 0
  /** The scopes of the service account's last sign-in, and whom it acts for. */
  subject: unknown = null

  /** A person opens the page of an authorization_url and consents: what Google sends them back with. */
  consent(
    authorizationUrl: string,
    account: string,
    scope?: string,
  ): { code: string; state: string; redirect: string } {
    const url = new URL(authorizationUrl)
    const of = (name: string): string => url.searchParams.get(name) ?? ''
    assert.equal(url.origin + url.pathname, 'https://accounts.google.com/o/oauth2/v2/auth')
    assert.deepEqual([of('response_type'), of('access_type'), of('code_challenge_method')], ['code', 'offline', 'S256'])
    assert.equal(of('client_id'), 'client-1')
    const code = `code-${randomBytes(6).toString('hex')}`
    this.codes.set(code, {
      account,
      scope: scope ?? of('scope'),
      live: true,
      challenge: of('code_challenge'),
      redirect: of('redirect_uri'),
    })
    return { code, state: of('state'), redirect: of('redirect_uri') }
  }

  /** The person takes their consent back in their Google account. */
  withdraw(account: string): void {
    for (const grant of this.grants.values()) if (grant.account === account) grant.live = false
    for (const [token, whose] of this.access) if (whose === account) this.access.delete(token)
  }

  /** `claims` reads what a service account says of itself. */
  token(form: URLSearchParams, claims: () => Record<string, unknown> | null): Reply {
    this.signIns++
    const type = form.get('grant_type')
    if (type === 'urn:ietf:params:oauth:grant-type:jwt-bearer') return this.#assertion(claims())
    if (form.get('client_id') !== 'client-1' || form.get('client_secret') !== 'secret-1')
      return refused('invalid_client', 401)
    if (type === 'refresh_token') {
      const grant = this.grants.get(form.get('refresh_token') ?? '')
      return grant?.live ? this.#give(grant, null) : refused('invalid_grant')
    }
    const code = this.codes.get(form.get('code') ?? '')
    this.codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (!code || code.challenge !== challenge || code.redirect !== form.get('redirect_uri'))
      return refused('invalid_grant')
    const refresh = `refresh-${randomBytes(6).toString('hex')}`
    this.grants.set(refresh, code)
    return this.#give(code, refresh)
  }

  revoke(form: URLSearchParams): Reply {
    const token = form.get('token') ?? ''
    const grant = this.grants.get(token)
    if (!grant?.live) return refused('invalid_token')
    this.revoked.push(token)
    this.withdraw(grant.account)
    return { status: 200, body: {} }
  }

  #give({ account, scope }: Grant, refresh: string | null): Reply {
    const token = `access-${this.signIns}`
    this.access.set(token, account)
    const payload = Buffer.from(JSON.stringify({ email: account })).toString('base64url')
    return {
      status: 200,
      body: {
        access_token: token,
        expires_in: 3599,
        token_type: 'Bearer',
        scope,
        id_token: `e30.${payload}.x`,
        ...(refresh === null ? {} : { refresh_token: refresh }),
      },
    }
  }

  #assertion(claims: Record<string, unknown> | null): Reply {
    if (!claims) return refused('invalid_grant')
    this.subject = claims['sub'] ?? null
    const token = `access-${this.signIns}`
    this.access.set(token, 'platform')
    return { status: 200, body: { access_token: token, expires_in: 3600, token_type: 'Bearer' } }
  }
}

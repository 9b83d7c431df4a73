import { createHash, randomBytes } from 'node:crypto'
import { createSigner, createVerifier } from 'fast-jwt'
import { perHouse, type House } from '../../platform/house.ts'
import { notAuthenticated } from '../../platform/errors.ts'

type Claims = { sub: string; sid: number; exp: number; type: 'access' }

type Verify = (token: string) => Claims
// Only HS256, and no cache: a cached answer would outlive the key (advisories of 2026).
const verifiersOf = perHouse(({ secrets }) =>
  secrets
    .keys('access tokens')
    .map((key) => createVerifier({ key, algorithms: ['HS256'], cache: false, ignoreExpiration: true }) as Verify),
)

const mostRead = 10_000

/** What the tokens say that were found genuine with the keys of this house, by their whole text. Whether they still serve is asked each time. */
const genuineOf = perHouse(() => new Map<string, Claims>())

/** What a genuine token says; null for any other. */
function claimsOf(house: House, token: string): Claims | null {
  const genuine = genuineOf(house)
  const known = genuine.get(token)
  if (known) return known
  for (const verify of verifiersOf(house)) {
    try {
      const claims = verify(token)
      if (genuine.size === mostRead) genuine.clear()
      genuine.set(token, claims)
      return claims
    } catch {
      // Signed with another key, or with none.
    }
  }
  return null
}

/** Signs an access token: `sub`, `exp`, `type: "access"` (SPEC section 3) and the session that it belongs to. */
export function signAccessToken(house: House, userId: number, sessionId: number, now: Temporal.Instant): string {
  const issued = Math.floor(now.epochMilliseconds / 1000)
  const sign = createSigner({ key: house.secrets.key('access tokens'), algorithm: 'HS256', noTimestamp: true })
  return sign({
    sub: String(userId),
    sid: sessionId,
    exp: issued + house.config.ACCESS_TOKEN_EXPIRE_MINUTES * 60,
    type: 'access',
  })
}

/** Reads an access token. @throws AUTHENTICATION_FAILED when it is expired, forged or none. */
export function readAccessToken(
  house: House,
  token: string,
  now: Temporal.Instant,
): { userId: number; sessionId: number; expiresAt: Temporal.Instant } {
  const claims = claimsOf(house, token)
  if (!claims) throw notAuthenticated()
  const { sub, sid, exp, type } = claims
  if (type !== 'access' || !/^\d{1,16}$/.test(sub) || !Number.isSafeInteger(sid) || typeof exp !== 'number')
    throw notAuthenticated()
  if (exp * 1000 <= now.epochMilliseconds) throw notAuthenticated('The token has expired')
  return { userId: Number(sub), sessionId: sid, expiresAt: Temporal.Instant.fromEpochMilliseconds(exp * 1000) }
}

/** A refresh token: 32 random bytes; only its hash is stored. */
export function newRefreshToken(): { token: string; hash: string } {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: hashRefreshToken(token) }
}

export const hashRefreshToken = (token: string): string => createHash('sha256').update(token).digest('base64url')

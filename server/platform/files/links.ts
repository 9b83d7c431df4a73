import { createHmac, timingSafeEqual } from 'node:crypto'

export interface LinkToSign {
  /** What the link opens, e.g. `documents/12/0190.pdf`. */
  key: string
  /** What for, e.g. `download`: a link for one purpose does not serve for another. */
  purpose: string
  /** To the second; the link is dead from then on. */
  expiresAt: Temporal.Instant
  /** A key derived for links alone, at least 16 bytes. */
  secret: string | Uint8Array
}

export interface LinkToVerify {
  key: string
  purpose: string
  token: string
  /** The present secret and the previous ones that are still accepted (rotation). */
  secrets: readonly (string | Uint8Array)[]
  now: Temporal.Instant
}

/**
 * The token of a short-lived link (SPEC section 4: private files are served by signed links only):
 * `<seconds since 1970>.<HMAC-SHA256>`, safe in a URL. Anyone who has it may open the link until it expires,
 * so access is checked when it is made.
 */
export function signLink({ key, purpose, expiresAt, secret }: LinkToSign): string {
  const expires = Math.floor(expiresAt.epochMilliseconds / 1000)
  return `${expires}.${mac(secret, purpose, key, expires)}`
}

/**
 * Whether the token opens this key for this purpose now, with a secret that is or was ours. `expired` only when it was
 * genuine, so a stranger learns nothing. Takes the same time for any wrong signature.
 */
export function verifyLink({ key, purpose, token, secrets, now }: LinkToVerify): 'valid' | 'expired' | 'forged' {
  const parts = /^(\d{1,11})\.([\w-]{43})$/.exec(token)
  if (!parts) return 'forged'
  const expires = Number(parts[1])
  const given = Buffer.from(parts[2]!)
  let genuine = false
  for (const secret of secrets) {
    if (timingSafeEqual(given, Buffer.from(mac(secret, purpose, key, expires)))) genuine = true
  }
  if (!genuine) return 'forged'
  return now.epochMilliseconds < expires * 1000 ? 'valid' : 'expired'
}

function mac(secret: string | Uint8Array, purpose: string, key: string, expires: number): string {
  if (secret.length < 16) throw new RangeError('A secret for links has at least 16 bytes')
  // JSON keeps the three apart: joined plainly, ("a", "b/c") and ("a/b", "c") could sign the same text.
  return createHmac('sha256', secret)
    .update(JSON.stringify([purpose, key, expires]))
    .digest('base64url')
}

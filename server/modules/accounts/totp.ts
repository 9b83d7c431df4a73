import { createHash, randomBytes } from 'node:crypto'
import { generateSecret, generateURI, verifySync } from 'otplib'
import { renderSVG } from 'uqr'

/** Codes of an authenticator: TOTP (RFC 6238) with SHA-1, six digits and steps of 30 seconds, which is all that every authenticator understands. */
const stepSeconds = 30

/** A new shared secret: 160 random bits, as long as the hash (RFC 4226 section 4, R6), in Base32. */
export const newSecret = (): string => generateSecret({ length: 20 })

/** The secret as authenticators take it: `otpauth://totp/Banister:jane%40example.com?...`. */
export const otpauthUrl = (secret: string, email: string): string =>
  generateURI({ issuer: 'Banister', label: email, secret })

/** A text as the picture of a QR code: a `data:` URL of an SVG. */
export const qrCodeOf = (text: string): string =>
  `data:image/svg+xml;base64,${Buffer.from(renderSVG(text, { border: 4, pixelSize: 4 })).toString('base64')}`

/**
 * Which 30-second step's code this is, or null where it is none that may be taken now: one step of drift to either side, and only steps after `lastStep`, so
 * that each code is taken once (RFC 6238 section 5.2).
 */
export function stepOfCode(secret: string, given: string, now: Temporal.Instant, lastStep: number): number | null {
  const token = given.replaceAll(/\s+/g, '')
  const epoch = Math.floor(now.epochMilliseconds / 1000)
  if (!/^[0-9]{6}$/.test(token)) return null
  const result = verifySync({ secret, token, epoch, epochTolerance: stepSeconds })
  // Compared here and not by the library, which takes a clock that was set back for a mistake of ours.
  return result.valid && 'timeStep' in result && result.timeStep > lastStep ? result.timeStep : null
}

// Crockford's: no i, l, o or u, which are taken for other letters.
const letters = '0123456789abcdefghjkmnpqrstvwxyz'

/** Ten recovery codes of 80 random bits each, as they are shown: `4c7k-9x2m-p0ta-w8rz`. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: 10 }, () =>
    [...randomBytes(16)]
      .map((byte) => letters[byte % 32]!)
      .join('')
      .replaceAll(/.{4}(?=.)/g, '$&-'),
  )

/** What is kept of a recovery code, however it was typed: large or small, with or without its dashes, an O for a 0 and an I or L for a 1. */
export function hashRecoveryCode(userId: number, given: string): string {
  const code = given
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '')
    .replaceAll('o', '0')
    .replaceAll(/[il]/g, '1')
  return createHash('sha256').update(`${userId}:${code}`).digest('base64url')
}

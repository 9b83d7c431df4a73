import { createHmac, timingSafeEqual } from 'node:crypto'

const toleranceSeconds = 300

/**
 * Is this the signature that the gateway made of these very bytes (`Stripe-Signature: t=...,v1=...`), at most 300 s from now (SPEC section 10)? In constant time;
 * several `v1` may stand in it while a secret is changed.
 */
export function isSigned(body: string, header: string | undefined, secret: string, now: Temporal.Instant): boolean {
  const parts = (header ?? '').split(',').map((part) => part.trim().split('='))
  const timestamp = parts.find(([name]) => name === 't')?.[1] ?? ''
  if (!/^\d{1,12}$/.test(timestamp)) return false
  const age = Math.abs(now.epochMilliseconds / 1000 - Number(timestamp))
  if (age > toleranceSeconds) return false
  const wanted = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest()
  return parts.some(([name, value = '']) => {
    if (name !== 'v1' || !/^[\da-f]{64}$/.test(value)) return false
    return timingSafeEqual(wanted, Buffer.from(value, 'hex'))
  })
}

/** The header that the gateway would send with this body; the sandbox and the tests sign with it. */
export function signatureOf(body: string, secret: string, at: Temporal.Instant): string {
  const timestamp = Math.floor(at.epochMilliseconds / 1000)
  return `t=${timestamp},v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}

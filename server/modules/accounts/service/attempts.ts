import type { Context } from '../../../platform/context.ts'
import { rateLimited } from '../../../platform/errors.ts'
import { isKnownAddress } from '../queries/sessions.ts'
import { emailKey } from '../rules.ts'

/** What somebody may guess at: each is counted for itself. */
type Secret = 'sign-in' | 'code' | 'password' | 'two-factor'

/**
 * Counts a try at a secret of an account before the secret is looked at, so that many at once cannot slip through; `succeeded` takes it back, since only
 * failures count (SPEC section 2). Past the limit an address that never signed in to the account is refused, and one that did within 90 days is not, so that
 * nobody can lock another out. An e-mail that nobody has is counted in the same way.
 * @throws RATE_LIMITED
 */
export async function beginAttempt(
  ctx: Context,
  secret: Secret,
  email: string,
  userId: number | undefined,
): Promise<{ succeeded: () => Promise<void> }> {
  const { limits, config } = ctx.house
  const key = `failed:${secret}:${emailKey(email)}`
  const [{ count, seconds }, known] = await Promise.all([limits.add(key, ctx.now), isKnownAddress(ctx, userId ?? 0)])
  if (count > config.AUTH_RATE_LIMIT_PER_MINUTE && !known) throw rateLimited(seconds)
  return { succeeded: () => limits.remove(key) }
}

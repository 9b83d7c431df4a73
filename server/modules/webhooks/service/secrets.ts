import type { Context } from '../../../platform/context.ts'

/** Signing secrets at rest: sealed with a key that serves for nothing else, each bound to its endpoint. */

const purpose = 'webhooks: signing secret'

export const sealSecret = (ctx: Context, endpointId: string, secret: string): string =>
  ctx.house.secrets.seal(purpose, secret, endpointId)

type Sealed = {
  endpointId: string
  secret: string
  previousSecret: string | null
  previousUntil: Temporal.Instant | null
}

/**
 * The secrets that sign now, the current one first; none where SECRET_KEY has changed without the one before. `resealed`: the current one under the new key, where it
 * was still under the one before.
 */
export function openSecret(
  ctx: Context,
  { endpointId, secret, previousSecret, previousUntil }: Sealed,
  now: Temporal.Instant,
): { secrets: string[]; resealed: string | null } {
  const open = (sealed: string) => ctx.house.secrets.unseal(purpose, sealed, endpointId)
  const current = open(secret)
  if (!current) return { secrets: [], resealed: null }
  const isOverlap =
    previousSecret !== null && previousUntil !== null && Temporal.Instant.compare(now, previousUntil) < 0
  const previous = isOverlap ? open(previousSecret) : null
  return {
    secrets: previous ? [current.text, previous.text] : [current.text],
    resealed: current.isOld ? sealSecret(ctx, endpointId, current.text) : null,
  }
}

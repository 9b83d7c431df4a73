import type { Context } from '../../../platform/context.ts'
import { setVerifiedAt } from '../queries/changes.ts'

/**
 * Shows a provider as verified, or not any more, in the transaction of `ctx`; `documents` decides by what was reviewed. Whoever is no provider has no such mark.
 * Tells those who list providers where it changed.
 */
export async function setVerified(ctx: Context, userId: number, verified: boolean): Promise<void> {
  if (await setVerifiedAt(ctx, userId, verified))
    await ctx.house.jobs.publish(ctx, 'account.changed', { user_id: userId })
}

import type { Context } from '../../../platform/context.ts'
import { forgetReporter } from '../queries/moderation.ts'
import { forgetPerson } from '../queries/reviews.ts'

/**
 * Hears that an account was erased. What they said of others stays, without their name, since others rely on it and their ratings count it; what they answered
 * goes, and the words of their reports.
 */
export async function accountDeleted(ctx: Context, { user_id }: { user_id: number }): Promise<void> {
  await forgetReporter(ctx, user_id)
  await forgetPerson(ctx, user_id)
}

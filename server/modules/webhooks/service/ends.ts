import type { Context } from '../../../platform/context.ts'
import { deleteOldMessages, eraseMessagesOf } from '../queries/deliveries.ts'
import { deleteEndpointsOf, forgetCreator } from '../queries/endpoints.ts'
import { keptDays } from '../rules.ts'

/** Hears that an account was erased: its own endpoints go with their logs, and from those of others what told of it. */
export async function accountDeleted(ctx: Context, { user_id }: { user_id: number }): Promise<void> {
  await deleteEndpointsOf(ctx, { kind: 'provider', providerId: user_id })
  await forgetCreator(ctx, user_id)
  await eraseMessagesOf(ctx, user_id)
}

/** Hears that an organization was archived: nobody manages its endpoints any more, so they go with their logs. */
export const organizationArchived = (ctx: Context, { organization_id }: { organization_id: string }): Promise<void> =>
  deleteEndpointsOf(ctx, { kind: 'organization', organizationId: organization_id })

/** Forgets what was sent a month ago; what still waits stays. Run every night. */
export async function clean(ctx: Context): Promise<void> {
  const before = ctx.now.subtract({ hours: 24 * keptDays })
  const piece = 1000
  while ((await deleteOldMessages(ctx, before, piece)) === piece);
}

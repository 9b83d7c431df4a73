import { forgetInAudit } from '../audit.ts'
import { forgetOldKeys } from '../http/idempotency.ts'
import { forgetOldLimits } from '../limits.ts'
import { forgetOldTickets } from '../socket/credentials.ts'
import { forgetOldEntries } from '../streams.ts'
import type { JobDefinition } from './jobs.ts'

declare module './jobs.ts' {
  interface JobData {
    'platform.clean': Record<string, never>
    'platform.erase_audit': { user_id: number }
  }
}

/** The platform's own jobs. */
export const platformJobs: {
  'platform.clean': JobDefinition<'platform.clean'>
  'platform.erase_audit': JobDefinition<'platform.erase_audit'>
} = {
  'platform.erase_audit': { handle: (ctx, { user_id }) => forgetInAudit(ctx, user_id) },
  'platform.clean': {
    cron: '0 3 * * *',
    handle: async (ctx) => {
      await forgetOldKeys(ctx)
      await forgetOldLimits(ctx.db, ctx.now)
      await forgetOldEntries(ctx)
      await forgetOldTickets(ctx)
      await ctx.db
        .deleteFrom('mail_outbox')
        .where('at', '<', ctx.now.subtract({ hours: 24 * 30 }))
        .execute()
    },
  },
}

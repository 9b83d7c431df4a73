import type { JobDefinition } from '../../platform/jobs/jobs.ts'
import { sweepExpired } from './service/claims.ts'

/** Expired claims count as free at once; this takes them away even where nobody wants their time, so that their bookings end (SPEC section 6: every minute). */
export const jobs: { 'scheduling.sweep': JobDefinition<'scheduling.sweep'> } = {
  'scheduling.sweep': { cron: '* * * * *', handle: (ctx) => sweepExpired(ctx) },
}

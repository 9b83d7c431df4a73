import type { Context } from '../../../platform/context.ts'

/** Does an operation soon, by a job of its own; the poller finds it if that job is lost. In the transaction of `ctx`. */
export const performSoon = (ctx: Context, id: number): Promise<void> =>
  ctx.house.jobs.enqueue(ctx, 'payments.perform', { operation_id: id })

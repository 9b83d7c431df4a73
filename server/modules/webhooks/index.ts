import type { FastifyInstance } from 'fastify'
import { outgoingWebhook } from '../../platform/http/outgoing-webhooks.ts'
import { deliveryRoutes } from './routes/deliveries.ts'
import { endpointRoutes } from './routes/endpoints.ts'
import { bodyOf, exampleOf } from './service/catalog.ts'
import { deliverDue } from './service/dispatch.ts'
import { clean } from './service/ends.ts'
import { eventTypeNames, typeOf } from './types.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface JobData {
    'webhooks.deliver': Record<string, never>
    'webhooks.clean': Record<string, never>
  }
}

export { commands } from './commands.ts'
export { giveUpEverything } from './queries/deliveries.ts'
export { exportOf } from './queries/export.ts'
export { accountDeleted, organizationArchived } from './service/ends.ts'
export { measureWebhooks } from './service/measure.ts'
export { hearingBeside } from './service/record.ts'
export { isUnused, leaveUnrecorded, settleUnrecorded } from './service/unused.ts'

export const jobs = {
  // Each minute too, for what is tried again and for what a crash has left.
  'webhooks.deliver': { queue: 'webhooks' as const, cron: '* * * * *', handle: deliverDue },
  'webhooks.clean': { queue: 'slow' as const, cron: '40 3 * * *', handle: clean },
}

export function routes(app: FastifyInstance): void {
  endpointRoutes(app)
  deliveryRoutes(app)
  for (const name of eventTypeNames)
    outgoingWebhook(app, {
      name,
      tag: 'Webhooks',
      summary: typeOf(name).summary,
      description: `Posted to the endpoints that have chosen it; can be had by: ${typeOf(name).owners.join(', ')}.`,
      body: bodyOf(name),
      example: exampleOf(name),
    })
}

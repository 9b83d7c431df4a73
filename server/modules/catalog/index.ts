import type { FastifyInstance } from 'fastify'
import type { Command } from '../../platform/console.ts'
import { providerRoutes } from './routes/providers.ts'
import { serviceRoutes } from './routes/services.ts'
import { reindexCatalog } from './service/listings.ts'
import type { ServiceGuard } from './service/services.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    'service.created': { service_id: number }
    'service.updated': { service_id: number }
    'service.archived': { service_id: number }
    /** A service may begin from that moment on where it could not before: by these people, who give it now too, or whoever gives it (null). */
    'service.opened': { service_id: number; provider_ids: number[] | null; at: string }
  }
}

export { exportOf } from './queries/export.ts'
export { onlinePaymentsAvailable } from './policy.ts'
export { bookableStatement, recallBookable, rememberBookable, type BookableService } from './queries/bookable.ts'
export { requireServiceManager } from './service/access.ts'
export { findServicesOffered, getServiceForBooking } from './service/bookable.ts'
export { exampleProvider, exampleService } from './schema/examples.ts'
export { Provider } from './schema/providers.ts'
export { Service } from './schema/services.ts'
export {
  accountChanged,
  listServices,
  membershipEnded,
  organizationChanged,
  ratingChanged,
  reindexCatalog,
} from './service/listings.ts'
export { serviceKey } from './rules.ts'
export { serviceToSend } from './service/outgoing.ts'
export { getProvider } from './service/providers.ts'
export { ratingOf } from './view.ts'
export type { ServiceGuard } from './service/services.ts'

export function routes(app: FastifyInstance, refuseIfBooked: ServiceGuard): void {
  serviceRoutes(app, refuseIfBooked)
  providerRoutes(app)
}

export const commands: Record<string, Command> = {
  'catalog-reindex': {
    summary: 'make what lists and searches keep of services and providers anew, after a bulk load',
    run: async (ctx) => [`${await reindexCatalog(ctx)} services are indexed.`],
  },
}

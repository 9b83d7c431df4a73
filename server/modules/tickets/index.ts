import type { Context } from '../../platform/context.ts'
import { remind } from './jobs.ts'
import { releaseTickets } from './service/change.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    'ticket.created': { ticket_id: string }
    'ticket.changed': { ticket_id: string }
    'ticket.deleted': { ticket_id: string; organization_id: string }
    'ticket.commented': { ticket_id: string; comment_id: string }
  }
  interface JobData {
    'tickets.remind': Record<string, never>
  }
}

export { exportOf } from './queries/export.ts'
export { routes } from './routes.ts'
export { exampleComment, exampleTicket, Ticket } from './schema.ts'
export { commentToSend, ticketToSend } from './service/outgoing.ts'

export const jobs = { 'tickets.remind': { cron: '*/5 * * * *', handle: remind } }

/** Hears that a membership has ended: what was assigned to that member waits for another. */
export const membershipEnded = (
  ctx: Context,
  { organization_id, user_id }: { organization_id: string; user_id: number },
): Promise<void> => releaseTickets(ctx, user_id, organization_id)

/** Hears that an account was erased: the same in every organization. */
export const accountDeleted = (ctx: Context, { user_id }: { user_id: number }): Promise<void> =>
  releaseTickets(ctx, user_id)

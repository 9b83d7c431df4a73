import { auditPeople } from '../../platform/audit.ts'
import type { Context } from '../../platform/context.ts'
import type { AuditQuery } from './schema.ts'

/** The audit log by filter, the newest first. It is written by the platform alone; here it is only read. */
export function selectAuditEntries(ctx: Context, filter: AuditQuery) {
  const { actor_id, action, outcome, target, from, to, before_id } = filter
  let query = ctx.db.selectFrom('audit_log').selectAll().select(auditPeople)
  if (actor_id !== undefined) query = query.where('actor_id', '=', actor_id)
  if (action !== undefined) query = query.where('action', '=', action)
  if (outcome !== undefined) query = query.where('outcome', '=', outcome)
  if (target !== undefined) {
    const colon = target.indexOf(':')
    query = query.where('target_kind', '=', colon === -1 ? target : target.slice(0, colon))
    if (colon !== -1) query = query.where('target_id', '=', target.slice(colon + 1))
  }
  if (from !== undefined) query = query.where('at', '>=', Temporal.Instant.from(from))
  if (to !== undefined) query = query.where('at', '<', Temporal.Instant.from(to))
  if (before_id !== undefined) query = query.where('id', '<', before_id)
  // By time where a span is asked for, so that its index serves and not a walk back through everything since.
  if (from !== undefined || to !== undefined) query = query.orderBy('at', 'desc')
  return query.orderBy('id', 'desc')
}

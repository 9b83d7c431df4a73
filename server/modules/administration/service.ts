import type { Context } from '../../platform/context.ts'
import { pageOf, type Page } from '../../platform/http/page.ts'
import { selectAuditEntries } from './queries.ts'
import type { AuditEntry, AuditQuery } from './schema.ts'

/** Who did what, and who tried it in vain: the newest first. The count is told as every list tells it, so that a log of millions stays quick. */
export async function listAuditEntries(ctx: Context, query: AuditQuery): Promise<Page<AuditEntry>> {
  const { page: _page, page_size: _size, ...filter } = query
  const page = await pageOf(ctx, query, `audit ${JSON.stringify(filter)}`, selectAuditEntries(ctx, filter))
  const results = page.results.map(({ actor_id, actor_role, target_kind, target_id, people, ...row }) => ({
    id: row.id,
    at: row.at.toString(),
    actor: actor_id === null ? null : { id: actor_id, email: people?.actor_email ?? null, role: actor_role },
    action: row.action,
    outcome: row.outcome as AuditEntry['outcome'],
    target: target_kind === null ? null : { kind: target_kind, id: target_id ?? '' },
    before: whole(row.before, people?.before),
    after: whole(row.after, people?.after),
    address: row.address,
    user_agent: row.user_agent,
    request_id: row.request_id,
  }))
  return { ...page, results }
}

/** What an entry said when it was written, but for what was personal to somebody who has been erased since. */
const whole = (plain: unknown, personal: object | undefined): AuditEntry['before'] =>
  plain === null ? null : { ...(plain as object), ...personal }

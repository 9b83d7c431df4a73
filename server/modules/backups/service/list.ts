import { audit } from '../../../platform/audit.ts'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, notFound } from '../../../platform/errors.ts'
import { pageOf, type Page } from '../../../platform/http/page.ts'
import { findBackup, findOpenRequest, insertBackup, lockRequests, selectBackups } from '../queries.ts'
import type { Kind } from '../rules.ts'
import { viewOf, type BackupQuery, type BackupView } from '../schema.ts'

/** The backups that were made or tried, the newest first. */
export async function listBackups(ctx: Context, query: BackupQuery): Promise<Page<BackupView>> {
  let rows = selectBackups(ctx).orderBy('id', 'desc')
  if (query.kind !== undefined) rows = rows.where('kind', '=', query.kind)
  if (query.status !== undefined) rows = rows.where('status', '=', query.status)
  const page = await pageOf(ctx, query, `backups ${query.kind} ${query.status}`, rows)
  return { ...page, results: page.results.map(viewOf) }
}

/** @throws NOT_FOUND */
export async function getBackup(ctx: Context, id: number): Promise<BackupView> {
  const row = await findBackup(ctx, id)
  if (!row) throw notFound('backup')
  return viewOf(row)
}

/** Asks for a backup, which a job then makes. @throws CONFLICT while one of the same kind waits or is being made */
export async function requestBackup(ctx: Context, kind: Kind): Promise<BackupView> {
  return inTransaction(ctx, async (tx) => {
    await lockRequests(tx)
    if (await findOpenRequest(tx, kind)) throw conflict('A backup of this kind is being made already')
    const id = await insertBackup(tx, { kind, cause: 'request', status: 'waiting', requested_by: actorOf(tx).userId })
    await audit(tx, { action: 'backups.request', target: { kind: 'backup', id }, after: { kind } })
    await tx.house.jobs.enqueue(tx, 'backups.requested', { id, kind })
    return getBackup(tx, id)
  })
}

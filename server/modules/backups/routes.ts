import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../platform/http/operation.ts'
import { IdParams } from '../../platform/http/shapes.ts'
import { Backup, BackupQuery, BackupRequest, exampleBackup, exampleWaiting } from './schema.ts'
import { getBackup, listBackups, requestBackup } from './service/list.ts'

const tag = 'Administration'
const who = 'admin:system_settings'

/** What was backed up, and another backup now. Restoring is the console's: it needs a house that stands still. */
export function routes(app: FastifyInstance): void {
  list(app, {
    path: '/admin/backups/',
    who,
    tag,
    summary: 'Backups of the database and the files',
    description:
      'The newest first. `verified_at` says when a backup was restored beside the house and found to be the same; `deleted_at` when it had outlived BACKUP_KEEP_DAYS and BACKUP_KEEP_WEEKS.',
    query: BackupQuery,
    data: Backup,
    message: 'Backups retrieved successfully',
    example: { data: exampleBackup },
    run: (ctx, { query }) => listBackups(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/admin/backups/',
    who,
    tag,
    status: 201,
    summary: 'Make a backup now',
    description: 'A job makes it, and `status` tells how it fares. One of a kind at a time: 409.',
    body: BackupRequest,
    data: Backup,
    message: 'Backup requested successfully',
    errors: ['CONFLICT'],
    example: { body: { kind: 'database' }, data: exampleWaiting },
    run: (ctx, { body }) => requestBackup(ctx, body.kind),
  })
  operation(app, {
    method: 'GET',
    path: '/admin/backups/{id}/',
    who,
    tag,
    summary: 'One backup',
    params: IdParams,
    data: Backup,
    message: 'Backup retrieved successfully',
    example: { data: exampleBackup },
    run: (ctx, { params }) => getBackup(ctx, params.id),
  })
}

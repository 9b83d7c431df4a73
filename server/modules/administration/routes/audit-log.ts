import type { FastifyInstance } from 'fastify'
import { list } from '../../../platform/http/operation.ts'
import { listAuditEntries } from '../service.ts'
import { AuditEntry, AuditQuery } from '../schema.ts'

/** Who did what. */
export function auditLogRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/admin/audit-log/',
    who: 'admin:admin_management',
    tag: 'Administration',
    summary: 'What administrators did, and tried in vain',
    description:
      'The newest first. Nobody can change or delete an entry. A refused request names its path as the target; what was done on the console has no actor.',
    query: AuditQuery,
    data: AuditEntry,
    message: 'Audit log retrieved successfully',
    example: {
      data: {
        id: 1,
        at: '2026-01-12T08:00:00Z',
        actor: { id: 1, email: 'superadmin@banister.com', role: 'super_admin' },
        action: 'permissions.grant',
        outcome: 'done',
        target: { kind: 'user', id: '2' },
        before: { permissions: [] },
        after: { permissions: ['user_management'] },
        address: '203.0.113.7',
        user_agent: 'Banister/1.0 (Android)',
        request_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d',
      },
    },
    run: (ctx, { query }) => listAuditEntries(ctx, query),
  })
}

import type { Context } from './context.ts'

export type AuditEntry = {
  /** What was done: `permissions.grant`, `users.delete`. */
  action: string
  target?: { kind: string; id: string | number }
  before?: object | null
  after?: object | null
}

/** Records what an administrator did, in the transaction that does it (SPEC section 3: who, what, on what, before and after, from where). */
export async function audit(ctx: Context, { action, target, before, after }: AuditEntry): Promise<void> {
  await write(ctx, 'done', action, target, before, after)
}

/** Records what was tried in vain, in a transaction of its own: the one that was refused is rolled back. */
export async function auditRefusal(ctx: Context, { action, target, before, after }: AuditEntry): Promise<void> {
  await write({ ...ctx, db: ctx.house.db, transaction: null }, 'refused', action, target, before, after)
}

async function write(
  ctx: Context,
  outcome: 'done' | 'refused',
  action: string,
  target: AuditEntry['target'],
  before?: object | null,
  after?: object | null,
): Promise<void> {
  await ctx.db
    .insertInto('audit_log')
    .values({
      at: ctx.now,
      actor_id: ctx.actor?.userId ?? null,
      actor_email: ctx.actor?.email ?? null,
      actor_role: ctx.actor?.role ?? null,
      action,
      outcome,
      target_kind: target?.kind ?? null,
      target_id: target ? String(target.id) : null,
      before: before ? JSON.stringify(before) : null,
      after: after ? JSON.stringify(after) : null,
      address: ctx.origin?.address ?? null,
      user_agent: ctx.origin?.userAgent ?? null,
      request_id: ctx.origin?.requestId ?? null,
    })
    .execute()
}

import { sql } from 'kysely'
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
  const whose = target?.kind === 'user' ? Number(target.id) : null
  const parts = { before: apart(before ?? null, whose), after: apart(after ?? null, whose) }
  const { actor } = ctx
  const people = [
    ...(actor ? [{ user_id: actor.userId, field: 'actor_email', value: actor.email as unknown }] : []),
    ...(['before', 'after'] as const).flatMap((field) =>
      whose !== null && parts[field].personal ? [{ user_id: whose, field, value: parts[field].personal }] : [],
    ),
  ]
  await sql`
    WITH entry AS (
      INSERT INTO audit_log (at, actor_id, actor_role, action, outcome, target_kind, target_id, before, after, address, user_agent, request_id)
      VALUES (${ctx.now}, ${actor?.userId ?? null}, ${actor?.role ?? null}, ${action}, ${outcome}, ${target?.kind ?? null}, ${target ? String(target.id) : null},
        ${json(parts.before.plain)}::jsonb, ${json(parts.after.plain)}::jsonb, ${ctx.origin?.address ?? null}, ${ctx.origin?.userAgent ?? null}, ${ctx.origin?.requestId ?? null})
      RETURNING id
    )
    INSERT INTO audit_people (audit_id, user_id, field, value)
    SELECT entry.id, p.user_id, p.field, p.value FROM entry, jsonb_to_recordset(${JSON.stringify(people)}::jsonb) AS p (user_id bigint, field text, value jsonb)`.execute(
    ctx.db,
  )
}

const json = (value: object | null): string | null => (value ? JSON.stringify(value) : null)

/** What of a person's account says nothing personal, and so stays in the log for good. Whatever else an entry tells of them is held apart. */
const impersonal: ReadonlySet<string> = new Set([
  'id',
  'role',
  'role_display',
  'is_active',
  'email_confirmed',
  'permissions',
])

function apart(values: object | null, whose: number | null): { plain: object | null; personal: object | null } {
  if (values === null || whose === null) return { plain: values, personal: null }
  const all = Object.entries(values)
  const personal = all.filter(([key]) => !impersonal.has(key))
  const plain = all.filter(([key]) => impersonal.has(key))
  return { plain: Object.fromEntries(plain), personal: personal.length > 0 ? Object.fromEntries(personal) : null }
}

/** What is held apart of an entry, by its fields, as SQL beside a row of `audit_log`: null where nothing is, or its person was erased. */
export const auditPeople = sql<{ actor_email?: string; before?: object; after?: object } | null>`
  (SELECT jsonb_object_agg(field, value) FROM audit_people WHERE audit_id = audit_log.id)`.as('people')

/** Hears that an account was erased: what the log says of the person goes; that something was done, by whom and to whom (their numbers), stays. */
export const eraseAudit = (ctx: Context, { user_id }: { user_id: number }): Promise<void> =>
  ctx.house.jobs.enqueue(ctx, 'platform.erase_audit', { user_id })

/** In portions: an administrator of years has done much. */
export async function forgetInAudit(ctx: Context, userId: number): Promise<void> {
  for (;;) {
    const { numAffectedRows = 0n } = await sql`
      DELETE FROM audit_people WHERE (audit_id, field) IN
        (SELECT audit_id, field FROM audit_people WHERE user_id = ${userId} LIMIT 5000)`.execute(ctx.db)
    if (numAffectedRows < 5000n) return
  }
}

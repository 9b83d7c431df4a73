import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'

/** The SQL on what was said about a ticket, and on what was changed of it. */

const name = sql<string | null>`nullif(trim(users.first_name || ' ' || users.last_name), '')`

/** The comments on a ticket, the oldest first; the internal ones only for those who may see them. */
export function selectComments(ctx: Context, ticketId: string, withInternal: boolean) {
  let query = ctx.db
    .selectFrom('ticket_comments')
    .leftJoin('users', 'users.id', 'ticket_comments.author_id')
    .where('ticket_id', '=', ticketId)
    .select([
      'ticket_comments.id',
      'ticket_comments.author_id',
      'ticket_comments.body',
      'ticket_comments.is_internal',
      'ticket_comments.created_at',
    ])
    .select(name.as('author_name'))
  if (!withInternal) query = query.where('is_internal', '=', false)
  return query.orderBy('ticket_comments.id')
}

export type CommentRow = Awaited<ReturnType<ReturnType<typeof selectComments>['execute']>>[number]

export async function insertComment(
  ctx: Context,
  comment: { id: string; ticket_id: string; author_id: number; body: string; is_internal: boolean },
): Promise<void> {
  await ctx.db
    .insertInto('ticket_comments')
    .values({ ...comment, created_at: ctx.now })
    .execute()
}

export async function listCommentIds(ctx: Context, ticketId: string): Promise<string[]> {
  const rows = await ctx.db.selectFrom('ticket_comments').where('ticket_id', '=', ticketId).select('id').execute()
  return rows.map((row) => row.id)
}

/** Every change of a ticket, the oldest first. */
export const selectChanges = (ctx: Context, ticketId: string) =>
  ctx.db
    .selectFrom('ticket_changes')
    .leftJoin('users', 'users.id', 'ticket_changes.actor_id')
    .where('ticket_id', '=', ticketId)
    .select([
      'ticket_changes.id',
      'ticket_changes.at',
      'ticket_changes.actor_id',
      'ticket_changes.field',
      'ticket_changes.before',
      'ticket_changes.after',
    ])
    .select(name.as('actor_name'))
    .orderBy('ticket_changes.id')

export type Change = { field: string; before: string | null; after: string | null }

/** Writes down what was changed, by whoever asks, or by the house itself. */
export async function insertChanges(ctx: Context, ticketId: string, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return
  const common = { ticket_id: ticketId, at: ctx.now, actor_id: ctx.actor?.userId ?? null }
  await ctx.db
    .insertInto('ticket_changes')
    .values(changes.map((change) => ({ ...common, ...change })))
    .execute()
}

import { audit } from '../../../platform/audit.ts'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, invalid, notFound } from '../../../platform/errors.ts'
import { pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { iso, isoOrNull } from '../../../platform/http/shapes.ts'
import { findChat, lockChat, lockDirect } from '../queries/chats.ts'
import { findMessage } from '../queries/messages.ts'
import {
  closeReport,
  deleteBlock,
  insertBlock,
  insertReport,
  selectBlocks,
  selectReports,
  type ReportRow,
} from '../queries/moderation.ts'
import { listReaders } from '../queries/people.ts'
import { sideOf } from '../policy.ts'
import type { BlockView, ReportDecision, ReportView } from '../schema.ts'
import { bury } from './change.ts'

/**
 * Takes no more messages from somebody one shares a chat with, under its lock: what is being sent at this moment arrives before, nothing after. Can be repeated.
 * @throws NOT_FOUND for whoever one does not share a chat with, VALIDATION_ERROR for oneself
 */
export async function blockPerson(ctx: Context, userId: number): Promise<BlockView> {
  const actor = actorOf(ctx)
  if (userId === actor.userId) throw invalid('user_id', 'Nobody blocks themselves', 'self')
  return inTransaction(ctx, async (tx) => {
    if (!(await lockDirect(tx, actor.userId, userId))) throw notFound('person')
    const createdAt = await insertBlock(tx, actor.userId, userId)
    const [person] = await listReaders(tx, [userId])
    return { user: { id: userId, name: person?.name ?? '' }, created_at: iso(createdAt) }
  })
}

/** Takes messages of somebody again. @throws NOT_FOUND for whoever is not blocked */
export async function unblockPerson(ctx: Context, userId: number): Promise<void> {
  const deleted = await inTransaction(ctx, (tx) => deleteBlock(tx, actorOf(tx).userId, userId))
  if (!deleted) throw notFound('block')
}

/** Whom one has blocked, the last one first. */
export async function listBlocks(ctx: Context, request: PageRequest): Promise<Page<BlockView>> {
  const { userId } = actorOf(ctx)
  const page = await pageOf(ctx, request, `blocks of ${userId}`, selectBlocks(ctx, userId))
  const results = page.results.map(({ id, name, created_at }) => ({ user: { id, name }, created_at: iso(created_at) }))
  return { ...page, results }
}

/**
 * Tells the administrators of a message that somebody else has written in one's chat; its words are kept as they are now.
 * @throws NOT_FOUND, VALIDATION_ERROR for one's own and for system lines, CONFLICT when it was deleted or reported before
 */
export async function reportMessage(ctx: Context, id: number, reason: string): Promise<ReportView> {
  const actor = actorOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const row = await findMessage(tx, id)
    const chat = row && (await findChat(tx, row.chat_id))
    const side = chat ? sideOf(actor, chat) : null
    if (!row || side === null) throw notFound('message')
    if (row.side === null || row.side === side) throw conflict('Report what the other person has written')
    if (row.deleted_at !== null) throw conflict('This message was deleted')
    const reportId = await insertReport(tx, { message_id: id, reporter_id: actor.userId, reason, text: row.text })
    if (reportId === null) throw conflict('You have reported this message before')
    return view((await selectReports(tx, { id: reportId }).executeTakeFirst())!)
  })
}

/** What was reported, newest first. */
export async function listReports(
  ctx: Context,
  request: PageRequest & { status?: 'open' | 'resolved' | 'dismissed' },
): Promise<Page<ReportView>> {
  const rows = selectReports(ctx, { status: request.status })
  const page = await pageOf(ctx, request, `reports ${request.status ?? ''}`, rows)
  return { ...page, results: page.results.map(view) }
}

/** Decides a report, and deletes the message for everybody where that is wanted. @throws NOT_FOUND, CONFLICT when it was decided before */
export async function decideReport(ctx: Context, id: number, decision: ReportDecision): Promise<ReportView> {
  const { status, note = '', delete_message = false } = decision
  return inTransaction(ctx, async (tx) => {
    const before = await selectReports(tx, { id }).executeTakeFirst()
    if (!before) throw notFound('report')
    if (!(await closeReport(tx, id, { status, note, resolved_by: actorOf(tx).userId })))
      throw conflict('This report was decided before')
    await audit(tx, {
      action: 'chat.decide_report',
      target: { kind: 'report', id },
      before: { status: before.status },
      after: { status, note, delete_message },
    })
    const after = (await selectReports(tx, { id }).executeTakeFirst())!
    if (delete_message) {
      const chat = await lockChat(tx, before.chat_id)
      const row = await findMessage(tx, before.message_id)
      if (chat && row && row.deleted_at === null) await bury(tx, chat, row)
    }
    return view(after)
  })
}

const view = (row: ReportRow): ReportView => ({
  id: row.id,
  message_id: row.message_id,
  chat_id: row.chat_id,
  text: row.text,
  author: row.sender_id === null ? null : { id: row.sender_id, name: row.author_name },
  reporter: { id: row.reporter_id, name: row.reporter_name },
  reason: row.reason,
  status: row.status as ReportView['status'],
  note: row.note,
  created_at: iso(row.created_at),
  resolved_at: isoOrNull(row.resolved_at),
})

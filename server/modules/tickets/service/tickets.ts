import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { denied, invalid } from '../../../platform/errors.ts'
import { pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import { attachmentsOf, releaseAttachments, takeAttachments, type AttachmentView } from '../../files/index.ts'
import { chooseOrganization, type MemberRole } from '../../organizations/index.ts'
import { isStaff } from '../policy.ts'
import { findDesk, takeNumber } from '../queries/desks.ts'
import { insertChanges, listCommentIds, selectChanges } from '../queries/talk.ts'
import { deleteTicketRow, findTicket, insertTicket, listMembersAmong, selectTicketsWhere } from '../queries/tickets.ts'
import { categoryOf, dueTimes } from '../rules.ts'
import type { HistoryView, TicketInput, TicketQuery, TicketView } from '../schema.ts'
import { viewTicket } from '../view.ts'
import { getSeen, lockSeen, requireSeat, seatsOf } from './access.ts'
import { tellOpened } from './tell.ts'

/** The tickets that one may see: as IT or admin all of the organization, as an employee one's own. @throws as `seatsOf`. */
export async function listTickets(ctx: Context, query: TicketQuery): Promise<Page<TicketView>> {
  const { page: _page, page_size: _size, organization_id, ordering: _ordering, ...filter } = query
  const seats = await seatsOf(ctx, organization_id)
  const key = `tickets ${JSON.stringify([seats, filter])}`
  const page = await pageOf(ctx, query, key, selectTicketsWhere(ctx, seats, query))
  return { ...page, results: page.results.map((row) => viewTicket(row, ctx.now)) }
}

/** One ticket. @throws as `getSeen`. */
export async function getTicket(ctx: Context, id: string): Promise<TicketView> {
  return viewTicket((await getSeen(ctx, id)).row, ctx.now)
}

/** The files of a ticket with links of five minutes; beside it, since the links change with every look and its ETag should not. */
export async function listFiles(ctx: Context, id: string): Promise<Page<AttachmentView>> {
  await getSeen(ctx, id)
  const results = (await attachmentsOf(ctx, 'ticket', [id])).get(id) ?? []
  return { results, count: results.length }
}

/** Who changed what of a ticket, the oldest first. @throws as `getSeen`. */
export async function listHistory(ctx: Context, id: string, request: PageRequest): Promise<Page<HistoryView>> {
  await getSeen(ctx, id)
  const page = await pageOf(ctx, request, `history of ${id}`, selectChanges(ctx, id))
  return { ...page, results: page.results.map((row) => ({ ...row, at: iso(row.at) })) }
}

/**
 * Opens a ticket; every member may. IT and admins may open it for another member and assign it at once.
 * @throws NOT_FOUND for outsiders, PERMISSION_DENIED without `access_tickets`, VALIDATION_ERROR for a category, a person or a file that cannot be.
 */
export async function createTicket(ctx: Context, input: TicketInput): Promise<TicketView> {
  const { userId } = actorOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const organization_id = await chooseOrganization(tx, input.organization_id)
    const role = await requireSeat(tx, organization_id)
    const { requester_id = userId, assignee_id = null, priority = 'normal' } = input
    if (!isStaff({ role }) && (requester_id !== userId || assignee_id !== null))
      throw denied('Only IT and admins of the organization assign tickets and open them for others')
    if (requester_id !== userId) await requireMembership(tx, organization_id, requester_id)
    if (assignee_id !== null) await requireAssignable(tx, organization_id, assignee_id)
    const { hours, categories } = await findDesk(tx, organization_id)
    const id = uuid7(tx.now)
    const [title, description] = [input.title.trim(), input.description ?? '']
    if (title === '') throw invalid('title', 'This field is required', 'required')
    const category = requireCategory(input.category ?? '', categories)
    await insertTicket(tx, {
      id,
      organization_id,
      number: await takeNumber(tx, organization_id),
      title,
      description,
      priority,
      category,
      requester_id,
      assignee_id,
      counted_from: tx.now,
      ...dueTimes(tx.now, priority, hours),
    })
    await takeAttachments(tx, input.attachment_ids ?? [], { kind: 'ticket', id })
    await insertChanges(tx, id, [{ field: 'created', before: null, after: title }])
    const row = (await findTicket(tx, id))!
    await tellOpened(tx, row)
    await tx.house.jobs.publish(tx, 'ticket.created', { ticket_id: id })
    return viewTicket(row, tx.now)
  })
}

/** Deletes a ticket with all that was said about it; for IT and admins of its organization. Its number is never given again. */
export async function deleteTicket(ctx: Context, id: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const { row, seat } = await lockSeen(tx, id)
    if (!isStaff(seat)) throw denied('Your role in this organization does not allow this')
    await releaseAttachments(tx, 'ticket', [id])
    await releaseAttachments(tx, 'ticket_comment', await listCommentIds(tx, id))
    await deleteTicketRow(tx, id)
    await tx.house.jobs.publish(tx, 'ticket.deleted', { ticket_id: id, organization_id: row.organization_id })
  })
}

/** The category as the organization writes it. @throws VALIDATION_ERROR for one that is none of its list. */
export function requireCategory(given: string, categories: readonly string[]): string {
  const category = categoryOf(given, categories)
  if (category === null)
    throw invalid('category', 'This is no category of the organization', 'category', { values: categories.join(', ') })
  return category
}

/** Who works on a ticket is of the IT or an admin. @throws VALIDATION_ERROR */
export async function requireAssignable(ctx: Context, organizationId: string, userId: number): Promise<void> {
  const [member] = await listMembersAmong(ctx, organizationId, [userId])
  if (!member || !isStaff({ role: member.role as MemberRole }))
    throw invalid('assignee_id', 'Tickets are assigned to IT and admins of the organization', 'not_staff')
}

async function requireMembership(ctx: Context, organizationId: string, userId: number): Promise<void> {
  const [member] = await listMembersAmong(ctx, organizationId, [userId])
  if (!member) throw invalid('requester_id', 'Tickets are opened for members who may use tickets', 'not_a_member')
}

import type { Context } from '../../../platform/context.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { notify } from '../../notifications/index.ts'
import { isStaff } from '../policy.ts'
import type { MemberRole } from '../../organizations/index.ts'
import { findName, listMembersAmong, type TicketRow } from '../queries/tickets.ts'
import type { TicketStatus } from '../rules.ts'

type Sentence = { title: string; body: string }

const sentences = {
  opened: { title: 'New ticket', body: '{person} opened ticket #{number}: {title}' },
  opened_for: { title: 'A ticket was opened for you', body: '{person} opened ticket #{number} for you: {title}' },
  assigned: { title: 'A ticket is yours now', body: 'Ticket #{number} was assigned to you: {title}' },
  commented: { title: 'New comment on a ticket', body: '{person} commented on ticket #{number}: {title}' },
  due_soon: { title: 'A ticket is due soon', body: 'Ticket #{number} is due {due_at}: {title}' },
  overdue: { title: 'A ticket is overdue', body: 'Ticket #{number} was due {due_at}: {title}' },
} satisfies Record<string, Sentence>

const ofStatus: Record<TicketStatus, Sentence> = {
  open: { title: 'A ticket is open again', body: 'Ticket #{number} is open again: {title}' },
  in_progress: { title: 'A ticket is in progress', body: 'Ticket #{number} is being worked on: {title}' },
  resolved: { title: 'A ticket was resolved', body: 'Ticket #{number} was resolved: {title}' },
  closed: { title: 'A ticket was closed', body: 'Ticket #{number} was closed: {title}' },
}

/** Tells those of these people who still belong to the organization and may use tickets; never who does it. */
async function tell(
  ctx: Context,
  row: TicketRow,
  kind: string,
  sentence: Sentence,
  userIds: readonly (number | null)[],
): Promise<void> {
  const ids = [...new Set(userIds)].filter((id): id is number => id !== null && id !== ctx.actor?.userId)
  if (ids.length === 0) return
  const params = {
    number: row.number,
    title: row.title,
    due_at: iso(row.due_at),
    person: ctx.actor ? await findName(ctx, ctx.actor.userId) : '',
  }
  for (const { user_id: userId } of await listMembersAmong(ctx, row.organization_id, ids))
    await notify(ctx, {
      userId,
      kind: `ticket_${kind}`,
      ...sentence,
      params,
      people: { person: ctx.actor?.userId ?? null },
      target: { kind: 'ticket', id: row.id },
    })
}

/** IT and admins who may use tickets. */
async function staffOf(ctx: Context, organizationId: string, roles?: readonly MemberRole[]): Promise<number[]> {
  const members = await listMembersAmong(ctx, organizationId, null)
  return members
    .filter(({ role }) => isStaff({ role: role as MemberRole }) && (!roles || roles.includes(role as MemberRole)))
    .map((member) => member.user_id)
}

/** A new ticket: its staff hear of it, or the one it is assigned to, and whoever it was opened for. */
export async function tellOpened(ctx: Context, row: TicketRow): Promise<void> {
  if (row.assignee_id === null)
    await tell(
      ctx,
      row,
      'opened',
      sentences.opened,
      (await staffOf(ctx, row.organization_id)).filter((id) => id !== row.requester_id),
    )
  else await tell(ctx, row, 'assigned', sentences.assigned, [row.assignee_id])
  if (row.requester_id !== row.assignee_id) await tell(ctx, row, 'opened_for', sentences.opened_for, [row.requester_id])
}

/** A change: who works on it now hears that, and both sides hear a new status. */
export async function tellChanged(ctx: Context, before: TicketRow, after: TicketRow): Promise<void> {
  const isNew = after.assignee_id !== before.assignee_id
  if (isNew) await tell(ctx, after, 'assigned', sentences.assigned, [after.assignee_id])
  if (after.status === before.status) return
  const status = after.status as TicketStatus
  const hears = [after.requester_id, isNew ? null : after.assignee_id]
  const nobody = after.assignee_id === null && status === 'open'
  await tell(ctx, after, status === 'open' ? 'reopened' : status, ofStatus[status], [
    ...hears,
    ...(nobody ? await staffOf(ctx, after.organization_id) : []),
  ])
}

/** A comment: both sides hear of it, of an internal one only who may see it. */
export async function tellCommented(ctx: Context, row: TicketRow, isInternal: boolean): Promise<void> {
  const sides = [row.requester_id, row.assignee_id]
  const staff = isInternal || row.assignee_id === null ? await staffOf(ctx, row.organization_id) : []
  const hears = isInternal ? sides.filter((id) => id !== null && staff.includes(id)) : sides
  // Without anybody who works on it, all who could hear that something was said.
  await tell(ctx, row, 'commented', sentences.commented, row.assignee_id === null ? [...hears, ...staff] : hears)
}

/** Its time runs out, or has: who works on it hears that, or all who could; at the end the admins too. */
export async function tellDue(ctx: Context, row: TicketRow, news: 'due_soon' | 'overdue'): Promise<void> {
  const others =
    row.assignee_id === null
      ? await staffOf(ctx, row.organization_id)
      : news === 'overdue'
        ? await staffOf(ctx, row.organization_id, ['admin'])
        : []
  await tell(ctx, row, news, sentences[news], [row.assignee_id, ...others])
}

import type { Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied, invalid } from '../../../platform/errors.ts'
import { takeAttachments } from '../../files/index.ts'
import { canWork } from '../policy.ts'
import { findDesk } from '../queries/desks.ts'
import { insertChanges, type Change } from '../queries/talk.ts'
import {
  findTicket,
  listAssigned,
  lockTicket,
  updateTicketRow,
  type TicketRow,
  type TicketWrite,
} from '../queries/tickets.ts'
import {
  dueTimes,
  isForeign,
  isSettled,
  reopenDays,
  stepProblem,
  type TicketField,
  type TicketPriority,
  type TicketStatus,
} from '../rules.ts'
import type { TicketChange, TicketView } from '../schema.ts'
import { viewTicket } from '../view.ts'
import { lockSeen, type Seen } from './access.ts'
import { requireAssignable, requireCategory } from './tickets.ts'
import { tellChanged } from './tell.ts'

const fields = ['title', 'description', 'status', 'priority', 'category', 'assignee_id'] as const

/**
 * Changes a ticket; what is left out stays. Its requester words it, closes it and opens it again; the rest is for whoever works on it. What is sent as it is
 * already changes nothing.
 * @throws CONFLICT for a step that the status does not allow; PERMISSION_DENIED for what is not theirs to change; as `lockSeen` and `createTicket`.
 */
export async function updateTicket(ctx: Context, id: string, input: TicketChange): Promise<TicketView> {
  return inTransaction(ctx, async (tx) => {
    const seen = await lockSeen(tx, id)
    const { row } = seen
    const wanted = await wantedOf(tx, row, input)
    requireAllowed(tx, seen, wanted)
    const files = await takeAttachments(tx, input.attachment_ids ?? [], { kind: 'ticket', id })
    const changes: Change[] = fields
      .filter((field) => field in wanted)
      .map((field) => ({ field, before: textOf(row[field]), after: textOf(wanted[field]) }))
    if (files.length > 0)
      changes.push({ field: 'attachments', before: null, after: files.map(({ name }) => name).join(', ') })
    if (changes.length === 0) return viewTicket(row, tx.now)
    await updateTicketRow(tx, row, { ...wanted, ...(await timesOf(tx, row, wanted)) })
    await insertChanges(tx, id, changes)
    const after = (await findTicket(tx, id))!
    await tellChanged(tx, row, after)
    await tx.house.jobs.publish(tx, 'ticket.changed', { ticket_id: id })
    return viewTicket(after, tx.now)
  })
}

const textOf = (value: string | number | null | undefined): string | null =>
  value === null || value === undefined ? null : String(value)

type Wanted = Pick<TicketWrite, (typeof fields)[number]>

/** What of a change is really another value than before, each of them possible. */
async function wantedOf(ctx: Context, row: TicketRow, input: TicketChange): Promise<Wanted> {
  const { title, description, status, priority, category, assignee_id } = input
  const given = {
    title: title?.trim(),
    description,
    status,
    priority,
    assignee_id,
    category: category === undefined || category === row.category ? undefined : category,
  }
  if (given.title === '') throw invalid('title', 'This field is required', 'required')
  if (given.category !== undefined)
    given.category = requireCategory(given.category, (await findDesk(ctx, row.organization_id)).categories)
  const wanted: Wanted = Object.fromEntries(
    Object.entries(given).filter(([field, value]) => value !== undefined && value !== row[field as TicketField]),
  )
  if (typeof wanted.assignee_id === 'number') await requireAssignable(ctx, row.organization_id, wanted.assignee_id)
  return wanted
}

function requireAllowed(ctx: Context, { row, seat }: Seen, wanted: Wanted): void {
  const foreign = fields.find((field) => field in wanted && isForeign(seat, field))
  if (foreign) throw denied('Only IT and admins of the organization change this')
  const from = row.status as TicketStatus
  const to = wanted.status ?? from
  const problem = stepProblem(seat, from, to, row.closed_at ?? row.resolved_at, ctx.now)
  if (problem === 'denied') throw denied('Only IT and admins of the organization change this')
  if (problem === 'too_late')
    throw conflict('This ticket was settled more than {days} days ago; open a new one', {
      params: { days: reopenDays },
      details: [{ field: 'status', message: 'This ticket was settled too long ago', rule: 'too_late' }],
    })
  if (problem === 'step')
    throw conflict('The status of a ticket cannot go this way', {
      details: [
        { field: 'status', message: 'The status of a ticket cannot go this way', rule: 'step', params: { from, to } },
      ],
    })
  const isReworded = wanted.title !== undefined || wanted.description !== undefined
  if (isReworded && to === 'closed' && from === 'closed' && !canWork(seat))
    throw conflict('A closed ticket is not changed; open it again first')
}

/** What follows for its times: when it was settled, and until when it is to be done. Opened again, its time is counted anew. */
async function timesOf(ctx: Context, row: TicketRow, wanted: Wanted): Promise<TicketWrite> {
  const from = row.status as TicketStatus
  const to = wanted.status ?? from
  const settled: TicketWrite =
    to === from
      ? {}
      : {
          resolved_at: isSettled(to) ? (row.resolved_at ?? ctx.now) : null,
          closed_at: to === 'closed' ? ctx.now : null,
        }
  const isReopened = isSettled(from) && !isSettled(to)
  if (!isReopened && wanted.priority === undefined) return settled
  const counted_from = isReopened ? ctx.now : row.counted_from
  const priority = wanted.priority ?? (row.priority as TicketPriority)
  const times = dueTimes(counted_from, priority, (await findDesk(ctx, row.organization_id)).hours)
  const isAhead = (at: Temporal.Instant): boolean => Temporal.Instant.compare(at, ctx.now) > 0
  return {
    ...settled,
    ...times,
    counted_from,
    // What lies ahead again will be said again; what was said of the same past is not.
    ...(isAhead(times.warn_at) ? { warned_at: null } : {}),
    ...(isAhead(times.due_at) ? { breached_at: null } : {}),
  }
}

/** Hears that somebody left an organization, or that an account was erased: their tickets wait for another. */
export async function releaseTickets(ctx: Context, userId: number, organizationId?: string): Promise<void> {
  for (const id of await listAssigned(ctx, userId, organizationId)) {
    if (!(await lockTicket(ctx, id))) continue
    const row = (await findTicket(ctx, id))!
    if (row.assignee_id !== userId) continue
    await updateTicketRow(ctx, row, { assignee_id: null })
    await insertChanges(ctx, id, [{ field: 'assignee_id', before: String(userId), after: null }])
    await ctx.house.jobs.publish(ctx, 'ticket.changed', { ticket_id: id })
  }
}

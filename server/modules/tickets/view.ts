import { iso, isoOrNull } from '../../platform/http/shapes.ts'
import type { AttachmentView } from '../files/index.ts'
import type { CommentRow } from './queries/talk.ts'
import type { TicketRow } from './queries/tickets.ts'
import { isSettled, type TicketPriority, type TicketStatus } from './rules.ts'
import type { CommentView, TicketView } from './schema.ts'

export function viewTicket(row: TicketRow, now: Temporal.Instant): TicketView {
  const { counted_from: _from, warned_at: _warned, breached_at: _breached, ...shown } = row
  const status = row.status as TicketStatus
  return {
    ...shown,
    status,
    priority: row.priority as TicketPriority,
    due_at: iso(row.due_at),
    is_overdue: !isSettled(status) && Temporal.Instant.compare(row.due_at, now) <= 0,
    resolved_at: isoOrNull(row.resolved_at),
    closed_at: isoOrNull(row.closed_at),
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  }
}

export const viewComment = ({ body, ...row }: CommentRow, attachments: AttachmentView[]): CommentView => ({
  ...row,
  text: body,
  attachments,
  created_at: iso(row.created_at),
})

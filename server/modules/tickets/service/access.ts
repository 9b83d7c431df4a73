import { actorOf, type Context } from '../../../platform/context.ts'
import { denied, notFound } from '../../../platform/errors.ts'
import { requireMember, type MemberRole } from '../../organizations/index.ts'
import { canSee, isStaff, type Seat } from '../policy.ts'
import { findTicket, listSeats, lockTicket, type Seats, type TicketRow } from '../queries/tickets.ts'

const noAccess = () => denied('You have no access to the tickets of this organization')

/** Where who asks may see tickets: everything as IT or admin, their own as an employee. @throws NOT_FOUND for a foreign organization, PERMISSION_DENIED where tickets are closed to them. */
export async function seatsOf(ctx: Context, organizationId?: string): Promise<Seats> {
  const { userId } = actorOf(ctx)
  if (organizationId !== undefined) await requireMember(ctx, organizationId)
  const seats = (await listSeats(ctx, userId)).filter(
    (seat) => organizationId === undefined || seat.organization_id === organizationId,
  )
  const open = seats.filter((seat) => seat.access_tickets)
  if (seats.length > 0 && open.length === 0) throw noAccess()
  const idsOf = (rows: typeof open): string[] => rows.map((seat) => seat.organization_id)
  const [all, own] = [
    open.filter(({ role }) => isStaff({ role: role as MemberRole })),
    open.filter(({ role }) => !isStaff({ role: role as MemberRole })),
  ]
  return { userId, all: idsOf(all), own: idsOf(own) }
}

/** A member who may use tickets. @throws NOT_FOUND for outsiders, PERMISSION_DENIED where `access_tickets` was taken from them. */
export async function requireSeat(ctx: Context, organizationId: string): Promise<MemberRole> {
  const membership = await requireMember(ctx, organizationId)
  if (!membership.access_tickets) throw noAccess()
  return membership.role as MemberRole
}

export type Seen = { row: TicketRow; seat: Seat }

/** A ticket and how who asks stands to it. @throws NOT_FOUND for whoever may not see it, PERMISSION_DENIED where tickets are closed to them. */
export async function getSeen(ctx: Context, id: string): Promise<Seen> {
  const { userId } = actorOf(ctx)
  const row = await findTicket(ctx, id)
  if (!row) throw notFound('ticket')
  const [membership] = (await listSeats(ctx, userId)).filter((seat) => seat.organization_id === row.organization_id)
  if (!membership) throw notFound('ticket')
  const role = membership.role as MemberRole
  const seat = { role, isRequester: row.requester_id === userId, isAssignee: row.assignee_id === userId }
  if (!canSee(seat)) throw notFound('ticket')
  if (!membership.access_tickets) throw noAccess()
  return { row, seat }
}

/** The same, locked until the transaction ends; to be decided by what is read after the lock. */
export async function lockSeen(ctx: Context, id: string): Promise<Seen> {
  if (!(await lockTicket(ctx, id))) throw notFound('ticket')
  return getSeen(ctx, id)
}

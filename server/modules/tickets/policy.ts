import type { MemberRole } from '../organizations/index.ts'

/** How somebody stands to a ticket. */
export type Seat = { role: MemberRole; isRequester: boolean; isAssignee: boolean }

/** IT and admins of the organization: they see all tickets, internal comments, and assign. */
export const isStaff = ({ role }: Pick<Seat, 'role'>): boolean => role === 'admin' || role === 'it'

/** Who works on it: staff, or whoever it is assigned to. */
export const canWork = (seat: Seat): boolean => isStaff(seat) || seat.isAssignee

/** Employees see what they have asked for and what is assigned to them (SPEC section 5). */
export const canSee = (seat: Seat): boolean => isStaff(seat) || seat.isRequester || seat.isAssignee

import { fold } from '../../platform/fold.ts'
import type { Seat } from './policy.ts'
import { canWork, isStaff } from './policy.ts'

/** What a ticket may become, and until when it is to be done. Pure: the clock is given. */

export const statuses = ['open', 'in_progress', 'resolved', 'closed'] as const
export type TicketStatus = (typeof statuses)[number]
export const priorities = ['low', 'normal', 'high', 'urgent'] as const
export type TicketPriority = (typeof priorities)[number]

/** From each status where one may go: onwards, back to the queue, and open again (SPEC section 5). */
const steps: Record<TicketStatus, readonly TicketStatus[]> = {
  open: ['in_progress', 'resolved', 'closed'],
  in_progress: ['open', 'resolved', 'closed'],
  resolved: ['open', 'in_progress', 'closed'],
  closed: ['open'],
}

/** The requester may reopen for so many days; IT and admins always. */
export const reopenDays = 30

export type StepProblem = 'step' | 'denied' | 'too_late'

/**
 * What speaks against a step: the order of statuses, or that the requester, who may close and reopen only, asks for more, or reopens too late. `settledAt` is
 * when it was resolved or closed. The status that it has already is always right.
 */
export function stepProblem(
  seat: Seat,
  from: TicketStatus,
  to: TicketStatus,
  settledAt: Temporal.Instant | null,
  now: Temporal.Instant,
): StepProblem | null {
  if (from === to) return null
  if (!steps[from].includes(to)) return 'step'
  if (canWork(seat)) return null
  if (to === 'closed') return null
  if (to !== 'open' || settledAt === null) return 'denied'
  return Temporal.Instant.compare(now, settledAt.add({ hours: reopenDays * 24 })) <= 0 ? null : 'too_late'
}

export const isSettled = (status: TicketStatus): boolean => status === 'resolved' || status === 'closed'

/** Hours until a ticket is due, by priority; hours that pass, not hours of work: a dark server room does not wait for Monday. */
export type DueHours = Record<TicketPriority, number>
export const defaultHours: DueHours = { low: 168, normal: 72, high: 24, urgent: 4 }

/** When it is due, and when that is said for the first time: once three quarters of the time have passed. */
export function dueTimes(
  from: Temporal.Instant,
  priority: TicketPriority,
  hours: DueHours,
): { warn_at: Temporal.Instant; due_at: Temporal.Instant } {
  const minutes = hours[priority] * 60
  return { warn_at: from.add({ minutes: minutes * 0.75 }), due_at: from.add({ minutes }) }
}

/** The category as the organization writes it; null where it has a list and this is none of it. Without a list any word is one. */
export function categoryOf(given: string, categories: readonly string[]): string | null {
  const word = given.trim()
  if (word === '' || categories.length === 0) return word
  return categories.find((category) => fold(category) === fold(word)) ?? null
}

/** The categories without doubles and spaces around, in the order given. */
export const tidyCategories = (given: readonly string[]): string[] =>
  [...new Map(given.map((word) => [fold(word.trim()), word.trim()])).values()].filter((word) => word !== '')

export const searchTextOf = (number: number, title: string, description: string): string =>
  fold(`#${number} ${title}\n${description}`)

export type TicketField = 'status' | 'priority' | 'category' | 'assignee_id' | 'title' | 'description'

/** Which fields only IT, admins and, but for the assignee, who it is assigned to change. */
export function isForeign(seat: Seat, field: TicketField): boolean {
  if (field === 'assignee_id') return !isStaff(seat)
  if (field === 'priority' || field === 'category') return !canWork(seat)
  return false
}

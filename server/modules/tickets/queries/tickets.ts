import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { searchPatterns } from '../../../platform/fold.ts'
import { searchTextOf, type TicketPriority, type TicketStatus } from '../rules.ts'
import type { TicketOrdering, TicketQuery } from '../schema.ts'

/** The SQL on tickets. What is shown is read through where somebody sits, so that a stranger finds nothing. */

/** Where somebody may see tickets: all of some organizations, their own in others. */
export type Seats = { userId: number; all: readonly string[]; own: readonly string[] }

const nameOf = (table: string) =>
  sql<string | null>`nullif(trim(${sql.ref(`${table}.first_name`)} || ' ' || ${sql.ref(`${table}.last_name`)}), '')`

/** Tickets with the names of who asked and who works on them. */
const selectAll = (ctx: Context) =>
  ctx.db
    .selectFrom('tickets')
    .leftJoin('users as requester', 'requester.id', 'tickets.requester_id')
    .leftJoin('users as assignee', 'assignee.id', 'tickets.assignee_id')
    .select([
      'tickets.id',
      'tickets.organization_id',
      'tickets.number',
      'tickets.title',
      'tickets.description',
      'tickets.status',
      'tickets.priority',
      'tickets.category',
      'tickets.requester_id',
      'tickets.assignee_id',
      'tickets.counted_from',
      'tickets.due_at',
      'tickets.warned_at',
      'tickets.breached_at',
      'tickets.resolved_at',
      'tickets.closed_at',
      'tickets.created_at',
      'tickets.updated_at',
    ])
    .select(nameOf('requester').as('requester_name'))
    .select(nameOf('assignee').as('assignee_name'))
    .select(
      sql<number>`(SELECT count(*) FROM attachments a WHERE a.target_kind = 'ticket' AND a.target_id = tickets.id::text)`.as(
        'attachment_count',
      ),
    )

/** The tickets that somebody may see. One organization is named by itself, so that its indexes give the order too. */
export function selectTickets(ctx: Context, { userId, all, own }: Seats) {
  const query = selectAll(ctx)
  const mine = sql<boolean>`(tickets.requester_id = ${userId} OR tickets.assignee_id = ${userId})`
  if (own.length === 0)
    return all.length === 1
      ? query.where('tickets.organization_id', '=', all[0]!)
      : query.where(sql<boolean>`tickets.organization_id = ANY(${[...all]}::uuid[])`)
  const ownOnes = sql<boolean>`(tickets.organization_id = ANY(${[...own]}::uuid[]) AND ${mine})`
  if (all.length === 0) return query.where(ownOnes)
  return query.where(sql<boolean>`(tickets.organization_id = ANY(${[...all]}::uuid[]) OR ${ownOnes})`)
}

export type TicketRow = Awaited<ReturnType<ReturnType<typeof selectTickets>['execute']>>[number]

/** By `me`, `none` or an id. */
const person = (given: string, userId: number): number | null =>
  given === 'none' ? null : given === 'me' ? userId : Number(given)

/** The same by filter, in the order asked for. */
export function selectTicketsWhere(ctx: Context, seats: Seats, filter: TicketQuery) {
  let query = selectTickets(ctx, seats)
  const { status, priority, category, assignee, requester, overdue, search = '' } = filter
  if (status !== undefined) query = query.where('tickets.status', '=', status)
  if (priority !== undefined) query = query.where('tickets.priority', '=', priority)
  if (category !== undefined) query = query.where('tickets.category', '=', category)
  if (assignee !== undefined)
    query = query.where('tickets.assignee_id', 'is not distinct from', person(assignee, seats.userId))
  if (requester !== undefined)
    query = query.where('tickets.requester_id', 'is not distinct from', person(requester, seats.userId))
  if (overdue !== undefined) {
    const late = sql<boolean>`(tickets.status IN ('open', 'in_progress') AND tickets.due_at <= ${ctx.now})`
    query = query.where(overdue ? late : sql<boolean>`NOT ${late}`)
  }
  for (const pattern of searchPatterns(search)) query = query.where('tickets.search_text', 'like', pattern)
  return ordered(query, filter.ordering ?? '-created_at')
}

const columns = {
  created_at: 'tickets.id',
  updated_at: 'tickets.updated_at',
  due_at: 'tickets.due_at',
  priority: 'tickets.priority_rank',
} as const

function ordered(query: ReturnType<typeof selectTickets>, ordering: TicketOrdering) {
  const direction = ordering.startsWith('-') ? 'desc' : 'asc'
  const column = columns[ordering.replace('-', '') as keyof typeof columns]
  return (column === 'tickets.id' ? query : query.orderBy(column, direction)).orderBy('tickets.id', direction)
}

/** Where a person sits: the organizations that they belong to, their role there, and whether they may use tickets. */
export const listSeats = (ctx: Context, userId: number) =>
  ctx.db
    .selectFrom('memberships')
    .innerJoin('organizations', 'organizations.id', 'memberships.organization_id')
    .where('memberships.user_id', '=', userId)
    .where('organizations.archived_at', 'is', null)
    .select(['memberships.organization_id', 'memberships.role', 'memberships.access_tickets'])
    .orderBy('memberships.id')
    .execute()

/** The people among these who belong to the organization, with their roles; all of it where no ids are given. */
export async function listMembersAmong(ctx: Context, organizationId: string, ids: readonly number[] | null) {
  let query = ctx.db
    .selectFrom('memberships')
    .where('organization_id', '=', organizationId)
    .where('access_tickets', '=', true)
  if (ids !== null) query = query.where(sql<boolean>`user_id = ANY(${[...ids]}::bigint[])`)
  return query.select(['user_id', 'role']).orderBy('user_id').execute()
}

/** How a person is called. */
export async function findName(ctx: Context, userId: number): Promise<string> {
  const user = await ctx.db
    .selectFrom('users')
    .where('id', '=', userId)
    .select(['first_name', 'last_name'])
    .executeTakeFirst()
  return `${user?.first_name ?? ''} ${user?.last_name ?? ''}`.trim()
}

/** Locks a ticket until the transaction ends, so that two changes take their turns; answers whether it is there. */
export async function lockTicket(ctx: Context, id: string): Promise<boolean> {
  const row = await ctx.db.selectFrom('tickets').where('id', '=', id).select('id').forUpdate().executeTakeFirst()
  return row !== undefined
}

/** A ticket whoever asks: for jobs and for what has decided already who may see it. */
export const findTicket = (ctx: Context, id: string) => selectAll(ctx).where('tickets.id', '=', id).executeTakeFirst()

type Times = {
  counted_from: Temporal.Instant
  warn_at: Temporal.Instant
  due_at: Temporal.Instant
}
export type NewTicket = Times & {
  id: string
  organization_id: string
  number: number
  title: string
  description: string
  priority: TicketPriority
  category: string
  requester_id: number
  assignee_id: number | null
}

export async function insertTicket(ctx: Context, ticket: NewTicket): Promise<void> {
  const { number, title, description } = ticket
  await ctx.db
    .insertInto('tickets')
    .values({
      ...ticket,
      status: 'open',
      search_text: searchTextOf(number, title, description),
      created_at: ctx.now,
      updated_at: ctx.now,
    })
    .execute()
}

export type TicketWrite = Partial<
  Times & {
    title: string
    description: string
    status: TicketStatus
    priority: TicketPriority
    category: string
    assignee_id: number | null
    warned_at: null
    breached_at: null
    resolved_at: Temporal.Instant | null
    closed_at: Temporal.Instant | null
  }
>

export async function updateTicketRow(ctx: Context, row: TicketRow, change: TicketWrite): Promise<void> {
  const { title, description } = { ...row, ...change }
  await ctx.db
    .updateTable('tickets')
    .set({ ...change, search_text: searchTextOf(row.number, title, description), updated_at: ctx.now })
    .where('id', '=', row.id)
    .execute()
}

export async function touchTicket(ctx: Context, id: string): Promise<void> {
  await ctx.db.updateTable('tickets').set({ updated_at: ctx.now }).where('id', '=', id).execute()
}

export async function deleteTicketRow(ctx: Context, id: string): Promise<void> {
  await ctx.db.deleteFrom('tickets').where('id', '=', id).execute()
}

/** The tickets that a person still works on, of one organization or of all. */
export async function listAssigned(ctx: Context, userId: number, organizationId?: string): Promise<string[]> {
  let query = ctx.db.selectFrom('tickets').where('assignee_id', '=', userId)
  if (organizationId !== undefined) query = query.where('organization_id', '=', organizationId)
  return (await query.select('id').orderBy('id').execute()).map((row) => row.id)
}

/** Takes those whose time has passed (`breach`), or three quarters of it (`warn`), and notes it, so many at once; another process takes others. */
export async function takeDue(ctx: Context, what: 'warn' | 'breach', limit: number): Promise<string[]> {
  const isDue =
    what === 'warn'
      ? sql`t.warned_at IS NULL AND t.warn_at <= ${ctx.now} AND t.due_at > ${ctx.now}`
      : sql`t.breached_at IS NULL AND t.due_at <= ${ctx.now}`
  const noted = what === 'warn' ? sql`NULL` : sql`${ctx.now}::timestamptz`
  const { rows } = await sql<{ id: string }>`
    UPDATE tickets SET warned_at = coalesce(warned_at, ${ctx.now}), breached_at = ${noted} WHERE id IN (
      SELECT t.id FROM tickets t JOIN organizations o ON o.id = t.organization_id AND o.archived_at IS NULL
      WHERE ${isDue} AND t.status IN ('open', 'in_progress')
      ORDER BY t.id LIMIT ${limit} FOR UPDATE OF t SKIP LOCKED
    ) RETURNING id`.execute(ctx.db)
  return rows.map((row) => row.id).toSorted()
}

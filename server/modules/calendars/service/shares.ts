import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { invalid, notFound } from '../../../platform/errors.ts'
import { limitOf, offsetOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { iso } from '../../../platform/http/shapes.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import { findMembership, requireMember } from '../../organizations/index.ts'
import {
  deleteShareRow,
  listShareRows,
  organizationOfDepartment,
  selectColleagueFacts,
  upsertShare,
  type CalendarRow,
  type NewShare,
  type ShareRow,
} from '../queries/calendars.ts'
import type { ShareInput, ShareView } from '../schema/calendars.ts'
import { requireCalendar } from './access.ts'
import { sayAccessChanged } from './watch.ts'

const view = (row: ShareRow): ShareView => ({
  ...row,
  access: row.access as ShareView['access'],
  created_at: iso(row.created_at),
})

/** With whom a calendar is shared; for its owner. @throws NOT_FOUND, PERMISSION_DENIED */
export async function listShares(ctx: Context, calendarId: string, request: PageRequest): Promise<Page<ShareView>> {
  await requireCalendar(ctx, calendarId, 'owner')
  const all = await listShareRows(ctx, calendarId)
  const offset = offsetOf(request)
  if (offset > 0 && offset >= all.length) throw notFound('page')
  return { results: all.slice(offset, offset + limitOf(request)).map(view), count: all.length }
}

/**
 * Shares a calendar with a colleague, a department (those below it included) or all of an organization; for its owner. With whom it is shared already gets the
 * new access. It holds as long as both sides belong to the organization through which it was given.
 * @throws NOT_FOUND for a stranger, and for people and departments of others
 */
export async function shareCalendar(ctx: Context, calendarId: string, input: ShareInput): Promise<ShareView> {
  return inTransaction(ctx, async (tx) => {
    const calendar = await requireCalendar(tx, calendarId, 'owner')
    const id = await upsertShare(tx, uuid7(tx.now), calendarId, await withWhom(tx, calendar, input))
    await sayAccessChanged(tx, calendarId)
    return view((await listShareRows(tx, calendarId)).find((row) => row.id === id)!)
  })
}

/** Ends a share; for the owner of the calendar. @throws NOT_FOUND, PERMISSION_DENIED */
export async function endShare(ctx: Context, calendarId: string, shareId: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await requireCalendar(tx, calendarId, 'owner')
    if (!(await deleteShareRow(tx, calendarId, shareId))) throw notFound('share')
    await sayAccessChanged(tx, calendarId)
  })
}

async function withWhom(ctx: Context, calendar: CalendarRow, input: ShareInput): Promise<NewShare> {
  const { user_id: userId, department_id: departmentId, access } = input
  if (userId !== undefined && departmentId !== undefined)
    throw invalid('department_id', 'Name a person, a department or an organization, not several')
  if (userId !== undefined) {
    if (userId === actorOf(ctx).userId) throw invalid('user_id', 'This calendar is your own')
    const organizationId = await commonOrganization(ctx, userId, input.organization_id ?? calendar.organization_id)
    return { organization_id: organizationId, user_id: userId, department_id: null, access }
  }
  if (departmentId !== undefined) {
    const organizationId = await organizationOfDepartment(ctx, actorOf(ctx).userId, departmentId)
    if (organizationId === undefined) throw notFound('department')
    return { organization_id: organizationId, user_id: null, department_id: departmentId, access }
  }
  const organizationId = input.organization_id
  if (organizationId === undefined)
    throw invalid('user_id', 'Name a person, a department or an organization', 'required')
  await requireMember(ctx, organizationId)
  return { organization_id: organizationId, user_id: null, department_id: null, access }
}

/** The organization through which a colleague is reached: the one named, else the calendar's, else any that both belong to. */
async function commonOrganization(ctx: Context, userId: number, named: string | null): Promise<string> {
  if (named !== null && (await findMembership(ctx, named)) && (await findMembership(ctx, named, userId))) return named
  const [colleague] = named === null ? await selectColleagueFacts(ctx, actorOf(ctx).userId, { ids: [userId] }) : []
  if (!colleague) throw notFound('user')
  return colleague.organization_id
}

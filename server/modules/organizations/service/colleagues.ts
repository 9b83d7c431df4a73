import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { denied, invalid, notFound } from '../../../platform/errors.ts'
import { pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { selectBirthdays, selectColleagues, type ColleagueFilter } from '../queries/colleagues.ts'
import { listMemberships } from '../queries/members.ts'
import type { BirthdayView, ColleagueView, InvitationView, MemberRole, MembershipChange } from '../schema.ts'
import { viewColleague } from '../view.ts'
import { requireMember, structuresSeen } from './access.ts'
import { getDepartment } from './departments.ts'
import { invite } from './invitations.ts'
import { changeMembership, endMembership, type MemberGuard } from './members.ts'

/**
 * Everybody of the organization asked for, else of all the organizations of who asks, themselves among them; the newest first unless it is said otherwise.
 * @throws NOT_FOUND for an organization that is not theirs.
 */
export async function listColleagues(
  ctx: Context,
  filter: ColleagueFilter & { organization_id?: string | undefined },
  request: PageRequest,
): Promise<Page<ColleagueView>> {
  const asksStructure = filter.department_id !== undefined || filter.manager_id !== undefined
  const { among, structures } = asksStructure
    ? await onlyStructures(ctx, filter.organization_id)
    : await organizationsAsked(ctx, filter.organization_id)
  const { search, department_id, direct, manager_id } = filter
  const key = `colleagues ${JSON.stringify([among, structures, search, department_id, direct, manager_id])}`
  const page = await pageOf(ctx, request, key, selectColleagues(ctx, among, structures, filter))
  return { ...page, results: page.results.map((row) => viewColleague(ctx.house.config, row, structures)) }
}

/** The people of a department, those of the departments below it among them unless `direct`; by last name. @throws as `getDepartment`. */
export async function listDepartmentMembers(
  ctx: Context,
  id: string,
  request: PageRequest & { direct?: boolean },
): Promise<Page<ColleagueView>> {
  const { organization_id } = await getDepartment(ctx, id)
  const filter = { organization_id, department_id: id, direct: request.direct, ordering: 'last_name' as const }
  return listColleagues(ctx, filter, request)
}

/** Whose birthday comes within so many days from the caller's today on, the next first; of the organization named, else of all of theirs. */
export async function listBirthdays(
  ctx: Context,
  { days = 30, organization_id }: { days?: number | undefined; organization_id?: string | undefined },
  request: PageRequest,
): Promise<Page<BirthdayView>> {
  const { among, structures } = await organizationsAsked(ctx, organization_id)
  const today = ctx.now.toZonedDateTimeISO(actorOf(ctx).timeZone).toPlainDate()
  const key = `birthdays ${JSON.stringify([among, today.toString(), days])}`
  const page = await pageOf(ctx, request, key, selectBirthdays(ctx, among, today, days))
  const results = page.results.map((row) => ({
    ...viewColleague(ctx.house.config, row, structures),
    next_birthday: row.next_birthday.toString(),
  }))
  return { ...page, results }
}

/** One colleague. @throws NOT_FOUND for whoever shares no organization, or not the one asked for, with who asks. */
export async function getColleague(ctx: Context, userId: number, organizationId?: string): Promise<ColleagueView> {
  const { among, structures } = await organizationsAsked(ctx, organizationId)
  const row = await selectColleagues(ctx, among, structures).where('users.id', '=', userId).executeTakeFirst()
  if (!row) throw notFound('user')
  return viewColleague(ctx.house.config, row, structures)
}

/** The organizations that are asked for, and those of them whose structure who asks may see. */
type Asked = { among: string[]; structures: string[] }

async function organizationsAsked(ctx: Context, given: string | undefined): Promise<Asked> {
  const all = given === undefined ? await listMemberships(ctx, actorOf(ctx).userId) : [await requireMember(ctx, given)]
  const seen = all.filter((membership) => membership.access_org_structure)
  const idsOf = (rows: typeof all): string[] => rows.map((membership) => membership.organization_id)
  return { among: idsOf(all), structures: idsOf(seen) }
}

/** The same for whoever asks by department or manager: where the structure is hidden, that would tell it. @throws PERMISSION_DENIED */
async function onlyStructures(ctx: Context, given: string | undefined): Promise<Asked> {
  const among = await structuresSeen(ctx, given)
  return { among, structures: among }
}

/**
 * Invites an address to the organization named, else to the only one that who asks is an admin of.
 * @throws VALIDATION_ERROR on `organization_id` where they are an admin of several; what `invite` throws.
 */
export async function inviteColleague(
  ctx: Context,
  input: {
    email: string
    role?: MemberRole | undefined
    position?: string | undefined
    organization_id?: string | undefined
  },
): Promise<InvitationView> {
  const managed = (await listMemberships(ctx, actorOf(ctx).userId)).filter(({ role }) => role === 'admin')
  return invite(ctx, input.organization_id ?? onlyOne(managed), input)
}

/**
 * Changes what the organization named, else the only one that both belong to and who asks is an admin of, keeps of a colleague.
 * @throws NOT_FOUND for a stranger, PERMISSION_DENIED for whoever is no admin there; what `changeMembership` throws.
 */
export async function changeColleague(
  ctx: Context,
  userId: number,
  change: MembershipChange,
  organizationId?: string,
): Promise<ColleagueView> {
  return inTransaction(ctx, async (tx) => {
    const chosen = organizationId ?? (await managedWith(tx, userId))
    await changeMembership(tx, chosen, userId, change)
    return getColleague(tx, userId, chosen)
  })
}

/** Ends a colleague's membership of the organization named, else of the only one as in `changeColleague`. Their account stays. */
export async function endColleague(
  ctx: Context,
  userId: number,
  refuseIfBooked: MemberGuard,
  organizationId?: string,
): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await endMembership(tx, organizationId ?? (await managedWith(tx, userId)), userId, refuseIfBooked)
  })
}

/** The one organization that this person belongs to and who asks is an admin of. */
async function managedWith(ctx: Context, userId: number): Promise<string> {
  const theirs = new Set((await listMemberships(ctx, userId)).map((membership) => membership.organization_id))
  const shared = (await listMemberships(ctx, actorOf(ctx).userId)).filter((own) => theirs.has(own.organization_id))
  if (shared.length === 0) throw notFound('user')
  return onlyOne(shared.filter(({ role }) => role === 'admin'))
}

function onlyOne(managed: { organization_id: string }[]): string {
  const [only, ...others] = managed
  if (!only) throw denied('Your role in this organization does not allow this')
  if (others.length > 0) throw invalid('organization_id', 'You belong to several organizations; name one', 'required')
  return only.organization_id
}

import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { denied, invalid, notFound } from '../../../platform/errors.ts'
import { pageOf, type Page, type PageRequest } from '../../../platform/http/page.ts'
import { selectColleagues, type ColleagueFilter } from '../queries/colleagues.ts'
import { listMemberships } from '../queries/members.ts'
import type { ColleagueView, InvitationView, MemberRole, MembershipChange } from '../schema.ts'
import { viewColleague } from '../view.ts'
import { organizationIdsOf, requireMember } from './access.ts'
import { invite } from './invitations.ts'
import { changeMembership, endMembership } from './members.ts'

/**
 * Everybody of the organization asked for, else of all the organizations of who asks, themselves among them; the newest first unless it is said otherwise.
 * @throws NOT_FOUND for an organization that is not theirs.
 */
export async function listColleagues(
  ctx: Context,
  filter: ColleagueFilter & { organization_id?: string | undefined },
  request: PageRequest,
): Promise<Page<ColleagueView>> {
  const among = await organizationsAsked(ctx, filter.organization_id)
  const key = `colleagues ${JSON.stringify([among, filter.search])}`
  const page = await pageOf(ctx, request, key, selectColleagues(ctx, among, filter))
  return { ...page, results: page.results.map((row) => viewColleague(ctx.house.config, row)) }
}

/** One colleague. @throws NOT_FOUND for whoever shares no organization, or not the one asked for, with who asks. */
export async function getColleague(ctx: Context, userId: number, organizationId?: string): Promise<ColleagueView> {
  const row = await selectColleagues(ctx, await organizationsAsked(ctx, organizationId))
    .where('users.id', '=', userId)
    .executeTakeFirst()
  if (!row) throw notFound('user')
  return viewColleague(ctx.house.config, row)
}

async function organizationsAsked(ctx: Context, given: string | undefined): Promise<string[]> {
  if (given === undefined) return organizationIdsOf(ctx)
  return [(await requireMember(ctx, given)).organization_id]
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
export async function endColleague(ctx: Context, userId: number, organizationId?: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await endMembership(tx, organizationId ?? (await managedWith(tx, userId)), userId)
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

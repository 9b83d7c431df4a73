import {
  chooseOrganization,
  findMembership,
  organizationIdsOf,
  requireOrgRole,
  type MembershipView,
} from '../../organizations/index.ts'
import { actorOf, hasPermission, isAdministrative, type Actor, type Context } from '../../../platform/context.ts'
import { denied, notFound } from '../../../platform/errors.ts'
import {
  lockEndpoint,
  selectEndpoints,
  type EndpointOwner,
  type EndpointRow,
  type Reachable,
} from '../queries/endpoints.ts'
import { typeOf, typesOf, type EventTypeName } from '../types.ts'

/**
 * Who manages which endpoints. Nobody has anything sent that they may not read themselves: of an organization its admins have all (tickets with `access_tickets`),
 * its IT what IT may read; of the platform who holds `system_settings`, each type with its own permission.
 */

type Member = Pick<MembershipView, 'access_tickets'> & { role: string }

const forMember = ({ role, access_tickets: hasTickets }: Member): readonly EventTypeName[] | 'all' => {
  if (role === 'admin' && hasTickets) return 'all'
  return typesOf('organization').filter((name) => {
    const { it } = typeOf(name)
    return it === 'tickets' ? hasTickets : it === true || role === 'admin'
  })
}

const forAdministrator = (actor: Actor): readonly EventTypeName[] | 'all' => {
  const all = typesOf('platform')
  const held = all.filter((name) => {
    const { permission } = typeOf(name)
    return permission === undefined || hasPermission(actor, permission)
  })
  return held.length === all.length ? 'all' : held
}

const manages = ['admin', 'it'] as const
const holdsPlatform = (actor: Actor): boolean => isAdministrative(actor.role) && hasPermission(actor, 'system_settings')

/** What who asks may manage: their own, those of organizations they are an admin or of the IT of, those of the platform. */
export async function reachableOf(ctx: Context): Promise<Reachable> {
  const actor = actorOf(ctx)
  const found: Reachable = []
  if (actor.role === 'provider') found.push({ owner: { kind: 'provider', providerId: actor.userId }, types: 'all' })
  if (holdsPlatform(actor)) found.push({ owner: { kind: 'platform' }, types: forAdministrator(actor) })
  for (const organizationId of await organizationIdsOf(ctx)) {
    const member = await findMembership(ctx, organizationId)
    if (member && (manages as readonly string[]).includes(member.role))
      found.push({ owner: { kind: 'organization', organizationId }, types: forMember(member) })
  }
  return found
}

/**
 * The owner that a request means: the organization it names, else the provider or the platform who asks, else the only organization of who asks.
 * @throws NOT_FOUND for an outsider of the organization, PERMISSION_DENIED for other members and for who owns nothing
 */
export async function ownerMeant(
  ctx: Context,
  organizationId: string | undefined,
): Promise<{ owner: EndpointOwner; types: readonly string[] | 'all' }> {
  const actor = actorOf(ctx)
  if (organizationId === undefined) {
    if (actor.role === 'provider') return { owner: { kind: 'provider', providerId: actor.userId }, types: 'all' }
    if (holdsPlatform(actor)) return { owner: { kind: 'platform' }, types: forAdministrator(actor) }
    if ((await organizationIdsOf(ctx)).length === 0) throw denied()
  }
  const id = await chooseOrganization(ctx, organizationId)
  const member = await requireOrgRole(ctx, id, manages)
  return { owner: { kind: 'organization', organizationId: id }, types: forMember(member) }
}

/** The types that who asks may have sent by this endpoint. */
export const typesFor = (reachable: Reachable, row: EndpointRow): readonly string[] | 'all' =>
  reachable.find(
    ({ owner }) =>
      owner.kind === row.owner_kind &&
      (owner.kind !== 'organization' || owner.organizationId === row.organization_id) &&
      (owner.kind !== 'provider' || owner.providerId === row.provider_id),
  )?.types ?? []

/** An endpoint that who asks may manage. @throws NOT_FOUND */
export async function getRow(ctx: Context, id: string, reachable?: Reachable): Promise<EndpointRow> {
  const row = await selectEndpoints(ctx, reachable ?? (await reachableOf(ctx)))
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw notFound('webhook')
  return row
}

/** The same, locked: as it is now. @throws NOT_FOUND */
export async function lockRow(
  ctx: Context,
  id: string,
): Promise<{ row: EndpointRow; types: readonly string[] | 'all' }> {
  const reachable = await reachableOf(ctx)
  const locked = await lockEndpoint(ctx, id)
  // Looked at under the lock, since somebody may have chosen other types just before.
  if (!locked) throw notFound('webhook')
  return { row: await getRow(ctx, id, reachable), types: typesFor(reachable, locked) }
}

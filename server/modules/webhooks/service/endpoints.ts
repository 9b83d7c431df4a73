import { audit } from '../../../platform/audit.ts'
import { actorOf, isAdministrative, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { conflict, denied, invalid } from '../../../platform/errors.ts'
import { pageOf, type Page } from '../../../platform/http/page.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import {
  countOfOwner,
  deleteEndpointRow,
  insertEndpoint,
  selectEndpoints,
  updateEndpointRow,
  type EndpointFields,
} from '../queries/endpoints.ts'
import { endpointsPerOwner, newSecret, overlapHours, urlProblem, type UrlProblem } from '../rules.ts'
import type { EndpointChange, EndpointInput, EndpointQuery, EndpointView, EndpointWithSecret } from '../schema.ts'
import { typesOf, type OwnerKind } from '../types.ts'
import { viewEndpoint } from '../view.ts'
import { getRow, lockRow, ownerMeant, reachableOf } from './access.ts'
import { switchOff } from './outcome.ts'
import { sealSecret } from './secrets.ts'
import { sayUsed } from './unused.ts'

const urlSentences: Record<UrlProblem, string> = {
  url: 'This is no address such as {example}',
  https: 'The address must begin with {scheme}',
  credentials: 'The address must bear no name and password',
  private: 'This address is not on the public internet',
}

function requireUrl(ctx: Context, url: string): void {
  const problem = urlProblem(url, ctx.house.config)
  if (problem)
    throw invalid('url', urlSentences[problem], problem, { example: 'https://example.com/hooks', scheme: 'https://' })
}

/** @throws VALIDATION_ERROR for what such an owner never gets, PERMISSION_DENIED for what who asks may not read */
function requireTypes(wanted: readonly string[], owner: OwnerKind, own: readonly string[] | 'all'): void {
  if (wanted.includes('*') && wanted.length > 1)
    throw invalid('event_types', 'Where everything is wanted nothing else is named', 'everything')
  const possible: readonly string[] = typesOf(owner)
  const strange = wanted.find((name) => name !== '*' && !possible.includes(name))
  if (strange !== undefined)
    throw invalid('event_types', 'Webhooks of this owner cannot have {event_type}', 'event_type', {
      event_type: strange,
    })
  if (own !== 'all' && wanted.some((name) => !own.includes(name)))
    throw denied('You can only have events sent that you may read yourself')
}

/** What an administrator does is in the audit log. The address may be a secret, so only its host is. */
async function log(ctx: Context, action: string, id: string, after: object | null = null): Promise<void> {
  if (isAdministrative(actorOf(ctx).role))
    await audit(ctx, { action: `webhooks.${action}`, target: { kind: 'webhook', id }, after })
}

/** Endpoints that who asks may manage, newest first. @throws NOT_FOUND for an outsider of the organization named, PERMISSION_DENIED for its other members */
export async function listEndpoints(ctx: Context, query: EndpointQuery): Promise<Page<EndpointView>> {
  const { userId } = actorOf(ctx)
  if (query.organization_id !== undefined) await ownerMeant(ctx, query.organization_id)
  const reachable = await reachableOf(ctx)
  let rows = selectEndpoints(ctx, reachable).orderBy('id', 'desc')
  if (query.organization_id !== undefined) rows = rows.where('organization_id', '=', query.organization_id)
  if (query.owner !== undefined) rows = rows.where('owner_kind', '=', query.owner)
  if (query.is_active !== undefined) rows = rows.where('is_active', '=', query.is_active)
  const { page: _page, page_size: _size, ...filters } = query
  const page = await pageOf(ctx, query, `webhooks of ${userId} ${JSON.stringify(filters)}`, rows)
  return { ...page, results: page.results.map((row) => viewEndpoint(row, ctx.now)) }
}

/** @throws NOT_FOUND */
export const getEndpoint = async (ctx: Context, id: string): Promise<EndpointView> =>
  viewEndpoint(await getRow(ctx, id), ctx.now)

/**
 * Registers an endpoint and answers its secret, this once.
 * @throws VALIDATION_ERROR for an address or a type that cannot be; CONFLICT past 20 of one owner; as `ownerMeant`
 */
export async function createEndpoint(ctx: Context, input: EndpointInput): Promise<EndpointWithSecret> {
  return inTransaction(ctx, async (tx) => {
    const { owner, types } = await ownerMeant(tx, input.organization_id)
    requireUrl(tx, input.url)
    requireTypes(input.event_types, owner.kind, types)
    if ((await countOfOwner(tx, owner)) >= endpointsPerOwner)
      throw conflict('There are {most} webhooks already, which is as many as there can be', {
        params: { most: endpointsPerOwner },
      })
    const id = uuid7(tx.now)
    const secret = newSecret()
    await insertEndpoint(tx, owner, {
      id,
      url: input.url,
      description: input.description?.trim() ?? '',
      event_types: input.event_types,
      is_active: input.is_active ?? true,
      secret: sealSecret(tx, id, secret),
    })
    await sayUsed(tx)
    await log(tx, 'create', id, { host: new URL(input.url).host, event_types: input.event_types })
    return { ...(await getEndpoint(tx, id)), secret }
  })
}

/** Changes an endpoint; what is left out stays. Switched off, what waits for it is given up; switched on again, it begins with a clean record. @throws as `createEndpoint`, NOT_FOUND */
export async function updateEndpoint(ctx: Context, id: string, change: EndpointChange): Promise<EndpointView> {
  return inTransaction(ctx, async (tx) => {
    const { row, types } = await lockRow(tx, id)
    const { url, description, event_types, is_active: isActive } = change
    if (url !== undefined) requireUrl(tx, url)
    if (event_types !== undefined) requireTypes(event_types, row.owner_kind as OwnerKind, types)
    const fields: EndpointFields = {
      ...(url === undefined ? {} : { url }),
      ...(description === undefined ? {} : { description: description.trim() }),
      ...(event_types === undefined ? {} : { event_types }),
      ...(isActive === true && !row.is_active
        ? { is_active: true, off_reason: null, off_at: null, failing_since: null, last_failure_at: null }
        : {}),
      updated_at: tx.now,
    }
    await updateEndpointRow(tx, id, fields)
    if (isActive === false && row.is_active) await switchOff(tx, row, 'owner')
    if (isActive === true) await sayUsed(tx)
    await log(tx, 'update', id, { ...change, ...(url === undefined ? {} : { url: new URL(url).host }) })
    return getEndpoint(tx, id)
  })
}

/** Deletes an endpoint with its log; what waits for it is not sent. @throws NOT_FOUND */
export async function deleteEndpoint(ctx: Context, id: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const { row } = await lockRow(tx, id)
    await deleteEndpointRow(tx, id)
    await log(tx, 'delete', id, { host: new URL(row.url).host })
  })
}

/** Gives an endpoint another secret and answers it, this once. The one before signs as well for a day, unless it is not to be kept. @throws NOT_FOUND */
export async function rotateSecret(ctx: Context, id: string, keepPrevious = true): Promise<EndpointWithSecret> {
  return inTransaction(ctx, async (tx) => {
    const { row } = await lockRow(tx, id)
    const secret = newSecret()
    await updateEndpointRow(tx, id, {
      secret: sealSecret(tx, id, secret),
      previous_secret: keepPrevious ? row.secret : null,
      previous_until: keepPrevious ? tx.now.add({ hours: overlapHours }) : null,
      updated_at: tx.now,
    })
    await log(tx, 'rotate_secret', id)
    return { ...(await getEndpoint(tx, id)), secret }
  })
}

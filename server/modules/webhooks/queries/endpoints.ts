import { sql, type Expression, type SqlBool } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import type { Db } from '../../../platform/db/database.ts'
import type { EventTypeName, OwnerKind } from '../types.ts'

/** SQL on endpoints. What is read is read through what who asks may manage, so that a stranger finds nothing. */

export type EndpointOwner =
  | { kind: 'organization'; organizationId: string }
  | { kind: 'provider'; providerId: number }
  | { kind: 'platform' }

/** Of which owners somebody may manage endpoints, and where not all of them: only those with no other types than these. */
export type Reachable = { owner: EndpointOwner; types: readonly string[] | 'all' }[]

const columns = [
  'id',
  'owner_kind',
  'organization_id',
  'provider_id',
  'created_by',
  'url',
  'description',
  'event_types',
  'is_active',
  'off_reason',
  'off_at',
  'secret',
  'previous_secret',
  'previous_until',
  'failing_since',
  'last_failure_at',
  'last_success_at',
  'created_at',
  'updated_at',
] as const

const isOf = (owner: EndpointOwner) =>
  owner.kind === 'organization'
    ? sql<SqlBool>`organization_id = ${owner.organizationId}::uuid`
    : owner.kind === 'provider'
      ? sql<SqlBool>`provider_id = ${owner.providerId}`
      : sql<SqlBool>`owner_kind = 'platform'`

const among = (reachable: Reachable): Expression<SqlBool> =>
  reachable.length === 0
    ? sql<SqlBool>`false`
    : sql<SqlBool>`(${sql.join(
        reachable.map(({ owner, types }) =>
          types === 'all' ? isOf(owner) : sql`(${isOf(owner)} AND event_types <@ ${[...types]}::text[])`,
        ),
        sql` OR `,
      )})`

export const selectEndpoints = (ctx: Context, reachable: Reachable) =>
  ctx.db.selectFrom('webhook_endpoints').select(columns).where(among(reachable))

export type EndpointRow = Awaited<ReturnType<ReturnType<typeof selectEndpoints>['execute']>>[number]

export const findEndpoint = (ctx: Context, id: string) =>
  ctx.db.selectFrom('webhook_endpoints').select(columns).where('id', '=', id).executeTakeFirst()

export const lockEndpoint = (ctx: Context, id: string) =>
  ctx.db.selectFrom('webhook_endpoints').select(columns).where('id', '=', id).forNoKeyUpdate().executeTakeFirst()

/** Takes turns with everybody who makes an endpoint of the same owner, and counts theirs. */
export async function countOfOwner(ctx: Context, owner: EndpointOwner): Promise<number> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`webhooks of ${JSON.stringify(owner)}`}, 0))`.execute(
    ctx.db,
  )
  const row = await ctx.db
    .selectFrom('webhook_endpoints')
    .where(isOf(owner))
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  return row.count
}

export type NewEndpoint = {
  id: string
  url: string
  description: string
  event_types: string[]
  is_active: boolean
  secret: string
}

export async function insertEndpoint(ctx: Context, owner: EndpointOwner, endpoint: NewEndpoint): Promise<void> {
  await ctx.db
    .insertInto('webhook_endpoints')
    .values({
      ...endpoint,
      owner_kind: owner.kind,
      organization_id: owner.kind === 'organization' ? owner.organizationId : null,
      provider_id: owner.kind === 'provider' ? owner.providerId : null,
      created_by: ctx.actor?.userId ?? null,
      off_reason: endpoint.is_active ? null : 'owner',
      off_at: endpoint.is_active ? null : ctx.now,
      created_at: ctx.now,
      updated_at: ctx.now,
    })
    .execute()
}

export type EndpointFields = Partial<
  Pick<
    EndpointRow,
    | 'url'
    | 'description'
    | 'event_types'
    | 'is_active'
    | 'off_reason'
    | 'off_at'
    | 'secret'
    | 'previous_secret'
    | 'previous_until'
    | 'failing_since'
    | 'last_failure_at'
    | 'last_success_at'
    | 'updated_at'
  >
>

export async function updateEndpointRow(ctx: Context, id: string, fields: EndpointFields): Promise<void> {
  await ctx.db.updateTable('webhook_endpoints').set(fields).where('id', '=', id).execute()
}

export async function deleteEndpointRow(ctx: Context, id: string): Promise<void> {
  await ctx.db.deleteFrom('webhook_endpoints').where('id', '=', id).execute()
}

/** All that an owner has, where the owner ends. */
export async function deleteEndpointsOf(ctx: Context, owner: EndpointOwner): Promise<void> {
  await ctx.db.deleteFrom('webhook_endpoints').where(isOf(owner)).execute()
}

export async function forgetCreator(ctx: Context, userId: number): Promise<void> {
  await ctx.db.updateTable('webhook_endpoints').set({ created_by: null }).where('created_by', '=', userId).execute()
}

/** Is there any endpoint in the house that is on? */
export async function hasEndpoints(db: Db): Promise<boolean> {
  const { rows } = await sql`SELECT FROM webhook_endpoints WHERE is_active LIMIT 1`.execute(db)
  return rows.length > 0
}

/** Does any endpoint at all want this type? Asked before anything is put together. */
export async function isWanted(ctx: Context, type: EventTypeName): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM webhook_endpoints WHERE is_active AND event_types && ${[type, '*']}::text[] LIMIT 1`.execute(ctx.db)
  return rows.length > 0
}

/**
 * The endpoints of these owners that want this type; of a suspended provider and an archived organization none. Whoever switches one off takes turns with who
 * records for it: what is recorded is given up with the rest, and afterwards nothing is.
 */
export async function listSubscribed(
  ctx: Context,
  type: EventTypeName,
  whose: { organizationId: string | null; providerId: number | null; platform: boolean; owners: readonly OwnerKind[] },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM webhook_endpoints
    WHERE is_active AND event_types && ${[type, '*']}::text[] AND owner_kind = ANY(${[...whose.owners]}::text[])
      AND (organization_id = ${whose.organizationId}::uuid OR provider_id = ${whose.providerId}::bigint
        OR (${whose.platform}::boolean AND owner_kind = 'platform'))
      AND (provider_id IS NULL OR EXISTS (SELECT FROM users WHERE users.id = provider_id AND users.is_active AND users.deleted_at IS NULL))
      AND (organization_id IS NULL OR EXISTS (SELECT FROM organizations o WHERE o.id = webhook_endpoints.organization_id AND o.archived_at IS NULL))
    ORDER BY id FOR SHARE`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

/** Who is told that an endpoint was switched off: the admins of its organization, its provider, or who made one of the platform. */
export async function listCaretakers(ctx: Context, endpoint: EndpointRow): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT DISTINCT users.id FROM users
    WHERE users.deleted_at IS NULL AND users.is_active AND (
      users.id = ${endpoint.provider_id}::bigint
      OR (users.id = ${endpoint.created_by}::bigint AND ${endpoint.owner_kind} = 'platform')
      OR users.id IN (SELECT user_id FROM memberships WHERE organization_id = ${endpoint.organization_id}::uuid AND role = 'admin'))
    ORDER BY users.id`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

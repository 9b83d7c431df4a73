import { sql } from 'kysely'
import type { Context } from '../../../platform/context.ts'
import { toMinor } from '../../../platform/money.ts'
import { policyInOrder, type Draft } from '../rules.ts'
import type { Owner } from '../policy.ts'

/** What writes services, their staff, rooms and photos. */

/** The columns of a draft. @throws VALIDATION_ERROR where an amount has more decimals than its currency. */
function columnsOf({ price, deposit, no_show_fee, cancellation_policy, title, category, ...rest }: Draft) {
  return {
    ...rest,
    title: title.trim(),
    category: category.trim(),
    price_minor: toMinor(price, rest.currency, 'price'),
    deposit_minor: deposit === null ? null : toMinor(deposit, rest.currency, 'deposit'),
    // A fee of nothing is none.
    no_show_fee_minor: no_show_fee ? toMinor(no_show_fee, rest.currency, 'no_show_fee') : null,
    cancellation_policy: JSON.stringify(policyInOrder(cancellation_policy)),
  }
}

export async function insertService(ctx: Context, owner: Owner, draft: Draft): Promise<number> {
  const { id } = await ctx.db
    .insertInto('services')
    .values({
      ...owner,
      ...columnsOf(draft),
      created_by: ctx.actor?.userId ?? null,
      created_at: ctx.now,
      updated_at: ctx.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function updateServiceRow(ctx: Context, id: number, draft: Draft): Promise<void> {
  await ctx.db
    .updateTable('services')
    .set({ ...columnsOf(draft), updated_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

export async function touchService(ctx: Context, id: number): Promise<void> {
  await ctx.db.updateTable('services').set({ updated_at: ctx.now }).where('id', '=', id).execute()
}

/** Takes it off the market for good; its bookings keep what they froze of it. */
export async function archiveServiceRow(ctx: Context, id: number): Promise<void> {
  await ctx.db
    .updateTable('services')
    .set({ archived_at: ctx.now, is_active: false, updated_at: ctx.now })
    .where('id', '=', id)
    .execute()
}

/** Locks a service against other changes of it; bookings of it only read. */
export const lockService = (ctx: Context, id: number) =>
  ctx.db
    .selectFrom('services')
    .where('id', '=', id)
    .select(['id', 'provider_id', 'organization_id', 'archived_at', 'is_listed'])
    .forNoKeyUpdate()
    .executeTakeFirst()

/** Replaces who gives it; answers everybody who did or does. */
export async function replaceStaff(ctx: Context, id: number, userIds: readonly number[]): Promise<number[]> {
  const before = await ctx.db.deleteFrom('service_staff').where('service_id', '=', id).returning('user_id').execute()
  if (userIds.length > 0)
    await ctx.db
      .insertInto('service_staff')
      .values(userIds.map((user_id) => ({ service_id: id, user_id })))
      .execute()
  return [...new Set([...before.map((row) => row.user_id), ...userIds])]
}

/** Takes somebody who left an organization off its services. */
export async function removeFromStaff(ctx: Context, organizationId: string, userId: number): Promise<void> {
  await sql`DELETE FROM service_staff t USING services s
    WHERE s.id = t.service_id AND s.organization_id = ${organizationId} AND t.user_id = ${userId}`.execute(ctx.db)
}

export async function replaceRooms(ctx: Context, id: number, roomIds: readonly string[]): Promise<void> {
  await ctx.db.deleteFrom('service_rooms').where('service_id', '=', id).execute()
  if (roomIds.length > 0)
    await ctx.db
      .insertInto('service_rooms')
      .values(roomIds.map((room_id) => ({ service_id: id, room_id })))
      .execute()
}

/** Of these people, the active members of the organization, who stay until the transaction ends; of these rooms, its standing ones. */
export async function findOwnParts(
  ctx: Context,
  organizationId: string,
  userIds: readonly number[],
  roomIds: readonly string[],
): Promise<{ people: number[]; rooms: string[] }> {
  const { rows } = await sql<{ people: number[]; rooms: string[] }>`
    SELECT (SELECT COALESCE(json_agg(kept.id), '[]') FROM (SELECT u.id FROM memberships m
        JOIN users u ON u.id = m.user_id AND u.is_active AND u.deleted_at IS NULL
        WHERE m.organization_id = ${organizationId} AND m.user_id = ANY(${[...userIds]}) ORDER BY m.id FOR KEY SHARE OF m) kept) AS people,
      ARRAY(SELECT id FROM rooms WHERE organization_id = ${organizationId} AND archived_at IS NULL AND id = ANY(${[...roomIds]})) AS rooms`.execute(
    ctx.db,
  )
  return rows[0]!
}

/** The photos of a service, in their order. */
export const listPhotoRows = (ctx: Context, serviceId: number) =>
  ctx.db
    .selectFrom('service_photos')
    .where('service_id', '=', serviceId)
    .select(['id', 'file_key'])
    .orderBy('position')
    .orderBy('id')
    .execute()

export async function insertPhotoRow(
  ctx: Context,
  serviceId: number,
  fileKey: string,
  position: number,
): Promise<number> {
  const { id } = await ctx.db
    .insertInto('service_photos')
    .values({ service_id: serviceId, file_key: fileKey, position, created_at: ctx.now })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function deletePhotoRow(ctx: Context, id: number): Promise<void> {
  await ctx.db.deleteFrom('service_photos').where('id', '=', id).execute()
}

/** Puts photos into this order. */
export async function orderPhotos(ctx: Context, serviceId: number, ids: readonly number[]): Promise<void> {
  await sql`UPDATE service_photos f SET position = n.position FROM unnest(${[...ids]}::bigint[]) WITH ORDINALITY AS n(id, position)
    WHERE f.id = n.id AND f.service_id = ${serviceId}`.execute(ctx.db)
}

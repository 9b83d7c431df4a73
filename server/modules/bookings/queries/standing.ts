import { sql, type CompiledQuery } from 'kysely'
import { openChats } from '../../chat/index.ts'
import type { Context } from '../../../platform/context.ts'
import { builtOnce } from '../../../platform/db/built-once.ts'
import { unseen } from '../../../platform/db/unseen.ts'
import { fullName, overdue, type OverdueSpan } from './bookings.ts'

/** SQL on what stands: who would be left with bookings when something goes, and whether it is still there. */

/** The bookings of these sessions that stand, the soonest first. */
export async function listStanding(ctx: Context, sessionIds: readonly number[]) {
  return ctx.db
    .selectFrom('bookings')
    .where('session_id', 'in', sessionIds as number[])
    .where('status', 'in', ['pending', 'confirmed'])
    .select(['id', 'session_id', 'starts_at', 'ends_at'])
    .orderBy('starts_at')
    .orderBy('id')
    .execute()
}

/**
 * Bookings of these providers in a span, of which the asker may know what they are: their own, and those of an organization whose admin they are. The soonest
 * first, at most so many. Each provider's are read along their own index, from a week before the span on: no service lasts longer.
 */
export async function listTitled(
  ctx: Context,
  askerId: number,
  {
    providerIds,
    from,
    to,
    limit,
  }: { providerIds: readonly number[]; from: Temporal.Instant; to: Temporal.Instant; limit: number },
) {
  const [starts, ends] = [unseen(from, 'timestamptz'), unseen(to, 'timestamptz')]
  const { rows } = await sql<{
    id: number
    provider_id: number
    title: string
    starts_at: Temporal.Instant
    ends_at: Temporal.Instant
  }>`
    WITH administered AS MATERIALIZED (SELECT organization_id FROM memberships WHERE user_id = ${askerId} AND role = 'admin')
    SELECT b.id, b.provider_id, b.title, b.starts_at, b.ends_at FROM unnest(${unseen([...providerIds], 'bigint[]')}) AS asked (id)
    CROSS JOIN LATERAL (
      SELECT id, provider_id, title, starts_at, ends_at FROM bookings
      WHERE provider_id = asked.id AND starts_at > ${starts} - interval '7 days' AND starts_at < ${ends} AND ends_at > ${starts}
        AND status IN ('pending', 'confirmed') AND (expires_at IS NULL OR expires_at > ${ctx.now})
        AND (asked.id = ${askerId} OR organization_id IN (SELECT organization_id FROM administered))
      ORDER BY starts_at, id LIMIT ${sql.lit(limit)}) b
    ORDER BY b.starts_at, b.id LIMIT ${sql.lit(limit)}`.execute(ctx.db)
  return rows
}

/** Bookings of a service, in a room or with an organization; with `givenBy` only those that these people give. */
export type Booked = ({ serviceId: number } | { roomId: string } | { organizationId: string }) & {
  givenBy?: readonly number[] | undefined
}

/** Those of them that are still to come, the soonest first. */
export async function listFuture(ctx: Context, where: Booked, limit: number) {
  let query = ctx.db
    .selectFrom('bookings')
    .innerJoin('booking_sessions', 'booking_sessions.id', 'bookings.session_id')
    .where('bookings.status', 'in', ['pending', 'confirmed'])
    .where('bookings.ends_at', '>', ctx.now)
    .where((eb) => eb.or([eb('bookings.expires_at', 'is', null), eb('bookings.expires_at', '>', ctx.now)]))
    .select(['bookings.id', 'bookings.series_id', 'bookings.provider_id', 'bookings.starts_at', 'bookings.ends_at'])
    .orderBy('bookings.starts_at')
    .limit(limit)
  if ('serviceId' in where) query = query.where('bookings.service_id', '=', where.serviceId)
  else if ('roomId' in where) query = query.where('booking_sessions.room_id', '=', where.roomId)
  else query = query.where('bookings.organization_id', '=', where.organizationId)
  if (where.givenBy) query = query.where('bookings.provider_id', 'in', where.givenBy as number[])
  return query.execute()
}

/** Sessions of an organization (null: of nobody's but their own) with a person, in which bookings stand that have not begun; the soonest first. */
export async function listSessionsToCome(
  ctx: Context,
  {
    organizationId,
    providerId,
    serviceId,
    bookingIds,
  }: {
    organizationId: string
    providerId: number
    serviceId?: number | undefined
    bookingIds?: readonly number[] | undefined
  },
  limit: number,
): Promise<number[]> {
  let query = ctx.db
    .selectFrom('bookings')
    .where('provider_id', '=', providerId)
    .where('organization_id', '=', organizationId)
    .where('status', 'in', ['pending', 'confirmed'])
    .where('starts_at', '>', ctx.now)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', ctx.now)]))
    .groupBy(['session_id', 'starts_at'])
    .select('session_id')
    .orderBy('starts_at')
    .orderBy('session_id')
    .limit(limit)
  if (serviceId !== undefined) query = query.where('service_id', '=', serviceId)
  if (bookingIds !== undefined) query = query.where(sql<boolean>`id = ANY(${[...bookingIds]}::bigint[])`)
  return (await query.execute()).map((row) => row.session_id)
}

/** Bookings that a person has bought or gives and that have not begun. */
export async function listFutureOfPerson(ctx: Context, userId: number) {
  return ctx.db
    .selectFrom('bookings')
    .where('status', 'in', ['pending', 'confirmed'])
    .where('starts_at', '>', ctx.now)
    .where((eb) => eb.or([eb('customer_id', '=', userId), eb('provider_id', '=', userId)]))
    .select(['id', 'customer_id', 'series_id'])
    .orderBy('id')
    .execute()
}

/** The resources of everybody who gives this, and of its rooms, as far as they have any: whoever books it holds one of their locks until the booking is written. */
export async function listResourcesOf(ctx: Context, where: Booked): Promise<number[]> {
  if (where.givenBy) {
    const rows = await sql<{
      id: number
    }>`SELECT id FROM resources WHERE user_id = ANY(${[...where.givenBy]}::bigint[])`.execute(ctx.db)
    return rows.rows.map(({ id }) => id)
  }
  const services =
    'serviceId' in where
      ? sql`s.id = ${where.serviceId}`
      : 'organizationId' in where
        ? sql`s.organization_id = ${where.organizationId}`
        : sql`s.id IN (SELECT service_id FROM service_rooms WHERE room_id = ${where.roomId})`
  const { rows } = await sql<{ id: number }>`
    SELECT r.id FROM resources r
    WHERE r.user_id IN (SELECT t.user_id FROM service_staff t JOIN services s ON s.id = t.service_id WHERE ${services}
      UNION ALL SELECT s.provider_id FROM services s WHERE ${services} AND s.provider_id IS NOT NULL)`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

/** Who of these is still there to give the service, as long as it is on offer? Asked under the lock of their time. */
export const givingStatement = (
  ctx: Context,
  serviceId: number,
  providerIds: readonly number[],
): CompiledQuery<{ id: number }> =>
  sql<{ id: number }>`
    SELECT u.id FROM services s JOIN users u ON u.id = ANY(${unseen(providerIds, 'bigint[]')}::bigint[]) AND u.deleted_at IS NULL
      LEFT JOIN organizations o ON o.id = s.organization_id
    WHERE s.id = ${serviceId} AND s.is_listed AND o.archived_at IS NULL
      AND (o.id IS NULL OR EXISTS (SELECT FROM service_staff t JOIN memberships m ON m.user_id = t.user_id AND m.organization_id = o.id
        WHERE t.service_id = s.id AND t.user_id = u.id))`.compile(ctx.db)

/** What a new booking needs: the ids under which it and its session may be made, so that nobody waits for them. */
export type Ground = {
  customer_name: string | null
  booking_id: number
  session_id: number
  is_overdue: boolean
  /** With whom of the providers the customer has a chat already, and both are in it. */
  chats: number[]
}

/** What a new booking stands on besides its time and its service, asked under the lock: how its customer is called, ids, whether a hold in the span has run out, and chats. */
export const groundStatement = (ctx: Context, customerId: number | null, span: OverdueSpan): CompiledQuery<Ground> =>
  groundBuilt(ctx.db, { customerId, now: ctx.now, ...span })

type OnGround = OverdueSpan & { customerId: number | null; now: Temporal.Instant }

const groundBuilt = builtOnce((db, { customerId, ...span }: OnGround) =>
  sql<Ground>`
    SELECT (SELECT ${fullName('c')} FROM users c WHERE c.id = ${customerId}) AS customer_name,
      nextval('bookings_id_seq') AS booking_id, nextval('booking_sessions_id_seq') AS session_id, EXISTS (SELECT ${overdue(span)}) AS is_overdue,
      ${openChats(customerId, span.providerIds)} AS chats`.compile(db),
)
